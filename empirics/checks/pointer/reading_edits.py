"""Algorithms that read fewer scores than the one that is right: wrong ones, and one that is right when scores are bounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from constructions.pointer.score_reading import Reader, ReadsContested
from constructions.pointer.score_tables import best

__all__ = ["LeavesOne", "ReadsNewest", "StopsAtTop"]


@dataclass(frozen=True)
class LeavesOne(ReadsContested):
    """Takes the last candidate of the last position for one that cannot win."""

    def considered(self, i: int, read: Reader) -> Sequence[int]:
        listed = super().considered(i, read)
        return listed[:-1] if i == read.n - 1 and len(listed) > 1 else listed


@dataclass(frozen=True)
class ReadsNewest(ReadsContested):
    """Reads at most the K newest candidates of each position."""

    most: int = 1

    def considered(self, i: int, read: Reader) -> Sequence[int]:
        return super().considered(i, read)[-self.most :]


@dataclass(frozen=True)
class StopsAtTop(ReadsContested):
    """Reads the candidates of a position in order up to one with the largest score there is."""

    top: int = 2

    def __call__(self, read: Reader) -> tuple[int | None, ...]:
        made: list[int | None] = []
        for i in range(read.n):
            candidates, scores = self.considered(i, read), []
            for j in candidates if len(candidates) > 1 else ():
                scores.append(read(i, j))
                if scores[-1] == self.top:
                    break
            index = best(scores or [0] * len(candidates), self.tie)
            made.append(None if index is None else candidates[index])
        return tuple(made)
