"""Chains and residual gathers: one step derived, all small tables exhausted, random ones against networkx and plain matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from constructions.pointer.shifts import shifted
from constructions.pointer.tables import CHAIN, RESIDUAL, AllTables, Gathering, path_counts, visited
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.pointer.table_batches import (
    OwnLast,
    OwnTakenAway,
    Tables,
    TwoHops,
    all_small,
    largest_is,
    listed,
    wrong_table,
)
from theory.pointer import reach as claims
from theory.pointer.tables import PointerTable


def _sum_step(layer: Gathering, heads: int, factor: Any) -> Evidence | None:
    """Row sums T before a layer are `factor` T after it, as an identity in T."""
    import sympy

    total = sympy.Symbol("T", positive=True)
    found = layer.combine(total, [total] * heads)
    if sympy.expand(found - factor * total) != 0:
        return fails(f"a layer turns row sums T into {found}, not {factor * total}", factor * total, found)
    return None


@check(claims.chain, "derived", covers=True, scope={"sizes": "all N, L and tables", "method": "patterns of equality"})
def one_row_is_read(layer: Gathering = CHAIN, heads: int = 1) -> Evidence:
    """Row i after a layer is row p_i before it, whether p_i is i or not, and its sum stays what it was."""
    import sympy

    from theory.symbolic import Slot, describe, in_pattern, patterns, row, unit

    i, p = Slot("i"), Slot("p")
    read = layer.combine(unit(i), [unit(p)] * heads).apply(row)
    for pattern in patterns((i, p)):
        residual = in_pattern(sympy.sympify(read) - row(p), pattern)
        if residual != 0:
            return fails(f"{describe(pattern)}: a layer reads {read}, not row p alone", row(p), read)
    return _sum_step(layer, heads, 1) or holds(cases=3)


control(one_row_is_read, "with-the-residual", "refuted", layer=RESIDUAL, reason="the own row is read as well")
control(one_row_is_read, "two-heads", "refuted", heads=2, reason="row p comes twice")
control(one_row_is_read, "own-row-taken-away", "confirmed", layer=OwnTakenAway(), symmetry="h_i - h_i = 0")


@check(
    claims.chain,
    "exhausted",
    given=all_small,
    scope={"sizes": "all tables with N <= 3, L <= 3; N = 4, L <= 2; N = 5, L = 1"},
)
def every_small_chain(tables: Tables, layer: Gathering = CHAIN, extra: int = 1) -> Evidence:
    """Every table: one input an output, the last position visited, at most L + `extra` visited, and as many for some table."""
    targets = tables.targets
    counts, walk = path_counts(targets, layer), visited(targets)
    members = np.eye(tables.n + 1, dtype=np.int64)[walk].max(axis=2)[:, :, : tables.n]
    wanted = np.eye(tables.n + 1, dtype=np.int64)[walk[:, :, -1]][:, :, : tables.n]
    found = wrong_table(targets, (counts != wanted).any(axis=-1))
    if found is not None:
        table, which, output = found
        words = f"{table}: output {output} depends on {listed(counts[which, output] > 0)}, the chain ends at {walk[which, output, -1]}"
        return fails(words, wanted[which, output].tolist(), counts[which, output].tolist(), {"tables": table})
    most = min(tables.n, targets.shape[1] + extra)
    sizes = members.sum(axis=-1)
    found = wrong_table(targets, sizes > most)
    if found is not None:
        table, which, output = found
        words = f"{table}: the chain from {output} comes by {sizes[which, output]} positions, more than {most}"
        return fails(words, most, int(sizes[which, output]), {"tables": table})
    if isinstance(tables, AllTables) and sizes.max() < most:
        words = f"{tables.n} positions, {tables.layers} layers: no chain comes by {most} positions"
        return fails(words, most, int(sizes.max()))
    return holds(cases=len(targets))


control(every_small_chain, "with-the-residual", "refuted", layer=RESIDUAL, reason="the own row is kept: two inputs")
control(every_small_chain, "l-positions", "refuted", extra=0, reason="the start is a position too")
control(every_small_chain, "l-plus-two", "refuted", extra=2, reason="a layer adds one position")
control(every_small_chain, "own-row-taken-away", "confirmed", layer=OwnTakenAway(), symmetry="h_i - h_i = 0")


def doubling(layer: Any) -> Any:
    """The offset of layer l, from 1; of integers or of a symbol."""
    return 2 ** (layer - 1)


@check(
    claims.residual,
    "derived",
    covers=True,
    scope={"sizes": "all N, L and tables", "method": "identities in T, X and l"},
)
def paths_double(layer: Gathering = RESIDUAL, offset: Callable[[Any], Any] = doubling) -> Evidence:
    """Row sums double; (1 + X)(1 - X) = 1 - X^2; the next offset is twice this one, and the first is 1."""
    import sympy

    wrong = _sum_step(layer, 1, 2)
    if wrong is not None:
        return wrong
    x, level = sympy.Symbol("X"), sympy.Symbol("l", integer=True, positive=True)
    product = sympy.expand(layer.combine(sympy.Integer(1), [x]) * (1 - x) - (1 - x**2))
    if product != 0:
        return fails(f"the telescoping product is off by {product}", 0, product)
    step = sympy.powsimp(sympy.expand(offset(level + 1) - 2 * offset(level)))
    if step != 0:
        return fails(f"the next offset exceeds twice the last by {step}", 0, step)
    return holds(cases=4) if offset(1) == 1 else fails(f"the first offset is {offset(1)}, not 1", 1, offset(1))


control(paths_double, "no-residual", "refuted", layer=CHAIN, reason="row sums stay T")
control(paths_double, "gathered-twice", "refuted", layer=TwoHops(), reason="row sums triple")
control(
    paths_double, "linear-offsets", "refuted", offset=lambda level: level, reason="1, 2, 3: distance 3 has two paths"
)
control(paths_double, "from-two", "refuted", offset=lambda level: 2**level, reason="only even distances")
control(paths_double, "written-otherwise", "confirmed", offset=lambda level: 2**level / 2, symmetry="2^(l-1) = 2^l / 2")


@check(
    claims.residual,
    "exhausted",
    given=all_small,
    scope={"sizes": "all tables with N <= 3, L <= 3; N = 4, L <= 2; N = 5, L = 1"},
)
def every_small_table(tables: Tables, layer: Gathering = RESIDUAL, base: int = 2, less: int = 0) -> Evidence:
    """Over all tables the most inputs of an output are min(N, 2^L), found by some table."""
    return largest_is(tables, layer, min(tables.n, base ** tables.targets.shape[1] - less))


control(every_small_table, "one-fewer", "refuted", less=1, reason="the bound is attained")
control(every_small_table, "three-a-layer", "refuted", base=3, reason="one head reads one row beside the own one")
control(every_small_table, "no-residual", "refuted", layer=CHAIN, reason="one input, 2^L are not attained")
control(every_small_table, "own-row-last", "confirmed", layer=OwnLast(), symmetry="a sum of two in the other order")
control(every_small_table, "gathered-twice", "confirmed", layer=TwoHops(), reason="the same row twice is no new input")


def _attained_cases(run: Run) -> dict[str, Any]:
    return {"case": [(layers, max(2**layers + more, 1)) for layers in range(run.pick(7, 10)) for more in (-1, 0, 1)]}


@check(
    claims.residual,
    "exhausted",
    given=_attained_cases,
    scope={"sizes": "p_i = i - 2^(l-1), L <= 6, N = 2^L - 1, 2^L, 2^L + 1, all i"},
)
def doubled_hops_attain(
    case: tuple[int, int], offset: Callable[[int], int] = doubling, layer: Gathering = RESIDUAL, order: int = 1
) -> Evidence:
    """Output i depends on exactly the min(i + 1, 2^L) inputs up to i, one path each."""
    layers, n = case
    table = shifted(n, [[offset(level)] for level in range(1, layers + 1)][::order])
    counts = path_counts(table.targets, layer)[0]
    distance = np.arange(n)[:, None] - np.arange(n)
    wanted = ((distance >= 0) & (distance < 2**layers)).astype(np.int64)
    wrong = np.flatnonzero((counts != wanted).any(axis=1))
    if wrong.size:
        i = int(wrong[0])
        words = (
            f"{n} positions, {layers} layers: output {i} has path counts {counts[i].tolist()}, not {wanted[i].tolist()}"
        )
        return fails(words, wanted[i].tolist(), counts[i].tolist())
    return holds(cases=n)


control(
    doubled_hops_attain,
    "linear-offsets",
    "refuted",
    offset=lambda level: level,
    reason="1, 2, 3: distance 3 has two paths",
)
control(doubled_hops_attain, "always-one", "refuted", offset=lambda level: 1, reason="binomial counts, L + 1 inputs")
control(doubled_hops_attain, "from-two", "refuted", offset=lambda level: 2**level, reason="only even distances")
control(doubled_hops_attain, "no-residual", "refuted", layer=CHAIN, reason="only the distance 2^L - 1")
control(doubled_hops_attain, "longest-hop-first", "confirmed", order=-1, symmetry="shifts commute")


def _random_tables(run: Run) -> dict[str, Any]:
    from hypothesis import strategies as st

    @st.composite
    def tables(draw: st.DrawFn) -> PointerTable:
        n, layers = draw(st.integers(1, 9)), draw(st.integers(0, 4))
        pointers = st.lists(st.integers(-1, n - 1), min_size=n, max_size=n)
        return PointerTable(n, [[draw(pointers)] for _ in range(layers)])

    return {"table": tables()}


@check(
    claims.residual,
    "tested",
    given=_random_tables,
    first=({"table": PointerTable(1, [])}, {"table": PointerTable(1, [[[0]]])}, {"table": PointerTable(2, [[[0, 0]]])}),
    scope={
        "sizes": "N <= 9, L <= 4",
        "oracle": "networkx: nodes reached in the layered graph; products of explicit matrices",
    },
    examples=(60, 2000),
)
def against_networkx(table: PointerTable, layer: Gathering = RESIDUAL, most: int = 2) -> Evidence:
    """Inputs reached in the layered graph, and the exact Jacobian as a product of matrices; at most 2^L of them."""
    import networkx

    layers, n = len(table.layers), table.n
    graph: networkx.DiGraph = networkx.DiGraph()
    graph.add_nodes_from((level, i) for level in range(layers + 1) for i in range(n))
    jacobian = np.eye(n, dtype=np.int64)
    for level, (pointers,) in enumerate(table.layers, 1):
        graph.add_edges_from(((level, i), (level - 1, i)) for i in range(n))
        graph.add_edges_from(((level, i), (level - 1, j)) for i, j in enumerate(pointers) if j >= 0)
        step = np.eye(n, dtype=np.int64)
        np.add.at(step, ([i for i in range(n) if pointers[i] >= 0], [j for j in pointers if j >= 0]), 1)
        jacobian = step @ jacobian
    counts = path_counts(table.targets, layer)[0]
    for i in range(n):
        reached = sorted(j for level, j in networkx.descendants(graph, (layers, i)) | {(layers, i)} if level == 0)
        if reached != np.flatnonzero(counts[i]).tolist() or counts[i].tolist() != jacobian[i].tolist():
            words = f"{table}: output {i} depends on {listed(counts[i] > 0)}, networkx reaches {reached}"
            return fails(words, jacobian[i].tolist(), counts[i].tolist())
        if len(reached) > most**layers:
            return fails(
                f"{table}: output {i} depends on {reached}, more than {most**layers}", most**layers, len(reached)
            )
    return holds()


control(against_networkx, "no-residual", "refuted", layer=CHAIN, reason="the oracle has the residual edges")
control(against_networkx, "gathered-twice", "refuted", layer=TwoHops(), reason="the oracle has single edges")
control(against_networkx, "at-most-one", "refuted", most=1, reason="a residual gather has two inputs")
control(against_networkx, "own-row-last", "confirmed", layer=OwnLast(), symmetry="a sum of two in the other order")
