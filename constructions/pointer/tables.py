"""Pointer tables: where every position points, in every layer and head, and what a stack of layers then carries where.

    h_i^(l) = F(h_i^(l-1), h_{p_i}^(l-1)),   p_i the entry of layer l at position i;   NOWHERE: nothing is gathered

With the pointers fixed and F a sum this is a linear map with integer matrix; its entry (i, j) counts the dependency paths from
input j to output i, and the non-zero entries of row i are the positions that output i depends on. A smooth F of the same two rows
has its Jacobian's support within them. Tables come in batches, an int64 array `(batch, layers, heads, positions)`.

Derived here; the layer is that of Li, arXiv 2508.02631.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from jaxtyping import Int64

from theory.pointer.tables import NOWHERE, PointerTable

MOST_TABLES = 2**21
"""Batches beyond are refused: their path counts would not fit in a few gigabytes."""


@dataclass(frozen=True)
class Gathering:
    """What a layer makes of a position's own row and of the rows its heads gather: `residual` times the first plus the others.

    residual 1 is the layer with a residual connection, residual 0 with one head the pure chain.
    """

    residual: int = 1

    def combine(self, own: Any, gathered: Sequence[Any]) -> Any:
        """The sum; of arrays, numbers, symbols or formal combinations alike. Raises ValueError for a sum of nothing."""
        terms = [*[own] * self.residual, *gathered]
        if not terms:
            raise ValueError(
                "a layer without residual and without pointer heads computes nothing; give it one or the other"
            )
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        return total


RESIDUAL, CHAIN = Gathering(1), Gathering(0)


@dataclass(frozen=True)
class AllTables:
    """Every table of a kind, in order: `offsets` are the allowed i - p_i, None for anywhere.

    A position without an allowed target points nowhere; with `nowhere` every position may. ValueError where there are more than
    MOST_TABLES.
    """

    n: int
    layers: int
    heads: int = 1
    offsets: tuple[int, ...] | None = None
    nowhere: bool = False

    @property
    def choices(self) -> list[list[int]]:
        """The targets allowed from each position."""
        made = []
        for i in range(self.n):
            allowed = [j for j in range(self.n) if self.offsets is None or i - j in self.offsets]
            made.append([*allowed, NOWHERE] if self.nowhere or not allowed else allowed)
        return made

    @property
    def targets(self) -> Int64[np.ndarray, "batch layers heads positions"]:
        """All of them; the entry of the last layer and position varies fastest."""
        slots = self.choices * (self.layers * self.heads)
        count = prod(map(len, slots))
        if count > MOST_TABLES:
            raise ValueError(f"{count} tables of {self.n} positions and {self.layers} layers; at most {MOST_TABLES}")
        which = np.unravel_index(np.arange(count), [len(choice) for choice in slots]) if slots else ()
        columns = [np.array(choice, dtype=np.int64)[taken] for choice, taken in zip(slots, which, strict=True)]
        made = np.stack(columns, axis=-1) if columns else np.zeros((1, 0), dtype=np.int64)
        return made.reshape(count, self.layers, self.heads, self.n)


def table_at(targets: Int64[np.ndarray, "batch layers heads positions"], index: int) -> PointerTable:
    """The table of that index in a batch."""
    return PointerTable(targets.shape[-1], targets[index].tolist())


def path_counts(
    targets: Int64[np.ndarray, "batch layers heads positions"], layer: Gathering = RESIDUAL
) -> Int64[np.ndarray, "batch positions positions"]:
    """[b, i, j] = number of dependency paths from input j to output i: the Jacobian of the layers as sums.

    layers * heads gathers of `positions` rows of length `positions` a table. Counts reach (heads + 1)^layers and must stay
    below 2^63.
    """
    batch, _, _, n = targets.shape
    counts = np.broadcast_to(np.eye(n, dtype=np.int64), (batch, n, n))
    table = np.arange(batch)[:, None]
    for pointers in targets.transpose(1, 2, 0, 3):
        rows = np.concatenate(
            [counts, np.zeros((batch, 1, n), dtype=np.int64)], axis=1
        )  # NOWHERE finds the row of zeros
        counts = layer.combine(counts, [rows[table, head] for head in pointers])
    return counts


def support_sizes(
    targets: Int64[np.ndarray, "batch layers heads positions"], layer: Gathering = RESIDUAL
) -> Int64[np.ndarray, "batch positions"]:
    """How many inputs each output depends on."""
    return (path_counts(targets, layer) > 0).sum(axis=-1)


def visited(targets: Int64[np.ndarray, "batch layers heads positions"]) -> Int64[np.ndarray, "batch positions steps"]:
    """The positions a pure chain of one head comes by, from each output back to its input: layers + 1 entries, NOWHERE once lost."""
    batch, layers, heads, n = targets.shape
    if heads != 1:
        raise ValueError(f"a chain follows one head, the table has {heads}; take targets[:, :, h : h + 1]")
    walk = [np.broadcast_to(np.arange(n), (batch, n))]
    for pointers in targets[:, ::-1, 0].swapaxes(0, 1):
        padded = np.concatenate([pointers, np.full((batch, 1), NOWHERE)], axis=1)
        walk.append(np.take_along_axis(padded, walk[-1] % (n + 1), axis=1))
    assert len(walk) == layers + 1
    return np.stack(walk, axis=-1)
