"""Theorem E, reachability with a token an edge: O(edges) tokens, and codes of logarithmic length for the nodes.

    edge x -> y      k = r_y     w = -r_x     v = e_x     beta = 1        edges sorted by the place of x in a topological order
    reader of y      k = 0       w = -r_y     v = e_y     beta = 1        after the last edge

Why: kappa(r_a, -r_b) = -[a = b], so an edge adds up the values of the earlier edges that end where it begins, and its own
source: u_e[s] is the number of paths from s that end with e. (Edge tokens are the node tokens of the line graph.) The
reader of y adds those that end at y, and the empty path.

    codes                    head dimension       kernel
    one-hot                  n                    <x, y>
    signs                    D = ceil(log2 n)     -[<x, y> = -D], one-sided
    signs, last one +1       D = ceil(log2 n) + 1 <x, y> / (2 D - 1) to the nearest integer, odd

An odd kernel on sign codes takes the opposite code for a match of the wrong sign; a coordinate that all codes share
rules that out. In another order of the edges the list is repeated as often as the longest path has edges; then positive
still means reachable, and values count no more.

Derived here; the operator is that of Zhong, Xu, Ao, Shi, arXiv 2505.19488.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int

from constructions.deltaformer.reachability import check_adjacency
from constructions.deltaformer.swap_tracking import plain, sparse_rows
from constructions.deltaformer.tokens import Tokens
from constructions.layers import deltaformer as operator
from constructions.layers.kernels import LINEAR, Kernel, Rounded
from theory.programs import Dag

__all__ = [
    "CarriedSets",
    "EdgeTokens",
    "LiftedSignCodes",
    "OneHotCodes",
    "OneSided",
    "SignCodes",
    "certificate",
    "longest_path",
]


@dataclass(frozen=True)
class OneSided(Kernel):
    """kappa(x, y) = -[<x, y> < 1/2 - length], which for signs means y = -x. Raises ValueError unless length >= 1."""

    length: int = 1

    def __post_init__(self) -> None:
        if self.length < 1:
            raise ValueError(f"OneSided: length = {self.length}; a sign code has at least one coordinate")

    def values(self, inner: Any) -> Any:
        return (2 * inner < 1 - 2 * self.length) * (inner * 0 - 1)


@dataclass(frozen=True)
class OneHotCodes:
    """r_j = e_j, linear kernel."""

    def table(self, n: int) -> Int[np.ndarray, "n d"]:
        """The codes as rows."""
        return np.eye(n, dtype=np.int64)

    def kernel(self, n: int) -> Kernel:
        """The kernel with kappa(r_a, -r_b) = -[a = b]."""
        return LINEAR

    def edge(self, r: Any, x: Any, y: Any) -> tuple[Any, Any]:
        """Key and write of the edge x -> y, over an abstract code map r."""
        return r(y), -r(x)


@dataclass(frozen=True)
class SignCodes(OneHotCodes):
    """The binary digits of j as signs, D = max(1, ceil(log2 n)) of them; a one-sided kernel."""

    def length(self, n: int) -> int:
        """D, the number of coordinates."""
        return max(1, (n - 1).bit_length())

    def table(self, n: int) -> Int[np.ndarray, "n d"]:
        return 1 - 2 * ((np.arange(n)[:, None] >> np.arange(self.length(n))) & 1)

    def kernel(self, n: int) -> Kernel:
        return OneSided(self.length(n))


@dataclass(frozen=True)
class LiftedSignCodes(SignCodes):
    """Sign codes with a last coordinate that is +1 for every node; an odd kernel."""

    def length(self, n: int) -> int:
        return super().length(n) + 1

    def table(self, n: int) -> Int[np.ndarray, "n d"]:
        return np.concatenate([SignCodes().table(n), np.ones((n, 1), dtype=np.int64)], axis=1)

    def kernel(self, n: int) -> Kernel:
        return Rounded(2 * self.length(n) - 1)


ONE_HOT = OneHotCodes()


@dataclass(frozen=True)
class EdgeTokens:
    """The construction. `codes` gives the nodes' codes and the kernel that tells them apart."""

    codes: OneHotCodes = ONE_HOT

    def compile(self, graph: Dag, order: Sequence[int] | None = None, copies: int = 1) -> Tokens:
        """`copies` times the edges, then a reader for each node: T = copies * edges + n tokens, values of width n.

        order: a permutation of 0..edges-1, the order of the list; None sorts by the place of the source, then of the
        target. Labels are the graph's. Raises ValueError when `order` is no permutation or `copies` is negative.
        """
        if copies < 0:
            raise ValueError(f"copies = {copies}: repeat the list a number of times >= 0")
        place = {node: token for token, node in enumerate(graph.order)}
        if order is None:
            order = sorted(range(len(graph.edges)), key=lambda e: tuple(place[node] for node in graph.edges[e]))
        if sorted(order) != list(range(len(graph.edges))):
            raise ValueError(f"order {list(order)}: give each of the {len(graph.edges)} edges once, counted from 0")
        ends = np.array([graph.edges[e] for e in order], dtype=np.int64).reshape(-1, 2)
        ends = np.tile(ends, (copies, 1))
        return self._tokens(graph.n, ends, np.ones(len(ends), dtype=np.int64))

    def compile_batch(
        self,
        adjacency: Int[np.ndarray, "batch n n"],
        order: np.ndarray | None = None,  # pyright: ignore[reportUndefinedVariable]
        copies: int = 1,
    ) -> Tokens:
        """Tokens of many simple graphs in topological order at once: a token for each pair of nodes, zero if no edge.

        order: of the pairs (i, t), i < t, sorted by i and then t when None. ValueError as for `NodeTokens`.
        """
        check_adjacency(adjacency)
        n = adjacency.shape[-1]
        pairs = np.stack(np.triu_indices(n, 1), axis=-1)
        pairs = np.tile(pairs if order is None else pairs[order], (copies, 1))
        return self._tokens(n, pairs, adjacency[:, pairs[:, 1], pairs[:, 0]])

    def _tokens(self, n: int, ends: np.ndarray, there: np.ndarray) -> Tokens:
        """Tokens for edges with these ends, multiplied by whether they are there, and readers."""
        table, units = self.codes.table(n), np.eye(n, dtype=np.int64)
        key, write = self.codes.edge(lambda node: table[node], ends[:, 0], ends[:, 1])
        readers = np.broadcast_to(table, (*there.shape[:-1], *table.shape))
        edges = {"k": key, "w": write, "v": units[ends[:, 0]]}
        nodes = {"k": 0 * readers, "w": -readers, "v": np.broadcast_to(units, (*there.shape[:-1], n, n))}
        joined = {name: np.concatenate([there[..., None] * edges[name], nodes[name]], axis=-2) for name in edges}
        return Tokens(**joined, beta=np.ones(joined["k"].shape[:-1], dtype=np.int64), queries=table)

    def values(self, tokens: Tokens) -> Any:
        """U `(*batch, T, n)` by the triangular solve with the kernel of the codes: edges first, then the n readers."""
        n = tokens.v.shape[-1]
        return operator.solve(tokens.k, tokens.w, tokens.v, tokens.beta, kernel=self.codes.kernel(n))

    def run(self, graph: Dag, order: Sequence[int] | None = None, copies: int = 1) -> list[list[int]]:
        """[y][x] = the reader's value over the integers for target y and source x, labels as in the graph."""
        values = self.values(self.compile(graph, order, copies).cast(object))
        return [[int(x) for x in row] for row in values[values.shape[-2] - graph.n :]]


@dataclass(frozen=True)
class CarriedSets:
    """Layers in which readers, one a source, carry the set reached so far: any order of the edges, a layer a step.

    In a layer an edge x -> y has k = e_x, w = 0, v = e_y, so u = e_y; the reader with the multiset R has w = -R, v = R and
    returns R + sum over edges of R[x] e_y. Linear kernel, head dimension n; after L layers R counts walks of at most L
    edges with repetitions of rest, and is positive where such a walk ends.
    """

    def run_batch(
        self, adjacency: Int[np.ndarray, "batch n n"], order: np.ndarray, layers: int
    ) -> Int[np.ndarray, "batch n n"]:
        """[b, y, s] = the value at y of the reader that started at s. ValueError as for `NodeTokens`."""
        check_adjacency(adjacency)
        batch, n = adjacency.shape[:2]
        units = np.eye(n, dtype=np.int64)
        pairs = np.stack(np.triu_indices(n, 1), axis=-1)[order]
        there = adjacency[:, pairs[:, 1], pairs[:, 0], None]
        reached = np.broadcast_to(units, (batch, n, n))
        nothing = np.zeros((batch, n, n), dtype=np.int64)
        for _ in range(layers):
            k = np.concatenate([there * units[pairs[:, 0]], nothing], axis=1)
            w = np.concatenate([0 * there * units[pairs[:, 0]], -reached], axis=1)
            v = np.concatenate([there * units[pairs[:, 1]], reached], axis=1)
            reached = operator.solve(k, w, v)[:, len(pairs) :]
        return reached.swapaxes(-1, -2)


def longest_path(adjacency: Int[np.ndarray, "batch n n"]) -> np.ndarray:
    """The number of edges of a longest path in each graph; work O(n^2) a graph."""
    depth = np.zeros(adjacency.shape[:-1], dtype=np.int64)
    for t in range(adjacency.shape[-1]):
        if t:
            depth[..., t] = np.where(adjacency[..., t, :t] > 0, depth[..., :t] + 1, 0).max(axis=-1)
    return depth.max(axis=-1, initial=0)


def certificate(graph: Dag, construction: EdgeTokens | None = None, claim: str = "") -> dict[str, Any]:
    """The instance for the trusted checker: path counts of the line graph from the edges' keys and writes.

    For linear kernels, the checker's own; node e of the line graph is edge e of the graph, in the order of the tokens.
    """
    made = construction or EdgeTokens()
    place = {node: token for token, node in enumerate(graph.order)}
    ends = sorted(graph.edges, key=lambda edge: tuple(place[node] for node in edge))
    tokens = made.compile(graph)
    size = len(ends)
    line = Dag(size, [(f, e) for e in range(size) for f in range(size) if ends[f][1] == ends[e][0]])
    k, w = tokens.k[:size], tokens.w[:size]
    values = operator.solve(*(x.astype(object) for x in (k, w, np.eye(size, dtype=np.int64))))
    return {
        "weightproof": 1,
        "kind": "path-counts",
        "claim": claim or "deltaformer/reachability/edge-tokens",
        "data": {
            "nodes": size,
            "edges": [list(edge) for edge in line.edges],
            "order": list(range(size)),
            "key_dimension": int(k.shape[-1]),
            "k": sparse_rows(k),
            "w": sparse_rows(w),
            "beta": [plain(b) for b in tokens.beta[:size].tolist()],
            "counts": sparse_rows(values.reshape(size, size)),
        },
    }
