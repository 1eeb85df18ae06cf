"""Claims about Infini-attention as a layer: one head of the width, segments of C tokens, no position, sums M and z, a first segment
without the memory; A_dot fused, as torch writes it out on tensors without contents.

n = ceil(N/C) segments, Q the sum of the squares of their lengths. A segment is written when the next one begins: n - 1 times.
"""

from theory.cost.reference_layers import CHUNKS, SQUARES, claimed

_WRITTEN = f"({CHUNKS} - 1)"

_LAYER = """Four square maps 8 N d^2, joined N d. Before the first token: z d, M d^2, the gate's sigmoid 1.
    Attending, c tokens: both q and k scaled 2 c d, a mask of ones, its triangle and `where` of two scalars 3 c^2 + 2, scores 2 c^2 d,
    the mask added c^2, softmax 5 c^2, read 2 c^2 d: 4 c^2 d + 9 c^2 + 2 c d + 2.
    The query's features: min, max, largest, difference, exponential, sum 6 c d, the largest or 0 c.
    Reading: 2 c d^2 above, 2 c d below; compared with 0 and replaced there 2 c + 1; quotient c d, zeroed there c d + 1.
    Gating: whether anything is stored, g or 0, 1 - g: 4; both products and their sum 3 c d."""

_WRITE = """Writing a full segment: features 4 C d, products 2 C d^2, added d^2; the features' sum C d, added d; counted 1."""

_SPAN = """On the path, m = min(C, N), the longest of three. Attending: the query's map 1 + L(d), scaled 1, scores 1 + L(d), mask 1,
    softmax 2 L(m) + 3, read 1 + L(m), then gated 1, added 1, joined 1, output 1 + L(d). Queries: map 1 + L(d), largest L(d), or
    0, taken off, exponential, sum 4, read 1 + L(d), compared 1, replaced 1, quotient 1, zeroed 1, and the same end, 4 + L(d). The
    memory:"""

_A, _Q = "-3*L(d) - 3*L(Min(C, N)) - 12", "-4*L(d) - 14"
_COMMON = f"10*N*d**2 + 16*N*d + 3*N + {SQUARES}*(4*d + 9) + 8*{CHUNKS} + d**2 + d + 1"

_C = "(t + 1 - C*(ceiling((t + 1)/C) - 1))"
_FIRST = "(ceiling((t + 1)/C) - ceiling(t/C))"
_BEGUN = "Min(L(t + 1), 1)"
"""1 if there was a token before, else 0; sizes being positive, Min(t, 1) would read as 1."""
_TOKEN = f"10*d**2 + 15*d + 10 + {_C}*(7*d + 5) + {_FIRST}*(6 - 2*d) + ({_FIRST} + {_BEGUN} - 1)"
_STEP = """A decoded token, the c-th of its segment, c = t mod C + 1: maps 8 d^2, sigmoid 1, keys and values joined 2 c d, unless it is
    the first; scaled d + c d, scores 2 c d, softmax 5 c, read 2 c d, and 6 to mask the first of a segment; features 6 d + 1, reading
    2 d^2 + 4 d + 4, gating 4 + 3 d, joined d. The first of a segment, but for the very first, writes the one before
    too. Kept: M, z, how many are stored, and keys and values of the segment that the last token belongs to."""
_STATE = f"d**2 + d + 1 + 2*(t - C*(ceiling(t/C) - {_BEGUN}))*d"

infini_attention_linear = claimed(
    "infini_attention_linear",
    "Infini-attention by the linear rule",
    f"""
    {_LAYER}
    {_WRITE}
    {_SPAN} the first key's map 1 + L(d), features 3, their sum L(m), added n - 1 times, read 1 + L(d), compared 1, replaced 1, quotient
    1, zeroed 1, the same end: 3 L(d) + L(m) + n + 12; without a full segment before the last it is no longer than the others.
    {_STEP}
    """,
    f"{_COMMON} + {_WRITTEN}*(2*C*d**2 + 5*C*d + d**2 + d + 1)",
    f"-Min({_A}, {_Q}, -3*L(d) - L(Min(C, N)) - {CHUNKS} - 12)",
    step=f"{_TOKEN}*(2*C*d**2 + 5*C*d + d**2 + d + 1)",
    state=_STATE,
    parameters="4*d**2 + 1",
)

infini_attention_delta = claimed(
    "infini_attention_delta",
    "Infini-attention by the delta rule",
    f"""
    {_LAYER}
    {_WRITE} Its keys read first, 2 C d^2 + 4 C d + 2 C + 2, and are taken off the values C d.
    {_SPAN} a segment reads 1 + L(d), quotient 1, zeroed 1, difference 1, products 1 + L(C), added 1: L(d) + L(C) + 6, one after
    another. Before the first its key's map 1 + L(d), features 3, z compared and replaced, 2 more; after n - 1 of them the last reads
    1 + L(d), quotient 1, zeroed 1, the same end: n (L(d) + L(C) + 6) + 2 L(d) - L(C) + 7; for n = 1 it is no longer than the others.
    {_STEP}
    """,
    f"{_COMMON} + {_WRITTEN}*(4*C*d**2 + 10*C*d + 2*C + d**2 + d + 3)",
    f"-Min({_A}, {_Q}, -{CHUNKS}*(L(d) + L(C) + 6) - 2*L(d) + L(C) - 7)",
    step=f"{_TOKEN}*(4*C*d**2 + 10*C*d + 2*C + d**2 + d + 3)",
    state=_STATE,
    parameters="4*d**2 + 1",
)
