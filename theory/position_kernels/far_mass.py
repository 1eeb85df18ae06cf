"""Length stability: how much attention leaves a window, and for which kernels that is bounded for all lengths."""

from theory.claim import Claim
from theory.position_kernels.source import FIRE, MEP

_MASS = "the mass is the share of a query's attention at distances d >= w, over N positions at distances 0..N-1"

bound = Claim(
    id="position-kernels/far-mass/bound",
    statement="With logits of size at most B, at most e^{2B} T / (e^{2B} T + H) of the attention lies beyond a window of w positions, "
    "T and H being the kernel's sums beyond and inside; logits of B beyond and -B inside reach it.",
    formula="mass <= e^{2B} T / (e^{2B} T + H) <= e^{2B} T / H,   H = sum_{d < w} e^{b(d)},   T = sum_{w <= d < N} e^{b(d)}",
    quantifier="for all N > w >= 1, B >= 0, biases and logits in [-B, B]",
    hypotheses=(_MASS,),
    source=MEP,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="x / (x + y) grows with x and falls with y",
    argument="""
    With x = sum_{d >= w} e^{s_d + b(d)} and y the same inside, the mass is x / (x + y). Its derivatives are y / (x + y)^2 >= 0 in x
    and -x / (x + y)^2 <= 0 in y, and x <= e^B T, y >= e^{-B} H, so it is at most e^B T / (e^B T + e^{-B} H), the first bound, with
    equality when every logit is at its end. e^{2B} T >= 0 in the denominator left out gives the second.
    """,
)

uniform = Claim(
    id="position-kernels/far-mass/uniform",
    statement="The far mass is small for all lengths at once exactly when the kernel is summable: exponential, Gaussian, tanh, "
    "KERPLE's power and its logarithmic kernel with p > 1; not p <= 1, T5 or no bias. A mixture is summable only if every part is.",
    formula="for every B, eps there is a w with mass <= eps for all N   <=>   sum_d K(d) < infinity",
    quantifier="the criterion is that of series; tried for 15 kernels and mixtures, B = 0 and 1, eps = 1/10",
    hypotheses=(_MASS,),
    source=MEP,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="the tail of a convergent series vanishes, that of a divergent one outgrows every head; a mixture exceeds each part's share",
)

printed_mixture = Claim(
    id="position-kernels/far-mass/mixing-stabilises",
    statement="Mixing in an exponential kernel makes the far mass of a kernel that is not summable small for all lengths.",
    quantifier="for equal weights, B = 0, w = 64, eps = 1/10",
    hypotheses=(_MASS,),
    source=MEP,
    variant="the exponential of slope 1/8 with the constant, with KERPLE's logarithmic kernel of p = 1, and with a T5 bias",
    arithmetic="R",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="sum w_i K_i >= w_j sum K_j: a mixture inherits what is not summable",
)

fire = Claim(
    id="position-kernels/far-mass/fire",
    statement="FIRE's bias is bounded on all pairs, so the mass inside any fixed window tends to 0 with the length.",
    formula="m <= f <= M on [0, 1]  =>  mass inside w <= w e^{M - m + 2B} / N",
    quantifier="for all w and B; tried for networks of seeds 0..7, w = 16, B = 0, N up to 4096",
    hypotheses=("b(i, j) = f(psi(i - j) / psi(max(L, i))), psi(x) = log(1 + c x), f continuous",),
    source=FIRE,
    arithmetic="float64",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="the argument of f lies in [0, 1], where a continuous function is bounded",
)
