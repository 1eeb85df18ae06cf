"""Claims about attention with a position bias: one head, biases from a table of the distances, scores in float32."""

from theory.cost.reference_layers import PROJECTED, claimed

_SHARED = """Table: distances N, made floats N; as many -inf N, both joined 2 N. Positions N, differences N^2, the table read N^2.
    Attention: q scaled N d, scores 2 N^2 d, biases added N^2, softmax 5 N^2, values 2 N^2 d. The slope is made and stacked, 2."""
_STEP = "8*d**2 + 6*(t + 1)*d + d"
_PATHS = """On the path: scores are ready after 2 L(d) + 3, or the biases later; adding 1, softmax 2 L(N) + 3, values 1 + L(N), the last
    map 1 + L(d)."""
_DERIVED = "no loop over N and no branch on a size, so symbols run through the layer; the argument adds the rules up"

alibi_attention = claimed(
    "alibi_attention",
    "causal attention with ALiBi's bias",
    f"""
    {PROJECTED}
    {_SHARED} Times the slope and negated 2 N. Together 4 N^2 d + 8 N^2 + N d + 8 N + 2.
    {_PATHS} The biases: slope 2, product, sign, -inf, joined, read: 6.
    A decoded token: the maps 8 d^2, q scaled d, caches extended 2 (t + 1) d, scores and values 4 (t + 1) d, softmax 5 (t + 1), adding
    t + 1, and of the bias 10 (t + 1) + 2.
    """,
    "8*N*d**2 + 4*N**2*d + 8*N**2 + N*d + 8*N + 2",
    "Max(3*L(N) + L(d) + 12, 3*L(d) + 3*L(N) + 9)",
    step=f"{_STEP} + 16*(t + 1) + 2",
    state="2*t*d",
)

mep_attention = claimed(
    "mep_attention",
    "causal attention with the bias of three kernels",
    f"""
    {PROJECTED}
    {_SHARED} Two more copies of the distances in floats 2 N and half of the slope 1. Exponentials 4 N and Gaussian 3 N in place of 2 N;
    their logsumexp with the stacking 17 N, less log 3 N: 25 N + 1 more than ALiBi, and nothing more that grows with N^2.
    {_PATHS} The biases wait for logsumexp, 17 steps in all.
    A decoded token: 25 (t + 1) + 1 more than with ALiBi.
    """,
    "8*N*d**2 + 4*N**2*d + 8*N**2 + N*d + 33*N + 3",
    "Max(3*L(N) + L(d) + 23, 3*L(d) + 3*L(N) + 9)",
    step=f"{_STEP} + 41*(t + 1) + 3",
    state="2*t*d",
    strength="derived",
    reason=_DERIVED,
)

fire_attention = claimed(
    "fire_attention",
    "causal attention with FIRE's bias, a network of 32 hidden numbers at every pair,",
    f"""
    {PROJECTED}
    Positions N, differences N^2; rate and threshold 2; the queries' positions N and N, their logarithm with its product and the
    larger of threshold and position 3 N; clamped, made floats, times the rate, log1p and divided 5 N^2. The network: to 32 numbers
    96 N^2, of them the positive part 32 N^2, to one 65 N^2. The mask N^2 and N^2. Attention as with ALiBi: 4 N^2 d + N d + 6 N^2.
    Together 207 N^2: a network at every pair outweighs 50 coordinates of the head.
    {_PATHS} The biases wait for the network, 18 steps in all.
    A decoded token: maps, caches, scores and values as with ALiBi, 207 (t + 1) of the pairs, the keys' positions t + 1, 7 besides.
    """,
    "8*N*d**2 + 4*N**2*d + 207*N**2 + N*d + 6*N + 2",
    "Max(3*L(N) + L(d) + 24, 3*L(d) + 3*L(N) + 9)",
    step=f"{_STEP} + 208*(t + 1) + 7",
    state="2*t*d",
    parameters="4*d**2 + 99",
    strength="derived",
    reason=_DERIVED,
)
