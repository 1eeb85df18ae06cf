"""Linear systems over Q: one solution on the first columns that can carry it, or none."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import fmpq, fmpq_mat

__all__ = ["solve_columns", "witnessed"]


def solve_columns(rows: Sequence[Sequence[int]], values: Sequence[Fraction]) -> tuple[list[Fraction], int] | None:
    """x with rows . x = values, and the rank of the rows; None when there is no solution.

    Columns that depend on earlier ones get the coefficient 0, so columns are to be ordered from plain to involved. Cost: one
    Gauss-Jordan elimination of len(rows) x (len(rows[0]) + 1) rationals.
    """
    width = len(rows[0])
    entries = [
        entry
        for row, value in zip(rows, values, strict=True)
        for entry in (*map(fmpq, row), fmpq(value.numerator, value.denominator))
    ]
    reduced, rank = fmpq_mat(len(rows), width + 1, entries).rref()
    found = [Fraction(0)] * width
    for r in range(rank):
        pivot = next(c for c in range(width + 1) if reduced[r, c] != 0)
        if pivot == width:
            return None
        found[pivot] = Fraction(int(reduced[r, width].p), int(reduced[r, width].q))
    return found, rank


def witnessed(rows: Sequence[Sequence[int]], times: int) -> bool:
    """Whether each of some rows that span all others is a part of at least `times` of them, so that no coefficient of a solution
    rests on those rows alone. One elimination."""
    across = fmpq_mat(len(rows[0]), len(rows), [fmpq(row[c]) for c in range(len(rows[0])) for row in rows])
    reduced, rank = across.rref()
    for r in range(rank):
        pivot = next(c for c in range(len(rows)) if reduced[r, c] != 0)
        if sum(reduced[r, c] != 0 for c in range(pivot + 1, len(rows))) < times:
            return False
    return True
