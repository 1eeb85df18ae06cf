"""The printed copy accuracies as counts, and what exact tests say of the sentences drawn from them."""

from theory.claim import Claim
from theory.pointer.source import POINTER, POINTER_ARTICLE, POINTER_TOLD

_TABLE = "per cent of items copied right at distance 512, 1024, 1536, 2048: Pointer and Transformer"
_COUNTS = "the percentages are counts of 800 items, as sample-size shows"
_INDEPENDENT = "items are independent, and at one distance equally hard (items of one sequence need not be: then less is established)"
_APART = "the two models were tested on independent items"

sample_size = Claim(
    id="pointer/printed-copy/sample-size",
    statement="The eight printed percentages are those of 800 items a cell, and of no other number below 1600.",
    formula="for each p there is k with |100 k / n - p| <= 1/200",
    quantifier="for all n < 1600",
    hypotheses=("the same n in all eight cells", "each lies within half a unit of its last printed place"),
    source=POINTER,
    variant=_TABLE,
    arithmetic="Z",
    paper="98.38, 97.50, ...",
    expected="confirmed",
    strength="exhausted",
    reason="97.5, 95.25, 94.25, 94.75 are multiples of 1/400, and 98.38, 96.38, 99.38, 94.88 are 787, 771, 795, 759 of 800; a "
    "smaller n has no fraction within 0.00005 of each",
)

above_in_the_sample = Claim(
    id="pointer/printed-copy/above-95-in-the-sample",
    statement="At every printed distance more than 95 % of the items were copied right by Pointer.",
    quantifier="for distances 512, 1024, 1536, 2048",
    hypotheses=(_COUNTS,),
    source=POINTER_ARTICLE,
    variant=_TABLE,
    arithmetic="Q",
    paper=">95 % up to 2048",
    expected="confirmed",
    strength="exhausted",
    reason="762 of 800, the smallest, is two more than 95 %",
)

above_95 = Claim(
    id="pointer/printed-copy/above-95",
    statement="At every printed distance a one-sided exact test of level 5 % shows Pointer's accuracy to be above 95 %.",
    formula="P(X >= k) <= 1/20 for X binomial with n = 800, p = 19/20",
    quantifier="for distances 512, 1024, 1536, 2048",
    hypotheses=(_COUNTS, _INDEPENDENT),
    source=POINTER,
    variant=_TABLE,
    arithmetic="Q",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="at 2048 762 right answers are two above the mean 760 of a model of 95 %, a third of the standard deviation 6.2: "
    "such a model does as well with probability about 0.41",
)

lower_bounds = Claim(
    id="pointer/printed-copy/lower-bounds",
    statement="Each at level 5 %, Pointer's accuracies are established to be above 97.4, 96.3, 95.0 and 93.8 %, and not a tenth more.",
    formula="P(X >= k) <= 1/20 for p the bound, > 1/20 for p a thousandth more",
    quantifier="for distances 512, 1024, 1536, 2048",
    hypotheses=(_COUNTS, _INDEPENDENT, "each distance by itself, without correction for four tests"),
    source=POINTER,
    variant=_TABLE,
    arithmetic="Q",
    paper=">95 % up to 2048",
    expected="confirmed",
    strength="certified",
    reason="Clopper and Pearson's bounds: about 1.7 standard deviations below the percentages",
)

items_needed = Claim(
    id="pointer/printed-copy/items-needed",
    statement="With 95.25 % right, 20 800 items are the fewest multiple of 800 from which a test of level 5 % would conclude that the "
    "accuracy at distance 2048 is above 95 %: 26 times as many.",
    formula="the least m with P(X >= 762 m) <= 1/20, X binomial with n = 800 m, p = 19/20, is 26",
    quantifier="for m = 1, ..., 26",
    hypotheses=(_INDEPENDENT,),
    source=POINTER,
    variant=_TABLE,
    arithmetic="Q",
    paper=">95 % up to 2048",
    expected="confirmed",
    strength="exhausted",
    reason="a quarter of a point is 1.645 standard deviations at n = (1.645 / 0.0025)^2 * 0.95 * 0.05 = 20 565",
)

better_everywhere = Claim(
    id="pointer/printed-copy/better-everywhere",
    statement="At every printed distance Pointer copies more items right than the Transformer.",
    quantifier="for distances 512, 1024, 1536, 2048",
    hypotheses=(_COUNTS,),
    source=POINTER_TOLD,
    variant=_TABLE,
    arithmetic="Q",
    paper="superior performance",
    expected="refuted",
    strength="exhausted",
    reason="787 < 795 at distance 512",
)

differences = Claim(
    id="pointer/printed-copy/differences",
    statement="Fisher's exact test finds Pointer and the Transformer different at distance 1024 only (p = 0.0015); at 512, 1536 and "
    "2048 p is 0.094, 0.18 and 0.73. So by Holm at level 5 %, and without correction as well.",
    quantifier="for distances 512, 1024, 1536, 2048",
    hypotheses=(_COUNTS, _INDEPENDENT, _APART),
    source=POINTER,
    variant=_TABLE,
    arithmetic="Q",
    paper="superior performance",
    expected="confirmed",
    strength="exhausted",
    reason="errors 13:5, 20:46, 29:41, 38:42; given the sum s of a pair its difference has standard deviation near sqrt(s): only "
    "26 / sqrt(66) = 3.2 exceeds 2",
)

overall = Claim(
    id="pointer/printed-copy/overall",
    statement="Over the four distances together Pointer's fewer errors, 100 against 134, are significant at 5 % (p = 0.027); without "
    "distance 1024 they are not (80 against 88, p = 0.58).",
    formula="the exact test for strata: the sum of four hypergeometric variables",
    hypotheses=(_COUNTS, _INDEPENDENT, _APART, "one direction and one odds ratio at all distances"),
    source=POINTER,
    variant=_TABLE,
    arithmetic="Q",
    paper="superior performance",
    expected="confirmed",
    strength="exhausted",
    reason="34 / sqrt(234) = 2.2 standard deviations, and 8 / sqrt(168) = 0.6",
)

maintained = Claim(
    id="pointer/printed-copy/maintained",
    statement="Pointer's accuracy is maintained from distance 512 to 2048: its errors show no rising trend at level 1 %.",
    formula="P(sum_i i e_i >= 192 | sum e_i = 100) > 1/100 for errors e = (13, 20, 29, 38)",
    hypotheses=(_COUNTS, _INDEPENDENT),
    source=POINTER_TOLD,
    variant=_TABLE,
    arithmetic="Q",
    paper="consistently high accuracy",
    expected="refuted",
    strength="exhausted",
    reason="without trend the sum is 150 with standard deviation 11: 192 is 3.8 of them above",
)

falls = Claim(
    id="pointer/printed-copy/falls-with-distance",
    statement="Pointer's errors grow with distance (p < 0.0001; 13, 20, 29, 38 of 800), a point every 512 tokens; from 1024 on they "
    "still do (p < 0.01), and the Transformer's do not (46, 41, 42; p > 1/2).",
    hypotheses=(_COUNTS, _INDEPENDENT),
    source=POINTER,
    variant=_TABLE,
    arithmetic="Q",
    paper="consistently high accuracy",
    expected="confirmed",
    strength="exhausted",
    reason="192 is 3.8 standard deviations above 150; the three later counts 2.4 above; 46, 41, 42 fall if anything",
)

stability = Claim(
    id="pointer/printed-copy/more-stable",
    statement="Over every run of neighbouring distances Pointer's accuracy varies less than the Transformer's.",
    formula="max - min of the errors over the run",
    quantifier="for every run of two or more of the four distances",
    hypotheses=(_COUNTS, "stable is read as a small range"),
    source=POINTER_TOLD,
    variant=_TABLE,
    arithmetic="Z",
    paper="more stable",
    expected="refuted",
    strength="exhausted",
    reason="from 1024 to 1536 Pointer's errors change by 9 and the Transformer's by 5",
)

ranges = Claim(
    id="pointer/printed-copy/ranges",
    statement="Pointer varies less than the Transformer over the runs that begin at distance 512 (25 against 41 errors over all four), "
    "and more over every run that does not (18 against 5 from 1024 to 2048).",
    quantifier="for every run of two or more of the four distances",
    hypotheses=(_COUNTS, "stable is read as a small range"),
    source=POINTER,
    variant=_TABLE,
    arithmetic="Z",
    paper="more stable",
    expected="confirmed",
    strength="exhausted",
    reason="the Transformer's one large change, from 5 to 46 errors, lies between 512 and 1024",
)
