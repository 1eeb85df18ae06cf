"""Reachability in number formats: how many nodes each format, edge weight and way of evaluating decides."""

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER, GRAPH_VARIANT

EVALUATIONS = (
    "parents (edges only), dense (explicit zeros), log-depth (rounded matrix products), "
    "wide (dense in fp32, rounded once)"
)
ROUNDING = (
    "every product and every sum rounds to nearest even in the format; sums in time order",
    "reachable is read from value > 0: NaN is not, infinity is",
    "no parallel edges",
)

value_bounds = Claim(
    id="deltaformer/reachability/weighted-values",
    statement="With every edge of weight eps, 0 < eps <= 1, the value at a reachable node other than the source lies between "
    "eps^(n-1), which only the path graph attains when eps < 1, and eps (1 + eps)^(n-2), which only the complete graph attains.",
    formula="U = (I - eps N)^{-1} = sum over paths of eps^length;   eps^(n-1) <= U_ts <= eps (1 + eps)^(n-2)",
    quantifier="for all simple directed acyclic graphs on n >= 2 nodes, s != t reached from s, all eps in (0, 1]",
    hypotheses=("no parallel edges",),
    source=DELTAFORMER,
    variant=f"{GRAPH_VARIANT}; w_t = -eps sum_{{x -> t}} e_x",
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="one path of at most n - 1 edges is enough for the lower bound; all subsets of the nodes between are paths in the complete "
    "graph",
    argument="""
    Lower. Some path of l <= n - 1 edges leads from s to t, and every path adds a positive term: U_ts >= eps^l >= eps^(n-1). For
    eps < 1 equality needs one path only, of n - 1 edges, through all nodes; any further edge would shorten it to a second
    path, of greater weight. So the graph is the path graph.
    Upper. Sort the nodes between s and t; each path uses a subset of at most n - 2 of them, and different paths different subsets,
    in their order. So U_ts <= sum_k binomial(n-2, k) eps^(k+1) = eps (1 + eps)^(n-2). Equality needs every subset to be a path,
    with s first and t last: the complete graph. There x_t, the value at node t from node 0, satisfies
    x_t = eps (1 + sum_{0<i<t} x_i); x_t = eps (1 + eps)^(t-1) solves it, since 1 + sum_{0<i<t} eps (1 + eps)^(i-1) = (1 + eps)^(t-1):
    true for t = 1, and from t to t + 1 by (1 + eps)^(t-1) + eps (1 + eps)^(t-1) = (1 + eps)^t, an identity with t and eps symbols.
    """,
)

extremal_graphs = Claim(
    id="deltaformer/reachability/formats/three-graphs",
    statement="In a format, an evaluation decides every graph on n nodes exactly when it decides three: the path graph, the complete "
    "graph, and the complete graph without its last edge.",
    formula="more edges never make a computed finite value smaller",
    quantifier="for every format, weight, underflow and overflow mode and evaluation named; exhausted for n <= 4",
    hypotheses=ROUNDING,
    source=DELTAFORMER,
    variant=f"{GRAPH_VARIANT}; {EVALUATIONS}",
    arithmetic="fp64, fp32, tf32, bf16, fp16, fp8 (E4M3FN, E5M2)",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="rounding is monotone and nothing is subtracted, so a longer path is the worst for underflow, more edges for "
    "overflow, and an absent edge after an infinity for NaN",
    argument="""
    Only if: the three are graphs on n nodes. If: a rounded product or sum of numbers in [0, infinity] does not fall when one of
    them rises, and a sum in time order does not fall when a term is inserted, as round(a + x) >= round(a) = a.
    (1) So, by induction over the operations, on the same nodes more edges never make a computed value smaller, NaN apart.
    (2) Let t be reached from s along a path of l <= n - 1 edges. The operations of the path graph at distance l are among those
    at (t, s), on the nodes of this path; all others add terms >= 0. So the value is no less than that of the path graph on n
    nodes at distance l: positive, unless it is NaN. A value that is not reached is a sum of zeros, or NaN: not positive.
    (3) NaN. Visiting parents only, there is none unless overflow gives NaN, and then the complete graph has it, by (1). With
    explicit zeros NaN is 0 * infinity at some node t, from an earlier node i. By (1) the complete graph on i + 1 <= n - 1
    nodes overflows at its last node from the first; sums only grow, so it does on n - 1 nodes; then the complete graph on n
    nodes without its last edge has 0 * infinity at its last node, which the first node reaches as n >= 3. By log-depth NaN
    needs an infinity in a factor, at (t, s); by (1), and as entries grow with t - s, the complete graph has one at
    (n - 1, 0) of that factor, and the product with the next has 0 * infinity in row n - 1 or column 0, at reached pairs.
    """,
)

underflow_frontier = Claim(
    id="deltaformer/reachability/formats/underflow",
    statement="With edge weight 2^-j every evaluation decides all graphs on floor(E / j) + 1 nodes and fails on the path graph with "
    "one node more, where 2^-E is the least positive number that survives: E = -emin flushed, -emin + p - 1 gradual.",
    formula="n* = floor(E / j) + 1;   eps = 1/2, gradual: fp8 E4M3FN 10, E5M2 17, fp16 25, bf16 134, tf32 137, fp32 150, "
    "fp64 1075",
    quantifier="for each format, j, underflow mode and evaluation named, all simple directed acyclic graphs",
    hypotheses=ROUNDING,
    source=DELTAFORMER,
    variant=f"{GRAPH_VARIANT}; {EVALUATIONS}",
    arithmetic="fp64, fp32, tf32, bf16, fp16, fp8 (E4M3FN, E5M2)",
    paper="(ours)",
    expected="confirmed",
    strength="certified",
    reason="2^(-j l) is exact as long as it is a number of the format, and half the smallest number rounds to even, which is zero; "
    "the values of the complete graph stay far from overflow until then",
)

overflow_frontier = Claim(
    id="deltaformer/reachability/formats/overflow",
    statement="With edge weight 1 no path underflows, and overflow decides. Where it gives infinity: no limit for parents only; "
    "emax + 3 nodes with explicit zeros; emax + 2 or emax + 3 by log-depth, as rounding has it; those of fp32 (130) when solved "
    "there and rounded. Where it gives NaN: emax + 2. Where results saturate: no limit, 130 when solved in fp32.",
    formula="complete graph: 2^(n-2) paths;   infinity > 0,   0 * infinity = NaN",
    quantifier="for each format and evaluation named, all simple directed acyclic graphs",
    hypotheses=ROUNDING,
    source=DELTAFORMER,
    variant=f"{GRAPH_VARIANT}; {EVALUATIONS}",
    arithmetic="fp64, fp32, tf32, bf16, fp16, fp8 (E4M3FN, E5M2)",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="infinity is still positive; it does harm only when a zero multiplies it, that is at a later node without an edge from "
    "it, or in a later matrix product",
)

rounding_holds = Claim(
    id="deltaformer/reachability/formats/no-underflow-above-half",
    statement="With gradual underflow and 1/2 < eps < 1 a recurrence never underflows, however long the path: the least positive "
    "number times eps rounds back to itself. Flushed to zero (unless eps >= 1 - 2^-p, which rounds up to the least normal "
    "number), or in the log-depth product, it does.",
    formula="round(eps 2^-E) = 2^-E;   flushed: (eps / (1 + u))^k >= 2^emin certifies k edges, "
    "(eps (1 + 2u) / (1 + u))^k < 2^emin refutes them",
    quantifier="for eps = 3/4 and 5/8 and each format named, path graphs of every length",
    hypotheses=ROUNDING,
    source=DELTAFORMER,
    variant=f"{GRAPH_VARIANT}; {EVALUATIONS}",
    arithmetic="fp64, fp32, tf32, bf16, fp16, fp8 (E4M3FN, E5M2)",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="more than half of the last place rounds up to the whole; the orbit of 1 under x -> round(eps x) falls until it reaches a "
    "fixed point. A product of two tiny factors has no such luck",
)

exponent_bits = Claim(
    id="deltaformer/reachability/formats/exponent-bits",
    statement="The significand is of no account: with results below the normal range flushed, b exponent bits decide all graphs on "
    "2^(b-1) - 1 nodes at eps = 1/2 and no more, at every precision; so ceil(log2(n + 1)) + 1 exponent bits are enough.",
    formula="emin = 2 - 2^(b-1):   n* = 1 - emin, for every p >= 2",
    quantifier="for b = 3, ..., 6 and p = 2, ..., 24, all simple directed acyclic graphs",
    hypotheses=ROUNDING,
    source=DELTAFORMER,
    variant=f"{GRAPH_VARIANT}; parents only or explicit zeros",
    arithmetic="binary formats with b exponent bits and precision p",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="along a path all values are powers of two; elsewhere sums only grow, and infinity is positive",
)
