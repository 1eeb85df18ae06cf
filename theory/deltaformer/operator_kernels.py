"""Claims about the operator with every kernel: its forms, decoding and padding agree, and so do their gradients."""

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER

KERNELS = (
    "u_t = alpha_t v_t - beta_t sum_{i<t} kappa1(k_i, w_t) u_i;  o_t = sum_{i<=t} kappa2(k_i, q_t) u_i; "
    "kernels linear, rounded, exponential, softmax, hardmax; w, beta, alpha free"
)

every_kernel = Claim(
    id="deltaformer/operator/every-kernel",
    statement="With any kernel, normalised over the earlier tokens or not, recurrence, triangular inverse, chunked form and "
    "decoding from a cache give the same U and O, for every chunk length.",
    formula="U = (I + A)^{-1} (alpha V),  A_ti = beta_t P_ti;   U_c = (I + A_cc)^{-1} (alpha V_c - beta_c P_cp U_p)",
    quantifier="for all T, d, m, every chunk length, every kernel, and all entries",
    hypotheses=("the weights of a token depend on it and on the keys before it alone",),
    source=DELTAFORMER,
    variant=KERNELS,
    arithmetic="Z[weights, entries]; Q; balls in R",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="every form asks the kernel for whole rows of weights over the same earlier keys, so the weights are the same numbers, "
    "and with those the forms are one substitution in blocks of different lengths, which divides by nothing",
)

kernel_gradients = Claim(
    id="deltaformer/operator/kernel-gradients",
    statement="The backward passes of both stages, chunked with weights formed again, give the derivative of the operator in "
    "q, k, w, v, beta and alpha, for every kernel and chunk length; rounded and hardmax pass none to q, k, w.",
    formula="Y = (I + A)^{-T} G,  dP_ti = -beta_t <y_t, u_i>,  dbeta_t = -sum_i P_ti <y_t, u_i>,  then through the kernel: "
    "softmax P (dP - sum P dP), exponential P dP, linear dP",
    quantifier="for all T, d, m, every chunk length, all entries and cotangents",
    source=DELTAFORMER,
    variant=KERNELS,
    arithmetic="Q; balls in R",
    paper="(ours)",
    expected="confirmed",
    strength="tested",
    reason="a triangular solve is differentiated by the transposed solve, taken in blocks from the end; each kernel's derivative "
    "is a function of its weights; dual numbers a + b eps through the definition know nothing of either",
)

padding = Claim(
    id="deltaformer/operator/padding",
    statement="Padding marked invalid, on the left, on the right or between, changes neither the outputs of the other tokens nor "
    "their gradients, whatever it contains, for every kernel and form.",
    formula="P_ti = 0 unless i and t are valid, softmax over the valid i alone",
    quantifier="for all T, d, m, every chunk length, every set of padded tokens, all entries",
    source=DELTAFORMER,
    variant=KERNELS,
    arithmetic="Q; balls in R",
    paper="(ours)",
    expected="confirmed",
    strength="tested",
    reason="a padded token weighs nothing in any sum and is left out of every normalisation, so the rows of the others are their "
    "unpadded rows with zeros between",
)

linear_memory = Claim(
    id="deltaformer/operator/linear-memory",
    statement="The chunked form, forward and backward, makes no array of more than max(E, C T) weights, E fixed: never T x T for "
    "all heads, at fixed chunk C.",
    formula="largest array <= max(E, C T, B H T (d + m))",
    quantifier="for all T, chunks, batches and heads; E = 2**19 on a CPU",
    source=DELTAFORMER,
    variant=f"{KERNELS}; torch",
    arithmetic="fp32",
    paper="(ours)",
    expected="confirmed",
    strength="tested",
    reason="the backward pass forms the weights of a chunk again from the keys instead of keeping them, and batch entries are taken "
    "so many at a time that a chunk's weights stay within E unless one entry's alone exceed it",
)

kernel_float_bound = Claim(
    id="deltaformer/operator/kernel-float-error",
    statement="With exponential and softmax kernels, in fp32 and fp64, every form's U stays within the derived rounding bound.",
    formula="|u^ - u| <= |(I + A)^{-1}| ((g_t + a) |alpha v| + E |u^|),  E_ti = |A_ti| ((1 + eps_ti) (1 + gamma_{t+2}) - 1), "
    "eps_ti from the scores' own rounding",
    quantifier="for all T, d, m, chunk lengths, scales and finite entries without overflow or underflow",
    source=DELTAFORMER,
    variant=KERNELS,
    arithmetic="fp32, fp64",
    paper="(ours)",
    expected="confirmed",
    strength="tested",
    reason="a weight's relative error is that of its exponent, made absolute, plus that of exp2 and of the normaliser; after the "
    "weights each form is a substitution as with the linear kernel",
    assumptions=(
        "no overflow or underflow beyond the smallest normal number",
        "exp2 within 3 units in the last place",
        "the triangular solver substitutes and does not invert blocks",
    ),
)

kernel_gradient_float_bound = Claim(
    id="deltaformer/operator/kernel-gradient-float-error",
    statement="With exponential and softmax kernels, in fp32 and fp64, the gradients of U in k, w, v, beta and alpha, through "
    "autograd of every form, stay within the derived rounding bound.",
    formula="|y^ - y| <= E_y, |u^ - u| <= E_u;  |dP^ - dP| <= |beta| (n + u |y||u|), "
    "n = |y| E_u + E_y |u| + E_y E_u + gamma_m |y||u|;  "
    "softmax: s = (P + e)(|H| + h) - P |H| + gamma_2 P (|dP| + |sum P dP|), H = dP - sum P dP",
    quantifier="for all T, d, m, chunk lengths, scales, cotangents and finite entries without overflow or underflow",
    source=DELTAFORMER,
    variant=KERNELS,
    arithmetic="fp32, fp64",
    paper="(ours)",
    expected="confirmed",
    strength="tested",
    reason="the backward pass is the substitution with time reversed, over weights that are off by no more than the forward ones, then "
    "one product with them and one with keys or writes; the softmax's mean is subtracted before its weight multiplies",
    assumptions=kernel_float_bound.assumptions,
)

read_float_bound = Claim(
    id="deltaformer/operator/read-float-error",
    statement="In fp32 and fp64 the second stage and its gradients in q, k and u, by every form, stay within the derived "
    "rounding bound.",
    formula="linear: |o^ - o| <= gamma_{t+d+1} sum_i <|k_i|, |q_t|> |u_i|;  else |o^ - o| <= "
    "sum_i ((P + e)_ti (1 + gamma_{t+1}) - P_ti) |u_i|",
    quantifier="for all T, d, m, chunk lengths, scales, cotangents and finite entries without overflow or underflow",
    source=DELTAFORMER,
    variant="o_t = sum_{i<=t} kappa2(k_i, q_t) u_i; kernels linear, exponential, softmax; q free",
    arithmetic="fp32, fp64",
    paper="(ours)",
    expected="confirmed",
    strength="tested",
    reason="a sum of products, each through boundedly many rounded operations, over weights whose errors are bounded",
    assumptions=kernel_float_bound.assumptions[:2],
)
