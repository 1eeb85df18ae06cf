"""One key presented again and again: what the delta rule does to M and to what is read, by presentation and by start.

Everything is told by c = phi z_0 / |phi|^2, the start in units of the key, and m = phi M / |phi|^2, so that
M = M_0 + phi (m - m_0), phi z_t = |phi|^2 (c + t), and the key reads m_t / (c + t). z_0 = 0, the skipped read of an
empty memory and a read of 0 from nothing are c = 0; z_0 = k in every channel is c = k |phi|_1 / |phi|^2.
"""

from theory.claim import Claim
from theory.infini_attention.source import DELTA, FROM_NOTHING, INFINI, INFINI_TOLD

_ONE_KEY = f"{DELTA}; one key, segments of one token"
_STARTS = "for all keys, values, c >= 0 and t >= 1, c + t > 1 (t = 1, c = 0: m = v_1)"

printed_matrix = Claim(
    id="infini-attention/presentations/printed-matrix",
    statement="A key and value that are in the memory already, presented again, leave M unmodified.",
    formula="M_t = M_1 for all t > 1",
    quantifier="for all keys and values, however often presented",
    source=INFINI_TOLD,
    variant=_ONE_KEY,
    hypotheses=(FROM_NOTHING,),
    arithmetic="Q",
    paper="M unmodified if it exists",
    expected="refuted",
    strength="exhausted",
    reason="true at the second presentation; it makes z 2 phi, so the third reads v / 2 and adds the other half",
)

printed_start = Claim(
    id="infini-attention/presentations/printed-start",
    statement="From M_0 = 0 and z_0 = 0 the delta rule as it is printed defines M.",
    quantifier="for all streams",
    source=INFINI,
    variant=f"{DELTA}; divided as printed",
    arithmetic="Q",
    paper="M_0 and z_0 not given",
    expected="refuted",
    strength="exhausted",
    reason="the first token reads 0 / 0, so it writes nothing that is defined, in floats NaN for ever: a start must say more",
)

printed_read = Claim(
    id="infini-attention/presentations/same-read",
    statement="A key and value that are in the memory already, presented again, are read as before.",
    formula="r_t = r_1 for all t > 1",
    quantifier="for all keys and values, however often presented",
    source=INFINI,
    variant=_ONE_KEY,
    hypotheses=(FROM_NOTHING,),
    arithmetic="Q",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="the second presentation adds phi to z and nothing to M: v is read as v / 2 from then on",
)

existing = Claim(
    id="infini-attention/presentations/binding-exists",
    statement="If every token of a segment reads its own value before it is written, the delta rule leaves M as it is, and "
    "afterwards the key reads that value times phi z / (phi z') < 1: the segment undoes what it found.",
    formula="phi_t M = (phi_t z) v_t  =>  M' = M,  read' = (phi_t z / phi_t z') v_t",
    quantifier="for all memories and segments, phi z > 0",
    source=INFINI,
    variant=DELTA,
    arithmetic="any ordered field",
    paper="M unmodified if it exists",
    expected="confirmed",
    strength="derived",
    reason="nothing is left to write, and z grows all the same",
    argument="""
    Each token adds phi^T (v - read), which is 0. So M' = M, phi_t M' = (phi_t z) v_t, and the read divides by phi_t z', where
    z' = z + sum of the segment's features is larger in every channel. In this sense, with "exists" for "is read now", the printed
    sentence is true; but the binding exists no longer. The step is checked in symbols, through the code, for two features.
    """,
)

values = Claim(
    id="infini-attention/presentations/values",
    statement="After presentations of v_1 .. v_t at one key m_t = ((c - 1) m_0 + sum_s (c + s - 1) v_s) / (c + t - 1), and the "
    "key reads m_t / (c + t): weights that grow evenly with s. By c = 0 the first value counts nothing, by c = 1 M_0 does.",
    formula="r_t = ((c - 1) m_0 + sum_s (c + s - 1) v_s) / ((c + t - 1) (c + t))",
    quantifier=_STARTS,
    source=INFINI,
    variant=_ONE_KEY,
    arithmetic="any field of characteristic 0",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="a presentation keeps (c + t - 2) / (c + t - 1) of m, and the product telescopes",
    argument="""
    By the delta rule m_t = m_{t-1} + v_t - m_{t-1} / (c + t - 1) = m_{t-1} (c + t - 2) / (c + t - 1) + v_t. If m_t is as claimed,
    multiplying by (c + t - 1) / (c + t) makes the denominator c + t and leaves the numerators, and the new value has the coefficient
    (c + t) / (c + t) = 1: the same form. For t = 1: m_1 = m_0 (1 - 1/c) + v_1, as claimed, if c > 0; by c = 0 the first read is 0, so
    m_1 = v_1 (with M_0 = 0), and m_2 = m_1 (1 - 1) + v_2, as claimed. The steps are checked in symbols c, s, t; streams through the
    code beside them.
    """,
)

one_value = Claim(
    id="infini-attention/presentations/one-value",
    statement="One value presented t times from M_0 = 0: m_t = t (2 c + t - 1) / (2 (c + t - 1)) v, which grows as t / 2 without end, "
    "and the key reads (1/2 + c (1 - c) / (2 (c + t - 1) (c + t))) v, which tends to v / 2.",
    formula="c = 0: m_t = t v / 2 and r_t = v / 2 for t >= 2, r_1 = v;  c = 1: m_t = (t + 1) v / 2 and r_t = v / 2 for all t",
    quantifier=_STARTS,
    source=INFINI,
    variant=_ONE_KEY,
    hypotheses=("M_0 = 0",),
    arithmetic="any field of characteristic 0",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="the law for v_1 .. v_t with all of them equal",
    argument="""
    sum_s (c + s - 1) = t (2 c + t - 1) / 2, into infini-attention/presentations/values with m_0 = 0. And
    t (2 c + t - 1) = (c + t - 1) (c + t) + c (1 - c): checked in symbols.
    """,
)

when = Claim(
    id="infini-attention/presentations/when-unmodified",
    statement="Presentation t >= 2 of one value leaves M as it was exactly for c = 0 and t = 2, and the read exactly for c = 1, or for "
    "c = 0 and t >= 3. So no start keeps both at any presentation.",
    formula="m_t - m_{t-1} = (1/2 - c (1 - c) / (2 (c+t-2) (c+t-1))) v;  r_t - r_{t-1} = -c (1 - c) v / ((c+t-2) (c+t-1) (c+t))",
    quantifier="for all c >= 0, t >= 2, v != 0; by c = 0 from t = 3 on, t = 2 by itself",
    source=INFINI,
    variant=_ONE_KEY,
    hypotheses=("M_0 = 0",),
    arithmetic="Q",
    paper="M unmodified if it exists",
    expected="confirmed",
    strength="derived",
    reason="M moves by what the read lacks of v, which is a half but for the first presentation from nothing",
    argument="""
    The differences are those of infini-attention/presentations/one-value. M stays where (c+t-2) (c+t-1) = c (1 - c). The left
    side less the right is 2 c^2 at t = 2, which is 0 for c = 0 only; there m_1 = m_2 = v. From t = 3 on, t = 3 + s with s >= 0, it is a
    polynomial in c and s without negative coefficients and with the constant 2:
    no zero. The read stays where c (1 - c) = 0; by c = 0 the formula for t - 1 holds from t = 3 on, and r_1 = v, r_2 = v / 2. All
    checked in symbols.
    """,
)

frozen = Claim(
    id="infini-attention/presentations/frozen-z",
    statement="If z takes in a key only once, presenting a token that is read as its value changes neither M nor z; and a known token "
    "presented alone multiplies the error of its read by 1 - |phi|^2 / (phi z), in [0, 1).",
    formula="v - read' = (1 - |phi|^2 / (phi z)) (v - read)",
    quantifier="for all memories with z >= phi in every channel, z finite, phi > 0",
    source=INFINI,
    variant="delta rule with z left alone by tokens of known keys",
    arithmetic="any ordered field",
    paper="(amended)",
    expected="confirmed",
    strength="derived",
    reason="z holds phi of a known key already, so the step is never too long",
    argument="""
    A known token leaves z and adds phi^T (v - r), r the read before: phi M' / (phi z) = r + |phi|^2 / (phi z) (v - r). If r
    = v, M and z
    are as they were. As z >= phi > 0 in every channel, 0 < |phi|^2 <= phi z. The step is checked in symbols, through the code.
    """,
)

unit = Claim(
    id="infini-attention/presentations/unit-norm",
    statement="Without z and with features of length 1 a token is read as its value as soon as it is written, whatever was there, and "
    "presenting it again changes nothing.",
    formula="phi M' = v;  M'' = M'",
    quantifier="for all memories, keys of length 1 and values",
    source=INFINI,
    variant="delta rule without z: M += phi(K)^T (V - phi(K) M), read phi(q) M, |phi| = 1",
    arithmetic="any field",
    paper="(amended)",
    expected="confirmed",
    strength="derived",
    reason="phi phi^T = 1: the step is exactly the error",
    argument="""
    phi M' = phi M + |phi|^2 (v - phi M) = v when |phi|^2 = 1. The same token then reads v and adds 0. Checked in symbols with
    phi = (p, q) and q^2 = 1 - p^2, through the code.
    """,
)
