"""Reachability by normalised softmax, beta = -1: a sink, then a token a node; head dimension n.

    sink        k = e_0       w = 0                                            v = 0
    node t      k = e_{1+t}   w = sum over parents x of e_{1+x}, else e_0      v = e_t        (the last node's key is 0)

Why: at temperature zero a node's value is the mean of its parents' values, so u_t[s] is the chance that the walk from t
to a random parent, and on, meets s: positive exactly when s reaches t. It can be small, `least_value(n)` = min over L of
(n - L)^(-L): a path of L edges, all other nodes orphans and parents of each node on it. At a finite scale every key gets
some weight. `scale_for(n)` keeps what leaks to an unreachable target below a quarter of the least value, and what a
reachable one loses below a half; `threshold(n)`, half the least value, then decides.

Derived here; the operator is that of Zhong, Xu, Ao, Shi, arXiv 2505.19488.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from jaxtyping import Int

from constructions.deltaformer.reachability import check_adjacency
from constructions.deltaformer.tokens import Tokens
from constructions.layers import deltaformer as operator
from constructions.layers.kernels import Hardmax, Kernel

__all__ = [
    "SoftmaxReachability",
    "dilution_length",
    "leaking_graph",
    "least_value",
    "least_value_graph",
    "scale_for",
    "threshold",
]


HARDMAX = Hardmax()


@dataclass(frozen=True)
class SoftmaxReachability:
    """The construction. `kernel` is `Hardmax()`, the limit, or `Softmax(scale)`."""

    kernel: Kernel = HARDMAX

    def orphans(self, orphan: Any, sink: Any) -> Any:
        """What is added to the writes: the sink's key where a node has no parent."""
        return orphan[..., None] * sink

    def compile_batch(self, adjacency: Int[np.ndarray, "batch n n"]) -> Tokens:
        """n + 1 tokens for simple graphs in topological order. ValueError as for `NodeTokens`, and for parallel edges."""
        check_adjacency(adjacency)
        if (adjacency > 1).any():
            graph, t, i = (int(x) for x in np.argwhere(adjacency > 1)[0])
            raise ValueError(
                f"graph {graph}: {int(adjacency[graph, t, i])} edges {i} -> {t}; softmax takes the mean over parents, "
                "give each edge once"
            )
        batch, n = adjacency.shape[:2]
        units = np.eye(n + 1, n, dtype=np.int64)
        writes = adjacency @ units[1:] + self.orphans(adjacency.sum(axis=-1) == 0, units[0])
        return Tokens(
            k=np.broadcast_to(units, (batch, n + 1, n)),
            w=np.concatenate([np.zeros((batch, 1, n), dtype=np.int64), writes], axis=1),
            v=np.broadcast_to(np.eye(n + 1, n, k=-1, dtype=np.int64), (batch, n + 1, n)),
            beta=-np.ones((batch, n + 1), dtype=np.int64),
            queries=units[1:],
        )

    def values(self, tokens: Tokens) -> Any:
        """[..., t, s] for nodes t and sources s, in the number type the tokens were cast to (not integers)."""
        u = operator.solve(tokens.k, tokens.w, tokens.v, tokens.beta, kernel=self.kernel)
        return u[..., 1:, :]


def dilution_length(n: int) -> int:
    """The L in 0..n-1 at which (n - L)^(-L) is least, the smallest one. Raises ValueError unless n >= 1."""
    if n < 1:
        raise ValueError(f"n = {n}: a graph with a source has at least one node")
    return max(range(n), key=lambda length: (n - length) ** length)


def least_value(n: int) -> Fraction:
    """m(n) = min over 0 <= L < n of (n - L)^(-L), the least positive value on n nodes. Raises ValueError unless n >= 1."""
    length = dilution_length(n)
    return Fraction(1, (n - length) ** length)


def least_value_graph(n: int) -> Int[np.ndarray, "n n"]:
    """A graph that attains it: orphans first, then the path, from node n - 1 - L to node n - 1. ValueError unless n >= 1."""
    first = n - 1 - dilution_length(n)
    graph = np.eye(n, k=-1, dtype=np.int64)
    graph[:, :first] = 1
    graph[: first + 1] = 0
    return graph


def leaking_graph(n: int) -> Int[np.ndarray, "n n"]:
    """Two paths side by side, n // 2 nodes and the rest: from node 0 to node n - 1 leaks the most, by every key once."""
    graph = np.eye(n, k=-1, dtype=np.int64)
    if n > 1:
        graph[n // 2] = 0
    return graph


def threshold(n: int) -> Fraction:
    """m(n) / 2: reachable above, unreachable below, at any scale from `scale_for(n)` on."""
    return least_value(n) / 2


def scale_for(n: int) -> float:
    """A scale >= ln(n^2 / m(n)), which is O(n log n); rounded up in float64. Raises ValueError unless n >= 1."""
    wanted = math.log(n * n) + math.log(least_value(n).denominator)
    return wanted * (1 + 2.0**-48)  # two logarithms and a sum, each within a unit in the last place
