"""The printed throughputs and training times against "linear", "quadratic" and "2-10 times faster"."""

from theory.claim import Claim
from theory.pointer.source import POINTER, POINTER_ARTICLE, POINTER_TOLD

_ROUNDING = "every number lies within half a unit of its last printed place"
_EXPONENT = "the exponent from N to 2N is log2(t(2N) / t(N)), t(N) = N / throughput the time of one sequence"
_TABLES = "tokens a second at N = 256, 512, 1024, 2048; training seconds of Pointer at the same lengths"

linear = Claim(
    id="pointer/printed-throughput/linear",
    statement="Training time grows almost linearly with the length: in the printed tables every exponent of Pointer between "
    "neighbouring lengths lies between 3/4 and 5/4.",
    quantifier="for every two neighbouring lengths, in each table",
    hypotheses=(_ROUNDING, _EXPONENT, "'almost linear' is read as an exponent within 1/4 of 1"),
    source=POINTER_TOLD,
    variant=_TABLES,
    arithmetic="Q",
    paper="almost linear",
    expected="refuted",
    strength="exhausted",
    reason="34914 is more than twice 14446, so 512 tokens take less time than 256: the exponent is negative; and from 1024 to 2048 "
    "the throughput falls by a quarter, so the exponent is about 1.4. Any reading of 'almost' within 1.27 fails",
)

quadratic = Claim(
    id="pointer/printed-throughput/quadratic-transformer",
    statement="Training time of the Transformer grows quadratically with the length: every exponent of the Transformer in the printed "
    "table lies between 7/4 and 9/4.",
    quantifier="for every two neighbouring lengths",
    hypotheses=(_ROUNDING, _EXPONENT, "'quadratic' is read as an exponent within 1/4 of 2"),
    source=POINTER_TOLD,
    variant=_TABLES,
    arithmetic="Q",
    paper="quadratic",
    expected="refuted",
    strength="exhausted",
    reason="from 256 to 512 its throughput hardly changes, so time is linear there; only the last step, 1.77, is within 1/4 of 2",
)

exponents = Claim(
    id="pointer/printed-throughput/exponents",
    statement="From one length to the next the exponents are -0.273, 0.909, 1.396 for Pointer and 1.043, 1.579, 1.771 for the "
    "Transformer: both rise at every step, and Pointer's passes 1.",
    formula="exponent = 1 + log2(throughput(N) / throughput(2N)), within 0.0005",
    quantifier="for every two neighbouring lengths, for all numbers that print so",
    hypotheses=(_ROUNDING, _EXPONENT),
    source=POINTER,
    variant=_TABLES,
    arithmetic="R",
    paper="almost linear; quadratic",
    expected="confirmed",
    strength="certified",
    reason="log2 of the throughputs' quotients; half a token a second moves an exponent by less than 0.0001",
)

fits = Claim(
    id="pointer/printed-throughput/fitted-exponents",
    statement="One exponent fitted to all four lengths is 0.70 by least squares and 0.79 by the median of pairs for Pointer, 1.48 and "
    "1.52 for the Transformer: no fit gives 1, and none tells that Pointer's exponent has passed 1.",
    formula="least squares: (3 log2(t_3 / t_0) + log2(t_2 / t_1)) / 10;  Theil and Sen: the median over the six pairs",
    quantifier="for all numbers that print so",
    hypotheses=(_ROUNDING,),
    source=POINTER,
    variant=_TABLES,
    arithmetic="Q",
    paper="almost linear",
    expected="confirmed",
    strength="exhausted",
    reason="the slow first column pulls Pointer's exponent below 1; the last step is hidden by it",
)

quadratic_share = Claim(
    id="pointer/printed-throughput/quadratic-share",
    statement="If time is c + a N + b N^2 with c, a, b >= 0, the last two columns say that the quadratic term takes at least 0.479 of "
    "Pointer's time at N = 2048, and at least 0.827 of the Transformer's: neither is linear.",
    formula="b M^2 / t(M) >= 2 - 4 t(M/2) / t(M) = 2 - 2 throughput(M) / throughput(M/2),  M = 2048",
    quantifier="for all c, a, b >= 0, for all numbers that print so",
    hypotheses=(_ROUNDING, "one law c + a N + b N^2 holds at N = 1024 and 2048"),
    source=POINTER,
    variant=_TABLES,
    arithmetic="Q",
    paper="O(N K)",
    expected="confirmed",
    strength="derived",
    reason="a cost without quadratic term at most doubles when N doubles; Pointer's grows by the factor 2.63",
    argument="""
    With t(N) = c + a N + b N^2
        2 (t(2N) - 2 t(N)) + 2 c = b (2N)^2,
    an identity in c, a, b, N. As c >= 0, b (2N)^2 >= 2 (t(2N) - 2 t(N)); divided by t(2N), and with t(N) = N / throughput(N), the share
    is at least 2 - 4 t(N) / t(2N) = 2 - 2 throughput(2N) / throughput(N), least when the one rounds up and the other down.
    """,
)

faster_everywhere = Claim(
    id="pointer/printed-throughput/two-to-ten-times",
    statement="Pointer trains 2 to 10 times as fast as the Transformer, at every printed length.",
    quantifier="for N = 256, 512, 1024, 2048",
    hypotheses=(_ROUNDING,),
    source=POINTER_ARTICLE,
    variant=_TABLES,
    arithmetic="Q",
    paper="2-10x faster",
    expected="refuted",
    strength="exhausted",
    reason="14446 < 30320: at 256 tokens it is slower by more than half; only the last of the four quotients exceeds 2",
)

faster_at_the_longest = Claim(
    id="pointer/printed-throughput/two-to-ten-times-from-2048",
    statement="At the one printed length of 2048 or more Pointer is between 2 and 10 times as fast; the quotients print as 0.48, 1.19, "
    "1.89 and 2.45 at the four lengths, so that 10, or anything above 2.45, stands nowhere in the table.",
    quantifier="for N = 256, 512, 1024, 2048, for all numbers that print so",
    hypotheses=(_ROUNDING,),
    source=POINTER,
    variant=_TABLES,
    arithmetic="Q",
    paper="2-10x at 2048 and more; 2.45x",
    expected="confirmed",
    strength="exhausted",
    reason="28268 / 11549 = 2.4477, known to 0.0002",
)

one_measurement = Claim(
    id="pointer/printed-throughput/twenty-sequences",
    statement="Pointer's printed training times are the times of 20 sequences at the printed throughputs, and of no other number: two "
    "tables, one measurement.",
    formula="seconds = 20 N / throughput, rounded to hundredths",
    quantifier="for 1 to 64 sequences",
    hypotheses=(_ROUNDING,),
    source=POINTER,
    variant=_TABLES,
    arithmetic="Q",
    paper="0.35, 0.29, 0.55, 1.45 s",
    expected="confirmed",
    strength="exhausted",
    reason="1.45 s at 28268 tokens a second are 40989 tokens, 20.01 sequences, give or take 0.07",
)
