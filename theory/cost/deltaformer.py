"""Claims about the Deltaformer as a layer: one head, keys of the width, softmax or linear kernels, a gate beta.

Besides the operator the softmax layer (w = q) does four square maps, 8 N d^2, and a gate 2 N d, sigmoid N, times its range N.
"""

from theory.cost.reference_layers import CHUNKS, SQUARES, claimed

_WEIGHTS = """A row block of c queries over p keys: the triangle of ones and its part 2 c^2, queries scaled c d, scores 2 c p d, the
    mask's negation and the filling 2 c^2, maximum c p and clipped c, difference c p, power c p, sum c p, clipped c, quotient c p: 4
    c^2 + c d + 2 c p d + 5 c p + 2 c."""

deltaformer_solve = claimed(
    "deltaformer_solve",
    "the Deltaformer by one triangular solve",
    f"""
    {_WEIGHTS} With c = p = N: 2 N^2 d + 9 N^2 + N d + 2 N, in both stages.
    First stage: beta times weights N^2, strict triangle N^2, solve N^2 d. Second stage: 2 N^2 d. Maps and gate 8 N d^2 + 2 N d + 2 N.
    On the path: the query's map 1 + L(d), scaled 1, scores 1 + L(d), filling 1, maximum L(N), clipped 1, difference 1, power 1, sum
    L(N), clipped 1, quotient 1, beta 1, triangle 1, solve 2 N, read 1 + L(N), output 1 + L(d); the second weights are ready before
    the solve is.
    """,
    "8*N*d**2 + 7*N**2*d + 20*N**2 + 4*N*d + 6*N",
    "2*N + 3*L(d) + 3*L(N) + 13",
    parameters="4*d**2 + d",
)

deltaformer_chunked = claimed(
    "deltaformer_chunked",
    "the Deltaformer in row blocks of C tokens",
    f"""
    {_WEIGHTS}
    Chunks of c tokens after s others, p = s + c. Over all of them c adds up to N, c^2 to Q, c p to (N^2 + Q) / 2, c s to (N^2 - Q) /
    2.
    First stage, besides the weights: keys laid out anew N d (for N, d > 1, else they lie so already); beta times the block c^2, its
    triangle c^2, solve c^2 d, written c d; after earlier chunks 2 c s d, times beta c d, subtracted c d, which falls out for the
    first min(C, N) tokens: 2 N^2 d + Q d + 5 N^2 / 2 + 17 Q / 2 + 3 N d + 2 N + 2 (N - min(C, N)) d.
    Second stage: keys laid out N d, read 2 c p d, written c d: 2 N^2 d + 2 Q d + 5 N^2 / 2 + 13 Q / 2 + 3 N d + 2 N. Maps and gate
    8 N d^2 + 2 N d + 2 N. (The first stage's matrix products, blocks on the diagonal taken as dense, are the usual 2 N^2 d + N C d.)
    The span is 2 N + 4 n and a sum of L(j C) over the chunks, which has no closed form for all C.
    """,
    f"8*N*d**2 + 4*N**2*d + 5*N**2 + 3*{SQUARES}*d + 15*{SQUARES} + 10*N*d - 2*d*Min(C, N) + 6*N",
    None,
    where="Min(N, d) > 1",
    parameters="4*d**2 + d",
)

deltaformer_recurrence = claimed(
    "deltaformer_recurrence",
    "the Deltaformer a token at a time",
    f"""
    Row blocks of one token: the formula of the chunked form with C = 1, where Q = N.
    {_WEIGHTS} The first token is written after its map L(d) + 1, weights 2 L(d) + 9 of one key, beta, triangle, solve 2 and writing:
    2 L(d) + 14. Each later one, after s others: read 1 + L(s), beta 1, subtracted 1, solve 2, written 1: L(s) + 6. Over s = 1 .. N -
    1 the
    L(s) add up to N L(N) - 2^L(N) + 1 - L(N). Then the second stage of the last token: read 1 + L(N), written 1, output 1 + L(d).
    """,
    "8*N*d**2 + 4*N**2*d + 5*N**2 + 13*N*d - 2*d + 21*N",
    "N*L(N) + 6*N - 2**L(N) + 3*L(d) + 12",
    where="Min(N, d) > 1",
    parameters="4*d**2 + d",
)

deltaformer_linear = claimed(
    "deltaformer_linear",
    "the Deltaformer with linear kernels and unit keys, w = k, in chunks of C tokens through a state,",
    """
    Maps and gate 8 N d^2 + 2 N d + 2 N. q and k to length 1: squares and sums 2 N d, roots N, clipped N, quotient N d, twice. First
    stage: the state d^2; a chunk of c tokens: what the state reads 2 c d^2, products of keys 2 c^2 d, triangle c^2, times beta c d +
    c^2, subtracted c d, triangle c^2, solve c^2 d; but for the last chunk the state 2 c d^2 + d^2; joined N d. Second stage: d^2;
    products 2 c^2 d, triangle c^2, 2 c^2 d, from the state 2 c d^2, added c d; the state as before; joined N d.
    On the path, N > C: the keys 2 L(d) + 5; the first chunk's products 1 + L(d), triangle, beta, triangle, solve 2 C; each later
    chunk the state 1 + L(C) and 1, reading 1 + L(d), beta, difference, solve; joined 1. All rows of the first stage are joined in
    one operation, so the second stage's states wait for the last: product 1 + L(C), n - 1 sums, reading 1 + L(d), added 1, joined 1,
    output 1 + L(d).
    """,
    f"12*N*d**2 + 4*({CHUNKS} - 1)*C*d**2 + 2*{CHUNKS}*d**2 + 7*{SQUARES}*d + 4*{SQUARES} + 13*N*d + 6*N",
    f"({CHUNKS} + 4)*L(d) + 2*N + {CHUNKS}*L(C) + 6*{CHUNKS} + 9",
    where="N > C",
    parameters="4*d**2 + d",
)
