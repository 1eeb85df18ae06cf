"""The gate between memory and segment: the best one, its gradient, what training from zero finds, where formats close it."""

from theory.claim import Claim
from theory.infini_attention.source import INFINI

_GATE = "A = g a + (1 - g) b, a = A_mem, b = A_dot, g = 1 / (1 + e^-beta); R(g) = E |A - y|^2"

optimal = Claim(
    id="infini-attention/gate/optimal",
    statement="The squared error is a parabola in g with its vertex at g* = E <a - b, y - b> / E |a - b|^2; any other gate costs "
    "(g - g*)^2 E |a - b|^2 more.",
    formula="R(g) = R(g*) + (g - g*)^2 E |a - b|^2",
    quantifier="for all distributions of a, b and y with second moments, E |a - b|^2 > 0",
    source=INFINI,
    variant=_GATE,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="A - y is affine in g",
    argument="""
    A - y = g (a - b) - (y - b). With u = E |a - b|^2, w = E <a - b, y - b> and s = E |y - b|^2, R = u g^2 - 2 w g + s, and
    completing the
    square with g* = w / u is the identity checked.
    """,
)

mixture = Claim(
    id="infini-attention/gate/mixture",
    statement="If a share p of targets is what the memory recalls and the rest what the segment says, the best gate is "
    "g* = p D / (p D + (1 - p) L), D and L the mean |a - b|^2 on either kind; beta* = log(p D / ((1 - p) L)). The error left is "
    "p (1 - p) D L / (p D + (1 - p) L): one gate serves both kinds only if there is one kind.",
    formula="D = L: g* = p, R = p (1 - p) D",
    quantifier="for all 0 < p < 1, D, L > 0",
    source=INFINI,
    variant=_GATE,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="y - b is a - b on the distant targets and 0 on the local ones",
    argument="""
    On distant targets y = a, on local ones y = b. So E <a - b, y - b> = p D, E |a - b|^2 = p D + (1 - p) L, and
    R(g) = p (1 - g)^2 D + (1 - p) g^2 L; the rest is infini-attention/gate/optimal. All three forms are checked in symbols.
    """,
)

shared = Claim(
    id="infini-attention/gate/per-channel",
    statement="One gate for all channels of a head costs sum_c u_c (g_c - g)^2 more than a gate for each, g the mean of the g_c with "
    "weights u_c = E (a_c - b_c)^2, the best shared gate: nothing exactly when all channels want the same.",
    formula="min_g sum_c R_c(g) - sum_c min R_c = sum_c u_c (g_c - g)^2",
    quantifier="for all second moments",
    source=INFINI,
    variant=_GATE,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="each channel has its own parabola, and a sum of parabolas is one",
    argument="""
    R_c(g) = r_c + u_c (g - g_c)^2 by infini-attention/gate/optimal. The sum has the derivative 2 sum_c u_c (g - g_c), which is 0 at the
    weighted mean. Two channels stand for all: a third is added to the first two as one of weight u_1 + u_2 and vertex their mean, whose
    excess adds up. That step is the identity checked.
    """,
)

gradient = Claim(
    id="infini-attention/gate/gradient",
    statement="The gradient in beta is 2 (g - g*) g (1 - g) E |a - b|^2: far from 0 it is at most 2 e^-|beta| E |a - b|^2, "
    "however wrong "
    "the gate is.",
    formula="dR/dbeta = 2 u (g - g*) g (1 - g),   g (1 - g) <= e^-|beta|",
    quantifier="for all beta, g* in [0, 1]",
    source=INFINI,
    variant=_GATE,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="the derivative of the sigmoid is g (1 - g)",
    argument="""
    dg/dbeta = g (1 - g), and dR/dg = 2 u (g - g*). With t = e^-|beta|, g (1 - g) = t / (1 + t)^2 = t - t^2 (2 + t) / (1 +
    t)^2. Both are
    checked in symbols.
    """,
)

descent = Claim(
    id="infini-attention/gate/descent-from-zero",
    statement="Gradient descent on beta alone from 0 with steps of at most 6 / E |a - b|^2 goes monotonically to beta* and "
    "never past it; near it the distance shrinks by 2 step u (g* (1 - g*))^2 a step, so a rare kind of target, p = 1/100, "
    "takes thousands.",
    formula="|R''| <= u / 6, so |step R'| <= |beta - beta*|;  R''(beta*) = 2 u (g* (1 - g*))^2;  u = E |a - b|^2",
    quantifier="for p = 0.01 .. 0.99, D = L = 1, steps 1 and 6, 3 / (step (p (1 - p))^2) of them; the bound of R'' on a grid "
    "of g and g*",
    source=INFINI,
    variant=f"{_GATE}; everything but beta held fixed",
    arithmetic="fp64",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="R'' = 2 u g (1 - g) (g (1 - g) + (g - g*) (1 - 2 g)), at most 0.154 u: at g* = 0 or 1, g 0.39 from it",
)

opens = Claim(
    id="infini-attention/gate/rounded-to-one",
    statement="Rounded to the format, the gate is exactly 1, its complement and its gradient exactly 0, from beta = "
    "log(2^(p+1) - 1) on: "
    "6.24 in bf16, 8.32 in fp16, 17.33 in fp32. On the other side that happens only where e^beta underflows, far later.",
    formula="sigmoid(beta) rounds to 1  <=>  beta > log(2^(p+1) - 1)",
    quantifier="for every format with a precision: the number of the format before and the one after",
    source=INFINI,
    variant=_GATE,
    arithmetic="fp64, fp32, tf32, bf16, fp16, fp8: correctly rounded",
    paper="(ours)",
    expected="confirmed",
    strength="certified",
    reason="numbers below 1 are 2^-p apart, so what lacks less than 2^-(p+1) is rounded to 1",
)
