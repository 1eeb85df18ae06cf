"""How large the entries of (I + A)^{-1} can be: what every statement about finite precision rests on."""

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER, OPERATOR

ANY_KERNEL = "u_t = v_t - sum_{i<t} A_ti u_i; any A that is strictly lower triangular, so any kernels, w and beta"

unit_rows = Claim(
    id="deltaformer/stability/unit-rows",
    statement="When the rows of |A| add up to at most 1, as with softmax and |beta| <= 1, no entry of the inverse exceeds 1; "
    "a chain reaches 1 everywhere.",
    formula="sum_i |A_ti| <= 1 for all t   =>   R = (I + A)^{-1} has |R_ti| <= 1, so ||R||_inf <= T",
    quantifier="for all T and all real A",
    hypotheses=("A strictly lower triangular", "every row of |A| adds up to at most 1"),
    source=DELTAFORMER,
    variant=ANY_KERNEL,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="a row of R is minus a combination of earlier rows whose coefficients add up to at most 1 in absolute value",
    argument="""
    Fix a column i. By (I + A) R = I its entries are r_t = 0 for t < i, r_i = 1 and r_t = -sum_{i<=s<t} A_ts r_s. Suppose
    |r_s| <= M for all s < t, where M = 1. Write A_ts = p_s - n_s with p_s, n_s >= 0 and |A_ts| = p_s + n_s. For either
    sign g the identity
        M (p + n) - g (p - n) r = p (M - g r) + n (M + g r),
    taken at every s and summed, says that M sum_s |A_ts| - g sum_s A_ts r_s is a sum of non-negative terms (each factor
    is affine in r and non-negative at r = M and at r = -M). Hence
    |r_t| <= M sum_s |A_ts| <= M, and induction over t gives |R_ti| <= 1 and row sums of at most T.
    It is reached: the chain A_{t,t-1} = c, |c| = 1, has R_ti = (-c)^(t-i), as (-c)^m + c (-c)^(m-1) = 0.
    """,
)

growth = Claim(
    id="deltaformer/stability/growth",
    statement="When the rows of |A| add up to at most b >= 1, no entry of the inverse exceeds b^(T-1), and a chain reaches it.",
    formula="sum_i |A_ti| <= b   =>   |R_ti| <= b^(t-i);   A_{t,t-1} = b gives R_ti = (-b)^(t-i)",
    quantifier="for all T, all real b >= 1 and all real A",
    hypotheses=("A strictly lower triangular", "every row of |A| adds up to at most b, b >= 1"),
    source=DELTAFORMER,
    variant=ANY_KERNEL,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="each step multiplies the greatest entry by b at most, and the chain by b exactly",
    argument="""
    As for unit rows, with M = b^(m-1) the bound on the entries at most m - 1 below the diagonal: |r_t| <= M sum_s |A_ts|
    <= b b^(m-1) = b^m for t = i + m, and b^m increases with m as b >= 1. The chain A_{t,t-1} = b has
    R_ti = (-b)^(t-i), as (-b)^m + b (-b)^(m-1) = 0, and (T, 1) is T - 1 below the diagonal.
    """,
)

parallel_writes = Claim(
    id="deltaformer/stability/parallel-writes",
    statement="With a linear kernel, w parallel to k and beta <k, w> in [0, 2], entries of the inverse stay below |beta_t| |w_t| "
    "|k_i| at every length; equal keys with beta <k, w> = 2 reach it everywhere.",
    formula="w_s = c_s k_s,  beta_s <k_s, w_s> in [0, 2] for i < s < t   =>   |R_ti| <= |beta_t| |w_t| |k_i|  for i < t",
    quantifier="for all T, d, and all real entries; c_s and beta_s of either sign",
    hypotheses=(
        "linear kernel",
        "w_s = c_s k_s",
        "beta_s <k_s, w_s> in [0, 2]",
        "nothing is asked of k_i and w_t themselves",
    ),
    source=DELTAFORMER,
    variant=f"{OPERATOR}; w parallel to k",
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="every token between acts on the state as a symmetric matrix with eigenvalues 1 and 1 - beta <k, w> in [-1, 1]",
    argument="""
    A unit value at token i and none elsewhere gives u_i = 1, the state S_i = k_i, then S_s = x - beta_s k_s <w_s, x> with
    x = S_{s-1}, and R_ti = u_t = -beta_t <w_t, S_{t-1}>. With w_s = c_s k_s, h = beta_s c_s and g = h |k_s|^2 the identity
        |x|^2 - |x - h k <k, x>|^2 = h (2 - g) <k, x>^2,
    multiplied by |k|^2 >= 0, has the right side g (2 - g) <k, x>^2 >= 0 for 0 <= g <= 2; where k_s = 0 the state does not
    change. So |S_{t-1}| <= |S_i| = |k_i|, and Cauchy-Schwarz gives |R_ti| <= |beta_t| |w_t| |k_i|. Only the product
    beta_s c_s enters, so w may be opposite to k where beta is negative.
    It is reached: with all keys one unit vector, w = k and beta = 2 the state changes sign at every token, so
    R_ti = -2 (-1)^(t-i-1), and |R_ti| = 2 = |beta| |w| |k|: -2 (-1)^(m-1) = -2 (1 + sum_{l<m} -2 (-1)^(l-1)).
    """,
)

__all__ = ["growth", "parallel_writes", "unit_rows"]
