"""What number formats do to kernels: underflow of the mean as written, its gradients, distances that collide."""

from theory.claim import Claim
from theory.position_kernels.source import MEP

_ROUNDED = (
    "every operation is rounded to nearest even in the format, with gradual underflow; released slopes of 8 heads"
)

frontier = Claim(
    id="position-kernels/numerics/naive-frontier",
    statement="log of the mean of the exponentials, as written, is -inf from the first d with e^{-rho d} < 3 m / 2 on, rho being the "
    "slowest exponential's rate and m the format's least subnormal number.",
    formula="d = ceil(log(2 / (3 m)) / rho),   rho = r for two kernels, r / 2 for three",
    quantifier="for two and three kernels, fp32 and fp64, where distances are exact",
    hypotheses=(_ROUNDED,),
    source=MEP,
    arithmetic="fp32, fp64",
    paper="(ours)",
    expected="confirmed",
    strength="certified",
    reason="the slowest exponential rounds to m or 0 then, the others to 0, m / 2 and m / 3 to 0; before, m and 2 m / 3 do not",
    assumptions=(
        "torch's exponential was seen to turn at the same distance on this machine, another may differ by an ulp",
    ),
)

observed = Claim(
    id="position-kernels/numerics/naive-observed",
    statement="torch's tensors reach -inf at the distance that correct rounding gives, in fp32, fp64, bf16 and fp16; the gradient of a "
    "learned slope is NaN there. Through logsumexp in at least fp32 both stay finite.",
    quantifier="for two and three kernels and the released slopes of 8 heads",
    hypotheses=(_ROUNDED,),
    source=MEP,
    arithmetic="fp32, fp64, bf16, fp16",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="the derivative of log at 0 is infinite, times exponentials that are 0: NaN",
)

collisions = Claim(
    id="position-kernels/numerics/collisions",
    statement="The first distances that collide are 2^p and 2^p + 1: 256 and 257 in bf16, 2048 and 2049 in fp16; ALiBi's biases with "
    "slopes that are powers of two collide at the same ones, even when exact biases are rounded only at the end.",
    quantifier="for bf16, fp16 and fp8 and the released slopes of 8 heads",
    source=MEP,
    arithmetic="bf16, fp16, fp8",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="p bits hold every integer up to 2^p and not 2^p + 1; a power of two only shifts the exponent",
)

squares = Claim(
    id="position-kernels/numerics/squares-in-fp16",
    statement="With distances in fp16 logsumexp keeps the gradient of a learned slope finite.",
    quantifier="for three kernels, slopes released for 8 heads, d <= 1000",
    source=MEP,
    variant="the Gaussian's d^2 formed in fp16",
    arithmetic="fp16",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="256^2 = 65536 overflows fp16: the Gaussian's term is -inf, its derivative 0 times infinity",
)

accuracy = Claim(
    id="position-kernels/numerics/logsumexp-accuracy",
    statement="The biases of the modules are within 4 u |b| + 16 u of the real ones, u = 2^-24 the unit roundoff of fp32.",
    quantifier="for two and three kernels and the released slopes of 8 heads; distances below 40, and 60 more up to 2^20",
    source=MEP,
    arithmetic="fp32",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="slopes are powers of two and distances exact, so each exponential's exponent is; logsumexp adds a logarithm in [0, log 3] "
    "to the greatest, with a handful of roundings",
)
decoding = Claim(
    id="position-kernels/decoding/rows",
    statement="The bias of one query after t cached keys is the last row of the bias of t + 1 positions for every method, bit for bit "
    "where it is a kernel of the distance, and for FIRE's network up to the order in which its products sum.",
    formula="bias(1, t + 1) = bias(t + 1, t + 1)[:, t, :]",
    quantifier="for all 13 forms of bias, 19 steps t < 160: the first 12, around FIRE's threshold of 24, T5's last buckets, the last",
    source=MEP,
    arithmetic="fp32, fp64",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="both are one function of the query's and the key's positions; a query counted from 0 would change bucket and share",
)

parameters = Claim(
    id="position-kernels/costs/parameters",
    statement="The methods have the parameters stated: none for ALiBi, Sandwich, MEP of two and three kernels, RoPE and no bias; 2 H "
    "for KERPLE; 32 H for T5; 34 H for parameterised MEP; 2 + 2 h + (h + 1) H for FIRE; learned slopes H, learned weights H a kernel.",
    quantifier="for H = 1, 2, 4, 8 heads, FIRE with h = 32 and 8",
    source=MEP,
    arithmetic="counts, exact",
    paper="parameter-free, or with learned parameters",
    expected="confirmed",
    strength="exhausted",
    reason="a number a head, and a value a bucket and head",
)
