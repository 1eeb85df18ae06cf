"""Is the delta rule stable? M may grow without bound from a short first segment; what is read is never amplified, only added to.

Without values a segment is M' = (I - B) M with B = Phi^T D^{-1} Phi, D = diag(Phi z), z before the segment; `new` is the
sum of its features.
"""

from theory.claim import Claim
from theory.infini_attention.source import DELTA, FROM_NOTHING, INFINI

_B = "B = Phi^T diag(Phi z)^{-1} Phi,  new = sum_t phi_t"
_ALL = "for all segments and all z > 0, phi >= 0, no phi_t = 0"

perron = Claim(
    id="infini-attention/stability/eigenvector",
    statement="B is symmetric, positive semidefinite, not negative in any entry, and B z = sum_t phi_t, the new part of z: a "
    "column of M "
    "that is z reads 1 everywhere.",
    formula=f"{_B};   B z = new",
    quantifier=_ALL,
    source=INFINI,
    variant=DELTA,
    arithmetic="any ordered field",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="B = sum_t phi_t phi_t^T / (phi_t z), and each term takes z to phi_t",
    argument="""
    B is the sum over tokens of phi_t phi_t^T / (phi_t z), each symmetric, positive semidefinite and with no negative entry, and
    (phi_t phi_t^T / (phi_t z)) z = phi_t. As a sum over tokens two of them stand for all, and two features for any number: the code is
    run on M = z and on the unit columns, in symbols, with values 0.
    """,
)

bracket = Claim(
    id="infini-attention/stability/bracket",
    statement="The spectral radius of B lies between the least and the greatest ratio new_j / z_j over the channels.",
    formula="min_j new_j / z_j <= rho(B) <= max_j new_j / z_j",
    quantifier=_ALL,
    source=INFINI,
    variant=DELTA,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="Collatz and Wielandt: diag(z)^-1 B diag(z) has no negative entry and the row sums new_j / z_j",
    argument="""
    C = diag(z)^-1 B diag(z) has the eigenvalues of B, no negative entry, and C 1 = new / z in every row, as B z = new. The largest
    row sum is a norm of C, so rho is at most that. C^k 1 >= (min_j new_j / z_j)^k 1, so the norms of C^k, whose k-th roots tend to
    rho, are at least that power. That C 1 = new / z is checked in symbols, through the code; the spectrum itself is decided over Q for
    random segments.
    """,
)

euclidean = Claim(
    id="infini-attention/stability/euclidean",
    statement="In the Euclidean norm of the columns of M a segment is non-expansive, for all M, exactly when rho(B) <= 2. It is if no "
    "channel of z more than trebles, and it is not if every channel does.",
    formula="|(I - B) M| <= |M| for all M  <=>  rho(B) <= 2;   max_j new_j / z_j <= 2 =>,   min_j new_j / z_j > 2 => not",
    quantifier=_ALL,
    source=INFINI,
    variant=DELTA,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="B is symmetric with eigenvalues in [0, rho], so |I - B| is the greatest |1 - lambda|",
    argument="""
    I - B is symmetric, so its norm is max |1 - lambda| over eigenvalues lambda of B, all in [0, rho]: at most 1 exactly when
    rho <= 2, as 1 - (1 - lambda)^2 = lambda (2 - lambda), checked, with I - B symmetric, through the code. The rest is
    infini-attention/stability/bracket.
    """,
)

any_norm = Claim(
    id="infini-attention/stability/every-norm",
    statement="With rho(B) <= 2 no entry of M becomes larger than the largest was.",
    formula="max_j |((I - B) M)_j| <= max_j |M_j|",
    quantifier="for all segments with rho(B) <= 2",
    source=INFINI,
    variant=DELTA,
    arithmetic="Q",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="one token of features (1, 2) read against z = (1, 2): B = ((1, 2), (2, 4)) / 5 has rho 1 and takes (1, -1) to (-1/5, -2/5)",
)

reads = Claim(
    id="infini-attention/stability/reads",
    statement="A segment never amplifies what can be read: without values the greatest |M_j| / z_j, which bounds every read, does not "
    "grow, whatever the lengths of segments, however large rho(B).",
    formula="max_j |M'_j| / z'_j <= max_j |M_j| / z_j;   |phi(q) M| / (phi(q) z) <= max_j |M_j| / z_j",
    quantifier="for all memories with z > 0, all segments, phi >= 0, V = 0",
    source=INFINI,
    variant=DELTA,
    arithmetic="any ordered field",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="B z = new, and the same sum is added to z: what M gains at most z gains as well",
    argument="""
    One column. Let |M_j| <= c z_j for all j, that is P = c z - M >= 0 and Q = c z + M >= 0. A token reads r = phi M / (phi z), so
    c + r = phi Q / (phi z) and c - r = phi P / (phi z), and after the segment
        c z' - M' = P + sum_t phi_t (phi_t Q) / (phi_t z),     c z' + M' = Q + sum_t phi_t (phi_t P) / (phi_t z):
    nothing negative is added. So |M'_j| <= c z'_j; and a query reads at most c, as |phi M| <= c phi z. The identities are checked in
    symbols, through the code, for one token and two features: tokens of a segment add up (infini-attention/order/
    delta-within-a-segment), and so do channels.
    """,
)

with_values = Claim(
    id="infini-attention/stability/reads-with-values",
    statement="With values of size at most V the bound of the reads grows in a segment by at most V times the greatest share "
    "new_j / z'_j, "
    "so by less than V: from M = 0 at most V times the number of segments, however many tokens.",
    formula="max_j |M'_j| / z'_j <= max_j |M_j| / z_j + V max_j new_j / z'_j",
    quantifier="for all memories with z > 0, all segments, phi >= 0",
    source=INFINI,
    variant=DELTA,
    arithmetic="any ordered field",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="values add at most V new_j to |M_j|",
    argument="""
    As in infini-attention/stability/reads, with c' = c + V m in place of c after the segment, m = max_j new_j / z'_j:
        c' z' - M' = P + sum_t phi_t (phi_t Q) / (phi_t z) + V (m z' - new) + sum_t phi_t (V - v_t)
    and the same with signs turned for c' z' + M': all terms are not negative, as m z'_j >= new_j and |v_t| <= V. Checked in symbols,
    through the code, with m as a symbol.
    """,
)

growth = Claim(
    id="infini-attention/stability/short-first-segment",
    statement="One key, a first segment of one token and a second of n: M is multiplied by 1 - n and the read by (1 - n) / (1 + n). "
    "With values 1 and then -1 the read is (1 - 2 n) / (1 + n): beyond -1 from n = 3 on, never beyond -2.",
    formula="M' = phi (v - n (v - w)), read' = (v - n (v - w)) / (1 + n) for values v, then w",
    quantifier="for all n >= 1",
    source=INFINI,
    variant=DELTA,
    hypotheses=(FROM_NOTHING,),
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="every one of the n tokens takes away what it reads, n times what is there",
    argument="""
    After the first token M = phi v, z = phi, and each of the n tokens reads v and adds phi (w - v); z' = (1 + n) phi. So
    M' = phi (v + n (w - v)), read at the key as that over phi (1 + n). With w = 0: (1 - n) v / (1 + n). With v = 1, w = -1:
    (1 - 2 n) / (1 + n)
    = -2 + 3 / (1 + n), below -1 exactly when n > 2. The identities are checked in symbols, streams for n <= 64 through the code.
    """,
)

between = Claim(
    id="infini-attention/stability/reads-within-values",
    statement="Reads by the delta rule are never larger than the largest value stored.",
    formula="|read| <= max_t |v_t|",
    quantifier="for all streams of one key with values 1 and -1",
    source=INFINI,
    variant=DELTA,
    hypotheses=(FROM_NOTHING,),
    arithmetic="Q",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="1 in a segment of its own, then -1 three times in one segment: -5/4 is read",
)
