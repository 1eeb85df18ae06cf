"""Reachability by normalised softmax: the least value in the limit of temperature zero, and a temperature that decides."""

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER

SOFTMAX_VARIANT = "u_t = v_t + sum_{i<t} softmax_{i<t}(scale <k_i, w_t>) u_i; w free; beta = -1"

hard_limit = Claim(
    id="deltaformer/reachability/softmax-hard-limit",
    statement="With softmax at temperature zero (equal weights on the parents, all of it on a sink for a node without parents) and "
    "beta = -1 a value is positive exactly when the target is reachable, and then at least min_L (n - L)^(-L), which some "
    "graph attains; head dimension n.",
    formula="u_t = e_t + (1 / |P(t)|) sum_{x in P(t)} u_x;   least positive value m(n) = min_{0 <= L < n} (n - L)^(-L)",
    quantifier="for all directed acyclic graphs on n >= 1 nodes without parallel edges",
    hypotheses=("the edges form no cycle", "no parallel edges", "the sink comes first and has value 0"),
    source=DELTAFORMER,
    variant=f"{SOFTMAX_VARIANT}; scale to infinity",
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="a value is the chance that a walk from the target to a random parent, and on, meets the source; unreachable parents "
    "dilute it by their number at every step of the path",
    argument="""
    Fix the source s. Nodes that s does not reach have value 0: by induction, all their parents are such nodes, or the sink.
    Let z be their number and r_0 = s, r_1, ..., r_L the nodes reached, in topological order, L = n - 1 - z. The value at r_0 is 1.
    At r_i, i > 0, it is the mean over p >= 1 parents among r_0, ..., r_{i-1} and z' <= z parents of value 0. With m_i the least
    value among r_0, ..., r_i,
        value(r_i) >= p m_{i-1} / (p + z) >= m_{i-1} / (1 + z),
        as p / (p + z) - 1 / (1 + z) = z (p - 1) / ((p + z)(1 + z)) >= 0,
    so value(r_i) >= (1 + z)^(-i) >= (1 + z)^(-L) = (n - L)^(-L) > 0: positive exactly when reachable, and at least m(n).
    Attained: z orphans, then the path r_0 -> ... -> r_L, and every orphan a parent of each of r_1, ..., r_L. Then
    value(r_i) = (value(r_{i-1}) + z 0) / (1 + z). Let L be where the minimum is attained.
    With parallel edges weighted by their number there is no such bound: m parallel edges from an orphan and one from s give
    1 / (m + 1) on 3 nodes.
    """,
)

finite_temperature = Claim(
    id="deltaformer/reachability/softmax-temperature",
    statement="At any finite scale from ln(n^2 / m(n)) on, m(n) the least value of the limit, a value exceeds m(n) / 2 exactly when "
    "the target is reachable: leaks stay below m(n) / 4.",
    formula="eta = exp(-scale) <= m(n) / n^2:\n"
    "unreachable <= floor(n^2 / 4) eta <= m/4;   reachable >= (1 - (n-1) eta)^(n-1) m > m/2",
    quantifier="for all directed acyclic graphs on n >= 1 nodes without parallel edges, all scales >= ln(n^2 / m(n))",
    hypotheses=("as in softmax-hard-limit, scores 1 on parents (or on the sink) and 0 elsewhere, times the scale",),
    source=DELTAFORMER,
    variant=SOFTMAX_VARIANT,
    arithmetic="R; exhausted in float64",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="each key that is not meant gets at most exp(-scale), and each weight that is meant loses at most (n - 1) exp(-scale) of "
    "itself; the rows are means, so nothing amplifies",
    argument="""
    Token t sees p >= 1 keys that are meant (its parents, or the sink) and q others, p + q <= n. The weights are
    1 / (p + q eta) and eta / (p + q eta), and add up to 1. Fix s; values at tokens before s are 0, all values lie in [0, 1].
    (1) eta - eta / (p + q eta) = eta (p - 1 + q eta) / (p + q eta) >= 0: a key that is not meant gets at most eta.
    (2) 1 / (p + q eta) - (1 - q eta) / p = (q eta (p - 1) + q^2 eta^2) / (p (p + q eta)) >= 0: one that is meant keeps 1 - (n - 1) eta.
    (3) Leak. Let t be the k-th token after s that s does not reach, and r the number of tokens it reaches, s among them. No key
    meant by t is reached, so t gets at most r eta from reached tokens, and from the others a mean of what they have:
    by induction at most k r eta. As k + r <= n and (k + r)^2 / 4 - k r = (k - r)^2 / 4, that is at most n^2 eta / 4, and being an
    integer times eta at most floor(n^2 / 4) eta.
    (4) Loss. A value is a sum over paths of products of at most n - 1 weights, none negative, so by (2) a reached target has at
    least (1 - (n-1) eta)^(n-1) times the limit's value, which is >= m. By Bernoulli the factor is >= 1 - (n-1)^2 eta.
    (5) With eta <= m / n^2 the leak is at most m/4. For n >= 3, m <= 1/(n-1) <= 1/2 and 1 - (n-1)^2 m / n^2 >=
    1 - (n-1)^2 / (2 n^2) > 1/2; for n = 2, m = 1 and it is 3/4; for n = 1 it is 1. So m/2 separates.
    """,
)
