"""Claims about G(T) for anisotropic smoothness: the product, the printed bound for a_i = i^q, and the term that decides it."""

from fractions import Fraction

from theory.claim import Claim
from theory.takakura_suzuki.source import DERIVED, OKUMOTO_SUZUKI

VARIANT = "anisotropic: gamma(s) = max a_i s_i, G(T) = sum of 2^|s| over gamma(s) < T, a~ = sum 1/a_i"
RULE = "a_i = i^q on infinitely many coordinates: a~ = zeta(q)"
ZERO = (Fraction("3.37928365526493084554"), Fraction("3.37928365526493084555"))
"""Where kappa changes its sign: between these two."""

product = Claim(
    id="takakura-suzuki/anisotropic-counting/product",
    statement="The count of basis functions below T is the product of 2^ceil(T/a_i) - 1 over the coordinates with a_i < T.",
    formula="G(T) = prod_{a_i < T} (2^ceil(T/a_i) - 1)",
    quantifier="for all T > 0 and all sorted positive a that tend to infinity or are finite",
    source=DERIVED,
    variant=VARIANT,
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="max a_i s_i < T binds each coordinate by itself, s_i <= ceil(T/a_i) - 1, and 1 + 2 + ... + 2^(c-1) = 2^c - 1",
)

dimensions = Claim(
    id="takakura-suzuki/anisotropic-counting/active-coordinates",
    statement="Printed with a further factor 2 for every active coordinate the bound holds for all a and T, and for a_i = i^q the "
    "exponent of "
    "the rate survives: log2 G(T) = (a~ + o(1)) T whatever q > 1.",
    formula="log2 G(T) <= a~ T + d_max(T); a_i = i^q: |log2 G(T) - zeta(q) T| <= (q/(q-1)) T^(1/q) + 1",
    quantifier="for all T > 0, q > 1",
    source=DERIVED,
    variant=VARIANT,
    arithmetic="R (balls)",
    paper="amended",
    expected="confirmed",
    strength="exhausted",
    reason="2^(T/a_i - 1) <= 2^ceil(T/a_i) - 1 < 2^(T/a_i + 1) for the d_max <= T^(1/q) active coordinates",
    argument="""
    2^ceil(x) - 1 < 2^(x+1) gives the upper bound, and for x > 1 c = ceil(x) >= 2, so 2^c - 1 >= 2^(c-1) >= 2^(x-1) the lower: log2
    G >= sum over a_i < T of (T/a_i - 1). The T/a_i left out sum to at most 1 + T^(1/q)/(q-1): the first is at most 1, the rest a
    sum below the integral of T u^(-q) from T^(1/q).
    """,
)

printed = Claim(
    id="takakura-suzuki/anisotropic-counting/printed-bound",
    statement="G(T) is at most 2^(a~ T) up to a constant and a power of T, for every growth a_i = i^q with summable 1/a_i.",
    formula="G(T) <= 2^10 T^10 2^(zeta(q) T)",
    quantifier="for q = 3/2, 2, 3, 7/2, 4 and T = 10^3, 10^6, 10^9, 10^12, 10^17, as far as T^(1/(q+1)) stays below 10^4",
    hypotheses=(
        RULE,
        "constant 2^10 and power 10 stand for 'a constant and logarithms of n'; no other pair saves the bound, see decided",
    ),
    source=OKUMOTO_SUZUKI,
    variant=VARIANT,
    arithmetic="R (balls)",
    paper="~ 2^(a~ T)",
    expected="refuted",
    strength="exhausted",
    reason="for q = 7/2 and q = 4 kappa(q) > 0 and G is larger by 2^(kappa(q) T^(1/q)), more than any power of T; at T = 10^17, q "
    "= 4 by 2^1768",
)

expansion = Claim(
    id="takakura-suzuki/anisotropic-counting/second-term",
    statement="For a_i = i^q, log2 G(T) = zeta(q) T + kappa(q) T^(1/q) up to 4 T^(1/(q+1)) + 3, for every T.",
    formula="kappa(q) = zeta(1/q) + sum_{m>=1} log2((1 - 2^(-m-1)) / (1 - 2^(-m))) m^(-1/q);  |log2 G - zeta(q) T - kappa(q) "
    "T^(1/q)| <= "
    "4 T^(1/(q+1)) + 3",
    quantifier="for all real q > 1, T > 0",
    hypotheses=(RULE,),
    source=DERIVED,
    variant=VARIANT,
    arithmetic="R (balls)",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="log2 G - zeta(q) T is a sum of a bounded function of T/i^q; the sum is T^(1/q) times an integral, within its variation",
    argument="""
    (1) h(x) = log2(2^ceil(x) - 1) is 0 on (0, 1], so log2 G = sum over all i >= 1 of h(T/i^q). Put r(x) = h(x) - x: r is -x on (0,
    1], has slope -1, jumps up at m = 1, 2, ... by 1 + eps_m, eps_m = log2((1 - 2^(-m-1))/(1 - 2^(-m))), and -1 <= r < 1. The eps_m
    sum to 1.
    (2) F(u) = r(T/u^q). For an integer Y >= 1, |sum_{i<=Y} F(i) - int_0^Y F| <= 2 Y, and beyond Y the difference of sum and
    integral is at most the variation of F on [Y, inf), that of r on (0, X], X = T/Y^q: at most X from the slope and X + 1 from the
    jumps. With Y = ceil(T^(1/(q+1))) the total 2 Y + 2 X + 1 is at most 4 T^(1/(q+1)) + 3.
    (3) int_0^inf F = T^(1/q) int_0^inf r(u^(-q)) du. Cut at u = M^(-1/q): the jumps give sum_{m<M} (1 + eps_m)(m^(-1/q) -
    M^(-1/q)) and the x gives M^(1-1/q)/(q-1); as sum_{m<M} m^(-s) = M^(1-s)/(1-s) + zeta(s) + o(1) with s = 1/q, the powers of M
    cancel and kappa(q) is left.
    """,
)

sign_change = Claim(
    id="takakura-suzuki/anisotropic-counting/sign-change",
    statement="kappa(q) increases on q > 1 from -infinity to 1/2 and has one zero q*, which begins 3.37928365526493084554...",
    formula="kappa(3.37928365526493084554) < 0 < kappa(3.37928365526493084555)",
    quantifier="for all real q > 1",
    source=DERIVED,
    variant=VARIANT,
    arithmetic="Q: zeta(1/q) by Euler's and Maclaurin's sum, whose partial sums lie on both sides in turn",
    paper="(ours)",
    expected="confirmed",
    strength="certified",
    reason="with s = 1/q both zeta(s) on (0, 1) and m^(-s) fall with s; at s -> 0 kappa is zeta(0) + 1 = 1/2, at s -> 1 the pole "
    "is at -infinity",
    argument="""
    zeta(s) = 1/(s-1) + 1/2 + s J(s), J(s) = int_1^inf (1/2 - {x}) x^(-s-1) dx. For f of variation V on (1, inf) |int (1/2 - {x})
    f| <= V/8, as the weight is odd about the middle of each unit and its half has integral 1/8. So 0 <= J <= 1/8 (f = x^(-s-1)),
    and J' has f = -log(x) x^(-s-1) of variation 2/(e (s+1)): |J'| <= 1/(4 e). Hence zeta' = -1/(s-1)^2 + J + s J' < -1 + 1/8 +
    1/(4 e) < 0 on (0, 1). The eps_m are positive and sum to 1. A continuous decreasing function of s that changes its sign has one
    zero.
    """,
)

decided = Claim(
    id="takakura-suzuki/anisotropic-counting/decided",
    statement="The printed bound holds for a_i = i^q with q < q* = 3.379..., with a constant and no power of T; for q > q* it "
    "fails by the factor "
    "2^(kappa(q) T^(1/q)), which no constant and no power of T pays for.",
    formula="q < q*: G <= 2^(zeta(q) T + c), c = 3 + 4 x^q/(q+1), x = 4 q/(|kappa| (q+1));  q > q*: log2 G - zeta(q) T >= "
    "kappa(q) T^(1/q) / 2",
    quantifier="below q*: for all T > 0; above: for all large T, tried at T = 10^12 to 10^17",
    hypotheses=(RULE,),
    source=DERIVED,
    variant=VARIANT,
    arithmetic="R (balls)",
    paper="~ 2^(a~ T) for every q",
    expected="confirmed",
    strength="exhausted",
    reason="by the second term: kappa x^(q+1) + 4 x^q + 3 with x = T^(1/(q (q+1))) has its maximum c for kappa < 0, and "
    "T^(1/(q+1)) is o(T^(1/q))",
)

at_the_zero = Claim(
    id="takakura-suzuki/anisotropic-counting/at-the-zero",
    statement="The printed bound holds for a_i = i^q at q = q* too, where the second term is zero and a smaller one, of unknown "
    "sign, decides.",
    hypotheses=(RULE,),
    source=OKUMOTO_SUZUKI,
    variant=VARIANT,
    paper="~ 2^(a~ T) for every q",
    expected="undecided",
    strength="cited",
    reason="what is left is at most 4 T^(1/(q+1)) + 3, and oscillates as the error of Dirichlet's divisor problem does; whether "
    "q* is rational "
    "is not known either",
)
