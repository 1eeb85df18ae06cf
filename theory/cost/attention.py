"""Claims about attention: softmax over all pairs, over a window, over the largest scores."""

from theory.cost.reference_layers import PROJECTED, claimed

_STEP = "8*d**2 + 6*(t + 1)*d + 5*(t + 1) + d"
_DERIVED = "no loop over N and no branch on a size, so symbols run through the layer; the argument adds the rules up"

softmax_attention = claimed(
    "softmax_attention",
    "causal softmax attention, written out,",
    f"""
    {PROJECTED}
    Between them, in order: q scaled, N d; scores, 2 N^2 d; times and their comparison, N + N^2; the filling, N^2; softmax, 5 N^2;
    values, 2 N^2 d. Together 4 N^2 d + 7 N^2 + N d + N. On the path: scaling 1, scores 1 + L(d), filling 1 (the mask is ready after
    2 steps, earlier than the scores), softmax 2 L(N) + 3, values 1 + L(N). With the maps 3 L(d) + 3 L(N) + 9.
    A decoded token: the maps 8 d^2, q scaled d, the caches of t rows copied with one more 2 (t + 1) d, scores and values 4 (t + 1)
    d, softmax 5 (t + 1).
    """,
    "8*N*d**2 + 4*N**2*d + 7*N**2 + N*d + N",
    "3*L(d) + 3*L(N) + 9",
    step=_STEP,
    state="2*t*d",
    strength="derived",
    reason=_DERIVED,
)

softmax_attention_bidirectional = claimed(
    "softmax_attention_bidirectional",
    "softmax attention without a mask",
    f"""
    {PROJECTED}
    As with the mask, without times, comparison and filling: N d + 2 N^2 d + 5 N^2 + 2 N^2 d, and one step less.
    """,
    "8*N*d**2 + 4*N**2*d + 5*N**2 + N*d",
    "3*L(d) + 3*L(N) + 8",
    strength="derived",
    reason=_DERIVED,
)

softmax_attention_fused = claimed(
    "softmax_attention_fused",
    "causal softmax attention through torch's fused function, written out as torch does on meta tensors,",
    f"""
    {PROJECTED}
    q and k are both scaled, by the root: 2 N d. The mask: ones N^2, its triangle N^2, two scalars 2, chosen between N^2, added N^2;
    scores and values 4 N^2 d, softmax 5 N^2. Together 4 N^2 d + 9 N^2 + 2 N d + 2. The path is that of the written-out layer, adding
    in place of filling; the mask is ready after 3 steps, the scores after 3 or more.
    """,
    "8*N*d**2 + 4*N**2*d + 9*N**2 + 2*N*d + 2",
    "3*L(d) + 3*L(N) + 9",
    step=_STEP,
    state="2*t*d",
    strength="derived",
    reason=_DERIVED,
)

softmax_attention_fused_bidirectional = claimed(
    "softmax_attention_fused_bidirectional",
    "softmax attention without a mask through torch's fused function",
    f"""
    {PROJECTED}
    q and k scaled 2 N d, scores and values 4 N^2 d, softmax 5 N^2; the path of the written-out layer.
    """,
    "8*N*d**2 + 4*N**2*d + 5*N**2 + 2*N*d",
    "3*L(d) + 3*L(N) + 8",
    strength="derived",
    reason=_DERIVED,
)

_WINDOW = "8*d**2 + 6*W*d + 8*W + d + 1"

sliding_window_mask = claimed(
    "sliding_window_mask",
    "attention to a window of W tokens as a mask over all pairs",
    f"""
    {PROJECTED}
    Times N; ages N^2; two comparisons and their union 3 N^2; q scaled N d; scores 2 N^2 d; filling N^2; softmax 5 N^2; values 2 N^2
    d: the window appears nowhere. The mask is ready after 4 steps, the scores after 2 L(d) + 3, which is later for d > 1; for d = 1
    the span is one more.
    A decoded token: maps 8 d^2, q scaled d, caches shifted and extended 2 W d, marks 1 + W, scores and values 4 W d, the marks'
    negation
    W, filling W, softmax 5 W.
    """,
    "8*N*d**2 + 4*N**2*d + 10*N**2 + N*d + N",
    "3*L(d) + 3*L(N) + 9",
    where="d > 1",
    step=_WINDOW,
    state="2*W*d + W",
    strength="derived",
    reason=_DERIVED,
)

sliding_window_unfold = claimed(
    "sliding_window_unfold",
    "attention to a window of W tokens unfolded",
    f"""
    {PROJECTED}
    Zeros before keys and values 2 W d, and both joined to them 2 (N + W) d; windows are views. Slots and times W + N; q scaled N d;
    scores 2 N W d; sums of times and slots N W, their comparison N W, filling N W, softmax 5 N W; values 2 N W d. On the path:
    scaling 1 (or joining 1), scores 1 + L(d), filling 1, softmax 2 L(W) + 3, values 1 + L(W).
    """,
    "8*N*d**2 + 4*N*W*d + 8*N*W + 3*N*d + 4*W*d + N + W",
    "3*L(d) + 3*L(W) + 9",
    step=_WINDOW,
    state="2*W*d + W",
)

topk_attention = claimed(
    "topk_attention",
    "causal attention to the K largest scores",
    f"""
    {PROJECTED}
    Times, mask and filling N + 2 N^2; q scaled N d; scores 2 N^2 d; with m = min(K, N): the largest m of N in N rows N^2 L(m);
    gathering their values N m d; softmax 5 N m; weighting 2 N m d. On the path: scaling 1, scores 1 + L(d), filling 1, topk as a sort
    L(N) (L(N) + 1) / 2, softmax 2 L(m) + 3, weighting 1 + L(m).
    A decoded token: maps 8 d^2, q scaled d, caches 2 (t + 1) d, scores 2 (t + 1) d, topk (t + 1) L(m), gathering, softmax and
    weighting (3 d + 5) m, with m = min(K, t + 1).
    """,
    "8*N*d**2 + 2*N**2*d + N**2*L(Min(K, N)) + 2*N**2 + Min(K, N)*N*(3*d + 5) + N*d + N",
    "3*L(d) + L(N)*(L(N) + 1)/2 + 3*L(Min(K, N)) + 9",
    step="8*d**2 + 4*(t + 1)*d + (t + 1)*L(Min(K, t + 1)) + (3*d + 5)*Min(K, t + 1) + d",
    state="2*t*d",
)
