"""Associative recall with random keys: noise over signal, which width does not help, and nearness to the mean of all values."""

from theory.claim import Claim
from theory.infini_attention.source import FROM_NOTHING, INFINI, LINEAR

_KEYS = f"{LINEAR}; ELU + 1 of independent normal pre-activations of mean 0"
_VALUES = "values independent of the keys, uncorrelated, of mean 0 and one covariance"

law = Claim(
    id="infini-attention/random-keys/noise-over-signal",
    statement="Of N pairs read at one of their keys the squared noise is on average (N - 1) (mu_2^2 + (d - 1) mu_1^4) / "
    "(mu_4 + (d - 1) mu_2^2) times the squared signal, mu_k the k-th moment of a feature.",
    formula="E sum_{j != i} a_ij^2 / E a_ii^2,  a_ij = phi_i phi_j",
    quantifier="for all N, d and laws of independent features with a fourth moment",
    source=INFINI,
    variant=_KEYS,
    hypotheses=(FROM_NOTHING, _VALUES, "numerator of the read; the denominator divides both"),
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="channels are independent, so the square of a sum of d products has d equal squares and d (d - 1) equal products",
    argument="""
    E a_ij^2 = sum_c E phi_ic^2 phi_jc^2 + sum_{c != c'} E phi_ic phi_ic' phi_jc phi_jc' = d mu_2^2 + d (d - 1) mu_1^4 for i != j, and
    for i = j the features are the same: d mu_4 + d (d - 1) mu_2^2. Products of different values have mean 0, so squares add up. The
    expansion is checked for a feature of two values, x and 1, with d = 1 and 2 in full, x and its probability as symbols: each is a
    polynomial in d of degree 2 that is 0 at d = 0, so two sizes determine it.
    """,
)

limit = Claim(
    id="infini-attention/random-keys/width-does-not-help",
    statement="Noise over signal is more than (N - 1) / pi^2 for every width and every scale of the pre-activations, and tends to "
    "(N - 1) (mu_1^2 / mu_2)^2 as d grows: however wide the keys, from 11 pairs on the noise is more than the signal.",
    formula="mu_2 < pi mu_1^2 and mu_4 < 6 mu_2^2 for all s >= 0",
    quantifier="for all scales s, d and N",
    source=INFINI,
    variant=_KEYS,
    hypotheses=(FROM_NOTHING, _VALUES),
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="features are positive: their mean does not vanish, and mean products of N - 1 others grow with d as the own square does",
    argument="""
    Let A = E e^(sX) and A2 = E e^(2sX) over X < 0; 0 <= A2 <= A <= 1/2. mu_1 = A + 1/2 + s r and mu_2 = A2 + 1/2 + 2 s r + s^2 / 2 with
    r = 1 / sqrt(2 pi). Then pi mu_1^2 - mu_2 = (pi A - A2) + (pi A^2 + pi / 4 - 1/2) + 2 s r (pi A + pi / 2 - 1), checked in symbols;
    each bracket is positive for A > 0, as pi > 2. So (mu_1^2 / mu_2)^2 > 1 / pi^2, and (N - 1) / pi^2 > 1 from N - 1 = 10 on, as
    pi^2 < 10. The limit in d is that of infini-attention/random-keys/noise-over-signal.
    For finite d the factor mixes, with positive weights, the ratios mu_2^2 / mu_4 once and mu_1^4 / mu_2^2 d - 1 times, so it lies
    between the two. With A4 = E e^(4sX) over X < 0, 0 <= A4 <= 1/2, mu_4 = A4 + 1/2 + 4 s r + 3 s^2 + 8 r s^3 + 3 s^4 / 2, and
    6 mu_2^2 - mu_4 = (1 - A4) + 6 A2 (A2 + 1 + 4 s r + s^2) + 8 s r + 24 r^2 s^2 + 4 r s^3, checked: positive, and 1/6 > 1 / pi^2.
    """,
)

measured = Claim(
    id="infini-attention/random-keys/measured",
    statement="Memories of ELU + 1 show that noise over signal: with scale 1 it is (N - 1) times 0.39 for d = 1 and 0.47 for "
    "d = 64, so wider "
    "keys are recalled no better; with scale 4 it is less, 0.17 for d = 64.",
    formula="(N - 1) (mu_2^2 + (d - 1) mu_1^4) / (mu_4 + (d - 1) mu_2^2)",
    quantifier="for N = 8, d = 1, 16, 64, scales 1 and 4 (d = 1: 1)",
    source=INFINI,
    variant=_KEYS,
    hypotheses=(FROM_NOTHING, _VALUES),
    arithmetic="R, measured in fp64",
    paper="(ours)",
    expected="confirmed",
    strength="measured",
    reason="the law, with mu from the normal distribution",
)

mean = Claim(
    id="infini-attention/random-keys/nearness-to-the-mean",
    statement="As d grows a read of N pairs has the cosine sqrt(1 - (N - 1) (k - 1)^2 / (N (k^2 + N - 1))) with the mean of "
    "all values, "
    "k = mu_2 / mu_1^2: for scale 1 k = 1.46, and the cosine is above 0.97 for every N. The memory recalls the mean.",
    formula="1 - cos^2 = (N - 1) (k - 1)^2 / (N (k^2 + N - 1)) < (k - 1)^2 / N",
    quantifier="for all N and k; measured for N = 3, 16, 64 and d = 1024 within 1 %",
    source=INFINI,
    variant=_KEYS,
    hypotheses=(FROM_NOTHING, "values uncorrelated of one covariance, of more channels than matter; expected squares"),
    arithmetic="R, measured in fp64",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="the own key's weight is k times another's: d mu_2 against d mu_1^2, and deviations are of order 1 / sqrt(d)",
    argument="""
    As d grows a_ii / d tends to mu_2 and a_ij / d to mu_1^2, so the weights are k / (k + N - 1) once and 1 / (k + N - 1) otherwise, of
    squared sum W = (k^2 + N - 1) / (k + N - 1)^2. For uncorrelated values of unit variance the read's product with their
    mean is 1 / N a
    channel, its square W, the mean's square 1 / N: cos^2 = 1 / (N W). The identity for 1 - 1 / (N W) is checked in symbols.
    cos^2 > 0.97^2 says that e N (k^2 + N - 1) - (N - 1) (k - 1)^2 > 0, e = 1 - 0.97^2: a quadratic in N whose discriminant is
    negative at the k of scale 1, in balls.
    """,
)
