"""What a read is made of: an average of the stored values by the linear rule, not by the delta rule."""

from theory.claim import Claim
from theory.infini_attention.source import DELTA, FROM_NOTHING, INFINI, LINEAR

linear = Claim(
    id="infini-attention/convexity/linear",
    statement="By the linear rule from nothing every read is a convex combination of the stored values, with weights in proportion to "
    "phi(q) phi(k_t): each token moves the read towards its value by a share in [0, 1].",
    formula="read = sum_t w_t v_t,  w_t = phi(q) phi(k_t) / sum_s phi(q) phi(k_s);   read' = read + a (v - read) / (D + a)",
    quantifier="for all streams, all queries that meet something, phi >= 0",
    source=INFINI,
    variant=LINEAR,
    hypotheses=(FROM_NOTHING, "phi(q) z > 0"),
    arithmetic="any ordered field",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="numerator and denominator are sums over the same tokens with the same factors",
    argument="""
    For a query let N = phi(q) M and D = phi(q) z. A token with a = phi(q) phi(k) >= 0 and value v makes them N + a v and D + a, and a
    segment is such tokens one after the other (infini-attention/order/linear). While D = 0 all a were 0 and nothing was added to N. The
    first token with a > 0 makes the read v; afterwards, with D > 0,
        (N + a v) / (D + a) = N / D + (a / (D + a)) (v - N / D),     0 <= a / (D + a) < 1,
    which is the identity checked: a convex combination of v and the read before, so of all values, by induction. Unrolled, the weights
    are a_t / sum_s a_s: also checked for one token more.
    """,
)

with_start = Claim(
    id="infini-attention/convexity/z-from-c",
    statement="With z_0 = c > 0 and M_0 = 0 the weights add up to less than 1: the read is shrunk towards 0 by the factor "
    "D / (D + c |phi(q)|_1), D = sum_t phi(q) phi(k_t).",
    formula="sum_t w_t = D / (D + c sum_j phi_j(q)) < 1",
    quantifier="for all streams, all queries, phi > 0, c > 0",
    source=INFINI,
    variant=LINEAR,
    arithmetic="any ordered field",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="c adds to the denominator and nothing to the numerator",
    argument="""
    phi(q) z = c sum_j phi_j(q) + sum_t phi(q) phi(k_t), and phi(q) M = sum_t phi(q) phi(k_t) v_t: with all values 1 the read is the sum
    of the weights. One token, then one token more, is checked in symbols for two features, through the code.
    """,
)

delta = Claim(
    id="infini-attention/convexity/delta-as-linear",
    statement="By the delta rule, too, every read lies between the smallest and the largest stored value.",
    quantifier="for all streams of tokens with one feature and one value",
    source=INFINI,
    variant=DELTA,
    hypotheses=(FROM_NOTHING,),
    arithmetic="Q",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="the value 1 written twice to one key is read as 1/2: M stays 1 and z becomes 2",
)

delta_hull = Claim(
    id="infini-attention/convexity/delta-one-key",
    statement="By the delta rule token by token at one key from nothing the weights of v_1 .. v_t, t >= 2, are (s - 1) / (t (t - 1)): "
    "not negative, together 1/2. What is read is half a convex combination.",
    formula="read = (1/2) sum_s (2 (s - 1) / (t (t - 1))) v_s",
    quantifier="for all t >= 2 and values",
    source=INFINI,
    variant=DELTA,
    hypotheses=(FROM_NOTHING, "one key, segments of one token"),
    arithmetic="any field of characteristic 0",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="see infini-attention/presentations/values, of which it is the case c = 0",
    argument="""
    Let M = phi m_t and z = t phi. Then phi z = t |phi|^2, the key reads m_t / t, and m_{t+1} = m_t + v_{t+1} - m_t / t. If m_t is
    sum_s ((s - 1) / (t - 1)) v_s, as it is for t = 2 (m_2 = v_2), then m_{t+1} has the coefficients ((s - 1) / (t - 1)) (1 - 1/t) =
    (s - 1) / t for s <= t, and 1 for s = t + 1: the same form. Reading divides by t: (s - 1) / (t (t - 1)), of sum 1/2. Both steps are
    checked in symbols t and s.
    """,
)
