"""A Pointer layer in Python integers: loops, lists and comparisons, from its equations alone; exact, so that equality is asked for.

Layers it knows: encode "offset" or "none", gate "linear" or "none", no norm, FFN with relu, hard selection; weights are integers.
"""


def allowed(rule, i, n, keys, previous):
    """The candidates of position i of n, as a list; `rule` is (name, arguments), keys lists of integers."""
    name, *how = rule
    match name:
        case "all":
            (causal,) = how
            return [j for j in range(n) if j <= i or not causal]
        case "window":
            size, causal = how
            ahead = 0 if causal else (size - 1) // 2
            return [j for j in range(i + ahead - size + 1, i + ahead + 1) if 0 <= j < n]
        case "strides":
            strides, causal = how
            reached = [i, *(i - s for s in strides), *([] if causal else [i + s for s in strides])]
            return [j for j in reached if 0 <= j < n]
        case "buckets":
            count, bits, causal = how
            mine = [[x > 0 for x in key[:bits]] for key in keys]
            same = [j for j in range(n) if mine[j] == mine[i]]
            ahead = 0 if causal else (count - 1) // 2
            at = same.index(i) + ahead + 1
            return same[max(0, at - count) : at]
        case "previous":
            (count,) = how
            hops, p = [i, max(i - 1, 0)], i
            for _ in range(count):
                p = previous[p]
                hops.append(p)
            return hops[:count]
        case "listed":
            return list(how[0][i])
    raise AssertionError(name)


def matrix(weight):
    return [[int(x) for x in row] for row in weight.tolist()]


def apply(weight, row):
    return [sum(a * b for a, b in zip(w, row, strict=True)) for w in weight]


def block(layer, rule, x, previous):
    """One sequence: x a list of rows, previous a list of pointers a head -> rows and pointers a head."""
    n, d, heads = len(x), layer.width, layer.heads
    m = d // heads
    h = [list(row) for row in x]
    if layer.encoding.form == "offset":
        table = [matrix(part) for part in layer.encoding.gate]
        for a in range(heads):
            for i in range(n):
                row = table[a][min(max(i - previous[a][i], 0), layer.encoding.reach)]
                for c in range(m):
                    h[i][a * m + c] += row[c]
    queries, keys = (
        [apply(matrix(w), row) for row in rows] for w, rows in ((layer.query.weight, h), (layer.key.weight, x))
    )
    size = len(queries[0]) // heads if n else 0
    pointers, z = [], [[0] * d for _ in range(n)]
    for a in range(heads):
        q, k = ([row[a * size : (a + 1) * size] for row in rows] for rows in (queries, keys))
        found = []
        for i in range(n):
            score = {}
            for j in allowed(rule, i, n, k, previous[a]):
                score[j] = q[i][0] + k[j][0] if layer.score == "additive" else sum(map(int.__mul__, q[i], k[j]))
            best = [j for j in score if score[j] == max(score.values())]
            found.append(min(best) if layer.ties == "first" else max(best))
        for _ in range(layer.rounds):
            found = [found[j] for j in found]
        pointers.append(found)
        for i, j in enumerate(found):
            for c in range(d) if layer.combine == "sum" else range(a * m, (a + 1) * m):
                z[i][c] += h[j][c]
    out = []
    for i in range(n):
        gate = apply(matrix(layer.gate.weight), h[i]) if layer.gate is not None else [1] * d
        y = [(h[i][c] if layer.residual else 0) + gate[c] * z[i][c] for c in range(d)]
        if layer.inner is not None:
            hidden = [max(v, 0) for v in apply(matrix(layer.inner.weight), y)]
            y = [a + b for a, b in zip(y, apply(matrix(layer.outer.weight), hidden), strict=True)]
        out.append(y)
    return out, pointers
