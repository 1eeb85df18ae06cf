"""The quadratic code with one edit: the subjects of controls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from constructions.pointer.copy_codes import Parabola

__all__ = ["HalfQuery", "Mirrored", "NextWanted", "PlainKeys", "RaisedSquares", "Tripled"]


@dataclass(frozen=True)
class RaisedSquares(Parabola):
    """k = (j, j^2 + 1)."""

    def key(self, j: Any) -> tuple[Any, ...]:
        place, square = super().key(j)
        return self._ordered(place, square + 1)


@dataclass(frozen=True)
class Tripled(Parabola):
    """k = (3 j, 3 j^2)."""

    def key(self, j: Any) -> tuple[Any, ...]:
        return tuple(3 * x for x in super().key(j))


@dataclass(frozen=True)
class Mirrored(Parabola):
    """k = (-j, j^2), q = (-2(i-D), -1)."""

    def key(self, j: Any) -> tuple[Any, ...]:
        x = j - self.centre
        return self._ordered(-x, x * x)

    def query(self, m: Any) -> tuple[Any, ...]:
        return self._ordered(-2 * (m - self.centre), -1 + 0 * m)


@dataclass(frozen=True)
class HalfQuery(Parabola):
    """q = (i-D, -1)."""

    def query(self, m: Any) -> tuple[Any, ...]:
        return self._ordered(m - self.centre, -1 + 0 * m)


@dataclass(frozen=True)
class NextWanted(Parabola):
    """q = (2(i-D+1), -1)."""

    def query(self, m: Any) -> tuple[Any, ...]:
        return super().query(m + 1)


@dataclass(frozen=True)
class PlainKeys(Parabola):
    """k = (j, j)."""

    def key(self, j: Any) -> tuple[Any, ...]:
        return j, j
