"""Algorithms that read a table of scores one at a time, and how few reads can do: by all decision trees, and by flips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from constructions.pointer.score_tables import Cell, Shape, Table, best, cells, pointers

__all__ = ["Algorithm", "Reader", "ReadsContested", "depth", "sensitive_cells"]

MOST_CELLS = 10
"""Beyond, the decision trees are too many to go through: (values + 1)^cells partial tables."""


class Reader:
    """Answers reads of one table and keeps which cells were read."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.read: set[Cell] = set()
        self.n, self.shape = len(table.rows), table.shape

    def __call__(self, i: int, j: int) -> int:
        self.read.add((i, j))
        return self._table.score((i, j))


Algorithm = Callable[[Reader], tuple[int | None, ...]]


@dataclass(frozen=True)
class ReadsContested:
    """Reads every candidate of a row with two or more, and none of a row with one. No correct algorithm reads less."""

    tie: str = "first"

    def __call__(self, read: Reader) -> tuple[int | None, ...]:
        made: list[int | None] = []
        for i in range(read.n):
            candidates = self.considered(i, read)
            scores = [read(i, j) for j in candidates] if len(candidates) > 1 else [0] * len(candidates)
            index = best(scores, self.tie)
            made.append(None if index is None else candidates[index])
        return tuple(made)

    def considered(self, i: int, read: Reader) -> Sequence[int]:
        return read.shape.candidates(i, read.n)


def sensitive_cells(table: Table, tie: str, scores: Sequence[int]) -> set[Cell]:
    """The cells where one of `scores` in place of what is there changes the answer: each must be read on this table."""
    answer, n = pointers(table, tie), len(table.rows)
    return {
        cell
        for cell in cells(table.shape, n)
        if any(pointers(table.replaced(cell, score), tie) != answer for score in scores)
    }


def _answers(shape: Shape, n: int, values: int, tie: str) -> np.ndarray:
    """The answers of all tables, numbered: one axis of length `values` a cell."""
    listed = cells(shape, n)
    grid = np.indices((values,) * len(listed), dtype=np.int8)
    answer = np.zeros((values,) * len(listed), dtype=np.int32)
    for i in range(n):
        row = grid[[c for c, (k, _) in enumerate(listed) if k == i]]
        if len(row):
            index = row.argmax(0) if tie == "first" else len(row) - 1 - row[::-1].argmax(0)
            answer = answer * n + index
    return answer


@cache
def depth(shape: Shape, n: int, values: int, tie: str) -> int:
    """The reads of the best deterministic algorithm on its worst table with scores 0 .. values - 1.

    Every decision tree is gone through by what it knows: `(values + 1)^cells` partial tables, an integer each. A partial table
    needs no read when all its completions have one answer, else one and the worst of what the best next cell can show.

    Raises ValueError for more than ten cells.
    """
    listed = cells(shape, n)
    if len(listed) > MOST_CELLS:
        raise ValueError(
            f"{n} positions, {shape}: {len(listed)} cells; decision trees are gone through up to {MOST_CELLS}"
        )
    answers: list[Any] = [_answers(shape, n, values, tie)]
    needed: list[Any] = [np.zeros_like(answers[0], dtype=np.int8)]
    for unread in range(1, 2 ** len(listed)):
        left = [c for c in range(len(listed)) if unread >> c & 1]
        worst = None
        for c in left:
            axis = sum(1 for other in range(c) if not unread >> other & 1)
            shown = needed[unread ^ 1 << c].max(axis)
            worst = shown if worst is None else np.minimum(worst, shown)
            if c == left[0]:
                known = answers[unread ^ 1 << c]
                answer = np.where((known == known.take([0], axis)).all(axis), known.take(0, axis), -1)
        answers.append(answer)  # pyright: ignore[reportPossiblyUnboundVariable]
        needed.append(np.where(answer >= 0, 0, worst + 1).astype(np.int8))  # pyright: ignore
    return int(needed[-1])
