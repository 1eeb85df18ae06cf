"""Theorem E: reachability with a token an edge, its codes, its order."""

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER

EDGE_VARIANT = (
    "u_t = v_t - sum_{i<t} kappa(k_i, w_t) u_i; kappa linear on one-hot codes, or a threshold on sign codes; w free; "
    "beta = 1"
)
edge_tokens = Claim(
    id="deltaformer/reachability/edge-tokens",
    statement="With a token an edge, the edges sorted by the place of their source in a topological order, one layer computes the "
    "number of paths that end with each edge, and a reader of node y the number of paths to y, on one-hot codes, on "
    "ceil(log2 n) sign codes with a one-sided threshold kernel, and on ceil(log2 n) + 1 with an odd one.",
    formula="edge x -> y: k = r_y, w = -r_x, v = e_x;  reader of y: k = 0, w = -r_y, v = e_y;  kappa(r_a, -r_b) = -[a = b]",
    quantifier="for all directed acyclic graphs, parallel edges counted apart, and all pairs of nodes",
    hypotheses=(
        "the edges form no cycle",
        "an edge comes after every edge into its source",
        "readers come last",
    ),
    source=DELTAFORMER,
    variant=EDGE_VARIANT,
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="the edge tokens are node tokens of the line graph, whose nodes are the edges and whose edges are pairs y_f = x_e",
    argument="""
    Let e run over the edges x_e -> y_e. A path that ends with e is e alone, from x_e, or a path that ends with some f with
    y_f = x_e, followed by e. Let Q(e, s) be the number of paths from s that end with e:
        Q(e, s) = delta(x_e, s) + sum over f with y_f = x_e of Q(f, s).
    Every such f is earlier than e: x_f comes before y_f = x_e in the topological order. The operator computes
    u_e = v_e - sum_{f earlier} kappa(k_f, w_e) u_f, and if kappa(r_a, -r_b) = -delta(a, b) the coefficient of u_f is
    delta(y_f, x_e), an identity in deltas for the edges' four ends as symbols; v_e[s] = delta(x_e, s). The recursions agree, and
    u_e[s] = Q(e, s), by induction along the list. A reader has u[s] = delta(y, s) + sum over f with y_f = y of Q(f, s): the
    empty path and those with a last edge. Keys of readers are 0, which no kernel here matches.
    Kernels. One-hot codes, linear: <e_a, -e_b> = -delta(a, b). Sign codes of D coordinates have <r_a, r_b> = D - 2 h with h the
    number of coordinates in which they differ. One-sided: -[<k, w> < -D + 1/2] is -1 exactly at h = 0, for any different
    codes, of which there are 2^D >= n. Odd: <k, w> / (2 D - 1) rounded to the nearest integer is -1 at h = 0, since
    1/2 < D / (2 D - 1) < 3/2; 0 for 1 <= h <= D - 1, since |D - 2 h| <= D - 2 and (D - 2) / (2 D - 1) < 1/2; and +1 at h = D. With a
    further coordinate that is +1 in every code h = D does not occur. The three inequalities are identities for D a symbol.
    Fewer than log2 n coordinates do not do for any kernel: two nodes would share a code.
    """,
)

odd_kernel_codes = Claim(
    id="deltaformer/reachability/edge-codes-odd-kernel",
    statement="With the odd threshold kernel ceil(log2 n) sign coordinates are enough for Theorem E.",
    formula="kappa(x, y) = <x, y> / (2 D - 1) to the nearest integer,  D = ceil(log2 n)",
    quantifier="for all directed acyclic graphs on n >= 2 nodes",
    source=DELTAFORMER,
    variant=EDGE_VARIANT,
    arithmetic="integers",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="among that many codes two are opposite once n > 2^(D-1), and an edge into one of them subtracts at the edges out of the "
    "other; a reader of one sees the other's edges",
)

repeated_list = Claim(
    id="deltaformer/reachability/edge-order-repeated",
    statement="With the edges in any order, the list repeated L times, L the number of edges of a longest path, decides reachability: "
    "a reader is positive exactly at the nodes from which its node is reached. L - 1 times do not do.",
    formula="tokens e^(1), ..., e^(L), readers:   u_y[s] > 0 iff s reaches y",
    quantifier="for all directed acyclic graphs and all orders of their edges; sharp for the path graph listed backwards, L >= 1",
    hypotheses=("the edges form no cycle", "readers come last"),
    source=DELTAFORMER,
    variant=EDGE_VARIANT,
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="copy j can take the j-th step of a path; nothing is ever subtracted",
    argument="""
    All coefficients are 0 or +1: that of u_f in u_e is delta(y_f, x_e), the identity of edge-tokens. So values are sums of
    non-negative terms, and u_e[s] > 0 exactly when there are earlier and earlier tokens f_1, f_2, ... from e back to one whose
    source is s, each ending where the next begins. Such a chain is a path from s that ends with e: positive implies reachable.
    Conversely let e_1, ..., e_m be the edges of a path from s to y, m <= L. Copy j of e_j is later than copy j - 1 of e_{j-1}, so
    by induction u[s] > 0 at copy j of e_j, and at the reader of y, which sees copy m of e_m.
    Sharp: for the path graph 0 -> 1 -> ... -> L listed backwards a chain must move to another copy at each step, and the L
    edges from 0 to L need L copies.
    """,
)

repeated_counts = Claim(
    id="deltaformer/reachability/edge-order-counts",
    statement="With the list of edges repeated L times, L the number of edges of a longest path, the values "
    "in the last copy of the list are path counts.",
    formula="u_e in copy L = number of paths from s that end with e",
    quantifier="for all directed acyclic graphs, edges in topological order or any other",
    source=DELTAFORMER,
    variant=EDGE_VARIANT,
    arithmetic="integers",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="an edge in the last copy sees every copy of the edge before it: two copies of one path count twice",
)

layers_of_edges = Claim(
    id="deltaformer/reachability/edge-order-layers",
    statement="With the edges in any order L layers of edge tokens, each adding to its values those of the layer before, decide "
    "reachability as L copies of the list do.",
    formula="v^(l+1) = u^(l), the same k and w;  readers after the last edge;  L the number of edges of a longest path",
    quantifier="for all directed acyclic graphs and all orders of their edges",
    source=DELTAFORMER,
    variant=EDGE_VARIANT,
    arithmetic="integers",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="a token sees earlier tokens only, in every layer: an edge listed before the edge into its source never hears of it. "
    "Layers do help if the reader carries the set reached so far and asks again: then the order is of no account",
)
