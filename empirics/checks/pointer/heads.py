"""Several heads: the geometric sum derived, small tables exhausted, the attaining tables walked; and slices that do not mix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from constructions.pointer.shifts import disjoint_slices, shifted, widest
from constructions.pointer.tables import CHAIN, RESIDUAL, AllTables, Gathering, path_counts
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.pointer.table_batches import OwnLast, Tables, TwoHops, largest_is, listed, wrong_table
from theory.pointer import heads as claims
from theory.pointer.tables import PointerTable

Law = Callable[[int, int], int]


def reach_law(heads: Any, layers: Any) -> Any:
    """(H + 1)^L."""
    return (heads + 1) ** layers


def unit_offset(heads: Any, level: Any) -> Any:
    """What head 1 of layer l adds; head h adds h times as much."""
    return (heads + 1) ** (level - 1)


@check(
    claims.mixed,
    "derived",
    covers=True,
    scope={"sizes": "all N, H, L and tables", "method": "identities in T, X, H and l"},
)
def a_layer_multiplies_by_heads_plus_one(
    layer: Gathering = RESIDUAL, offset: Callable[[Any, Any], Any] = unit_offset
) -> Evidence:
    """Row sums and the geometric sum, one head and one head more; the next layer's offset is H + 1 times this one."""
    import sympy

    total, x = sympy.symbols("T X", positive=True)
    h, level = sympy.symbols("H l", integer=True, positive=True)
    one = sympy.Integer(1)
    head_more = sympy.expand(layer.combine(one, [x, x**2]) - layer.combine(one, [x]))
    identities = (
        ("row sums, one head", layer.combine(total, [total]), 2 * total),
        ("row sums, one head more", layer.combine(total, [total] * 2) - layer.combine(total, [total]), total),
        ("geometric sum, one head", layer.combine(one, [x]) * (1 - x), 1 - x**2),
        ("a head more adds its own row", head_more, x**2),
        ("geometric sum, one head more", (1 - x ** (h + 1)) + x ** (h + 1) * (1 - x), 1 - x ** (h + 2)),
        ("the next offset", offset(h, level + 1), (h + 1) * offset(h, level)),
        ("the first offset", offset(h, one), one),
    )
    for name, found, wanted in identities:
        residual = sympy.powsimp(sympy.expand(sympy.powsimp(found - wanted)))
        if sympy.simplify(residual) != 0:
            return fails(f"{name}: off by {residual}", wanted, found)
    return holds(cases=len(identities))


control(a_layer_multiplies_by_heads_plus_one, "no-residual", "refuted", layer=CHAIN, reason="H rows, not H + 1")
control(
    a_layer_multiplies_by_heads_plus_one, "gathered-twice", "refuted", layer=TwoHops(), reason="2 H + 1 paths a layer"
)
control(
    a_layer_multiplies_by_heads_plus_one,
    "offsets-doubled",
    "refuted",
    offset=lambda h, level: 2 ** (level - 1),
    reason="2 is H + 1 for one head only",
)
control(
    a_layer_multiplies_by_heads_plus_one,
    "own-row-last",
    "confirmed",
    layer=OwnLast(),
    symmetry="a sum in the other order",
)


def _head_tables(run: Run) -> dict[str, Any]:
    causal = AllTables(4, 1, 3, (0, 1, 2, 3))
    cases = [AllTables(n, layers, heads) for n in (1, 2) for heads in (1, 2, 3) for layers in (0, 1)]
    cases += [AllTables(2, 2, 2), AllTables(3, 1, 2), AllTables(3, 2, 1), AllTables(4, 1, 2), causal]
    return {
        "tables": cases + run.pick([], [AllTables(2, 2, 3), AllTables(3, 2, 2), AllTables(2, 3, 3), AllTables(3, 1, 3)])
    }


_SMALL = {
    "sizes": "all small tables, N <= 4, L H <= 4",
    "tables": "N <= 2, L H <= 4; N = 3, L H <= 2; N = 4, L H = 2, 3 (causal)",
}


@check(claims.mixed, "exhausted", given=_head_tables, scope=_SMALL)
def every_small_table_of_heads(tables: Tables, law: Law = reach_law, layer: Gathering = RESIDUAL) -> Evidence:
    """Over all tables the most inputs of an output are min(N, law)."""
    _, layers, heads, n = tables.targets.shape
    return largest_is(tables, layer, min(n, law(heads, layers)))


control(
    every_small_table_of_heads, "two-a-layer", "refuted", law=lambda h, level: 2**level, reason="two heads, three rows"
)
control(
    every_small_table_of_heads,
    "two-a-head",
    "refuted",
    law=lambda h, level: 2 ** (h * level),
    reason="1 + 2 rows, not 4",
)
control(every_small_table_of_heads, "no-residual", "refuted", layer=CHAIN, reason="H rows, not H + 1")
control(
    every_small_table_of_heads,
    "gathered-twice",
    "confirmed",
    layer=TwoHops(),
    reason="the same rows twice are no new inputs",
)


@check(
    claims.mixed,
    "exhausted",
    given=lambda run: {
        "case": [(h, k, (h + 1) ** k + e) for h in (1, 2, 3, 8) for k in range(run.pick(3, 4)) for e in (0, 1)]
    },
    scope={"sizes": "p_i = i - h (H+1)^(l-1), H = 1, 2, 3, 8, L <= 2, N = (H+1)^L and one more, all i"},
)
def base_heads_plus_one_attains(
    case: tuple[int, int, int], offset: Callable[[int, int], int] = unit_offset, layer: Gathering = RESIDUAL
) -> Evidence:
    """Output i depends on the min(i + 1, (H+1)^L) inputs up to i, one path each."""
    heads, layers, n = case
    offsets = [[h * offset(heads, level) for h in range(1, heads + 1)] for level in range(1, layers + 1)]
    counts = path_counts(shifted(n, offsets).targets, layer)[0]
    distance = np.arange(n)[:, None] - np.arange(n)
    wrong = np.flatnonzero((counts != ((distance >= 0) & (distance < reach_law(heads, layers)))).any(axis=1))
    if wrong.size:
        i = int(wrong[0])
        told = f"{n} positions, {layers} layers, {heads} heads: output {i}"
        words = f"{told} has {counts[i].sum()} paths to {(counts[i] > 0).sum()} inputs"
        return fails(words, min(i + 1, reach_law(heads, layers)), counts[i].tolist())
    return holds(cases=n)


control(
    base_heads_plus_one_attains,
    "offsets-doubled",
    "refuted",
    offset=lambda h, level: 2 ** (level - 1),
    reason="distance 2 twice",
)
control(
    base_heads_plus_one_attains,
    "base-h",
    "refuted",
    offset=lambda h, level: h ** (level - 1),
    reason="distance h twice",
)
control(base_heads_plus_one_attains, "no-residual", "refuted", layer=CHAIN, reason="no path stays")
control(base_heads_plus_one_attains, "own-row-last", "confirmed", layer=OwnLast(), symmetry="a sum in the other order")


def slice_law(heads: int, layers: int) -> int:
    """1 + H (2^L - 1)."""
    return 1 + heads * (2**layers - 1)


def _sliced(targets: np.ndarray) -> Any:
    """[b, i, j]: whether some slice of output i depends on input j."""
    return sum(path_counts(targets[:, :, h : h + 1]) for h in range(targets.shape[2])) > 0


def _mixed(targets: np.ndarray) -> Any:
    return path_counts(targets) > 0


def _slice_tables(run: Run) -> dict[str, Any]:
    made: list[Tables] = list(_head_tables(run)["tables"])
    walked = [(1, 3), (2, 1), (2, 2), (3, 2), (2, 3), (8, 2)]
    return {"tables": [*made, *(disjoint_slices(layers, heads) for heads, layers in walked), widest(9, 2, 2)]}


@check(
    claims.slices,
    "exhausted",
    given=_slice_tables,
    scope={**_SMALL, "beside": "the attaining tables for H L <= 16, and that of pointer/heads/reach for H = L = 2"},
)
def slices_add_up(tables: Tables, law: Law = slice_law, reach: Callable[[np.ndarray], Any] = _sliced) -> Evidence:
    """The most inputs of an output row over all small tables are min(N, law), and so are those of the tables made for it."""
    targets = tables.targets
    _, layers, heads, n = targets.shape
    reached, most = reach(targets), min(n, law(heads, layers))
    sizes = reached.sum(axis=-1)
    found = wrong_table(targets, sizes > most)
    if found is not None:
        table, which, output = found
        words = f"{table}: output {output} depends on {listed(reached[which, output])}, more than {most}"
        return fails(words, most, sizes[which, output], {"tables": table})
    if sizes.max() < most or (isinstance(tables, PointerTable) and sizes[0, -1] != most):
        return fails(
            f"{n} positions, {layers} layers, {heads} heads: at most {sizes.max()} inputs, not {most}",
            most,
            sizes.max(),
        )
    return holds(cases=len(targets))


control(
    slices_add_up, "mixed", "refuted", reach=_mixed, reason="the second layer brings one slice's inputs to the other"
)
control(
    slices_add_up, "mixed-as-claimed", "confirmed", reach=_mixed, law=reach_law, reason="with mixing it is (H + 1)^L"
)
control(
    slices_add_up,
    "own-input-apart",
    "refuted",
    law=lambda h, level: h * 2**level,
    reason="all slices share the own input",
)
