"""Which theorem's tokens work on which variant of the operator: A on rounded, softmax, exponential, other beta; B, C, D elsewhere."""

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER, OPERATOR

_READ = "a slot is read right when its own content has the largest share, and a positive one"
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
    statement="Theorem A's tokens track when w = q is one vector and k another: readers are tokens with k = 0 and w = q = e_j.",
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
    For writes and swaps put q = w; what they return is not looked at, and the state moves as in Theorem A. A reader has k = 0,
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
    hypotheses=("a slot is read exactly; the largest share may name the right content all the same",),
    source=DELTAFORMER,
    variant=f"{_TOKENS_A}; linear kernels; 0 < beta < 1",
    arithmetic="Q(beta)",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="a swap becomes an average of the two contents, with shares 1 - beta and beta",
)


def _refuted(name: str, statement: str, formula: str, variant: str, reason: str, arithmetic: str = "Q(z)") -> Claim:
    return Claim(
        id=f"deltaformer/transfer/{name}",
        statement=statement,
        formula=formula,
        quantifier="for all n, S, all sequences" + ("; for some temperature log z > 0" if arithmetic == "Q(z)" else ""),
        hypotheses=(_READ,),
        source=DELTAFORMER,
        variant=variant,
        arithmetic=arithmetic,
        paper="(a tempting reading)",
        expected="refuted",
        strength="exhausted",
        reason=reason,
    )


a_under_exponential = _refuted(
    "a-under-exponential",
    "Theorem A's tokens track on the exponential kernel at some temperature.",
    "kappa(e_a - e_b, e_a) = 1 but kappa(e_a - e_b, e_b) = z^-2, not -1",
    f"{_TOKENS_A}; kappa = z^(<x, y> - 1), both stages",
    "the kernel is positive, so a swap token is never read with the sign -1 by the second slot, which keeps its content",
)

a_under_softmax = _refuted(
    "a-under-softmax",
    "Theorem A's tokens track on normalised softmax at some temperature.",
    "weights z^<k_i, x> over their sum",
    f"{_TOKENS_A}; softmax weights over i < t in the first stage, over all tokens in the second",
    "weights are positive and add up to 1: the second slot of a swap keeps its content",
)

b_under_linear = _refuted(
    "b-under-linear",
    "Theorem B's codes, which need not be orthogonal, are read exactly by the linear kernel <x, y> / N.",
    "two codes of 9 signs with inner product 1",
    "codes r_j in place of e_j, linear kernel <x, y> / N, both stages",
    "the second write disturbs the first slot by the inner product; rounding was there to remove it",
    "Q",
)

c_under_linear_and_rounded = Claim(
    id="deltaformer/transfer/c-under-linear-and-rounded",
    statement="Theorem C's tokens with orthonormal codes track exactly on the linear and on the rounded kernel.",
    formula="kappa(e_i, e_j) = [i = j], the exponential kernel's limit",
    quantifier="all programs with n <= 4, S <= 2 (the argument: all n, S)",
    hypotheses=("orthonormal codes", "temporaries clean at the start"),
    source=DELTAFORMER,
    variant="(0,1) (2,0) (0,0) (3,1) (0,3) (1,2) (2,2) (3,3); w free; linear or rounded kernel",
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="on orthonormal codes both kernels are the indicator of equal slots, which is what the program is made for",
    argument="""
    The program was verified as slot algebra; on orthonormal codes both kernels are the indicator of equal slots, which that
    algebra assumes, and slots that a token does not name are untouched.
    """,
)

c_under_softmax = _refuted(
    "c-under-softmax",
    "Theorem C's tokens track on normalised softmax in the limit of low temperature, with or without positions in the keys.",
    "equal weights on all best matches; with positions all the weight on the newest",
    "(0,1) (2,0) (0,0) (3,1) (0,3) (1,2) (2,2) (3,3); hard limit of softmax over i < t",
    "a normalised kernel does not add up what a slot holds: it averages it, or takes the newest token when nothing matches",
    "Q",
)

d_under_linear = _refuted(
    "d-under-linear",
    "Theorem D's tokens with orthonormal codes track on the linear kernel.",
    "(a a) empties slot a: its content minus itself",
    "(a,a) (tau,b) (b,a) (a,tau), writes at the sink; linear kernel",
    "the first token of a swap negates a slot when the newest match counts alone, and empties it when matches add up",
    "Q",
)

d_under_exponential = _refuted(
    "d-under-exponential",
    "Theorem D's tokens with orthonormal codes track on the exponential kernel, not normalised, at some temperature.",
    "(a a) leaves at most a share of order 1/z of what slot a held",
    "(a,a) (tau,b) (b,a) (a,tau), writes at the sink; kappa = z^(<x, y> - 1)",
    "as on the linear kernel, up to terms in 1/z",
)
