"""Small graphs by the batch, and their path counts by powers: what the reachability checks share."""

from __future__ import annotations

from typing import Any

import numpy as np

from empirics.checking import Evidence, fails, holds
from theory.programs import Dag


def all_adjacencies(n: int) -> np.ndarray:
    """Every simple graph on n nodes in topological order, fewest edges first: `(2^(n(n-1)/2), n, n)`, int64."""
    below = np.tril_indices(n, -1)
    count = len(below[0])
    bits = (np.arange(2**count)[:, None] >> np.arange(count)) & 1
    bits = bits[np.argsort(bits.sum(axis=1), kind="stable")]
    made = np.zeros((2**count, n, n), dtype=np.int64)
    made[:, below[0], below[1]] = bits
    return made


def as_graph(adjacency: np.ndarray) -> Dag:
    """The graph of a matrix [t, i] = number of edges i -> t."""
    edges = [(i, t) for t, i in np.argwhere(adjacency).tolist() for _ in range(int(adjacency[t, i]))]
    return Dag(len(adjacency), edges)


def powers(adjacency: np.ndarray) -> np.ndarray:
    """Path counts as I + N + N^2 + ..., without any triangular solve."""
    n = adjacency.shape[-1]
    total = power = np.broadcast_to(np.eye(n, dtype=adjacency.dtype), adjacency.shape)
    for _ in range(n - 1):
        power = adjacency @ power
        total = total + power
    return total


def path_graph(n: int) -> np.ndarray:
    """The adjacency matrix of 0 -> 1 -> ... -> n-1."""
    return np.eye(n, k=-1, dtype=np.int64)


def counts_agree(graphs: np.ndarray, found: Any) -> Evidence:
    """Whether values [batch, t, s] are the path counts; if not, the first graph, target and source at which they are not."""
    wanted = powers(graphs)
    wrong = np.flatnonzero((found != wanted).any(axis=(1, 2)))
    if not wrong.size:
        return holds(cases=len(graphs))
    first = int(wrong[0])
    t, s = (int(x) for x in np.argwhere(found[first] != wanted[first])[0])
    words = f"{as_graph(graphs[first])}: {s} to {t} gives {found[first, t, s]}, there are {wanted[first, t, s]} paths"
    return fails(words, wanted[first].tolist(), found[first].tolist())
