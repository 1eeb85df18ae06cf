"""Claims about layers with a state of fixed size: linear attention, the delta rule, gated scans, each in several forms."""

from theory.cost.reference_layers import CHUNKS, PROJECTED, ROWS, claimed

_LINEAR = "12*d**2 + 10*d + 2"

_FEATURES = f"""{PROJECTED}
    Features elu + 1 of q and k: 4 N d, 2 steps on the path. A column of ones beside v: N ones, joined N (d + 1). The quotient at the
    end:
    N d, 1 step. So 5 N d + 2 N + N d besides the sum over m = d + 1 columns."""

linear_attention_cumsum = claimed(
    "linear_attention_cumsum",
    "linear attention by a cumulative sum of outer products",
    f"""
    {_FEATURES}
    Outer products N d m, their sum over time 2 N d m, reading 2 N d m: 5 N d (d + 1). On the path: product 1, scan 2 L(N), reading 1
    + L(d).
    A decoded token: maps 8 d^2; features 4 d, ones 1, joined d + 1, outer product and sum 2 d (d + 1), reading 2 d (d + 1), quotient
    d.
    """,
    "13*N*d**2 + 11*N*d + 2*N",
    "3*L(d) + 2*L(N) + 7",
    step=_LINEAR,
    state="d**2 + d",
    strength="derived",
    reason="no loop over N and no branch on a size; a scan over N tokens has span 2 L(N)",
)

linear_attention_loop = claimed(
    "linear_attention_loop",
    "linear attention a token at a time",
    f"""
    {_FEATURES}
    The first state d m; a token: outer product d m, added d m, read 2 d m; rows joined N m. On the path: product 1, N sums, reading
    1 + L(d), joining 1: the sums are the only chain over tokens.
    """,
    "12*N*d**2 + 11*N*d + 3*N + d**2 + d",
    "N + 3*L(d) + 8",
    step=_LINEAR,
    state="d**2 + d",
)

linear_attention_chunked = claimed(
    "linear_attention_chunked",
    "linear attention in chunks of C tokens",
    f"""
    {_FEATURES}
    n = ceil(N/C) chunks, P = n C, m = d + 1. Padding q, k, v: (P - N) (2 d + m) zeros, P (2 d + m) joined. Within chunks: products
    2 P C d, triangle P C, times values 2 P C m; states 2 P d m, their sum over chunks 2 n d m, shifted by zeros d m and joined n d m;
    read 2 P d m; added P m. On the path: padding 1, states 1 + L(C), their sum 2 L(n), shifting 1, reading 1 + L(d), adding 1.
    """,
    f"8*N*d**2 + 3*N*d + N + {ROWS}*(4*d**2 + 4*C*d + 3*C + 11*d + 3) + (3*{CHUNKS} + 1)*(d**2 + d)",
    f"3*L(d) + L(C) + 2*L({CHUNKS}) + 10",
    step=_LINEAR,
    state="d**2 + d",
)

_DELTA = "14*d**2 + 7*d + 3"

_GATED = f"""{PROJECTED}
    Gate: 2 N d, sigmoid N. Unit keys: squares N d, sums N d, a constant added N, roots N, product N d; 4 + L(d) on the path."""

delta_rule_loop = claimed(
    "delta_rule_loop",
    "the delta rule a token at a time",
    f"""
    {_GATED}
    The first state d^2; a token: its key's value 2 d^2, difference d, times beta d, outer product d^2, added d^2, read 2 d^2; rows
    joined
    N d. On the path: a token takes reading 1 + L(d), difference 1, beta 1, product 1, sum 1: L(d) + 5, one after another; after the
    last reading 1 + L(d) and joining 1; before the first the key's map and length, 2 L(d) + 5.
    """,
    "14*N*d**2 + 8*N*d + 3*N + d**2",
    "N*(L(d) + 5) + 4*L(d) + 8",
    step=_DELTA,
    state="d**2",
    parameters="4*d**2 + d",
)

delta_rule_chunked = claimed(
    "delta_rule_chunked",
    "the delta rule in chunks of C tokens, one triangular solve for all chunks",
    f"""
    {_GATED}
    n = ceil(N/C), P = n C. Padding q, k, v and beta; beta times k and v 2 P d, joined 2 P d; products of keys 2 P C d, triangle P C;
    solve for 2 d columns 2 P C d; pairs 2 P C d, triangle P C. A chunk: writes 2 C d^2 + C d, read 2 C d^2 + 2 C^2 d + C d, state
    2 C d^2 + d^2. On the path the solve, 2 C, comes once, since it does not depend on the state; a chunk then takes
    writes 1 + L(d) and 1, the state's change 1 + L(C) and 1: L(C) + L(d) + 4.
    """,
    f"8*N*d**2 + 2*N*d + 2*N + {ROWS}*(6*d**2 + 8*C*d + 2*C + 13*d + 2) + ({CHUNKS} + 1)*d**2",
    f"{CHUNKS}*(L(C) + L(d) + 4) + 2*C + 4*L(d) + 11",
    step=_DELTA,
    state="d**2",
    parameters="4*d**2 + d",
)

_SCAN = "6*d**2 + 5*d"
_MAPS = """Three square maps 6 N d^2, 2 (1 + L(d)) on the path; sigmoid, 1 - a and its product with b 3 N d. A combination of two
    maps h -> a h + b costs 3 a number; 1 or 2 steps."""

scan_hillis_steele = claimed(
    "scan_hillis_steele",
    "a gated recurrence by the scan of Hillis and Steele",
    f"""
    {_MAPS}
    L(N) rounds. Round j combines N - 2^(j-1) tokens, N L(N) - 2^L(N) + 1 in all rounds, 3 d each, and joins both parts of N tokens,
    2 N d. On the path a round takes a product, a sum and a joining: 3; before it 3.
    """,
    "6*N*d**2 + 3*N*d + 3*d*(N*L(N) - 2**L(N) + 1) + 2*N*d*L(N)",
    "2*L(d) + 3*L(N) + 5",
    step=_SCAN,
    state="d",
    parameters="3*d**2",
)

scan_blelloch = claimed(
    "scan_blelloch",
    "a gated recurrence by the scan of Blelloch, N a power of two,",
    f"""
    {_MAPS}
    On s tokens, s even: s / 2 pairs and s / 2 - 1 in between, s - 1 combinations, then the same on s / 2: 2 N - 2 - L(N) in all, 3 d
    each. Of both parts: the first put before the others, s / 2 rows, stacked in pairs s, joined with nothing left over s: 5 s d for
    both parts together, over s = N, N / 2, ..., 2: 10 (N - 1) d.
    """,
    "6*N*d**2 + 3*N*d + 3*d*(2*N - 2 - L(N)) + 10*(N - 1)*d",
    None,
    where="N >= 2**L(N)",
    step=_SCAN,
    state="d",
    parameters="3*d**2",
)

scan_sequential = claimed(
    "scan_sequential",
    "a gated recurrence a token after another",
    f"""
    {_MAPS}
    N - 1 combinations 3 d each, both parts joined 2 N d. On the path a combination takes a product and a sum, 2 (N - 1); before it 3,
    after it joining 1.
    """,
    "6*N*d**2 + 3*N*d + 3*(N - 1)*d + 2*N*d",
    "2*L(d) + 2*N + 4",
    step=_SCAN,
    state="d",
    parameters="3*d**2",
)
