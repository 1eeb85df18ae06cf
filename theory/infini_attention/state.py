"""How much is kept and done: numbers a head, the printed table's arithmetic, work a token."""

from theory.claim import Claim
from theory.infini_attention.source import BOTH, INFINI, INFINI_TOLD

_TABLE = "12 layers, 8 heads, d_k = d_v = 128; the table prints 1.6M and 114x for the memory, 183M for Memorizing Transformers"

numbers = Claim(
    id="infini-attention/state/numbers",
    statement="The memory of a head is d_k d_v + d_k numbers, M and z, after any number of tokens; what else is kept is the open "
    "segment's keys and values, at most C (d_k + d_v) numbers, and how many tokens are stored.",
    formula="groups (d_k d_v + d_k) + t groups (d_k + d_v) + 1,  t <= C",
    quantifier="for all sizes; tried at 1 to 4 segments and a part of one more",
    source=INFINI,
    variant=f"the layer, {BOTH}",
    arithmetic="integers",
    paper="d_k d_v + d_k",
    expected="confirmed",
    strength="tested",
    reason="a segment adds to M and z and is dropped",
)

table = Claim(
    id="infini-attention/state/printed-size",
    statement="12 layers of 8 heads with d_k = d_v = 128 keep 1 585 152 numbers, printed as 1.6M.",
    formula="12 * 8 * (128 * 128 + 128) = 1585152",
    source=INFINI_TOLD,
    variant=_TABLE,
    arithmetic="integers",
    paper="1.6M",
    expected="confirmed",
    strength="exhausted",
    reason="96 heads of 16 512 numbers",
)

ratio = Claim(
    id="infini-attention/state/printed-ratio",
    statement="The 183M numbers of the Memorizing Transformer are 114 times the numbers kept here, to the nearest whole.",
    formula="round(m / 1585152) = 114 for some m that rounds to 183 million",
    quantifier="for all m from 182 500 000 to 183 500 000",
    source=INFINI_TOLD,
    variant=_TABLE,
    arithmetic="Q",
    paper="114x",
    expected="refuted",
    strength="exhausted",
    reason="the least such m is 115.13 times as many",
)

rounded_ratio = Claim(
    id="infini-attention/state/ratio-of-rounded",
    statement="114 is the ratio of the two printed, rounded numbers, 183 / 1.6 = 114.4; of the exact count it is 115 or 116 times.",
    formula="round(183 / 1.6) = 114;  115 <= round(m / 1585152) <= 116",
    quantifier="for all m from 182 500 000 to 183 500 000",
    source=INFINI,
    variant=_TABLE,
    arithmetic="Q",
    paper="114x",
    expected="confirmed",
    strength="exhausted",
    reason="1.6 is 0.9 % more than 1.585152",
)

work = Claim(
    id="infini-attention/state/work-of-a-segment",
    statement="Work a token is constant for a fixed segment: from the second on every full segment costs the same, with one head of "
    "width d and segments of C by the linear rule 12 C d^2 + C^2 (4 d + 9) + 21 C d + 3 C + d^2 + d + 9 operations.",
    formula="work((s + 1) C) - work(s C) = 12 C d^2 + C^2 (4 d + 9) + 21 C d + 3 C + d^2 + d + 9,  s >= 1",
    quantifier="for all C, d; layers counted at s = 1 .. 3, the formula followed to s = 2^20",
    source=INFINI,
    variant="the layer, linear rule, counted by the cost model",
    arithmetic="counts, exact",
    paper="bounded computation",
    expected="confirmed",
    strength="tested",
    reason="maps 8 C d^2, joined C d, attending and gating, reading 2 C d^2, and one write of the segment before",
    assumptions=("the layer has the formula, which is cost/layers/infini_attention_linear's",),
)
