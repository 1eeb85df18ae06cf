"""Claims about Pointer layers: one head, sinusoidal encoding of the previous pointers, sigmoid gate, layer norm, FFN of width 4 d,
hard selection, causal. Of the first layer, whose previous pointers are the positions themselves.

Every layer costs, besides its choice of targets,

    22 N d^2 + 22 N d + 2 N + 5 d

and, from the moment that the targets are known, 4 L(d) + 13 steps.
"""

from theory.cost.reference_layers import CHUNKS, SQUARES, claimed

_BLOCK = """Besides the choice of targets: times N; encoding: frequencies and phases 5 d, positions made floats N, times frequencies,
    plus phases, sine, times gate, added: 5 N d. Maps to query, key and gate 6 N d^2, sigmoid and product 2 N d; rows gathered N d,
    added N d; layer norm 8 N d; FFN 16 N d^2, its activation 4 N d, added N d. Together 22 N d^2 + 22 N d + 2 N + 5 d.
    On the path: frequencies are ready after 3 steps, angles after 5, the state with its encoding after 8, queries after 9 + L(d),
    keys after 1 + L(d). From the targets on: gathered 1, gated 1, added 1, layer norm 2 L(d) + 4, FFN 1 + L(d), 1 and
    1 + L(4 d), where L(4 d) = L(d) + 2, added 1: 4 L(d) + 13."""
_TOKEN = """A decoded token: 22 d^2 + 22 d + 5 d, its time made a float 1 and counted on 1; and"""
_COMMON, _STEP = "22*N*d**2 + 22*N*d + 2*N + 5*d", "22*d**2 + 27*d"
_CHOICE = """Choice from K scores, those of no candidate masked: the mask's negation, filling, maximum, comparison, union, filling,
    minimum: 7 K a position; on the path filling 1, L(K), 2, filling 1, L(K)."""
_PARAMETERS = "11*d**2 + 3*d"
_DERIVED = "no loop over N and no branch on a size, so symbols run through the layer; the argument adds the rules up"

pointer_all = claimed(
    "pointer_all",
    "a Pointer layer over all earlier positions, all scores written out,",
    f"""
    {_BLOCK}
    {_CHOICE}
    The mask N^2; scores 2 N^2 d; choice from N scores 7 N^2. On the path: scores are ready after 10 + 2 L(d), targets after
    14 + 2 L(d) + 2 L(N).
    {_TOKEN} keys and rows copied with the token's own 2 (t + 1) d, positions t + 1, scores 2 (t + 1) d, choice without a mask
    4 (t + 1).
    """,
    f"{_COMMON} + 2*N**2*d + 8*N**2",
    "5*L(d) + L(4*d) + 2*L(N) + 25",
    step=f"{_STEP} + 4*(t + 1)*d + 5*(t + 1) + 2",
    state="2*t*d + 1",
    parameters=_PARAMETERS,
    strength="derived",
    reason=_DERIVED,
)

pointer_all_tiled = claimed(
    "pointer_all_tiled",
    "a Pointer layer over all earlier positions, in tiles of C keys,",
    f"""
    {_BLOCK}
    A tile of c keys after s others meets r = N - s queries: comparison and filling 2 r c, scores 2 r c d, choice (maximum,
    comparison, union, filling, minimum) 5 r c, its score once more r c: 8 r c + 2 r c d. The sum of r c over the n tiles is
    (N^2 + Q) / 2, as every pair of a query and an earlier key, and every square tile in full. Times once more N. Every tile but the
    first compares its best with the best so far, r, takes target and score from one of them, 2 r, and writes both anew, 2 N; the sum
    of r over these is (n - 1) N - C n (n - 1) / 2.
    On the path, m = min(C, N): a tile's best score after 11 + 2 L(d) + L(m), its target after 14 + 2 L(d) + 2 L(m). Best scores
    follow each other by 3 steps (compared, chosen, joined), targets by 2; a target waits for either, so the last is known after
    2 L(d) and the larger of 12 + 2 L(m) + 2 n and 8 + L(m) + 3 n; which is their sum less the smaller.
    {_TOKEN} what the written-out layer does.
    """,
    f"{_COMMON} + (N**2 + {SQUARES})*(d + 4) + N + 5*N*({CHUNKS} - 1) - 3*C*{CHUNKS}*({CHUNKS} - 1)/2",
    f"5*L(d) + L(4*d) + 3*L(Min(C, N)) + 5*{CHUNKS} + 31 - Min(12 + 2*L(Min(C, N)) + 2*{CHUNKS}, 8 + L(Min(C, N)) + 3*{CHUNKS})",
    step=f"{_STEP} + 4*(t + 1)*d + 5*(t + 1) + 2",
    state="2*t*d + 1",
    parameters=_PARAMETERS,
)

pointer_window = claimed(
    "pointer_window",
    "a Pointer layer over a window of K positions",
    f"""
    {_BLOCK}
    {_CHOICE}
    Distances K; positions, which of them exist, the others moved inside 3 N K; their keys gathered N K d; scores 2 N K d; choice
    7 N K. Keys are gathered before the queries are ready; targets after 14 + 2 L(d) + 2 L(K).
    {_TOKEN} keys and rows of min(t + 1, K) tokens 2 min(t + 1, K) d, where they begin 1, candidates 4 K, counted from there K, keys
    and scores 3 K d, choice 7 K, the target counted from the start 1.
    """,
    f"{_COMMON} + 3*N*K*d + 10*N*K + K",
    "5*L(d) + L(4*d) + 2*L(K) + 25",
    step=f"{_STEP} + 2*Min(t + 1, K)*d + 3*K*d + 12*K + 4",
    state="2*Min(t, K - 1)*d + 1",
    parameters=_PARAMETERS,
    strength="derived",
    reason=_DERIVED,
)

pointer_strides = claimed(
    "pointer_strides",
    "a Pointer layer over itself and the positions 1, 2, 4, ..., 2^(K-1) back",
    f"""
    {_BLOCK}
    {_CHOICE}
    K + 1 candidates: times less each stride N K, put together, existence, moving 3 N (K + 1). Keys gathered, scores and choice as for a
    window of K + 1; so is the path.
    {_TOKEN} keys and rows of min(t + 1, 2^(K-1) + 1) tokens, where they begin 1, candidates K + 3 (K + 1), counted from there K + 1,
    keys and scores 3 (K + 1) d, choice 7 (K + 1), the target counted from the start 1.
    """,
    f"{_COMMON} + 3*N*(K + 1)*d + 10*N*(K + 1) + N*K",
    "5*L(d) + L(4*d) + 2*L(K + 1) + 25",
    step=f"{_STEP} + 2*Min(t + 1, 2**(K - 1) + 1)*d + 3*(K + 1)*d + 11*(K + 1) + K + 4",
    state="2*Min(t, 2**(K - 1))*d + 1",
    parameters=_PARAMETERS,
)

pointer_buckets = claimed(
    "pointer_buckets",
    "a Pointer layer over the K most recent positions of the same of two buckets, by sorting,",
    f"""
    {_BLOCK}
    {_CHOICE}
    Buckets: the weight of the bit 2, signs, times the weight, summed 3 N. Sorted N L(N), places written N. Distances K; places
    before, existence, moving, whose position, whose bucket, equal, both 7 N K. Keys gathered, scores and choice 3 N K d + 7 N K.
    On the path, N > 1 and d > 2: keys 1 + L(d), buckets 2 more, sort L(N) (L(N) + 1) / 2, places 1 + L(N), 3 to the candidate; its
    key 1 and score 1 + L(d), by when it is known whether it counts, 4 steps after the candidate; then the choice.
    {_TOKEN} keys and rows 2 (t + 1) d, buckets 2 + 3 (t + 1), positions, comparison and filling 3 (t + 1), the m = min(K, t + 1) most
    recent (t + 1) L(m), moved and looked at 2 m, keys and scores 3 m d, choice 7 m.
    """,
    f"{_COMMON} + N*L(N) + 3*N*K*d + 14*N*K + 4*N + K + 2",
    "5*L(d) + L(4*d) + 2*L(K) + L(N)*(L(N) + 1)/2 + L(N) + 24",
    where="Min(N - 1, d - 2) > 0",
    step=f"{_STEP} + 2*(t + 1)*d + 6*(t + 1) + (t + 1)*L(Min(K, t + 1)) + (3*d + 9)*Min(K, t + 1) + 4",
    state="2*t*d + 1",
    parameters=_PARAMETERS,
)

pointer_previous = claimed(
    "pointer_previous",
    "a Pointer layer over the first K of itself, the one before, p, p[p], p[p[p]], ...",
    f"""
    {_BLOCK}
    All K candidates exist, so the choice is maximum, comparison, filling, minimum: 4 N K. The one before 2 N, if K > 1; each p[..]
    but p itself N, so (K - 3) N if K > 3; put together N K; keys gathered and scores 3 N K d. On the path, K < 10, candidates and
    their keys are there before the queries are: scores after 10 + 2 L(d), targets 2 L(K) + 2 later.
    {_TOKEN} keys and rows 2 (t + 1) d, pointers t + 1, candidates as above for one position,
    keys and scores 3 K d, choice 4 K.
    """,
    f"{_COMMON} + 3*N*K*d + 5*N*K + 2*N*(Min(K, 2) - 1) + N*(K - Min(K, 3))",
    "5*L(d) + L(4*d) + 2*L(K) + 23",
    where="K < 10",
    step=f"{_STEP} + 2*(t + 1)*d + t + 3*K*d + 5*K + 2*(Min(K, 2) - 1) + K - Min(K, 3) + 3",
    state="2*t*d + t + 1",
    parameters=_PARAMETERS,
)

pointer_additive = claimed(
    "pointer_additive",
    "a Pointer layer with scores a_i + b_j, by a running maximum of b,",
    f"""
    {_BLOCK}
    Queries and keys are of one coordinate, 4 N d in place of 4 N d^2; a_i is computed and not looked at. Times once more N; maximum so
    far 2 N; the one before each, 1 + N; comparison N, filling N, the last place of a new maximum 2 N: 8 N + 1. On the path, N > 2: b
    1 + L(d), maxima 2 L(N), joined 1, compared 1, filled 1, places 2 L(N); the gate is ready by then.
    {_TOKEN} b and rows (t + 1) (d + 1), positions, scores and choice 6 (t + 1).
    """,
    "18*N*d**2 + 26*N*d + 10*N + 5*d + 1",
    "4*L(d) + L(4*d) + 4*L(N) + 15",
    where="N > 2",
    step="18*d**2 + 31*d + (t + 1)*(d + 7) + 2",
    state="t*(d + 1) + 1",
    parameters="9*d**2 + 5*d",
)
