"""Theorem A's tokens on other variants of the operator: rounded, softmax, exponential, other beta, w = q."""

from theory.claim import Claim
from theory.deltaformer.false_transfers import refuted
from theory.deltaformer.source import DELTAFORMER, OPERATOR

_TOKENS_A = "write k = w = e_j, swap k = w = e_a - e_b, read q = e_j"

needs_weight_two = Claim(
    id="deltaformer/transfer/one-token-needs-weight-two",
    statement="In any head dimension, if one token makes a swap and the same token made again undoes it, then beta <k, w> = 2: with "
    "w = k and keys no longer than 1 no beta below 2 will do.",
    formula="S_2 - S_1 = (1 - beta <k, w>) (S_1 - S_0) for a token repeated",
    quantifier="for all d and m, all n >= 2, all states, keys, writes, values, beta and queries",
    hypotheses=("linear kernels", "two contents that differ are swapped and swapped back, and read by fixed queries"),
    source=DELTAFORMER,
    variant=f"{OPERATOR}; w free; beta free",
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="a token adds k times a row, and the second time that row is 1 - beta <k, w> times the first; to undo it must be -1 times",
    argument="""
    A token changes the state by k (x) u with u = v - beta w S. Repeated, it finds S + k (x) u and adds k (x) u' with
        u' = v - beta w (S + k u) = (1 - beta w k) u,
    an identity in non-commuting symbols k, w, u with the number w k commuting. A reader of one of the two slots returns q S, then
    q S + (q k) u, then that plus (1 - beta w k) (q k) u. The first and third are one content, the second is the other, so (q k) u is
    not 0 and 1 + (1 - beta w k) = 0. With w = k: beta = 2 / |k|^2.
    """,
)

a_under_rounded = Claim(
    id="deltaformer/transfer/a-under-rounded",
    statement="Theorem A's tokens track on a kernel that rounds inner products to integers.",
    formula="round(<x, y>) = <x, y> for x, y among e_j, e_a - e_b",
    quantifier="for all n, S, all sequences, all contents",
    source=DELTAFORMER,
    variant=f"{_TOKENS_A}; kappa = <x, y> rounded to the nearest integer, both stages",
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="inner products of unit vectors and their differences are integers, and rounding leaves integers alone",
    argument="""
    The operator looks at keys through kappa(k_i, w_t) and kappa(k_i, q) only. Keys, writes and queries are e_j or e_a - e_b; their
    inner products are polynomials in Kronecker deltas whose value in every pattern of equality of the slots is an integer in
    -2..2, for all n. Rounding fixes integers, so all weights, hence U and O, are those of the linear kernel: Theorem A.
    """,
)

a_with_w_equal_q = Claim(
    id="deltaformer/transfer/a-with-w-equal-q",
    statement="Theorem A's tokens, and those of A', track when w = q is one vector and k another: readers are tokens with k = 0 and "
    "w = q = e_j.",
    formula="a reader adds 0 (x) u to the state, and returns q S with or without it",
    quantifier="for all n, S, all sequences, all contents",
    source=DELTAFORMER,
    variant=f"{OPERATOR}; w = q; k free; beta = 1",
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="what w = q takes away is only that a reader's token has a u of its own, and a key of 0 hides it",
    argument="""
    For writes and swaps put q = w; what they return is not looked at, and the state moves as in Theorem A or A'. A reader has k = 0,
    v = 0, w = q = e_j. Its u = -row j of S is stored as k (x) u = 0, so no row changes, for all patterns of equality; what it returns
    is q S + <k, q> u = row j.
    """,
)

a_with_one_vector = Claim(
    id="deltaformer/transfer/a-with-one-vector",
    statement="Theorem A's tokens track when k = w = q is one vector for every token, readers too.",
    formula="a reader with k = w = q = e_j: o = c_j + (0 - c_j)",
    quantifier="for all n, S, all sequences",
    source=DELTAFORMER,
    variant=f"{OPERATOR}; k = w = q; beta = 1",
    arithmetic="Q",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="the delta rule reads the newest pair exactly, and the newest pair is the reader's own, whose value is 0",
)

a_with_alpha_and_beta = Claim(
    id="deltaformer/transfer/a-with-alpha-and-beta",
    statement="With beta > 0 and a factor alpha on values Theorem A's tokens track when all vectors are longer by c with beta c^2 = 1: "
    "what is read is alpha c^2 times the content, the content itself for alpha = beta.",
    formula="u_t = alpha v_t - beta sum_{i<t} <k_i, w_t> u_i;  beta <c k, c w> = <k, w>",
    quantifier="for all n, S, all sequences, all contents, alpha, beta, c with beta c^2 = 1",
    source=DELTAFORMER,
    variant="u_t = alpha v_t - beta sum_{i<t} <k_i, w_t> u_i; linear kernels; w = k; any beta > 0",
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="only beta <k, w> enters the first stage, and U is linear in the values",
    argument="""
    In the first stage keys and writes enter through beta <c k_i, c w_t> = beta c^2 <k_i, w_t> = <k_i, w_t>: U solves the system of
    Theorem A with values alpha v_t, so it is alpha times that U. A query c e_j reads sum_i <c k_i, c e_j> alpha u_i = alpha c^2 c_j.
    """,
)

a_with_smaller_beta = Claim(
    id="deltaformer/transfer/a-with-smaller-beta",
    statement="Theorem A's tokens as they are, with a beta in (0, 1), track: every slot is read exactly.",
    formula="I - beta (e_a - e_b)(e_a - e_b)^T has the eigenvalue 1 - 2 beta, not -1",
    quantifier="for all n, S, all sequences; for some beta in (0, 1)",
    hypotheses=("a slot is read exactly; for the largest share see smaller-beta-drifts",),
    source=DELTAFORMER,
    variant=f"{_TOKENS_A}; linear kernels; 0 < beta < 1",
    arithmetic="Q(beta)",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="a swap becomes an average of the two contents, with shares 1 - beta and beta",
)

smaller_beta_drifts = Claim(
    id="deltaformer/transfer/smaller-beta-drifts",
    statement="With any beta in (0, 1) the tokens of Theorems A and A' misread some program of three slots, even where what is read is "
    "the content with the largest share.",
    formula="G = M_(1 2) M_(0 1) turns the plane of differences by theta, not by 120 degrees:\n"
    "cos theta + 1/2 = (1 - beta)^2 / (2 (2 beta - 1))",
    quantifier="for all beta in (0, 1); three slots; some S, which grows as beta comes near 1",
    hypotheses=(
        "A reads a slot as the largest share, A' as the largest, and the last slot as the smallest, of the differences",
        "(0 1) (1 2) again and again",
    ),
    source=DELTAFORMER,
    variant=f"{_TOKENS_A}, and those of A'; linear kernels; 0 < beta < 1",
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="a swap shrinks the difference it negates, so two swaps one after the other are no rotation by a third of a turn, and the "
    "error adds up",
    argument="""
    Let M_(a b) = 1 - beta (e_a - e_b)(e_a - e_b)^T, G = M_(1 2) M_(0 1). Rows and columns of G add up to 1. On the plane of vectors
    that add up to 0 its trace is 2 - 4 beta + beta^2 and its determinant (2 beta - 1)^2.
    (1) beta <= 4/7. G must show content 0 in slot 2: its row 2 has beta^2 there and 1 - beta in column 2, and beta^2 + beta - 1 < 0. In
    A' the least entry of row 0 less row 2 must be in column 0: it is 1 - beta - beta^2 > 0 there, and beta - 1 < 0 in column 2.
    (2) beta > 4/7. With rho = 2 beta - 1 > 0 and c = (2 - 4 beta + beta^2) / (2 rho) the numbers c + 1/2 = (1 - beta)^2 / (2 rho) and
    1 - c = (8 beta - beta^2 - 4) / (2 rho) are positive, so G has the eigenvalues rho e^{+-i theta} on the plane, c = cos theta,
    0 < theta < 120 degrees. So G^{3k} has the trace 1 + 2 rho^{3k} cos(3 k theta), and 3 theta is not a multiple of 360 degrees: its
    multiples come into the half turn in which the cosine is not positive, as steps of at most a half turn do not jump over it. There
    the trace of M = G^{3k} is at most 1. But (0 1) (1 2) three times over moves nothing, so right readings would give: in A,
    M_jj > M_jx for x other than j, and as rows add up to 1, M_jj > 1/3 and the trace is above 1. In A', M_00 - M_20 > M_02 - M_22,
    M_11 - M_21 > M_12 - M_22, and M_00 - M_20 + M_11 - M_21 > M_01 - M_21 + M_10 - M_20; these three add up to
    3 (trace - 1) > 0, an identity for matrices whose rows and columns add up to 1.
    A' with beta is A with beta, every row less the last: a swap of a and n takes c_j to c_j - beta delta(j, a) (c_a - c_n) and c_n to
    c_n + beta (c_a - c_n), hence y_j to y_j - beta (1 + delta(j, a)) y_a; a swap of two others moves both alike.
    """,
)

a_under_exponential = refuted(
    "a-under-exponential",
    "Theorem A's tokens track on the exponential kernel at some temperature.",
    "kappa(e_a - e_b, e_a) = 1 but kappa(e_a - e_b, e_b) = z^-2, not -1",
    f"{_TOKENS_A}; kappa = z^(<x, y> - 1), both stages",
    "the kernel is positive, so a swap token is never read with the sign -1 by the second slot, which keeps its content",
)

a_under_softmax = refuted(
    "a-under-softmax",
    "Theorem A's tokens track on normalised softmax at some temperature.",
    "weights z^<k_i, x> over their sum",
    f"{_TOKENS_A}; softmax weights over i < t in the first stage, over all tokens in the second",
    "weights are positive and add up to 1: the second slot of a swap keeps its content",
)
