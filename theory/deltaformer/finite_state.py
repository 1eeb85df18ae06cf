"""How many pairs a memory can hold exactly: the finite state of a linear kernel, and kernels without such a limit."""

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER, OPERATOR

linear_limit = Claim(
    id="deltaformer/finite-state/linear-kernel",
    statement="A linear kernel of head dimension d reads at most d pairs exactly for arbitrary values, however they were written; d "
    "orthonormal keys are all read exactly.",
    formula="o_j = q_j S, S of d rows: N > d readings have det = 0, values e_1, ..., e_N have det = 1",
    quantifier="for all d, N > d, all keys, writes, beta and queries",
    source=DELTAFORMER,
    variant=f"{OPERATOR}; w free; beta free",
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="everything that is read comes out of a state of d rows",
    argument="""
    Give pair j the value e_j, j = 1..N. Reading all pairs exactly means Q S = I, Q the N x d queries, S the d x N state. As shown for
    a linear read-out, det(t - Q S) = t^{N-d} det(t - S Q) by block identities, so for N > d and t = 0 det(Q S) = 0, not 1. With N = d
    and orthonormal keys, w = k = q and beta = 1, <k_i, k_t> = 0 for i < t: u_t = v_t, and reading at k_i gives v_i.
    """,
)

positive_definite = Claim(
    id="deltaformer/finite-state/positive-definite-kernel",
    statement="With the exponential kernel what is read at N different keys determines all N values, for every N, whatever d: the map "
    "from values to readings has determinant det K > 0. It is not the identity: a decoder must invert it.",
    formula="O = K (I + A)^{-1} V,  det = det K,  K_ij = exp(lam <k_i, k_j>)",
    quantifier="instances with d = 1, N = 2, 3, 4 and d = 2, N = 5 (the argument: all d, N, different keys, lam > 0)",
    source=DELTAFORMER,
    variant="u_t = v_t - sum_{i<t} kappa(k_i, k_t) u_i, read at every key after the last pair; kappa = exp(lam <x, y>)",
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="certified",
    reason="the kernel's features are all monomials, and different points are told apart by polynomials",
    argument="""
    Reading at all keys gives O = K U with (I + A) U = V and I + A unit lower triangular, so the map V -> O has determinant det K.
    K is positive definite: <c, K c> = sum_m lam^m / m! |sum_i c_i k_i (x) ... (x) k_i|^2 (m factors) is not negative, and if it is 0,
    then sum_i c_i p(k_i) = 0 for every polynomial p, as its monomials are entries of these tensors. For different keys there is a
    polynomial that is 1 at k_i and 0 at the others, so c_i = 0.
    """,
)

any_nonlinear_kernel = Claim(
    id="deltaformer/finite-state/any-nonlinear-kernel-as-stated",
    statement="With any kernel that is not linear what is read at N different keys determines all N values, for every N.",
    formula="as for a positive definite kernel, kappa = <x, y>^2",
    quantifier="for all N, all kernels that are not linear, all different keys",
    source=DELTAFORMER,
    variant="u_t = v_t - sum_{i<t} kappa(k_i, k_t) u_i, read at every key after the last pair; kappa = <x, y>^2, d = 1",
    arithmetic="Q",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="a polynomial kernel has finitely many features: <x, y>^2 in one dimension has one, so two keys are too many",
)
