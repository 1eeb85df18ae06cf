"""Do layers differ in how far they point? A permutation test whose null is that layers are exchangeable.

The statistic is the Jensen-Shannon divergence of the layers' hop distributions, in bits: the entropy of their mean minus the mean of
their entropies; 0 for equal ones, at most log2 of their number. The null: a sequence's pointers have the same law whichever layers
they are handed out to, and sequences are independent. Permuting the layers of each sequence for itself then leaves the law alone, and
P(p-value <= a) <= a, exactly, for every a. One sequence can tell nothing: all its permutations have one divergence. Derived here.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

__all__ = ["Specialisation", "divergence", "specialisation"]


@dataclass(frozen=True)
class Specialisation:
    """divergence: in bits. p_value: the share of permutations at least as divergent, over `permutations` of them; `exact` if they
    are all there are. mean_hops: by layer, over heads and sequences; spread: the largest less the smallest."""

    divergence: float
    p_value: float
    permutations: int
    exact: bool
    mean_hops: Float[np.ndarray, " layers"]

    @property
    def spread(self) -> float:
        return float(self.mean_hops.max() - self.mean_hops.min())


def divergence(counts: Int[np.ndarray, "layers N"]) -> float:
    """Of rows of counts with equal sums. Rows in another order give the same float: their entropies are added up exactly rounded."""
    layers, total = len(counts), int(counts[0].sum())

    def surprise(row: np.ndarray) -> float:
        seen = row[row > 0]
        return float((seen * np.log2(seen)).sum())

    within = math.fsum(surprise(row) for row in counts) / (layers * total)
    return max(0.0, within - surprise(counts.sum(0)) / (layers * total) + math.log2(layers))


def specialisation(
    counts: Int[np.ndarray, "layers batch N"], *, permutations: int = 999, seed: int = 0
) -> Specialisation:
    """The test on pointers at each hop, by layer and sequence. All permutations are tried where they are no more than `permutations`,
    else so many random ones and the data themselves."""
    layers, batch, n = counts.shape
    observed = divergence(counts.sum(1))
    every = math.factorial(layers) ** (batch - 1)
    exact = every <= permutations
    orders = _all_orders(layers, batch) if exact else _random_orders(layers, batch, permutations, seed)
    above, tried = _at_least(counts, observed, orders)
    mean = counts.sum(1) @ np.arange(n) / counts.sum((1, 2))
    share = above / tried if exact else (above + 1) / (tried + 1)
    return Specialisation(observed, share, tried, exact, mean)


def _at_least(counts: np.ndarray, observed: float, orders: Iterable[np.ndarray]) -> tuple[int, int]:
    above = tried = 0
    sequences = np.arange(counts.shape[1])
    for order in orders:  # (layers, batch): the layer whose counts stand there
        above += divergence(counts[order, sequences].sum(1)) >= observed
        tried += 1
    return above, tried


def _all_orders(layers: int, batch: int) -> Iterator[np.ndarray]:
    """The first sequence keeps its order: permuting all alike changes no divergence."""
    every = [np.arange(layers), *map(np.array, itertools.islice(itertools.permutations(range(layers)), 1, None))]
    for chosen in itertools.product(every, repeat=batch - 1):
        yield np.stack([every[0], *chosen], -1)


def _random_orders(layers: int, batch: int, permutations: int, seed: int) -> Iterator[np.ndarray]:
    draw = np.random.default_rng(seed)
    for _ in range(permutations):
        yield draw.permuted(np.tile(np.arange(layers)[:, None], batch), axis=0)
