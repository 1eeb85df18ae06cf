"""Codes of positions with which one hard-argmax layer points at position m: k_j for the key at j, q_m for the query that wants m.

A code is written over any numbers: integers, symbols, numpy arrays, torch tensors. Row i, which copies from distance D, has the
query of m = max(i - D, 0). Derived here.

    Parabola  k = (x, x^2), q = (2 y, -1), x = j - c:      q . k = y^2 - (x - y)^2
    Digits    two parabolas, one for each digit of j:      q . k = |y|^2 - |x - y|^2
    Signs     the bits of j as signs, q = k:               q . k = d - 2 (bits that differ)
    Residues  a code of j mod M: the newest key with the wanted residue wins if ties go to the last index
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Shaped

__all__ = ["Code", "Digits", "Parabola", "Residues", "Signs", "table"]


@runtime_checkable
class Code(Protocol):
    """`positions`: how many there are, None for no end. `key` and `query`: coordinates, in the order in which they are summed."""

    @property
    def positions(self) -> int | None: ...

    def key(self, j: Any) -> Sequence[Any]: ...

    def query(self, m: Any) -> Sequence[Any]: ...


def table(coordinates: Sequence[Any]) -> Shaped[np.ndarray, "*shape d"]:
    """Coordinates, arrays or numbers, as one array with the coordinate last."""
    return np.stack(np.broadcast_arrays(*coordinates), axis=-1)


@dataclass(frozen=True)
class Parabola:
    """k = (x, x^2), q = (2 y, -1) with x = j - centre; squares first when a fused sum is to round only once."""

    centre: int = 0
    squares_first: bool = False

    @property
    def positions(self) -> int | None:
        return None

    def key(self, j: Any) -> tuple[Any, ...]:
        x = j - self.centre
        return self._ordered(x, x * x)

    def query(self, m: Any) -> tuple[Any, ...]:
        y = m - self.centre
        return self._ordered(2 * y, -1 + 0 * y)

    def _ordered(self, place: Any, square: Any) -> tuple[Any, ...]:
        return (square, place) if self.squares_first else (place, square)


@dataclass(frozen=True)
class Digits:
    """j = (2 low + 1) (h + high) + (l + low) with digits -high <= h <= high, -low <= l <= low; a parabola for each."""

    high: int
    low: int

    @property
    def positions(self) -> int | None:
        return (2 * self.high + 1) * (2 * self.low + 1)

    def digits(self, j: Any) -> tuple[Any, Any]:
        base = 2 * self.low + 1
        return j // base - self.high, j % base - self.low

    def key(self, j: Any) -> tuple[Any, ...]:
        h, low = self.digits(j)
        return h, h * h, low, low * low

    def query(self, m: Any) -> tuple[Any, ...]:
        h, low = self.digits(m)
        return 2 * h, -1 + 0 * h, 2 * low, -1 + 0 * low


@dataclass(frozen=True)
class Signs:
    """The bits of j, most significant first, as +1 and -1."""

    bits: int

    @property
    def positions(self) -> int | None:
        return 2**self.bits

    def key(self, j: Any) -> tuple[Any, ...]:
        return tuple(2 * (j // 2 ** (self.bits - 1 - b) % 2) - 1 for b in range(self.bits))

    def query(self, m: Any) -> tuple[Any, ...]:
        return self.key(m)


@dataclass(frozen=True)
class Residues:
    """A code of j mod `modulus`, for positions without end. Raises ValueError where the code has fewer positions than that."""

    code: Code
    modulus: int

    def __post_init__(self) -> None:
        most = self.code.positions
        if self.modulus < 1 or (most is not None and self.modulus > most):
            raise ValueError(f"modulus = {self.modulus}: give 1 to {most or 'any'}, the positions of {self.code}")

    @property
    def positions(self) -> int | None:
        return None

    def key(self, j: Any) -> Sequence[Any]:
        return self.code.key(j % self.modulus)

    def query(self, m: Any) -> Sequence[Any]:
        return self.code.query(m % self.modulus)
