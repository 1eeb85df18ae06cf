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
