"""The inverse as reachability by other means: a kernel that is never negative, and logarithmic depth."""

from __future__ import annotations

from typing import Any

import numpy as np

from constructions.arrays import product
from constructions.deltaformer import log_depth
from constructions.deltaformer.reachability import Halves, NegatingCopies
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.deltaformer.graphs import all_adjacencies, counts_agree, path_graph, powers
from theory.deltaformer import reachability as claims


class CopiesUnread(NegatingCopies):
    """Children attend to the nodes, not to their copies."""

    def node(self, e: Any, node: Any, parents: Any) -> tuple[Halves, Halves]:
        return Halves(node=e(node)), Halves(node=parents)


class CopiesCopyNothing(NegatingCopies):
    """A copy attends to itself, which is not earlier."""

    def copy(self, e: Any, node: Any) -> tuple[Halves, Halves]:
        return Halves(copy=e(node)), Halves(copy=e(node))


class HalvesExchanged(NegatingCopies):
    """The two sets of coordinates exchanged."""

    def node(self, e: Any, node: Any, parents: Any) -> tuple[Halves, Halves]:
        k, w = super().node(e, node, parents)
        return Halves(*reversed(k)), Halves(*reversed(w))

    def copy(self, e: Any, node: Any) -> tuple[Halves, Halves]:
        k, w = super().copy(e, node)
        return Halves(*reversed(k)), Halves(*reversed(w))


@check(claims.negating_copies, "derived", covers=True, scope={"sizes": "all graphs", "method": "patterns of equality"})
def four_inner_products(construction: Any = NegatingCopies()) -> Evidence:
    """What a node and a copy see of an earlier node and an earlier copy, all nodes symbols, multiplicities arbitrary."""
    import sympy

    from theory.symbolic import Combination, Slot, delta, describe, in_pattern, patterns, row, unit

    t, i, c = (Slot(name) for name in "tic")
    parents = Combination(((c, row(c)),))
    (node_key, _), (copy_key, copy_write) = construction.node(unit, i, parents), construction.copy(unit, i)
    _, node_write = construction.node(unit, t, parents)
    _, copy_write = construction.copy(unit, t)
    wanted = {
        "node of a node": (node_key.inner(node_write), sympy.Integer(0)),
        "node of a copy": (copy_key.inner(node_write), row(c) * delta(i, c)),
        "copy of a node": (node_key.inner(copy_write), delta(t, i)),
        "copy of a copy": (copy_key.inner(copy_write), sympy.Integer(0)),
    }
    decided = 0
    for pattern in patterns((t, i, c)):
        for name, (found, right) in wanted.items():
            made, correct = (in_pattern(sympy.sympify(x), pattern) for x in (found, right))
            if sympy.expand(made - correct) != 0:
                return fails(f"{name}, {describe(pattern)}: the inner product is {made}, not {correct}", correct, made)
            decided += 1
    return holds(cases=decided)


@check(
    claims.negating_copies,
    "exhausted",
    given=lambda run: {"nodes": list(range(run.pick(5, 6)))},
    scope={"sizes": "all simple graphs with n <= 4 nodes", "oracle": "powers of the adjacency matrix"},
)
def every_graph_with_copies(nodes: int, construction: Any = NegatingCopies()) -> Evidence:
    """Every graph on n ordered nodes: no weight is negative, nodes hold path counts, copies hold their negatives."""
    graphs = all_adjacencies(nodes)
    tokens = construction.compile_batch(graphs)
    assert min(tokens.k.min(initial=0), tokens.w.min(initial=0)) >= 0, "a weight is negative"
    values = tokens.first_stage()
    of_nodes = counts_agree(graphs, values[:, ::2])
    if of_nodes.outcome == "REFUTED":
        return of_nodes
    return counts_agree(graphs, -values[:, 1::2])


for _check in (four_inner_products, every_graph_with_copies):
    control(_check, "copies-unread", "refuted", construction=CopiesUnread(), reason="an edge counts -1")
    control(_check, "copies-of-nothing", "refuted", construction=CopiesCopyNothing(), reason="a copy stays zero")
    control(
        _check,
        "halves-exchanged",
        "confirmed",
        construction=HalvesExchanged(),
        symmetry="a permutation of the coordinates",
    )


@check(claims.log_depth, "derived", covers=True, scope={"sizes": "all n", "method": "a symbol that need not commute"})
def product_telescopes(sign: int = 1, scale: int = 1) -> Evidence:
    """(I - Y)(I + sign Y) = I - Y^2, the step from J factors to J + 1; `scale` multiplies Y."""
    import sympy

    y = scale * sympy.Symbol("Y", commutative=False)
    residual = sympy.expand((1 - y) * (1 + sign * y) - (1 - y * y))
    return (
        holds() if residual == 0 else fails(f"(I - Y)(I {'+' if sign > 0 else '-'} Y) leaves {residual}", 0, residual)
    )


control(product_telescopes, "sign-dropped", "refuted", sign=-1, reason="(I - Y)^2 is not I - Y^2")
control(product_telescopes, "scaled", "confirmed", scale=3, reason="edge weights only change Y")


@check(
    claims.log_depth,
    "exhausted",
    given=lambda run: {"nodes": list(range(1, run.pick(6, 7)))},
    scope={"sizes": "all simple graphs with n <= 5 nodes", "oracle": "powers of the adjacency matrix"},
)
def every_graph_by_squaring(nodes: int, fewer: int = 0, more: int = 0) -> Evidence:
    """Every graph on n ordered nodes: the product of the factors is the matrix of path counts."""
    graphs = all_adjacencies(nodes)
    factors = max(log_depth.factors_needed(nodes) - fewer, 0) + more
    return counts_agree(graphs, log_depth.inverse(-graphs, factors=factors))


control(every_graph_by_squaring, "one-factor-fewer", "refuted", fewer=1, reason="the longest path is not counted")
control(every_graph_by_squaring, "one-factor-more", "confirmed", more=1, reason="a further factor is the identity")


@check(
    claims.log_depth,
    "exhausted",
    given=lambda run: {"nodes": list(range(1, run.pick(34, 130)))},
    scope={"sizes": "the path graph, n <= 33"},
)
def factors_and_products_are_least(nodes: int, factors_needed: Any = log_depth.factors_needed) -> Evidence:
    """The path graph: this many factors do, one fewer does not; the products spent are counted."""
    graph, needed, spent = path_graph(nodes), factors_needed(nodes), 0

    def counted(a: Any, b: Any) -> Any:
        nonlocal spent
        spent += 1
        return product(a, b)

    wanted = powers(graph)
    if (log_depth.inverse(-graph, factors=needed, multiply=counted) != wanted).any():
        return fails(f"path graph on {nodes} nodes: {needed} factors are too few", "the path counts", "others")
    if needed and (log_depth.inverse(-graph, factors=needed - 1) == wanted).all():
        return fails(f"path graph on {nodes} nodes: {needed - 1} factors are enough", needed - 1, needed)
    assert spent == max(2 * needed - 2, 0), f"path graph on {nodes} nodes: {spent} products, not 2 * {needed} - 2"
    return holds()


control(
    factors_and_products_are_least,
    "rounded-down",
    "refuted",
    factors_needed=lambda n: n.bit_length() - 1,
    reason="2^J >= n is needed",
)
control(
    factors_and_products_are_least,
    "one-more-for-powers-of-two",
    "refuted",
    factors_needed=lambda n: n.bit_length(),
    reason="at n = 2^J paths have at most 2^J - 1 edges",
)
control(
    factors_and_products_are_least,
    "by-logarithm",
    "confirmed",
    factors_needed=lambda n: int(np.ceil(np.log2(n))),
    symmetry="another way to compute ceil(log2 n)",
)
