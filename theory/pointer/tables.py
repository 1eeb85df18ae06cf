"""A pointer table as data: where every position points, in every layer and head."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

__all__ = ["NOWHERE", "PointerTable"]

NOWHERE = -1
"""In place of a position: nothing is gathered."""


@dataclass(frozen=True)
class PointerTable:
    """One table: `layers[l][h][i]` is where head h of layer l + 1 points from position i, or NOWHERE.

    Raises ValueError naming the entry that is no position, and for rows of unequal length.
    """

    n: int
    layers: tuple[tuple[tuple[int, ...], ...], ...]

    def __init__(self, n: int, layers: Iterable[Iterable[Iterable[int]]]) -> None:
        made = tuple(tuple(tuple(int(j) for j in row) for row in heads) for heads in layers)
        if n < 1:
            raise ValueError(f"a pointer table of {n} positions; give at least 1")
        for which, heads in enumerate(made, 1):
            if not heads or len(heads) != len(made[0]):
                raise ValueError(
                    f"layer {which} has {len(heads)} heads, layer 1 has {len(made[0])}; give all alike, 1 or more"
                )
            for row in heads:
                if len(row) != n:
                    raise ValueError(
                        f"layer {which} points from {len(row)} positions of {n}; write {NOWHERE} for nowhere"
                    )
                for i, j in enumerate(row):
                    if not NOWHERE <= j < n:
                        raise ValueError(f"layer {which} points from {i} to {j}, which is outside 0..{n - 1}")
        object.__setattr__(self, "n", n)
        object.__setattr__(self, "layers", made)

    @property
    def targets(self) -> Int64[np.ndarray, "1 layers heads positions"]:
        """A batch of one."""
        heads = len(self.layers[0]) if self.layers else 1
        return np.array(self.layers, dtype=np.int64).reshape(1, len(self.layers), heads, self.n)

    def __str__(self) -> str:
        told = [" and ".join(_arrows(row) for row in heads) for heads in self.layers]
        return f"{self.n} positions, " + ("; then ".join(told) if told else "no layer")


def _arrows(row: Sequence[int]) -> str:
    return ", ".join(f"{i} -> {'nowhere' if j == NOWHERE else j}" for i, j in enumerate(row))
