"""Infini-attention a token at a time, over any numbers that add, multiply and divide; lists of rows, nothing of the layer's.

A token t of segment s = t // C, after the keys and values of the segments before were added to M and z one by one:

    recalled_t = phi(q_t) M / (phi(q_t) z),   local_t = sum over i of its segment, i <= t, of w(q_t, k_i) v_i
"""

from fractions import Fraction


def dot(x, y):
    return sum((a * b for a, b in zip(x, y, strict=True)), Fraction(0))


def rational_feature(x):
    return 1 + x if x > 0 else 1 / (1 - x)


def read(matrix, z, phi):
    """phi M / (phi z), 0 where that is 0 / 0; phi M where there is no z."""
    columns = [dot(phi, [row[c] for row in matrix]) for c in range(len(matrix[0]))]
    if z is None:
        return columns
    below = dot(phi, z)
    return [x / below if below else 0 * x for x in columns]


def write(matrix, z, phis, values, rule, known):
    """The memory after a segment; every token reads the memory as it was before the segment."""
    after, z_after = [list(row) for row in matrix], None if z is None else list(z)
    for phi, value, before in zip(phis, values, known, strict=True):
        held = [0] * len(value) if rule == "linear" else read(matrix, z, phi)
        for i, weight in enumerate(phi):
            for c, number in enumerate(value):
                after[i][c] += weight * (number - held[c])
            if z_after is not None and not before:
                z_after[i] += weight
    return after, z_after


def attention(
    q, k, v, gate, segment, rule, *, phi, weight, start="local", constant=0, valid=None, known=None, memory=None
):
    """Outputs of one head with one gate; `weight(q, keys)` -> weights of local attention to the keys."""
    tokens, d, m = len(q), len(k[0]), len(v[0])
    valid = [True] * tokens if valid is None else valid
    known = [False] * tokens if known is None else known
    zero = 0 * v[0][0]
    matrix, z = memory or ([[zero] * m for _ in range(d)], [zero + constant] * d)
    z = None if rule == "delta-unit" else z
    stored, rows = 0, []
    for t in range(tokens):
        first = t - t % segment
        if t and t == first:
            past = [i for i in range(first - segment, first) if valid[i]]
            matrix, z = write(
                matrix, z, [phi(k[i]) for i in past], [v[i] for i in past], rule, [known[i] for i in past]
            )
            stored += len(past)
        here = [i for i in range(first, t + 1) if valid[i] or i == t]
        weights = weight(q[t], [k[i] for i in here])
        local = [dot(weights, [v[i][c] for i in here]) for c in range(m)]
        recalled = read(matrix, z, phi(q[t]))
        g = 0 * gate if start == "local" and not stored else gate
        rows.append([g * a + (1 - g) * b for a, b in zip(recalled, local, strict=True)])
    return rows
