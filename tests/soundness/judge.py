"""An independent judge of certificates: other algorithms than the checker's, on python-flint and networkx.

It assumes the file is well-formed (the checker accepted it) and says whether what acceptance means is true.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import networkx
from flint import fmpq, fmpq_mat


def is_true(certificate: dict[str, Any]) -> bool:
    """Whether the statement of a well-formed certificate is true."""
    return {
        "swap-tracking": _swaps,
        "path-counts": _paths,
        "determinant": _determinant,
        "rank": _rank,
        "inequality": _inequality,
        "negative-form": _negative_form,
        "positive-symbol": _positive_symbol,
        "growth": _growth,
    }[certificate["kind"]](certificate["data"])


def _q(x: Any) -> fmpq:
    f = Fraction(x)
    return fmpq(f.numerator, f.denominator)


def _sparse(rows: list, width: int) -> list[list[fmpq]]:
    return [[_q(dict(map(tuple, row)).get(c, 0)) for c in range(width)] for row in rows]


def _matrix(rows: list, height: int, width: int) -> fmpq_mat:
    return fmpq_mat(height, width, [x for row in rows for x in row])


def _operator(k: fmpq_mat, w: fmpq_mat, v: fmpq_mat, beta: list) -> fmpq_mat:
    """U by inverting I + A whole."""
    t = k.nrows()
    gram = w * k.transpose() if k.ncols() else fmpq_mat(t, t)
    entries = [_q(beta[i]) * gram[i, j] if j < i else fmpq(int(i == j)) for i in range(t) for j in range(t)]
    return fmpq_mat(t, t, entries).inv() * v


def _swaps(data: dict[str, Any]) -> bool:
    n, d, per = data["slots"], data["key_dimension"], data["tokens_per_swap"]
    t = n + per * len(data["swaps"])
    k, w = (_matrix(_sparse(data[name], d), t, d) for name in ("k", "w"))
    v = _matrix(_sparse(data["v"], n), t, n)
    if any(v[i, j] != int(i == j) for i in range(t) for j in range(n)):
        return False
    queries, u = _matrix(_sparse(data["queries"], d), n, d), _operator(k, w, v, data["beta"])
    wanted = fmpq_mat(n, n, [int(i == j) for i in range(n) for j in range(n)])
    for done, (a, b) in enumerate([(0, 0), *data["swaps"]]):
        swap = fmpq_mat(n, n, [int(j == (b if i == a else a if i == b else i)) for i in range(n) for j in range(n)])
        wanted, seen = swap * wanted, n + per * done
        keys = fmpq_mat(seen, d, k.entries()[: seen * d])
        if queries * (keys.transpose() * fmpq_mat(seen, n, u.entries()[: seen * n])) != wanted:
            return False
    return True


def _paths(data: dict[str, Any]) -> bool:
    n, d, order = data["nodes"], data["key_dimension"], data["order"]
    graph = networkx.MultiDiGraph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(data["edges"])
    if not networkx.is_directed_acyclic_graph(graph) or sorted(order) != list(range(n)):
        return False
    place = {node: t for t, node in enumerate(order)}
    if any(place[x] >= place[y] for x, y in data["edges"]):
        return False
    eye = fmpq_mat(n, n, [int(i == j) for i in range(n) for j in range(n)])
    k, w = (_matrix(_sparse(data[name], d), n, d) for name in ("k", "w"))
    u = _operator(k, w, eye, data["beta"])
    said = _matrix(_sparse(data["counts"], n), n, n)
    for x in range(n):
        for y in range(n):
            paths = 1 if x == y else sum(1 for _ in networkx.all_simple_edge_paths(graph, x, y))
            if said[y, x] != paths or u[place[y], place[x]] != paths:
                return False
    return True


def _dense(rows: list) -> fmpq_mat:
    return fmpq_mat(len(rows), len(rows[0]), [_q(x) for row in rows for x in row])


def _determinant(data: dict[str, Any]) -> bool:
    return _dense(data["matrix"]).det() == _q(data["determinant"])


def _rank(data: dict[str, Any]) -> bool:
    return _dense(data["matrix"]).rank() == data["rank"]


def _ball(x: Any) -> Any:
    from flint import arb

    return arb(fmpq(x.numerator, x.denominator)) if isinstance(x, Fraction) else x


def _value(e: Any) -> Any:
    """Rational expressions in Fractions, exactly; the others as balls."""
    if not isinstance(e, list):
        return Fraction(e)
    name, *rest = e
    if name == "pow":
        return _value(rest[0]) ** rest[1]
    parts = [_value(x) for x in rest]
    if name in ("exp", "log", "cos"):
        if parts[0] == (1 if name == "log" else 0):
            return Fraction(int(name != "log"))
        return getattr(_ball(parts[0]), name)()
    if not all(isinstance(x, Fraction) for x in parts):
        parts = [_ball(x) for x in parts]
    if name == "+":
        return sum(parts[1:], parts[0]) if parts else Fraction(0)
    if name == "*":
        return math.prod(parts[1:], start=parts[0]) if parts else Fraction(1)
    return {"-": lambda: parts[0] - parts[1], "/": lambda: parts[0] / parts[1], "neg": lambda: -parts[0]}[name]()


def _inequality(data: dict[str, Any]) -> bool:
    from flint import ctx

    with ctx.workprec(20000):
        left, right = _value(data["left"]), _value(data["right"])
        if not (isinstance(left, Fraction) and isinstance(right, Fraction)):
            left, right = _ball(left), _ball(right)
        return bool(left <= right) if data["relation"] == "<=" else bool(left < right)


def _negative_form(data: dict[str, Any]) -> bool:
    """Pair by pair."""
    from flint import ctx

    c = [Fraction(x) for x in data["vector"]]
    with ctx.workprec(3000):
        b = [_ball(_value(e)) for e in data["sequence"]]
        total = sum(_ball(x * y) * b[abs(i - j)] for i, x in enumerate(c) for j, y in enumerate(c))
        return sum(c) == 0 and bool(total < 0)


def _positive_symbol(data: dict[str, Any]) -> bool:
    """The symbol of the given differences at many angles, less twice the rest; the factor is not looked at."""
    from flint import arb, ctx

    with ctx.workprec(3000):
        b = [_ball(_value(e)) for e in data["sequence"]]
        rest = _ball(_value(data["rest"]))
        a = [2 * b[d] - b[d + 1] - b[abs(d - 1)] for d in range(len(b) - 1)]
        for k in range(257):
            w = arb(fmpq(k, 256)) * arb.pi()
            symbol = a[0] + 2 * sum((x * (d * w).cos() for d, x in enumerate(a[1:], 1)), arb(0)) - 2 * rest
            if not symbol > -(arb(2) ** -2900):
                return False
        return bool(rest >= 0)


def _growth(data: dict[str, Any]) -> bool:
    """At the sizes from the start on, around powers of two and far out: with Fractions, log2 and roots as balls."""
    from flint import arb, ctx

    def exact(x: Any) -> bool:
        return isinstance(x, Fraction)

    def ball(x: Any) -> Any:
        return arb(fmpq(x.numerator, x.denominator)) if exact(x) else x

    def exceeds(a: Any, b: Any) -> bool:
        return bool(a > b) if exact(a) and exact(b) else bool(ball(a) > ball(b))

    def together(f: Any, parts: list[Any]) -> Any:
        return f(parts) if all(map(exact, parts)) else f([ball(x) for x in parts])

    def value(e: Any, sizes: dict[str, int]) -> Any:
        if isinstance(e, str) and e in sizes:
            return Fraction(sizes[e])
        if not isinstance(e, list):
            return Fraction(e)
        name, *rest = e
        if name == "pow":
            base, exponent = value(rest[0], sizes), Fraction(rest[1])
            if exponent.denominator == 1:
                return base ** int(exponent)
            return ball(base).root(exponent.denominator) ** exponent.numerator
        parts = [value(x, sizes) for x in rest]
        if name == "+":
            return together(lambda xs: sum(xs[1:], xs[0]), parts)
        if name == "*":
            return together(lambda xs: math.prod(xs[1:], start=xs[0]), parts)
        if name in ("min", "max"):
            return together(lambda xs: (min if name == "min" else max)(xs), parts)
        if name == "floor":
            return Fraction(math.floor(parts[0] / parts[1]))
        if name == "log2":
            power = parts[0].numerator.bit_length() - 1
            return Fraction(power) if parts[0] == 2**power else ball(parts[0]).log() / arb(2).log()
        least = next(k for k in itertools.count() if parts[0] <= 2**k)
        return Fraction(least if name == "L" else 2**least)

    start = data["start"]
    values = sorted(
        {*range(start, start + 6), *(start + 2**k + o for k in (3, 4, 10, 33) for o in (-start, 1 - start)), start + 7}
    )
    before, ctx.prec = ctx.prec, 400
    try:
        for point in itertools.product([x for x in values if x >= start], repeat=len(data["sizes"])):
            sizes = dict(zip(data["sizes"], point, strict=True))
            if any(exceeds(value(left, sizes), value(right, sizes)) for left, right in data["where"]):
                continue
            if exceeds(value(data["count"], sizes), value(["*", data["constant"], data["bound"]], sizes)):
                return False
        return True
    finally:
        ctx.prec = before
