"""Attention as extraction: of a fixed offset by position codes on circles, and of tokens by importance, round by round."""

from theory.claim import Claim
from theory.takakura_suzuki.source import DERIVED

OFFSET = "sliding-window softmax attention, one head an offset, window i - U..i + U"
ROUNDS = "softmax attention over a window of W tokens, one round a token, hat-function codes of importances"

dyadic_gap = Claim(
    id="takakura-suzuki/attention/dyadic-gap",
    statement="Circles of the periods 2, 4, ..., 2^L, L = ceil(log2(2 U + 1)), tell every offset of a window of 2 U + 1 tokens from "
    "every other by a score gap of at least 2, which one of them has: 2 L dimensions.",
    formula="min over 0 < |D| <= 2 U of sum_t (1 - cos(2 pi D / 2^t)) = 2",
    quantifier="for all U >= 1",
    source=DERIVED,
    variant=OFFSET,
    arithmetic="R",
    paper="logarithmically many dimensions",
    expected="confirmed",
    strength="derived",
    reason="if 2^v divides D and 2^(v+1) does not, the circle of period 2^(v+1) sees an odd number of half turns",
    argument="""
    Every term is at least 0. For 0 < |D| <= 2 U < 2^L write D = 2^v (2 j + 1), v < L. The term of period 2^(v+1) is 1 - cos(pi (2 j
    + 1))
    = 2, an identity for integer j. For D = 2^(L-1), which is at most 2 U, the terms of shorter periods are 1 - cos(2 pi 2^w) with w >=
    0, which vanish; so the least gap is 2.
    """,
)

dyadic_temperature = Claim(
    id="takakura-suzuki/attention/dyadic-temperature",
    statement="With the dyadic code the inverse temperature (1/2) log(2 U / eps) leaves at most eps of the attention to wrong "
    "offsets; at "
    "least (1/2) log(1 / eps - 1) is needed.",
    formula="2 U exp(-2 chi) <= eps  for chi = (1/2) log(2 U / eps);   the head for offset U leaks at least 1 / (1 + e^(2 chi))",
    quantifier="for U = 1, 2, 5, 16 and eps = 0.1, 0.001, 10^-6",
    source=DERIVED,
    variant=OFFSET,
    arithmetic="R",
    paper="temperature of the order of log U + log(1 / eps)",
    expected="confirmed",
    strength="certified",
    reason="2 U wrong keys weigh exp(-2 chi) each at most, against 1; the key at distance 2^(L-1) weighs exactly that",
)

single_temperature = Claim(
    id="takakura-suzuki/attention/single-frequency",
    statement="One circle of period 2 U + 1 has the exact gap 1 - cos(2 pi / (2 U + 1)). The inverse temperature log(2 U / eps) / gap "
    "leaves at most eps; at least log(2 (1 / eps - 1)) / gap is needed, and 1 / gap is quadratic in U.",
    formula="2 U exp(-chi gap) <= eps for chi = log(2 U / eps) / gap;   the head for offset 0 leaks at least 2 / (2 + e^(chi gap));   "
    "(2 U^2 / pi^2) < 1 / gap < (2 U^2 / pi^2)(1 + 1 / (2 U))^2 + 1/2",
    quantifier="for U = 1, 2, 5, 16 and eps = 0.1, 0.001, 10^-6",
    source=DERIVED,
    variant=OFFSET,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="certified",
    reason="neighbours on the circle are x = 2 pi / (2 U + 1) apart, x^2 / 2 - x^4 / 24 < 1 - cos x < x^2 / 2; all 2 U wrong keys "
    "weigh exp(-chi gap) at most, and the two neighbours exactly that",
)

equivariance = Claim(
    id="takakura-suzuki/attention/shift-equivariance",
    statement="The score of query i and key i' in the head for offset r depends on i' - i alone, exactly, so the head is exactly "
    "shift-equivariant.",
    formula="cos(2 pi (i + r) / p) cos(2 pi i' / p) + sin sin = cos(2 pi (i' - i - r) / p)",
    quantifier="for all positions, offsets and periods",
    source=DERIVED,
    variant=OFFSET,
    arithmetic="R; and algebraic numbers, exactly",
    paper="shift-equivariant",
    expected="confirmed",
    strength="derived",
    reason="the inner product of two unit vectors is the cosine of the angle between them",
    argument="""
    A circle contributes the inner product of the unit vectors at the angles a = 2 pi (i + r) / p and b = 2 pi i' / p, which is cos(a -
    b) by an identity in a and b: a function of i' - i - r. So is their sum over the periods, and softmax is a function of scores.
    """,
)

hats = Claim(
    id="takakura-suzuki/attention/hat-overlap",
    statement="Codes by hat functions of half-width h overlap by at least 3/8 if the importances are within h / 2, and not at "
    "all if they "
    "are 2 h apart.",
    formula="|mu - mu'| <= d h, d <= 1:  <phi(mu), phi(mu')> >= min(1/2 - d^2 / 2, 1 - d)",
    quantifier="for all mu, mu' in [0, 1], all h",
    source=DERIVED,
    variant=ROUNDS,
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="within a cell the overlap is (1 - a)(1 - b) + a b, across a node a (1 - b)",
    argument="""
    Let mu = (k + a) h and mu' = (k + b) h with a, b in [0, 1]: the overlap is (1 - a)(1 - b) + a b = 1/2 - (a - b)^2 / 2 + (a + b -
    1)^2
    / 2, at least 1/2 - d^2 / 2. Let mu' = (k + 1 + b) h and a = 1 + b - d with 0 <= b <= d <= 1: only the hat at k + 1 is shared, and a
    (1 - b) = (1 - d) + b (d - b) >= 1 - d. Hats k and k' are both positive somewhere only where the numbers differ by less than 2 h.
    """,
)

rounds = Claim(
    id="takakura-suzuki/attention/rounds",
    statement="Masked by the codes of the tokens already picked, round m reads the m-th most important token; all others "
    "together get at "
    "most (W - 1) exp(-chi gap) of the attention.",
    formula="1 - attention_m(m-th) <= (W - 1) exp(-chi gap),  K = ceil(4 / gap) + 1 hats,  M = (8/3)(1 + gap)",
    quantifier="for windows of at most 3 tokens in the quick budget, 5 in the full one, importances on quarters; five on eighths",
    hypotheses=("importances in [0, 1] and gap apart", "(W - 1) exp(-chi gap) <= gap / 8"),
    source=DERIVED,
    variant=ROUNDS,
    arithmetic="Q for scores, float64 for the softmax",
    paper="important tokens are extracted dynamically",
    expected="confirmed",
    strength="exhausted",
    reason="picked tokens score -chi gap at most, the next one at least 0, and every other one chi gap less than it",
)
