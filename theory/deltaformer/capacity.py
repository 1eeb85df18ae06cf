"""Capacity of an additive memory: noise over signal at a key it holds, for each kernel, and how it grows with d."""

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER

_MEMORY = "o_i = sum_j kappa(k_j, k_i) v_j, all pairs written before any is read"
_HYPOTHESES = (
    "N keys independent, each of the law named; values independent of them and of each other, mean 0, one covariance",
    "noise over signal is E|noise|^2 / E|signal|^2, a ratio of expectations; the capacity is the N at which it is 1",
)

linear_and_powers = Claim(
    id="deltaformer/capacity/linear-and-powers",
    statement="Noise over signal of a linear memory is (N - 1) / (d + 2) for gaussian keys and (N - 1) / d on the sphere; of a kernel "
    "<x, y>^p it falls as d^-p, and taking the positive part halves it.",
    formula="sphere (2p-1)!! / (d (d+2) ... (d+2p-2)),  gaussian (2p-1)!! / ((d+2p) ... (d+4p-2)), times N - 1",
    quantifier="for all N, d, p >= 1",
    hypotheses=_HYPOTHESES,
    source=DELTAFORMER,
    variant=_MEMORY,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="only the second moment of the kernel between two keys enters, and moments of a coordinate follow from one another by "
    "integration by parts",
    argument="""
    Given the keys, E over values of |sum_{j != i} kappa(k_j, k_i) v_j|^2 is sum_{j != i} kappa(k_j, k_i)^2 times E|v|^2, as different
    values are uncorrelated; the keys are independent, so it is (N - 1) E kappa(k, k')^2 E|v|^2. The signal has
    E kappa(k, k)^2 E|v|^2. For kappa = <x, y>^p these need moments:
    (1) t a coordinate of a uniform point of the unit sphere of R^d, d >= 2, has density proportional to (1 - t^2)^((d-3)/2), and
        d/dt [t^(2p+1) (1 - t^2)^((d-1)/2)] = ((2p+1) t^(2p) - (d+2p) t^(2p+2)) (1 - t^2)^((d-3)/2),
    whose integral over -1..1 is 0: E t^(2p+2) = (2p+1)/(d+2p) E t^(2p). For d = 1 both sides are 1.
    (2) r = |k| for a gaussian key has density proportional to r^(d-1) exp(-r^2/2), and
        d/dr [r^(d+2j) exp(-r^2/2)] = ((d+2j) r^(2j) - r^(2j+2)) r^(d-1) exp(-r^2/2):  E r^(2j+2) = (d+2j) E r^(2j).
    A gaussian key is its length times an independent point of the sphere, so E <k, k'>^(2p) = (E r^(2p))^2 E t^(2p). One more power
    multiplies the law on the sphere by (2p+1)/(d+2p), and for gaussian keys by (d+2p)^2 (2p+1)/(d+2p) over (d+4p)(d+4p+2), the two
    steps of E r^(4p). At p = 0 both are 1. Linear kernel, gaussian: (N-1) d / (d (d+2)). The positive part of <x, y>^p has half
    the second moment between different keys, as <k, k'> and -<k, k'> have one law, and the whole at a key itself.
    """,
)

exponential_sphere = Claim(
    id="deltaformer/capacity/exponential-on-the-sphere",
    statement="With the kernel exp(lam (<x, y> - 1)) and keys on the sphere the capacity is at most 1 + e^(2 lam) whatever d is, and "
    "at least 1 + e^(d/2) when lam = d/2: exponential in d only if the temperature grows with d.",
    formula="noise over signal = (N - 1) e^(-2 lam) 0F1(; d/2; lam^2),  1 <= 0F1(; d/2; lam^2) <= e^(2 lam^2 / d)",
    quantifier="for all N, d >= 1, lam >= 0",
    hypotheses=_HYPOTHESES,
    source=DELTAFORMER,
    variant=_MEMORY,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="keys in many dimensions are nearly orthogonal, but an orthogonal key still weighs e^-lam",
    argument="""
    E kappa(k, k')^2 = e^(-2 lam) E e^(2 lam t), and kappa(k, k) = 1. E e^(s t) = sum_p s^(2p) E t^(2p) / (2p)!, odd moments being 0,
    and by the step (2p+1)/(d+2p) of the moments the term p + 1 is the term p times
        s^2 (2p+1) / ((d+2p) (2p+1) (2p+2)) = (s^2/4) / ((p+1) (d/2+p)),
    the step of 0F1(; d/2; s^2/4), which begins with 1 as well; s = 2 lam. All its terms are positive, so it is at least 1.
    The step of e^(2 lam^2/d), which begins with 1, is (2 lam^2/d) / (p+1), and is no smaller, as
        (2/d) (d/2 + p) - 1 = 2 p / d >= 0,
    so it is at most that. Hence e^(-2 lam) <= E kappa(k, k')^2 <= e^(-2 lam + 2 lam^2/d), which is e^(-d/2) at lam = d/2.
    """,
)

exponential_gaussian = Claim(
    id="deltaformer/capacity/exponential-gaussian-keys",
    statement="With the kernel exp(lam <x, y>) and gaussian keys noise over signal is (N - 1) ((1 - 4 lam) / (1 - 4 lam^2))^(d/2) for "
    "lam < 1/4; from 1/4 on the signal has no second moment, so at lam = 1/sqrt(d) for d <= 16.",
    formula="E e^(2 lam <k, k'>) = (1 - 4 lam^2)^(-d/2),  E e^(2 lam |k|^2) = (1 - 4 lam)^(-d/2)",
    quantifier="for all N, d >= 1, 0 <= lam < 1/4",
    hypotheses=_HYPOTHESES,
    source=DELTAFORMER,
    variant=_MEMORY,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="gaussian integrals coordinate by coordinate; long keys dominate the signal, the more the closer lam is to 1/4",
    argument="""
    kappa^2 is a product over coordinates, so everything is a power of an integral in one dimension. With x standard normal
        -x^2/2 + a x^2 = -(1 - 2a) x^2 / 2,   so E e^(a x^2) = (1 - 2a)^(-1/2) for a < 1/2, infinite from 1/2 on;
        -x^2/2 + s x y = -(x - s y)^2 / 2 + s^2 y^2 / 2,   so E e^(s x y) over x is e^(s^2 y^2 / 2).
    kappa(k, k)^2 has a = 2 lam: (1 - 4 lam)^(-1/2) a coordinate, finite exactly for lam < 1/4. kappa(k, k')^2 has s = 2 lam, then
    a = s^2/2 = 2 lam^2: (1 - 4 lam^2)^(-1/2). At lam = 1/sqrt(d), lam < 1/4 means d > 16.
    """,
)

softmax = Claim(
    id="deltaformer/capacity/softmax",
    statement="Softmax attention over keys on the sphere has, query by query, the same noise over signal as the exponential kernel; "
    "its error |o - v|^2 / |v|^2 is within 5 % of (z^2 + (N-1) mu_2) / (1 + z)^2, z = (N-1) mu_1, in the cases named.",
    formula="mu_1 = E kappa, mu_2 = E kappa^2, kappa = exp(lam (<k, k'> - 1)); mean field: the weights' sums replaced by their means",
    quantifier="(N, d, lam) = (32, 8, 2), (128, 16, 4), (128, 16, 8), (256, 8, 4)",
    hypotheses=(*_HYPOTHESES[:1], "keys on the sphere"),
    source=DELTAFORMER,
    variant="o_i = sum_j p_ij v_j, p_i softmax of lam <k_j, k_i> over all pairs",
    arithmetic="fp64",
    paper="(ours)",
    expected="confirmed",
    strength="measured",
    reason="the normaliser divides signal and noise alike and is the same for both; for many keys it is nearly its mean",
)
