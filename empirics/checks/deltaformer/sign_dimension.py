"""How many dimensions the signs of node tokens need: n - 1 with common keys, fewer when keys are chosen for the graph."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from constructions.layers import deltaformer as operator
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.deltaformer.graphs import all_adjacencies, as_graph, powers
from theory import exact
from theory.deltaformer import reachability as claims


@check(
    claims.sign_dimension, "derived", covers=True, scope={"sizes": "all n and d < n - 1", "method": "matrix symbols"}
)
def dependency_kills_every_write(through: str = "keys and values", factor: int = 1) -> Evidence:
    """x = -w^T K^T U has x c = 0 for every w once K^T U c = 0: an identity of matrices of symbolic sizes.

    through: what the dependency c is one of. factor: a scale of c.
    """
    import sympy

    n, d = sympy.symbols("n d", integer=True, positive=True)
    w, c = sympy.MatrixSymbol("w", d, 1), sympy.MatrixSymbol("c", n - 1, 1)
    keys, values = sympy.MatrixSymbol("K", n - 1, d), sympy.MatrixSymbol("U", n - 1, n - 1)
    vanishing = keys.T * values * c if through == "keys and values" else keys.T * c
    row = -w.T * keys.T * values
    residual = (row * (factor * c) + factor * w.T * vanishing).doit().expand()
    if residual != sympy.ZeroMatrix(1, 1):
        return fails(f"x c + w^T (...) leaves {residual}", 0, residual)
    return holds()


control(
    dependency_kills_every_write,
    "keys-alone",
    "refuted",
    through="keys",
    reason="the last token sees keys through earlier values",
)
control(
    dependency_kills_every_write, "scaled", "confirmed", factor=-3, symmetry="a dependency may be scaled by any number"
)


@st.composite
def _common_keys(draw: st.DrawFn, most: int = 6) -> dict[str, list]:
    """Keys and orphans' writes of n - 1 tokens, of n - 1 entries, and writes of the last; a check uses the first d entries."""
    n = draw(st.integers(2, most))
    vector = st.lists(st.integers(-3, 3), min_size=n - 1, max_size=n - 1)
    vectors = st.lists(vector, min_size=n - 1, max_size=n - 1)
    return {"keys": draw(vectors), "writes": draw(vectors), "last": draw(st.lists(vector, min_size=1, max_size=4))}


@check(
    claims.sign_dimension,
    "tested",
    given={"weights": _common_keys()},
    scope={
        "sizes": "n <= 6, keys and orphans' writes in -3..3; every write of the last token at once, and a few by the operator"
    },
    examples=(80, 1500),
)
def adversary_finds_parents(weights: dict[str, list], short: int = 1, scale: int = 1) -> Evidence:
    """Whatever the keys, a set of parents is found that no write of the last token can express, and the operator agrees.

    short: how many dimensions fewer than n - 1. scale: multiplies the keys.
    """
    size = len(weights["keys"])
    d = size - short
    keys, writes = (_fractions(weights[name], d) for name in ("keys", "writes"))
    keys = keys * scale
    values = operator.solve(keys, writes, _fractions(np.eye(size, dtype=int), size))
    seen = keys.T @ values if d else np.zeros((0, size), dtype=object)
    dependency = _null_vector(seen)
    if dependency is None:
        shown = [list(map(int, row)) for row in keys]
        return fails(f"{size + 1} nodes, keys {shown}: every set of parents has a write", "a dependency", "none")
    dependency = dependency if max(dependency) > 0 else -dependency
    parents = dependency > 0
    for last in _fractions(weights["last"], d):
        every_key, every_write = np.concatenate([keys, keys[:1] * 0]), np.concatenate([writes, last[None]])
        all_values = operator.solve(every_key, every_write, _fractions(np.eye(size + 1, dtype=int), size + 1))
        row = all_values[-1, :size]
        if row @ dependency != 0 or ((row > 0) == parents).all():
            told = np.flatnonzero(parents).tolist()
            return fails(
                f"{size + 1} nodes, keys {keys.tolist()}: the write {last.tolist()} expresses the parents {told}"
            )
    return holds(cases=len(weights["last"]))


control(
    adversary_finds_parents, "one-dimension-more", "refuted", short=0, reason="n - 1 independent keys express every set"
)
control(adversary_finds_parents, "keys-scaled", "confirmed", scale=7, symmetry="a write absorbs the scale of the keys")


def common_keys_that_do(nodes: int, dimension: int, most: int = 2) -> list[list[int]] | None:
    """Keys of the first n - 1 nodes with entries in -1, 0, 1, common to all graphs in which only the last node has parents, for
    which every set of parents has a write with entries in -most..most that gets all signs right; None when there are none.

    All orphans' writes with entries in -1, 0, 1 are tried too when a dimension is missing, else none but 0.
    """
    first = nodes - 1
    keys = _every(first * dimension, 1).reshape(3 ** (first * dimension), 1, first, dimension)
    free = (first - 1) * dimension if dimension < first else 0
    orphans = np.zeros((1, 3**free, first, dimension), dtype=np.int64)
    orphans[0, :, 1:] = _every(free, 1).reshape(3**free, first - 1, dimension) if free else 0
    last = _every(dimension, most)
    sets = np.array(list(itertools.product((False, True), repeat=first)))
    for one in keys:
        both = np.broadcast_to(one, (orphans.shape[1], first, dimension))
        values = operator.solve(
            both, orphans[0], np.broadcast_to(np.eye(first, dtype=np.int64), (len(both), first, first))
        )
        rows = -(last @ both.swapaxes(1, 2) @ values) if dimension else np.zeros((len(both), 1, first), dtype=np.int64)
        expressed = ((rows > 0)[:, None] == sets[None, :, None]).all(-1).any(-1).all(-1)
        if expressed.any():
            return one[0].tolist()
    return None


def _every(count: int, most: int) -> np.ndarray:
    """All vectors of that many entries in -most..most, as rows."""
    made = list(itertools.product(range(-most, most + 1), repeat=count))
    return np.array(made, dtype=np.int64).reshape(len(made), count)


@check(
    claims.sign_dimension,
    "exhausted",
    given=lambda run: {"size": [(2, 0), (3, 0), (3, 1), (4, 1), *run.pick([], [(4, 2)])]},
    scope={
        "sizes": "n <= 4, d < n - 1 (n = 4, d = 2 in the full budget); keys and orphans' writes in -1..1, the last token's in -2..2",
        "evaluation": "int64",
    },
)
def no_common_keys_do(size: tuple[int, int], spare: int = 0, most: int = 2) -> Evidence:
    """No keys with these entries let the last token express every set of parents, by the operator's own values.

    spare: dimensions added. most: greatest entry of the last token's writes.
    """
    nodes, dimension = size
    found = common_keys_that_do(nodes, dimension + spare, most)
    if found is None:
        return holds()
    return fails(
        f"{nodes} nodes, head dimension {dimension + spare}: keys {found} do for every set of parents", "none", found
    )


control(no_common_keys_do, "one-dimension-more", "refuted", spare=1, reason="n - 1 independent keys express every set")
control(no_common_keys_do, "fewer-writes", "confirmed", most=1, reason="fewer writes express fewer sets")


def _fractions(rows: Any, width: int) -> np.ndarray:
    made = np.empty((len(rows), width), dtype=object)
    for t, row in enumerate(rows):
        made[t] = [Fraction(int(x)) for x in row[:width]]
    return made


def _null_vector(matrix: np.ndarray) -> np.ndarray | None:
    """A vector that the matrix maps to zero, not zero itself; None if there is none."""
    rows, columns = matrix.shape
    echelon = exact.to_matrix(matrix).rref()[0].tolist() if rows else []
    pivots = [next(j for j, x in enumerate(row) if x != 0) for row in echelon if any(x != 0 for x in row)]
    free = next((j for j in range(columns) if j not in pivots), None)
    if free is None:
        return None
    found = np.array([Fraction(0)] * columns, dtype=object)
    found[free] = Fraction(1)
    for row, pivot in zip(echelon, pivots, strict=False):
        found[pivot] = -Fraction(int(row[free].p), int(row[free].q))
    return found


def sign_correct(nodes: int, dimension: int, reading: str) -> np.ndarray:
    """[graph] whether some keys and writes with entries in -1, 0, 1 read it off; graphs as in `all_adjacencies`."""
    graphs = all_adjacencies(nodes)
    if dimension == 0:
        values = np.eye(nodes, dtype=np.int64)[None]
    else:
        entries = np.array(list(itertools.product((-1, 0, 1), repeat=2 * (nodes - 1) * dimension)), dtype=np.int64)
        k, w = np.zeros((2, len(entries), nodes, dimension), dtype=np.int64)
        k[:, :-1] = entries[:, : (nodes - 1) * dimension].reshape(-1, nodes - 1, dimension)
        w[:, 1:] = entries[:, (nodes - 1) * dimension :].reshape(-1, nodes - 1, dimension)
        values = operator.solve(k, w, np.broadcast_to(np.eye(nodes, dtype=np.int64), (len(k), nodes, nodes)))
    said, wanted = (values, powers(graphs)) if reading == "count" else (values > 0, powers(graphs) > 0)
    said, wanted = (np.unique(x.reshape(len(x), -1), axis=0) if x is said else x for x in (said, wanted))
    return (wanted.reshape(len(graphs), 1, -1) == said[None]).all(-1).any(-1)


@check(
    claims.sign_dimension_per_graph,
    "exhausted",
    given={"nodes": [2, 3]},
    scope={"sizes": "n = 2, 3", "method": "all weights with entries in -1, 0, 1"},
)
def some_graph_needs_all_dimensions(nodes: int, reading: str = "sign", fewer: int = 1) -> Evidence:
    """For n = 2, 3: is there a graph that no weights of head dimension n - 2 read off?"""
    found = sign_correct(nodes, max(nodes - 1 - fewer, 0), reading)
    if not found.all():
        return holds(cases=len(found), witness=str(as_graph(all_adjacencies(nodes)[np.flatnonzero(~found)[0]])))
    return fails(
        f"{nodes} nodes: each of the {len(found)} graphs has weights of head dimension {nodes - 1 - fewer}",
        "a graph without",
        "none",
    )


control(
    some_graph_needs_all_dimensions, "counts", "confirmed", reading="count", reason="the path graph forces n - 1 (rank)"
)
control(some_graph_needs_all_dimensions, "none-fewer", "refuted", fewer=0, reason="n - 1 dimensions do for every graph")
control(
    some_graph_needs_all_dimensions, "dimension-zero", "confirmed", fewer=2, reason="without weights no edge is seen"
)
