"""Counts of where pointers point: hops, targets, self-loops, clusters, long jumps, differences between layers and between inputs.

All of them are of pointers alone, `(layers, batch, heads, N)`, whatever layer made them. Definitions, for one layer and head:

    hop             |p_i - i|, over all positions of all sequences, a pointer to itself counting 0
    utilisation     two readings: positions that do not point at themselves, or positions that somebody points at, as shares of N
    cluster         a position of one sequence with more pointers than the uniform null allows at the level, all positions tested
    long jump       a hop of at least `long`
    changes         pairs of sequences and positions whose pointers differ, as a share
    information     bits that a pointer has of the input, its position known: since the input decides it, that is its entropy over
                    inputs, mean over positions; plugged in, hence at most log2 of the number of sequences, and biased down

Source: definitions as a summary of arXiv 2508.02631 words them; made precise here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from constructions.layers.shapes import check_positive
from empirics.reading.specialisation import Specialisation, specialisation
from theory.pointer.in_degrees import WIDTHS, allowed

__all__ = ["Statistics", "checked", "count"]

LEVEL = 0.01
PERMUTATIONS = 999
BINS = 64


@dataclass(frozen=True)
class Statistics:
    """What `count` found. Arrays of `(layers, heads)` unless said; counts are over all sequences together."""

    tokens: int
    sequences: int
    hops: Int[np.ndarray, "layers heads N"]
    """Pointers at each hop 0..N-1."""
    mean_hop: Float[np.ndarray, "layers heads"]
    median_hop: Float[np.ndarray, "layers heads"]
    max_hop: Int[np.ndarray, "layers heads"]
    heat: Int[np.ndarray, "layers heads bins bins"]
    """Pointers from each bin of positions, first, to each bin of targets."""
    edges: Int[np.ndarray, " bins_and_one"]
    """Bin b holds the positions edges[b]..edges[b + 1] - 1."""
    self_loops: Float[np.ndarray, "layers heads"]
    distinct: Float[np.ndarray, "layers heads"]
    """Positions that somebody points at, mean over sequences."""
    long_jumps: Float[np.ndarray, "layers heads"]
    long: int
    in_degrees: Int[np.ndarray, "layers batch heads N"]
    allowed: Int[np.ndarray, " N"]
    """The most pointers at a position that are no cluster."""
    level: float
    changes: Float[np.ndarray, "layers heads"]
    """NaN for a single sequence."""
    information: Float[np.ndarray, "layers heads"]
    specialisation: Specialisation

    @property
    def utilisation(self) -> Float[np.ndarray, "layers heads"]:
        """The share of positions that do not point at themselves."""
        return 1 - self.self_loops

    @property
    def distinct_share(self) -> Float[np.ndarray, "layers heads"]:
        """The share of positions that somebody points at."""
        return self.distinct / self.tokens

    @property
    def clusters(self) -> Bool[np.ndarray, "layers batch heads N"]:
        """Which positions more pointers point at than the null allows."""
        return self.in_degrees > self.allowed

    @property
    def clustered(self) -> Float[np.ndarray, "layers heads"]:
        """The share of pointers that point at a cluster."""
        return (self.in_degrees * self.clusters).sum((1, 3)) / (self.sequences * self.tokens)


def checked(pointers: Any, causal: bool, what: str = "pointers") -> Int[np.ndarray, "layers batch heads N"]:
    """The pointers as int64. ValueError for another shape or kind, an empty axis, a target outside, and a later one where causal."""
    if hasattr(pointers, "detach"):
        pointers = pointers.detach().cpu()
    found = np.asarray(pointers)
    if found.ndim != 4 or 0 in found.shape or found.dtype.kind not in "iu":
        raise ValueError(
            f"read: {what} has shape {found.shape} and dtype {found.dtype}; give integers (layers, batch, heads, N), no axis empty"
        )
    n, times = found.shape[-1], np.arange(found.shape[-1])
    for wrong, end in (((found < 0) | (found >= n), f"outside a sequence of {n}; give 0..{n - 1}"),) + (
        ((found > times, "ahead; give causal=False if that is meant"),) if causal else ()
    ):
        if wrong.any():
            at = tuple(int(x[0]) for x in wrong.nonzero())
            where = f"{what}: layer {at[0]}, sequence {at[1]}, head {at[2]}"
            raise ValueError(f"read: {where}: position {at[3]} points at {int(found[at])}, {end}")
    return found.astype(np.int64)


def count(
    pointers: Any,
    *,
    causal: bool = True,
    level: float = LEVEL,
    long: int | None = None,
    bins: int = BINS,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> Statistics:
    """The statistics of integers `(layers, batch, heads, N)`, an array or a tensor.

    causal: whether targets must not lie ahead, and which uniform null clusters are told from: over the causal past, or all positions.
    level: the chance that the null shows any cluster in all layers, sequences and heads together. long: N / 2, rounded up, unless
    given. bins: at most so many in the heat map. permutations, seed: of the test for specialisation.

    Work O(M log M + N^2) for M pointers, and M N for the specialisation's permutations. ValueError as `checked`, and for a level
    outside (0, 1), or long, bins or permutations below 1.
    """
    p = checked(pointers, causal)
    layers, batch, heads, n = p.shape
    least = (n + 1) // 2 if long is None else long
    if not 0 < level < 1:
        raise ValueError(f"read: level = {level}; give a probability between 0 and 1")
    check_positive("read", long=least, bins=bins, permutations=permutations)
    away = np.abs(p - np.arange(n))
    hops = _histogram(away, n)
    degrees = _histogram(p, n)
    each = away.transpose(0, 2, 1, 3).reshape(layers, heads, -1)
    by_head = hops.sum(1)
    widths = WIDTHS["uniform_causal" if causal else "uniform_all"](n)
    edges = np.unique(np.arange(min(bins, n) + 1) * n // min(bins, n))
    changes, information = _between_inputs(p)
    return Statistics(
        tokens=n,
        sequences=batch,
        hops=by_head,
        mean_hop=each.mean(-1),
        median_hop=np.median(each, -1),
        max_hop=each.max(-1),
        heat=_heat(p, edges),
        edges=edges,
        self_loops=by_head[..., 0] / (batch * n),
        distinct=(degrees > 0).sum(-1).mean(1),
        long_jumps=by_head[..., least:].sum(-1) / (batch * n),
        long=least,
        in_degrees=degrees,
        allowed=np.array(allowed(widths, level, p.size)),
        level=level,
        changes=changes,
        information=information,
        specialisation=specialisation(hops.sum(2), permutations=permutations, seed=seed),
    )


def _histogram(values: np.ndarray, n: int) -> Int[np.ndarray, "layers batch heads n"]:
    """How often each of 0..n-1 is among the last axis."""
    rows = np.arange(values[..., 0].size)[:, None]
    flat = (values.reshape(len(rows), -1) + n * rows).ravel()
    return np.bincount(flat, minlength=len(rows) * n).reshape(*values.shape[:-1], n)


def _heat(p: np.ndarray, edges: np.ndarray) -> Int[np.ndarray, "layers heads bins bins"]:
    layers, _, heads, n = p.shape
    size = len(edges) - 1
    bin_of = np.searchsorted(edges, np.arange(n), "right") - 1
    head = np.arange(layers)[:, None, None, None] * heads + np.arange(heads)[:, None]
    flat = (head * size + bin_of) * size + bin_of[p]
    return np.bincount(flat.ravel(), minlength=layers * heads * size * size).reshape(layers, heads, size, size)


def _between_inputs(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Changes and information, from how many sequences share each target of each position."""
    layers, batch, heads, n = p.shape
    ordered = np.sort(p.transpose(0, 2, 3, 1), -1).reshape(-1, batch)
    new = np.ones(ordered.shape, dtype=bool)
    new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    starts = np.flatnonzero(new)
    same = np.diff(starts, append=new.size)
    rows = layers * heads * n
    pairs, surprise = (
        np.bincount(starts // batch, weights=x, minlength=rows).reshape(layers, heads, n).mean(-1)
        for x in (same * (same - 1), -same / batch * np.log2(same / batch))
    )
    changes = 1 - pairs / (batch * (batch - 1)) if batch > 1 else np.full((layers, heads), np.nan)
    return changes, surprise
