"""Theorems A' to E with every operation in a number format. (A: swap-tracking/contiguous-orders; positions of D: stored-positions.)"""

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER

_EVERY = "every operation rounded to nearest even; sums over coordinates and tokens in time order"
_FORMATS = "fp64, fp32, tf32, bf16, fp16, fp8"

a_prime_in_formats = Claim(
    id="deltaformer/transfer/a-prime-in-formats",
    statement="In time order Theorem A' is exact in every format that holds -2..2, for every S.",
    formula="sum_{i<=t} <k_i, w> u_i = w S_t,  whose entries are in {-1, 0, 1}",
    quantifier="for all n >= 2, S, all sequences, all distinct one-hot contents, all formats holding -2..2",
    hypotheses=(
        "as in one-dimension-less",
        "products and sums over coordinates are exact or rounded: both are in -2..2",
    ),
    source=DELTAFORMER,
    variant=f"as in one-dimension-less; {_EVERY}",
    arithmetic=_FORMATS,
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="in time order a partial sum is an entry of the state, a difference of two contents, and a term a difference of two such",
    argument="""
    In time order the partial sum of token t's sum after token i is w_t S_i. Rows of S_i are [x_j = x] or 0 while slots before the
    last are written, and c_j - c_n after. So with s the slot that holds x, entry x is delta(a, s) - [s = n] for w = e_a and
    delta(a, s) - delta(b, s) for w = e_a - e_b: in {-1, 0, 1}, in every pattern of equality. A term is the difference of two
    neighbouring partial sums, in -2..2; u is minus a sum, or a content. <k, w> is in -2..2, and so is every sum over its first
    coordinates, as w has at most two that are not 0, of opposite signs, and k has entries in -1..2. Integers in -2..2 are held,
    so nothing rounds.
    """,
)

b_in_formats = Claim(
    id="deltaformer/transfer/b-in-formats",
    statement="Theorem B is exact, for every S, with all of it in a format of precision p >= 3: sign codes of length N <= 2^p, or "
    "codes of zeros and ones with N <= 2^(p-1); coherence below 1/8 is still enough.",
    formula="partial sums are integers up to 2^p, twice such, or four times;\n"
    "|x - 1| < 3/8, |x - 2| < 1/4, |x| < 1/2 survive the quotient",
    quantifier="for all n, S, all sequences, all such codes, all p >= 3",
    hypotheses=("as in equals-linear", "N is as above; 4 N does not overflow"),
    source=DELTAFORMER,
    variant=f"as in equals-linear; {_EVERY}",
    arithmetic="formats of precision p >= 3 (fp8 on)",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="a kernel value of 1 or -1 has three errors in it, not four, and one of 2 has two, so the quotient may be rounded before it "
    "is rounded to an integer; with Reed-Solomon codes bf16 holds q <= 127, k <= 16, that is 127^16 slots",
    argument="""
    *Sums.* Products of entries are in {-1, 0, 1} for two codes. For signs a difference of two codes has entries 0 and +-2: products
    with a code are multiples of 2, with a difference multiples of 4, and partial sums over N coordinates are integers up to N in units
    of 1, 2 or 4, held when N <= 2^p. For zeros and ones a difference has at most 2 N entries, +-1: partial sums are integers up to
    2 N <= 2^p. So <x, y> is exact, and x = <x, y> / N rounds once.
    *Quotient.* In every pattern of equality the unit vectors' product is 0 with at most four inner products of different codes, +-1
    with at most three, or +-2 with at most two. Below 1/8 each, |x| < 1/2, |x - 1| < 3/8, |x - 2| < 1/4 and the same below 0. A format
    of precision 4 or more holds 1/2, 5/8, 11/8, 7/4 and 9/4, so rounding keeps x within them, and the nearest integer is right, 1/2
    being a tie that goes to 0. Precision 3 does not hold 11/8 and 9/4, midpoints of 5/4, 3/2 and of 2, 5/2, but x is below them and
    goes to 5/4 and 2 at most.
    *Tokens.* The weights are those of Theorem A, and contiguous-orders applies.
    """,
)

b_in_formats_any_length = Claim(
    id="deltaformer/transfer/b-in-formats-any-length",
    statement="Theorem B is exact with all of it in a format of precision p >= 3, whatever the length of the codes.",
    formula="1 + 1 + ... stops at 2^p, and 2^p / N reads as 0 from N = 2^(p+1) - 1 on",
    quantifier="for all n, S, all sequences, all codes of coherence below 1/8",
    source=DELTAFORMER,
    variant=f"as in equals-linear; {_EVERY}",
    arithmetic="fp8 (E5M2, E4M3FN), bf16",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="a sum of ones stalls at 2^p, where the next integer is a tie that rounds back",
)

c_in_formats = Claim(
    id="deltaformer/transfer/c-in-formats",
    statement="In a format Theorem C has a temperature that is enough for every S: where exp(-lam (1 - mu)) is below half of the least "
    "subnormal, kernel values of different slots are 0 and the program is exact.",
    formula="lam (1 - mu) > ln 2 (p - emin),  2^(emin - p + 1) the least subnormal",
    quantifier="for all n, S, all sequences, one-hot contents; each format named",
    hypotheses=("as in unit-response", "unit codes; exponents exact, each exponential rounded once, gradual underflow"),
    source=DELTAFORMER,
    variant=f"(0,1) (2,0) (0,0) (3,1) (0,3) (1,2) (2,2) (3,3), kappa = exp(lam (<x, y> - 1)); {_EVERY}",
    arithmetic=_FORMATS,
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="a leak that underflows is none, and the cold program's contents are -1, 0 or 1 all the way",
    argument="""
    The exponential of an equal slot is e^0 = 1; of another at most exp(-lam (1 - mu)), which rounds to 0. So weights are the
    indicator of equal slots. In time order a partial sum is the content of one slot at some time. Between swaps contents are
    one-hot and temporaries 0; in the 8 tokens of a swap of contents x and y, the coefficients of x and y in every slot and in every
    u are -1, 0 or 1, computed with x and y as symbols. These are held by every format, so nothing rounds, for every n and S.
    """,
)

d_in_formats = Claim(
    id="deltaformer/transfer/d-in-formats",
    statement="In a format Theorem D has a gap that is enough for every depth: where exp(-gap) is below half of the least subnormal, "
    "softmax gives the newest match weight 1 and all others 0. What is left is how far positions count.",
    formula="gap > ln 2 (p - emin),  2^(emin - p + 1) the least subnormal",
    quantifier="for all n, S, all sequences, one-hot contents; each format named",
    hypotheses=(
        "as in error-bound, scores exact: see stored-positions and rounded-scores for how far they are",
        "softmax subtracts the greatest score; exponentials rounded once, gradual underflow",
    ),
    source=DELTAFORMER,
    variant=f"softmax, w = q, beta = 1, 4 tokens a swap; {_EVERY}",
    arithmetic=_FORMATS,
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="every other score is at least gap below that of the newest match",
    argument="""
    Let the newest match have score m. By error-bound's first step every other score is at most m - gap, so the greatest is m, its
    exponential is 1 and all others round to 0; their sum is 1, and the weights are 1 and 0. A sum over tokens has one term that is
    not 0, u = -slot_w is -1, 0 or 1, and a write finds the sink's 0: nothing rounds, for every n, S and depth.
    """,
)

e_in_formats = Claim(
    id="deltaformer/transfer/e-in-formats",
    statement="In every format, however few its bits, Theorem E decides reachability as long as no sum overflows: values are positive "
    "exactly when reachable, and exact while counts are at most 2^p.",
    formula="1 <= x, 0 <= y:  round(x + y) >= 1",
    quantifier="for all directed acyclic graphs on n <= 4 nodes (the argument: all); each format named",
    hypotheses=("as in edge-tokens, one-hot codes", "no sum overflows"),
    source=DELTAFORMER,
    variant=f"as in edge-tokens, one-hot codes; {_EVERY}",
    arithmetic=_FORMATS,
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="only numbers that are not negative are added, and rounding keeps order: a sum of at least 1 stays at least 1",
    argument="""
    Weights are 0 and -1 exactly, so u_e is 1 or 0 at its own source plus a sum of earlier values, in some order, each addition
    rounded. 0 and 1 are held and rounding keeps order, so a sum of numbers, each 0 or at least 1, is rounded to 0 when all are 0, and
    to at least 1 otherwise. By induction values are 0 where not reached and at least 1 where reached. Integers up to 2^p are held.
    """,
)
