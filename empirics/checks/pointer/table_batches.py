"""What the reach checks share: the exhausted batches, the laws' edits, and a batch that names its first wrong table."""

from __future__ import annotations

from typing import Any

import numpy as np

from constructions.pointer.tables import AllTables, Gathering, path_counts, table_at
from empirics.checking import Evidence, Run, fails, holds
from theory.pointer.tables import PointerTable

__all__ = ["OwnLast", "OwnTakenAway", "Tables", "TwoHops", "all_small", "largest_is", "listed", "wrong_table"]

Tables = AllTables | PointerTable


class TwoHops(Gathering):
    """Reads the gathered row twice: two terms, one position."""

    def combine(self, own: Any, gathered: Any) -> Any:
        return super().combine(own, [*gathered, *gathered])


class OwnTakenAway(Gathering):
    """h_i + h_p - h_i: a chain, written with a residual that is subtracted again."""

    def combine(self, own: Any, gathered: Any) -> Any:
        return own + sum(gathered[1:], gathered[0]) - own


class OwnLast(Gathering):
    """h_p + h_i."""

    def combine(self, own: Any, gathered: Any) -> Any:
        return sum(gathered[1:], gathered[0]) + own


def all_small(run: Run) -> dict[str, Any]:
    """Every table of one head on few positions, nowhere allowed where that stays small."""
    cases = [AllTables(n, layers, nowhere=True) for n in (1, 2) for layers in (0, 1, 2, 3)]
    cases += [AllTables(3, 1), AllTables(3, 2), AllTables(3, 3), AllTables(4, 1), AllTables(4, 2), AllTables(5, 1)]
    return {"tables": cases + run.pick([], [AllTables(2, 8), AllTables(3, 4), AllTables(3, 2, nowhere=True)])}


def wrong_table(targets: np.ndarray, wrong: np.ndarray) -> tuple[PointerTable, int, int] | None:
    """The first table with a wrong output, its place in the batch and the output; None without any. wrong: (batch, positions)."""
    if not wrong.any():
        return None
    which, output = (int(x) for x in np.argwhere(wrong)[0])
    return table_at(targets, which), which, output


def listed(members: np.ndarray) -> str:
    """The positions a boolean row holds, in words."""
    places = np.flatnonzero(members).tolist()
    return (
        "no input"
        if not places
        else "input" + "s " * (len(places) > 1) + " " * (len(places) == 1) + ", ".join(map(str, places))
    )


def largest_is(tables: Tables, layer: Gathering, most: int) -> Evidence:
    """Whether no output of any of the tables depends on more than `most` inputs and, for a whole batch, some on as many."""
    targets = tables.targets
    reached = path_counts(targets, layer) > 0
    sizes = reached.sum(axis=-1)
    found = wrong_table(targets, sizes > most)
    if found is not None:
        table, which, output = found
        words = f"{table}: output {output} depends on {listed(reached[which, output])}, more than {most}"
        return fails(words, f"at most {most}", int(sizes[which, output]), {"tables": table})
    if isinstance(tables, AllTables) and sizes.max() < most:
        words = f"{tables.n} positions, {tables.layers} layers, {tables.heads} heads: no table reaches {most} inputs"
        return fails(words, most, int(sizes.max()))
    return holds(cases=len(targets))
