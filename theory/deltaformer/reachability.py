"""The inverse as reachability: path counts, and what is lost without the sign."""

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER, GRAPH_VARIANT

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

node_dimension = Claim(
    id="deltaformer/reachability/node-dimension",
    statement="With a token a node, exact path counts need head dimension n - 1 and no more: the last node is nobody's parent, "
    "and the path graph alone forces n - 1 whatever the keys, writes and betas.",
    formula="k_t = e_t (t < n-1), k_{n-1} = 0;   path graph: beta_t <k_i, w_t> is -1 for i = t-1 and 0 for i < t-1",
    quantifier="sufficient: for all graphs on n nodes; necessary: for the path graph on n nodes, all n >= 1, all real weights",
    hypotheses=(
        "a token a node, in topological order",
        "linear kernel",
        "v_t = e_t and u_t[s] is the path count itself",
    ),
    source=DELTAFORMER,
    variant=GRAPH_VARIANT,
    arithmetic="integers; necessity over every field",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="a triangular block with -1 on its diagonal stands in the matrix of inner products and has full rank n - 1",
    argument="""
    Sufficient. In path-counts the inner products used are <k_i, w_t> with i < t, and w_t combines e_c with c < t. So neither
    i nor c is ever the last token, and a unit map that sends the last token to 0 and the others to n - 1 independent unit
    vectors gives the same inner products: the delta identity restricted to i, c other than the last.
    Necessary. The values are those of the operator, U = (I + A)^{-1}, so A = U^{-1} - I is determined by U: whatever the
    weights, A_ti = beta_t <k_i, w_t> for i < t. For the path graph U_ts = 1 if s <= t, else 0. With N_ti = 1 if i = t - 1, else
    0, (I - N) U = I: its entry (t, s) is U_ts - U_{t-1,s}, which is 1 for t = s and 0 for t < s and t > s, an identity decided
    with t - s a symbol in each of the three cases. So A = -N. Take rows t = 1..n-1 of diag(beta) W and columns i = 0..n-2 of
    K^T: entry (r, c) is A_{r+1,c} for c <= r, hence -1 for c = r and 0 for c < r, while entries with c > r are never read by
    the operator and may be anything. This (n-1) x (n-1) block is upper triangular with determinant (-1)^{n-1}, so its rank is
    n - 1; as it is the product of a matrix of d columns with one of d rows, d >= n - 1.
    """,
)

sign_dimension = Claim(
    id="deltaformer/reachability/sign-dimension",
    statement="Even if only the sign of a value has to be right (positive exactly when reachable), head dimension n - 1 is needed "
    "when the keys are the same for all graphs on n nodes and a token's write knows no more than its parents.",
    formula="d < n-1:  c != 0 with K^T U c = 0 exists;  parents {s : c_s > 0} of the last node then contradict  <u_{n-1}, c> = 0",
    quantifier="for all n >= 2, all keys k_0..k_{n-1} in R^d with d < n - 1, all writes w_t(parents of t), beta in them",
    hypotheses=(
        "a token a node, in topological order",
        "linear kernel",
        "v_t = e_t",
        "k_t depends on t alone, and beta_t and w_t on t and the parents of t",
        "the value is only read as positive or not",
    ),
    source=DELTAFORMER,
    variant=GRAPH_VARIANT,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="the last token has to realise every set of parents as the positive side of a linear functional on n - 1 vectors, and "
    "linear functionals on R^d shatter at most d vectors",
    argument="""
    Let only the last node have parents, a set P of the others. The first n - 1 tokens do not depend on P; let U be the square
    matrix of their values (row j is u_j) and K the matrix of their keys, of n - 1 rows and d columns. With w the write of the
    last token, beta in it, its values at the sources s < n - 1 are the row x = -w^T K^T U. The matrix K^T U has d rows and n - 1
    columns; if d < n - 1, there is c != 0 with K^T U c = 0, and then
        x c = -w^T (K^T U c) = 0    for every w,
    an identity of matrices of symbolic sizes. Replace c by -c, if need be, so that some c_s > 0, and let P = {s : c_s > 0}. The
    last node is reached from s exactly when s is in P. Right signs would mean x_s > 0 on P and x_s <= 0 off P, so every
    c_s x_s >= 0, and > 0 on P, which is not empty: x c > 0, a contradiction. Nothing was asked of U.
    The bound is sharp: the weights of node-dimension are of this kind and have d = n - 1. Keys chosen for the graph need not
    obey it: see sign-dimension-per-graph. Whether writes that know the whole graph must, under common keys, is not said.
    """,
)

sign_dimension_per_graph = Claim(
    id="deltaformer/reachability/sign-dimension-per-graph",
    statement="For every n >= 2 some graph on n nodes needs head dimension n - 1 if the signs of its values are to be right, even "
    "when its keys and writes are chosen for that graph alone.",
    formula="as in sign-dimension, without the hypothesis that the keys are common to all graphs",
    quantifier="for all n >= 2",
    hypotheses=(
        "a token a node, in topological order",
        "linear kernel",
        "v_t = e_t",
        "the value is only read as positive or not",
    ),
    source=DELTAFORMER,
    variant=GRAPH_VARIANT,
    arithmetic="integers",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="signs leave room: the path graph on any number of nodes is read off by the single key 1 and the single write -1, and "
    "the other graphs on 3 nodes are simpler",
)

negating_copies = Claim(
    id="deltaformer/reachability/negating-copies",
    statement="With a kernel that is nowhere negative and beta = 1 two tokens a node compute all path counts: the second copies the "
    "first with the sign turned, and children attend to the copy.",
    formula="node: k = (e_y, 0), w = (0, sum_{x -> y} e_x), v = e_y;   copy: k = (0, e_y), w = (e_y, 0), v = 0",
    quantifier="for all directed acyclic graphs, parallel edges counted apart",
    hypotheses=("the edges form no cycle", "tokens in a topological order, each copy after its node"),
    source=DELTAFORMER,
    variant=f"{GRAPH_VARIANT}; all k and w non-negative",
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="u of the copy is minus u of the node, so the minus of the operator meets a minus",
    argument="""
    Tokens a_0, b_0, a_1, b_1, ... for the nodes in topological order. By the four inner products, identities in deltas with
    all nodes as symbols: the write of a_t has inner product N_ti with the key of b_i and 0 with that of a_i; the write of b_t has
    delta(t, i) with the key of a_i and 0 with that of b_i. All are >= 0. So u_{b_t} = 0 - u_{a_t}, since a_t is earlier than b_t,
    and u_{a_t} = v_t - sum_{i<t} N_ti u_{b_i} = v_t + sum_{i<t} N_ti u_{a_i}: the recursion of path-counts.
    One token a node does not do, whatever the non-negative kernel and beta >= 0: for the edge 0 -> 1 its value u_1[0] is
    -beta_1 kappa(k_0, w_1) <= 0.
    """,
)

log_depth = Claim(
    id="deltaformer/reachability/log-depth",
    statement="The inverse is a product of ceil(log2 n) factors, computed with 2 ceil(log2 n) - 2 matrix products; one factor fewer is "
    "wrong for the path graph.",
    formula="(I - N)^{-1} = prod_{j < ceil(log2 n)} (I + N^{2^j})",
    quantifier="for all n >= 2 and all strictly lower triangular N (n x n) over a ring; for n = 1 there is no factor",
    source=DELTAFORMER,
    variant="(I + A)^{-1} with A = -N, by repeated squaring",
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="each factor doubles the longest path that is counted, and no path is longer than n - 1",
    argument="""
    Let P_J = prod_{j<J} (I + N^{2^j}). Then (I - N) P_J = I - N^{2^J}: true for J = 0, and from J to J + 1 by the identity
    (I - Y)(I + Y) = I - Y^2 with Y = N^{2^J}, in a ring that need not commute. N is nilpotent, N^n = 0, so for 2^J >= n P_J is the
    inverse, and ceil(log2 n) is the least such J. With 2^J < n the path graph differs: the entry (2^J, 0) of N^{2^J} is 1.
    Products: J - 1 squarings give N^2, ..., N^{2^{J-1}}; the first factor is free and J - 1 products join the others.
    """,
)
