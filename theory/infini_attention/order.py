"""What the memory keeps of the order of tokens and of cuts into segments: nothing by the linear rule, something by the delta rule."""

from theory.claim import Claim
from theory.infini_attention.source import DELTA, FROM_NOTHING, INFINI, LINEAR

linear = Claim(
    id="infini-attention/order/linear",
    statement="By the linear rule M and z are the same however the past is cut into segments and in whatever order its tokens come: "
    "the memory carries no order.",
    formula="M = M_0 + sum_t phi_t^T v_t,  z = z_0 + sum_t phi_t",
    quantifier="for all streams, all M_0 and z_0, all features",
    source=INFINI,
    variant=LINEAR,
    arithmetic="any commutative ring",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="every token adds a term that depends on nothing but itself",
    argument="""
    A segment of n tokens adds to entry (j, c) of M the sum over its tokens of phi_tj v_tc, and to z_j the sum of phi_tj. Entries do not
    meet, so one feature and one value, d = m = 1, stand for all of them. Any two ways to cut a sequence are led into each other by
    joining neighbouring segments or cutting one, and any two orders by exchanging neighbouring tokens. So it is enough that, from any M
    and z, the segments (s)(t), (s t) and (t)(s) of two tokens leave the same M and z, and that a longer segment is one of a token less
    and then that token: the identities that are checked, in symbols, through the code.
    """,
)

delta_tempting = Claim(
    id="infini-attention/order/delta-as-linear",
    statement="By the delta rule, too, M is the same however the past is cut into segments and in whatever order its tokens come.",
    quantifier="for all streams",
    source=INFINI,
    variant=DELTA,
    hypotheses=(FROM_NOTHING,),
    arithmetic="Q",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="two tokens of one key: as one segment M holds the sum of their values, one by one the last, whichever that is",
)

delta_cut = Claim(
    id="infini-attention/order/delta-cut",
    statement="By the delta rule in segments of one token two tokens of one key leave their last value in M, in one segment the sum of "
    "both: from nothing, M differs with the cut exactly when the first value is not 0, with the order exactly when the values differ.",
    formula="(a)(b): M = phi b;   (a b): M = phi (a + b);   (b)(a): M = phi a",
    quantifier="for all values a, b and features phi > 0",
    source=INFINI,
    variant=DELTA,
    hypotheses=(FROM_NOTHING,),
    arithmetic="any field",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="the second token reads a before it writes, if a is in the memory by then",
    argument="""
    From nothing the first segment reads 0. (a): M = phi a, z = phi, and the next token of this key reads phi M / (phi z) = a and adds
    phi (b - a): M = phi b. In one segment both read 0, so M = phi a + phi b. The differences are phi a and phi (b - a).
    """,
)

delta_within = Claim(
    id="infini-attention/order/delta-within-a-segment",
    statement="By the delta rule the order of tokens within a segment changes neither M nor z, and z depends on no order "
    "and no cut.",
    quantifier="for all streams and starts",
    source=INFINI,
    variant=DELTA,
    arithmetic="any field",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="all tokens of a segment read the memory before it, so each adds a term of its own; z is written as by the linear rule",
    argument="""
    Token t of a segment adds phi_t^T (v_t - phi_t M / (phi_t z)), which depends on M and z before the segment and on itself: a sum over
    tokens, so exchanging two of them changes nothing. z is that of the linear rule: infini-attention/order/linear. The exchange of two
    tokens is checked in symbols, through the code, for one feature and for two.
    """,
)
