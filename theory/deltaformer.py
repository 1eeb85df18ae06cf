"""Claims about Deltaformer attention, first part: the operator's forms, swap tracking, reachability.

The paper is cited for the system and for the goals. Its own theorem text was not read; the theorems below, their
constants and their proofs are derived here.
"""

from theory.claim import Claim, Source

DELTAFORMER = Source(
    key="zhong2025associative",
    authors="Shu Zhong, Mingyu Xu, Tenglong Ao, Guang Shi",
    title="Understanding Transformer from the Perspective of Associative Memory",
    year=2025,
    where="arXiv 2505.19488",
    status="derived",
    eprint="2505.19488",
)

OPERATOR = "u_t = v_t - beta_t sum_{i<t} <k_i, w_t> u_i;  o_t = sum_{i<=t} <k_i, q_t> u_i; linear kernels"
SWAP_VARIANT = f"{OPERATOR}; w = k; beta = 1"
GRAPH_VARIANT = f"{OPERATOR}; w free; beta = 1"

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
    paper="trained by backpropagation",
    expected="confirmed",
    strength="tested",
    reason="U is a polynomial in the entries, so its derivative is exact; dual numbers a + b eps through the recurrence "
    "compute it without any of the adjoint formulas",
)

float_bound = Claim(
    id="deltaformer/operator/float-error",
    statement="In fp32 and fp64 every form, and its gradient through autograd, stays within the derived rounding bound.",
    formula="(I + A + dA) u^ = v + dv with |dA| <= gamma_m |A|, so |u^ - u| <= |(I + A)^{-1}| (gamma_m |A| |u^| + ...)",
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

linear_kernel = Claim(
    id="deltaformer/swap-tracking/linear-kernel",
    statement="One layer of head dimension n tracks the contents of n slots through any number of swaps, one token a swap.",
    formula="write x into j: k = w = e_j, v = e_x;   swap (a b): k = w = e_a - e_b, v = 0;   read j: q = e_j\n"
    "sum_i <k_i, e_j> u_i = content of slot j, after every token",
    quantifier="for all n >= 1, S >= 0, all sequences of S swaps, all contents",
    hypotheses=("slots 0 <= a, b < n", "beta = 1", "each slot is written once before the swaps"),
    source=DELTAFORMER,
    variant=SWAP_VARIANT,
    arithmetic="integers, Q",
    paper="tracks n objects under swaps",
    expected="confirmed",
    strength="derived",
    reason="I - (e_a - e_b)(e_a - e_b)^T exchanges rows a and b of whatever it multiplies",
    argument="""
    Let S_t = sum_{i<=t} k_i (x) u_i be the state, with rows indexed by slots. By the definition of the operator
        u_t = v_t - beta_t w_t S_{t-1},    S_t = S_{t-1} + k_t (x) u_t,    a reader with query q returns q S_t.
    (1) Write. With k = w = e_a, v = x, beta = 1 row j of S_t is x when j = a, else row j of S_{t-1}.
    (2) Swap. With k = w = e_a - e_b, v = 0, beta = 1 row j of S_t is row b of S_{t-1} when j = a, row a when j = b, else
        row j; also when a = b.
    (3) Read. With q = e_j the reader returns row j.
    (1)-(3) are identities in Kronecker deltas with a, b, j as symbols and the rows of S_{t-1} arbitrary; whether they
    hold depends only on which of a, b, j are equal, so the finitely many patterns of equality decide them for all n.
    Induction over tokens: after the n writes row j is content j, by (1). If row j is the content of slot j before a swap
    it is so after it, by (2), since the swap exchanges the contents of slots a and b. By (3) readers see it. No step uses
    n, S, or what the contents are.
    """,
)

contiguous_orders = Claim(
    id="deltaformer/swap-tracking/contiguous-orders",
    statement="Swap tracking is exact in every format that holds -2..2, for every S, whenever each partial sum runs over an "
    "interval of time: in time order, reversed, in blocks, pairwise.",
    formula="sum_{s<i<=t} <k_i, w> u_i [x] = f(t) - f(s),  f(t) = w at the slot that holds x, in {-1, 0, 1}",
    quantifier="for all n, S, all sequences, all formats holding -2..2, all summation trees over contiguous intervals",
    hypotheses=(
        "beta = 1",
        "every node of the summation tree is an interval of time",
        "every addition rounds to nearest in the format; products, being in -2..2, are exact",
    ),
    source=DELTAFORMER,
    variant=SWAP_VARIANT,
    arithmetic="formats holding -2..2",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="the sum over an interval telescopes to a difference of two entries of w; in time order it is one entry, so even "
    "-1..1 suffices",
    argument="""
    Let x be a content, s the slot that holds it, w the write of a later token (e_a - e_b, a != b) or a query (e_j), and
    f = <w, e_s> in {-1, 0, 1}. When token i swaps (p q) and x moves from slot s to s', its term in the later sum is
        <k_i, w> u_i[x] = <e_p - e_q, w> * -<e_p - e_q, e_s> = <w, e_s'> - <w, e_s>,
    an identity in deltas decided by the patterns of equality of s, p, q, a, b. Writing x adds f itself. So the terms of an
    interval add up to f at its end minus f at its beginning, in {-2..2}, and of an initial interval to f. Integers in -2..2
    are representable and so is each term; an addition whose exact result is representable does not round. Hence no
    addition of such an order rounds, for any S, and u_t, which is minus such a sum, is exact by induction over t.
    """,
)

any_order_as_stated = Claim(
    id="deltaformer/swap-tracking/any-order-unbounded",
    statement="Swap tracking is exact in every format that holds -2..2, for every S, in every summation order.",
    formula="as in contiguous-orders, without the hypothesis on the order",
    quantifier="for all n, S, all sequences, all formats holding -2..2, all summation orders",
    source=DELTAFORMER,
    variant=SWAP_VARIANT,
    arithmetic="fp8 E5M2",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="an accumulator that sees every second term does not telescope: each visit of a content adds 2 to it, and "
    "2^p + 1 does not fit into p bits",
)

any_order_frontier = Claim(
    id="deltaformer/swap-tracking/any-order",
    statement="In a format of precision p swap tracking is exact in every summation order for S <= 2^p swaps, and not for 2^p + 1.",
    formula="S* = 2^p;  two interleaved accumulators are the worst order",
    quantifier="for each format named, all n, all sequences of S swaps, all summation orders",
    hypotheses=("beta = 1", "accumulators in fp8 (E5M2, E4M3FN), bf16, fp16 or tf32; every addition rounds to nearest"),
    source=DELTAFORMER,
    variant=SWAP_VARIANT,
    arithmetic="fp8, bf16, fp16, tf32",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="a set of terms can collect +2 from every second swap and 1 from the write, so 1 + 2 floor((S-1)/2) is the largest "
    "odd partial sum; odd numbers fit up to 2^p",
)

interleaved_frontier = Claim(
    id="deltaformer/swap-tracking/interleaved-accumulators",
    statement="With L >= 2 interleaved accumulators of precision p swap tracking is exact for S <= L (2^(p-1) - 1) + 2 swaps, "
    "and not for one more.",
    formula="S* = L (2^(p-1) - 1) + 2",
    quantifier="for each format and L named, all n, all sequences of S swaps; sharp for n = 2 when L = 2, else for n = max(3, L - 1)",
    hypotheses=(
        "beta = 1",
        "lane l adds the terms i = l mod L in time order, then lanes are added from the first to the last",
    ),
    source=DELTAFORMER,
    variant=SWAP_VARIANT,
    arithmetic="fp8, bf16, fp16, tf32",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="a lane gains at most 2 every L swaps, after 1 from the write of a content and one swap in which it goes down "
    "elsewhere; 2^(p-1) such gains reach 2^p + 1",
)

path_counts = Claim(
    id="deltaformer/reachability/path-counts",
    statement="One layer with a token a node, in topological order, computes the number of directed paths between all pairs "
    "of nodes; a value is positive exactly when the target is reachable.",
    formula="k_t = e_t,  w_t = -sum_{x -> t} e_x,  v_t = e_t:   U = (I - N)^{-1} = I + N + N^2 + ...",
    quantifier="for all directed acyclic graphs, parallel edges counted apart",
    hypotheses=("the edges form no cycle", "tokens in a topological order", "head dimension n (nodes)"),
    source=DELTAFORMER,
    variant=GRAPH_VARIANT,
    arithmetic="integers",
    paper="the inverse expresses reachability",
    expected="confirmed",
    strength="derived",
    reason="the operator inverts I + A and A is minus the adjacency matrix, so no sign alternates",
    argument="""
    Let N_ti be the number of edges from the node of token i to that of token t, zero unless i < t, and P(t, s) the number of
    directed paths from s to t. A path to t is empty (s = t) or has a last edge, from some i < t, after a path from s to i:
        P(t, s) = delta(t, s) + sum_{i<t} N_ti P(i, s),
    which determines P, by induction over t. The operator computes u_t = v_t - sum_{i<t} <k_i, w_t> u_i. With k_i = e_i,
    w_t = -sum_c N_tc e_c and v_t = e_t the coefficient of u_i is -<k_i, w_t> = sum_c N_tc delta(i, c) = N_ti and the start is
    delta(t, s): the same recursion, an identity in deltas with t, i, c as symbols. So u_t[s] = P(t, s). It is a sum of
    non-negative terms, and positive exactly when there is a path.
    """,
)

unsigned_positive = Claim(
    id="deltaformer/reachability/unsigned-positive",
    statement="Without the minus sign in w, a value is positive exactly when the target is reachable.",
    formula="k_t = e_t,  w_t = +sum_{x -> t} e_x:   U = (I + N)^{-1} = sum over paths of (-1)^length",
    quantifier="for all directed acyclic graphs",
    source=DELTAFORMER,
    variant=GRAPH_VARIANT,
    arithmetic="integers",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="a single edge is a path of length 1 and counts -1",
)

unsigned_nonzero = Claim(
    id="deltaformer/reachability/unsigned-nonzero",
    statement="Without the minus sign in w, a value is non-zero exactly when the target is reachable.",
    formula="k_t = e_t,  w_t = +sum_{x -> t} e_x:   U = (I + N)^{-1} = sum over paths of (-1)^length",
    quantifier="for all directed acyclic graphs",
    source=DELTAFORMER,
    variant=GRAPH_VARIANT,
    arithmetic="integers",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="an edge and a detour of two edges count -1 and +1 and cancel; that takes three nodes",
)
