"""Composed pointers: pointer jumping p <- p[p], and hierarchical chains, whose hops at one level are B hops at the level below.

A hierarchical chain of base B with T levels starts from a table p_0 (short hops) and does, for t = 0..T-1:

    B - 1 times    h_i <- h_i + h_{p_t(i)}                    a gather of rows: N rows
    p_{t+1} = p_t composed B times with itself,               B - 1 gathers of pointers, N integers each; not after the last level

With p_0 a shift by w, output i depends on inputs i - w m, m = 0..B^T - 1: B^T of them, the farthest at distance w (B^T - 1), after
N T (B-1) row gathers and N (T-1) (B-1) pointer gathers. Base 2 is pointer jumping. Derived here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from theory.pointer.tables import NOWHERE


def compose(
    outer: Int64[np.ndarray, "batch positions"], inner: Int64[np.ndarray, "batch positions"]
) -> Int64[np.ndarray, "batch positions"]:
    """outer[inner[i]]: one gather of pointers; nowhere stays nowhere."""
    batch, n = inner.shape
    padded = np.concatenate([outer, np.full((batch, 1), NOWHERE, dtype=np.int64)], axis=1)
    return np.take_along_axis(padded, inner % (n + 1), axis=1)


@dataclass(frozen=True)
class Jumping:
    """p <- p[p], all positions at once."""

    def round(
        self, pointers: Int64[np.ndarray, "batch positions"], first: Int64[np.ndarray, "batch positions"]
    ) -> Int64[np.ndarray, "batch positions"]:
        """The pointers after one more round; `first` are those before all rounds."""
        return compose(pointers, pointers)

    def rounds(self, first: Int64[np.ndarray, "batch positions"], count: int) -> Int64[np.ndarray, "batch positions"]:
        """The pointers after that many rounds: 2^count hops of the first table; count * positions gathers."""
        pointers = first
        for _ in range(count):
            pointers = self.round(pointers, first)
        return pointers


def hops(first: Int64[np.ndarray, "batch positions"], count: int) -> Int64[np.ndarray, "batch positions"]:
    """`count` hops one by one, from every position; count * positions gathers."""
    here = np.broadcast_to(np.arange(first.shape[1]), first.shape)
    for _ in range(count):
        here = compose(first, here)
    return here


@dataclass(frozen=True)
class HierarchicalChain:
    """`base` hops of one level are one hop of the next; `levels` of them. Raises ValueError unless base >= 2 and levels >= 0."""

    base: int
    levels: int

    def __post_init__(self) -> None:
        if self.base < 2 or self.levels < 0:
            raise ValueError(f"base {self.base}, {self.levels} levels: give base >= 2 and levels >= 0")

    def __str__(self) -> str:
        return f"base {self.base}, {self.levels} levels"

    def raised(
        self, pointers: Int64[np.ndarray, "batch positions"], power: Int64[np.ndarray, "batch positions"]
    ) -> Int64[np.ndarray, "batch positions"]:
        """One hop of the level after a power of it: the next power."""
        return compose(pointers, power)

    def tables(
        self, first: Int64[np.ndarray, "batch positions"]
    ) -> Iterator[tuple[str, Int64[np.ndarray, "batch positions"]]]:
        """What is gathered by, in order: ("rows", pointers) for a layer, ("pointers", pointers) for a composition."""
        pointers = first
        for level in range(self.levels):
            for _ in range(self.base - 1):
                yield "rows", pointers
            if level < self.levels - 1:
                power = pointers
                for _ in range(self.base - 1):
                    power = self.raised(pointers, power)
                    yield "pointers", power
                pointers = power

    def row_tables(
        self, first: Int64[np.ndarray, "batch positions"]
    ) -> Int64[np.ndarray, "batch layers heads positions"]:
        """The tables of its layers, one head each: levels (base - 1) layers."""
        made = [pointers for kind, pointers in self.tables(first) if kind == "rows"]
        shape = (len(first), len(made), 1, first.shape[1])
        return np.stack(made, axis=1).reshape(shape) if made else np.zeros(shape, dtype=np.int64)

    def gathers(self, first: Int64[np.ndarray, "batch positions"]) -> tuple[int, int]:
        """(rows, pointers) gathered for one sequence, counted while running."""
        kinds = [kind for kind, _ in self.tables(first)]
        return kinds.count("rows") * first.shape[1], kinds.count("pointers") * first.shape[1]
