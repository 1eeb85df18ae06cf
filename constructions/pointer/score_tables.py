"""Tables of scores by shape, and the definition of a pointer: the best candidate of every row.

Scores are a table with one row a position, one score a candidate of that position. By shape the candidates of position i are

    all       every position                    up-to      positions j <= i
    before    positions j < i                   window W   positions i - W < j <= i

A row without candidates has the pointer None. The tie rule is part of the question: the first or the last of the best.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

__all__ = ["Cell", "Shape", "Table", "best", "cells", "contested", "pointers", "tables"]

Cell = tuple[int, int]
"""(i, j): the score of candidate j for position i."""


@dataclass(frozen=True)
class Shape:
    """Which positions are candidates of which. Raises ValueError for an unknown kind or a window without width."""

    kind: str
    width: int = 0

    def __post_init__(self) -> None:
        if self.kind not in ("all", "up-to", "before", "window") or (self.kind == "window") != (self.width > 0):
            raise ValueError(f"shape {self.kind!r} of width {self.width}: all, up-to, before, or window with a width")

    def candidates(self, i: int, n: int) -> range:
        """The candidates of position i among n."""
        match self.kind:
            case "all":
                return range(n)
            case "before":
                return range(i)
            case "up-to":
                return range(i + 1)
            case _:
                return range(max(0, i + 1 - self.width), i + 1)

    def __str__(self) -> str:
        return {"all": "all j", "up-to": "j <= i", "before": "j < i"}.get(self.kind, f"i - {self.width} < j <= i")


@dataclass(frozen=True)
class Table:
    """Scores of `len(rows)` positions, row i for the candidates of position i in order. ValueError when they do not fit."""

    shape: Shape
    rows: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        for i, row in enumerate(self.rows):
            if len(row) != (wanted := len(self.shape.candidates(i, len(self.rows)))):
                raise ValueError(f"row {i} has {len(row)} scores, its candidates ({self.shape}) are {wanted}")

    def score(self, cell: Cell) -> int:
        i, j = cell
        return self.rows[i][j - self.shape.candidates(i, len(self.rows)).start]

    def replaced(self, cell: Cell, score: int) -> Table:
        """The table with one other score."""
        i, j = cell
        rows = [list(row) for row in self.rows]
        rows[i][j - self.shape.candidates(i, len(self.rows)).start] = score
        return Table(self.shape, tuple(map(tuple, rows)))

    def __str__(self) -> str:
        return f"scores {' | '.join(' '.join(map(str, row)) for row in self.rows)} ({self.shape})"


def best(scores: Sequence[int], tie: str) -> int | None:
    """The index of the largest, the first or the last of several; None of none."""
    if not scores:
        return None
    top = max(scores)
    found = [j for j, score in enumerate(scores) if score == top]
    return {"first": found[0], "last": found[-1]}[tie]


def pointers(table: Table, tie: str) -> tuple[int | None, ...]:
    """The definition: for every position the best of its candidates."""
    made = []
    for i, row in enumerate(table.rows):
        index = best(row, tie)
        made.append(None if index is None else table.shape.candidates(i, len(table.rows)).start + index)
    return tuple(made)


def cells(shape: Shape, n: int) -> list[Cell]:
    return [(i, j) for i in range(n) for j in shape.candidates(i, n)]


def contested(shape: Shape, n: int) -> list[Cell]:
    """The cells of rows with two candidates or more."""
    return [(i, j) for i, j in cells(shape, n) if len(shape.candidates(i, n)) > 1]


def tables(shape: Shape, n: int, values: int) -> Iterator[Table]:
    """Every table with scores 0 .. values - 1."""
    lengths = [len(shape.candidates(i, n)) for i in range(n)]
    for flat in product(range(values), repeat=sum(lengths)):
        rest = iter(flat)
        yield Table(shape, tuple(tuple(next(rest) for _ in range(length)) for length in lengths))
