"""How small a head can track n slots: by rank, by reflections, by prime powers; and what a clever decoder changes."""

from theory.claim import Claim, Source
from theory.deltaformer.source import DELTAFORMER, OPERATOR

linear_read_out = Claim(
    id="deltaformer/dimension/linear-read-out",
    statement="Contents that are linearly independent and are read by queries, without further decoding, need head dimension n.",
    formula="det(t - Q S) = t^{n-d} det(t - S Q),  so det(Q S) = 0 when d < n,  while det of the contents is not 0",
    quantifier="for all n, all d < n, whatever tokens made the state",
    hypotheses=("readers return q_j S, S the d x m state (a linear second kernel)", "n contents, linearly independent"),
    source=DELTAFORMER,
    variant=f"{OPERATOR}; w, beta and the first kernel free",
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="what is read is a product through d dimensions, whose rank is at most d, and the contents have rank n",
    argument="""
    Let S = sum_i k_i (x) u_i be the d x m state, Q the n x d matrix of queries, X the n x m matrix of contents in slot order, and
    Q S = X. X has n independent columns; keep these, so m = n. For t not 0 and blocks of sizes n and d
        [[t, Q], [S, 1]] = [[1, Q], [0, 1]] [[t - Q S, 0], [S, 1]] = [[1, 0], [S/t, 1]] [[t, Q], [0, 1 - S Q / t]],
    identities in non-commuting symbols Q, S with t a scalar, so for all sizes. Determinants:
        det(t - Q S) = t^n det(1 - S Q / t) = t^{n-d} det(t - S Q),
    polynomials in t. With d < n the right side vanishes at t = 0, so det(Q S) = 0; but det X is not 0.
    """,
)

one_token = Claim(
    id="deltaformer/dimension/one-token-a-swap",
    statement="When each swap of neighbours is one token, and states are the same exactly when arrangements are, the head dimension "
    "is at least n - 1.",
    formula="C_ij = <w_i, k_j>: C_ii = 2, C_{i,i+1} C_{i+1,i} = 1, else 0;  det C = n, so rank C = n - 1 <= d",
    quantifier="for all n >= 2, all contents, all tokens of the n - 1 swaps of neighbours",
    hypotheses=(
        "a linear kernel; the token of a swap depends on the swap alone",
        "equal arrangements have equal states, different ones different states; the decoder is free",
    ),
    source=DELTAFORMER,
    variant=f"{OPERATOR}; w free; beta free",
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="a token changes the state by a matrix of rank one, so swaps act as reflections; those of n - 1 neighbours have "
    "independent roots",
    argument="""
    The token of swap i maps the state S to G_i S + C_i with G_i = I - k_i w_i (beta absorbed in w) and C_i from its value. Let M be
    the mean of the states S_p over all arrangements p. A swap permutes the S_p, so G_i M + C_i = M, and S - M is mapped to
    G_i (S - M). Let V be the span of the columns of all S_p - M. Products of G_i on V depend only on the permutation, since
    equal arrangements have equal states: V is a representation of S_n in which different permutations act differently.
    On V, then, G_i^2 = 1, G_i is not G_j for i other than j nor the identity, neighbours satisfy G_i G_j G_i = G_j G_i G_j and
    others commute. With C_ij = w_i k_j, products of elements a + sum b_ij k_i w_j obey k_i w_j k_l w_m = C_jl k_i w_m, and
        G_i^2 - 1 = (C_ii - 2) k_i w_i,
        G_i G_j - G_j G_i = C_ij k_i w_j - C_ji k_j w_i,
        G_i G_j G_i - G_j G_i G_j = (1 - C_ij C_ji) (k_i w_i - k_j w_j)   when C_ii = C_jj = 2.
    So C_ii = 2; C_ij C_ji = 1 for neighbours, as G_i and G_j differ. If G_i and G_j commute and C_ij or C_ji is not zero, then
    C_ij k_i w_j = C_ji k_j w_i is not zero, so k_i and k_j are parallel on V, and w_i and w_j; with w_i k_i = 2 = w_j k_j then
    G_i = G_j, which is not so. Hence C is tridiagonal with these entries. Expanding along the last row its determinant
    D_m = 2 D_{m-1} - D_{m-2}, D_0 = 1, D_1 = 2: D_m = m + 1, and n for the n - 1 swaps. So C has rank n - 1; it is a product of
    an (n-1) x dim V by a dim V x (n-1) matrix, and dim V <= d.
    """,
)

prime_powers = Claim(
    id="deltaformer/dimension/any-number-of-tokens",
    statement="With any number of tokens a swap the head dimension is at least q - 1 when n >= q and q is a prime power: n - 1 for "
    "n = 2, 3, 4, 5, 7, 8, 9.",
    formula="x -> c x moves the character x -> psi(a x) of F_q to x -> psi(a x / c): all q - 1 of them occur together",
    quantifier="for q = 2, 3, 4, 5, 7, 8, 9 (the argument: every prime power)",
    hypotheses=(
        "a linear kernel; the tokens of a swap depend on the swap alone",
        "equal arrangements have equal states, different ones different states; the decoder is free",
    ),
    source=DELTAFORMER,
    variant=f"{OPERATOR}; w free; beta free",
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="the states carry a faithful representation of S_n; restricted to the affine maps of F_q it contains a non-trivial "
    "character of the translations, and multiplications take it to all others; so for n = 4 too, whose two-dimensional "
    "representation is not faithful",
    argument="""
    As for one token a swap, states less their mean span a space V, of dimension at most d, on which S_n acts, different
    permutations differently; here the matrices are arbitrary. Number q of the slots by the elements of F_q. Translations
    x -> x + b are permutations, commute, and act on V without acting all trivially, so V, made complex, contains a vector on
    which x -> x + b acts by chi(b), chi a character that is not trivial. Multiplication x -> c x, c not 0, is a permutation m_c too,
    and m_c takes that vector to one on which x -> x + b acts by chi(b / c). The characters of F_q are psi(a b), a in F_q, psi fixed and
    not trivial, so b -> b / c takes any that is not trivial to every other: each of the q - 1 occurs, with independent vectors.
    """,
)

every_n = Claim(
    id="deltaformer/dimension/any-number-of-tokens-every-n",
    statement="With any number of tokens a swap the head dimension is at least n - 1 for every n >= 2: the least dimension of a "
    "faithful real representation of S_n.",
    quantifier="for all n >= 2; what is not decided here begins with n = 6",
    hypotheses=("as for any-number-of-tokens",),
    source=Source(
        key="dickson1908representations",
        authors="Leonard Eugene Dickson",
        title="Representations of the general symmetric group as linear groups in finite and infinite fields",
        year=1908,
        where="Transactions of the American Mathematical Society 9",
        status="recalled",
    ),
    variant=f"{OPERATOR}; w free; beta free",
    arithmetic="R",
    paper="(ours)",
    expected="undecided",
    strength="cited",
    reason="known from the representation theory of S_n (smallest degrees of its irreducible representations), not redone here",
)

any_decoder = Claim(
    id="deltaformer/dimension/whatever-the-decoder",
    statement="Whatever decodes the state, tracking n slots needs head dimension n - 1.",
    formula="head dimension 1: u = r - (1 - m) x, so the state x becomes m x + r, a numeral whose digits are the swaps",
    quantifier="for all n >= 2",
    source=DELTAFORMER,
    variant=f"{OPERATOR}; w free; beta = 1; swap tokens may carry values",
    arithmetic="integers",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="one integer of unbounded size can hold the whole history; three slots are the first that n - 1 > 1 would forbid",
)
