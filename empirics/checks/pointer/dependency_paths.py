"""Each reading of '2^K+ dependency paths' against all small tables."""

from __future__ import annotations

from typing import Any

import numpy as np

from constructions.pointer.tables import CHAIN, RESIDUAL, AllTables, Gathering, path_counts
from empirics.checking import Check, Evidence, check, control, fails, holds
from empirics.checks.pointer.table_batches import OwnLast, Tables, TwoHops, listed, wrong_table
from theory.claim import Claim
from theory.pointer import dependency_paths as claims


def _pointing(run: Any) -> dict[str, Any]:
    """Tables in which every position points somewhere, by layers and heads, fewest positions first."""
    small = [AllTables(1, layers, h) for layers in (0, 1, 2, 3) for h in (1, 2)]
    small += [
        AllTables(2, 1),
        AllTables(2, 2),
        AllTables(2, 3),
        AllTables(2, 1, 2),
        AllTables(2, 2, 2),
        AllTables(2, 1, 3),
    ]
    small += [AllTables(3, 1), AllTables(3, 2), AllTables(3, 1, 2), AllTables(4, 1), AllTables(4, 2)]
    return {"tables": small + run.pick([], [AllTables(3, 3), AllTables(2, 3, 2), AllTables(3, 1, 3)])}


@check(claims.paths, "derived", covers=True, scope={"sizes": "all N, L, H and tables", "method": "row sums"})
def row_sums_are_multiplied(layer: Gathering = RESIDUAL, own: int = 1) -> Evidence:
    """With all row sums T, a layer with H gathered rows gives (H + 1) T: by one more gathered row, for each H."""
    import sympy

    total, head_count = sympy.Symbol("T"), sympy.Symbol("H")
    alone = layer.combine(total, [total]) - (own + 1) * total
    # One head more adds T, as (H + 2) T - (H + 1) T does; both sides agree for one head, so for all.
    added = layer.combine(total, [total, total]) - layer.combine(total, [total])
    wanted = sympy.expand((own + head_count + 1) * total - (own + head_count) * total)
    for name, residual in (("one head", alone), ("one head more", added - wanted)):
        if sympy.expand(residual) != 0:
            return fails(f"{name}: row sums are off by {residual}", 0, residual)
    return holds(cases=2)


control(row_sums_are_multiplied, "no-residual", "refuted", layer=CHAIN, reason="H T: a path cannot stay")
control(row_sums_are_multiplied, "gathered-twice", "refuted", layer=TwoHops(), reason="each head adds 2 T")
control(row_sums_are_multiplied, "no-residual-claimed", "confirmed", layer=CHAIN, own=0, reason="without staying, H T")


@check(
    claims.paths, "exhausted", given=_pointing, scope={"sizes": "all tables with N <= 2, L H <= 4; N = 3, 4, L H <= 2"}
)
def every_output_has_all_paths(tables: Tables, layer: Gathering = RESIDUAL, own: int = 1) -> Evidence:
    """Every table in which all point somewhere: every output has (H + `own`)^L paths."""
    targets = tables.targets
    sums = path_counts(targets, layer).sum(axis=-1)
    wanted = (targets.shape[2] + own) ** targets.shape[1]
    found = wrong_table(targets, sums != wanted)
    if found is None:
        return holds(cases=len(targets))
    table, which, output = found
    return fails(
        f"{table}: output {output} has {sums[which, output]} paths", wanted, sums[which, output], {"tables": table}
    )


control(every_output_has_all_paths, "no-residual", "refuted", layer=CHAIN, reason="one path in place of two")
control(every_output_has_all_paths, "one-choice-more", "refuted", own=2, reason="two choices, stay or follow")
control(every_output_has_all_paths, "own-row-last", "confirmed", layer=OwnLast(), symmetry="a sum in the other order")


@check(
    claims.at_least_positions,
    "exhausted",
    given=lambda run: {"tables": [AllTables(2, 1), AllTables(3, 1), AllTables(4, 1), AllTables(4, 2)]},
)
def no_output_has_fewer(tables: Tables, layer: Gathering = RESIDUAL, distinct: bool = True, least: int = 2) -> Evidence:
    """Every table of at least 2^L positions, until an output has fewer than `least`^L; distinct: inputs, else paths."""
    targets = tables.targets
    counts = path_counts(targets, layer)
    sizes = (counts > 0).sum(axis=-1) if distinct else counts.sum(axis=-1)
    least_size = least ** targets.shape[1]
    found = wrong_table(targets, sizes < least_size)
    if found is None:
        return holds(cases=len(targets))
    table, which, output = found
    words = f"{table}: output {output} depends on {listed(counts[which, output] > 0)}, fewer than {least_size}"
    return fails(words, f"at least {least_size}", sizes[which, output], {"tables": table})


control(no_output_has_fewer, "paths-counted", "confirmed", distinct=False, reason="2^L paths, some to the same input")
control(no_output_has_fewer, "at-least-one", "confirmed", least=1, reason="the own input stays")
control(no_output_has_fewer, "no-residual", "refuted", layer=CHAIN, reason="one input, not two")


def counts_by_width(tables: AllTables, layer: Gathering, width: int) -> np.ndarray:
    """[b, i, j] = number of paths from any coordinate of input j to the first of output i; after each layer a feed-forward of ones.

    (width N)^2 numbers a table.
    """
    targets, n = tables.targets, tables.n
    rows = np.broadcast_to(
        np.eye(n * width, dtype=np.int64).reshape(n, width, n * width), (len(targets), n, width, n * width)
    )
    at = np.arange(len(targets))[:, None]
    for pointers in targets.transpose(1, 2, 0, 3):
        made = layer.combine(rows, [rows[at, head] for head in pointers])
        rows = np.broadcast_to(made.sum(axis=2, keepdims=True), made.shape)
    return rows[:, :, 0].reshape(len(targets), n, n, width).sum(axis=-1)


Stack = tuple[AllTables, int]
"""Tables and the width of a row."""


def _existence(claim: Claim, stacks: list[Stack], k: str, distinct: bool = True, strictly: bool = False) -> Check:
    """A check that for each batch some table gives an output at least (or more than) two to the claim's K."""

    def some_table_has_enough(
        stack: Stack, layer: Gathering = RESIDUAL, distinct: bool = distinct, strictly: bool = strictly, k: str = k
    ) -> Evidence:
        """All tables of the batch: the most inputs (or paths) of an output against 2^K; every position points somewhere."""
        tables, width = stack
        counts = counts_by_width(tables, layer, width) if width > 1 else path_counts(tables.targets, layer)
        most = int((counts > 0).sum(axis=-1).max() if distinct else counts.sum(axis=-1).max())
        sizes = {
            "layers": tables.layers,
            "heads": tables.heads,
            "width": width,
            "candidates": len(tables.offsets or ()),
        }
        if most > 2 ** sizes[k] or (most == 2 ** sizes[k] and not strictly):
            return holds(cases=len(counts))
        told = (
            f"{tables.n} positions, 1 layer" if tables.layers == 1 else f"{tables.n} positions, {tables.layers} layers"
        )
        told += "" if k == "layers" else f", {k} {sizes[k]}"
        short = f"{'not more' if strictly else 'fewer'} than {2 ** sizes[k]}"
        return fails(
            f"{told}: an output has at most {most} {'inputs' if distinct else 'paths'}, {short}", 2 ** sizes[k], most
        )

    scope = {"method": "all tables of each batch"}
    return check(claim, "exhausted", given=lambda run: {"stack": stacks}, scope=scope)(some_table_has_enough)


more_positions = _existence(
    claims.more_positions, [(AllTables(3, 1), 1), (AllTables(5, 2, 1, (0, 1, 2)), 1)], "layers", strictly=True
)
more_paths = _existence(
    claims.more_paths, [(AllTables(1, 1), 1), (AllTables(3, 2), 1)], "layers", distinct=False, strictly=True
)
width = _existence(claims.width, [(AllTables(2**d, 1), d) for d in (1, 2)], "width")
candidates = _existence(
    claims.candidates, [(AllTables(2**k, 1, 1, tuple(range(1, k + 1))), 1) for k in (1, 2, 3)], "candidates"
)
heads = _existence(claims.heads, [(AllTables(2**h, 1, h), 1) for h in (1, 2)], "heads")

control(more_positions, "as-many", "confirmed", strictly=False, reason="2^L inputs are attained")
control(
    more_positions,
    "paths-of-two-edges",
    "confirmed",
    layer=TwoHops(),
    distinct=False,
    reason="3^L, a row gathered twice",
)
control(more_positions, "gathered-twice", "refuted", layer=TwoHops(), reason="the same row twice is no new input")
control(more_paths, "as-many", "confirmed", strictly=False, reason="every output has 2^L paths")
control(more_paths, "gathered-twice", "confirmed", layer=TwoHops(), reason="3^L paths: the row gathered counts twice")
control(more_paths, "no-residual", "refuted", layer=CHAIN, reason="one path")
for _check, _name in ((width, "width"), (candidates, "candidates"), (heads, "heads")):
    control(_check, "no-residual", "refuted", layer=CHAIN, reason="fewer inputs still")
    control(_check, "layers-in-place", "confirmed", k="layers", reason="2^1 inputs are attained by the one layer")
