"""Claims about the operator itself: its forms agree, exactly and within a bound on rounding."""

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER, OPERATOR

forms_agree = Claim(
    id="deltaformer/operator/forms-agree",
    statement="Recurrence, triangular inverse and chunked form of the first stage give the same U, for every chunk length.",
    formula="U = (I + A)^{-1} V,  A_ti = beta_t <k_i, w_t> for i < t;   U_c = (I + A_cc)^{-1} (V_c - A_cp U_p)",
    quantifier="for all T, d, m, every chunk length, and all entries in any commutative ring",
    hypotheses=("k, w: T x d, v: T x m, beta: T, entries of one commutative ring",),
    source=DELTAFORMER,
    variant=f"{OPERATOR}; w free; beta free",
    arithmetic="Z[entries], Q",
    paper="the inverse is computed in chunks",
    expected="confirmed",
    strength="exhausted",
    reason="the chunked form is block forward substitution on the unit lower triangular system, the recurrence is the "
    "same with chunks of one token, and substitution divides by nothing",
)

gradients_agree = Claim(
    id="deltaformer/operator/gradients-agree",
    statement="The backward passes of all three forms give the same gradient, which is the derivative of the operator.",
    formula="Y = (I + A)^{-T} G,  dV = Y,  dA = -tril(Y U^T, -1),  dbeta, dk, dw by the chain rule through A",
    quantifier="for all T, d, m, every chunk length, and all rational entries and cotangents",
    source=DELTAFORMER,
    variant=f"{OPERATOR}; w free; beta free",
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="tested",
    reason="U is a polynomial in the entries, so its derivative is exact; dual numbers a + b eps through the recurrence "
    "compute it without any of the adjoint formulas",
)

float_bound = Claim(
    id="deltaformer/operator/float-error",
    statement="In fp32 and fp64 every form, and its gradient through autograd, stays within the derived rounding bound.",
    formula="|u^ - u| <= |(I + A)^{-1}| g (|v| + |A| |u^|),  g_t = gamma_{t+d+2}, or 0 where row t of A is zero",
    quantifier="for all T, d, m, chunk lengths and finite entries without overflow or underflow",
    source=DELTAFORMER,
    variant=f"{OPERATOR}; w free; beta free",
    arithmetic="fp32, fp64",
    paper="(ours)",
    expected="confirmed",
    strength="tested",
    reason="each form is a substitution whose every term passes through boundedly many rounded operations",
    assumptions=("no overflow or underflow", "the triangular solver substitutes and does not invert blocks"),
)
