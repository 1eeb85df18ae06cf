"""Theorem E's tokens on other variants of the operator: another kernel, other codes, another sign, a sink.

    sink (where there is one)    k = s       w = 0               v = 0
    edge x -> y                  k = r_y     w = sign r_x + s    v = e_x     beta
    reader of y, by itself                   w = sign r_y + s    v = e_y     beta

s is a unit vector apart from all codes: a normalised kernel, which gives weight to something, gives it to the sink where no
earlier edge ends at x. Codes and s are scaled together, a code weighing twice what the sink does. Derived here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from constructions.deltaformer.reachability import check_adjacency
from constructions.layers import deltaformer as operator
from constructions.layers.kernels import LINEAR, Kernel

__all__ = ["EdgesOn"]


def _units(n: int) -> np.ndarray:
    return np.eye(n, dtype=np.int64)


@dataclass(frozen=True)
class EdgesOn:
    """The tokens on a variant.

    kernel: of the first stage. codes: `(n, d)` vectors for n nodes. sign: of the writes, -1 in Theorem E. beta: the same for every
    token. sink: whether there is one.
    """

    kernel: Kernel = LINEAR
    codes: Callable[[int], np.ndarray] = _units
    sign: int = -1
    beta: int = 1
    sink: bool = False

    def read(self, adjacency: Int[np.ndarray, "n n"]) -> np.ndarray:
        """[y][s] = what a reader of y, by itself after the edges, has of source s; exact.

        For a simple graph in topological order; ValueError as for `NodeTokens`.
        """
        check_adjacency(adjacency[None])
        n = len(adjacency)
        ends = np.array([(x, y) for x in range(n) for y in range(x + 1, n) if adjacency[y, x]], dtype=np.int64)
        ends = ends.reshape(-1, 2)
        table, units = self.codes(n), np.eye(n, dtype=np.int64)
        k, v = table[ends[:, 1]], units[ends[:, 0]]
        w, asked = self.sign * table[ends[:, 0]], self.sign * table
        if self.sink:
            k, w, asked = (
                np.pad(2 * x, ((0, 0), (0, 1)), constant_values=last) for x, last in ((k, 0), (w, 1), (asked, 1))
            )
            sink = np.eye(1, k.shape[1], k.shape[1] - 1, dtype=np.int64)
            k, w, v = np.concatenate([sink, k]), np.concatenate([0 * sink, w]), np.pad(v, ((1, 0), (0, 0)))
        k, w, v, asked = (x.astype(object) for x in (k, w, v, asked))
        u = operator.solve(k, w, v, np.array([self.beta] * len(k), dtype=object), kernel=self.kernel)
        return units - self.beta * (self.kernel.weights(asked, k) @ u)
