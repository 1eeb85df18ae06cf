"""The inverse as reachability, node tokens: one token a node, head dimension n or n - 1, linear kernel.

    token t stands for a node y, in topological order:    k = e_t    w = -sum over edges x -> y of e_x    v = e_t    beta = 1

Why: A_ti = <k_i, w_t> = -(number of edges from the node of token i to that of token t), so I + A = I - N and
U = (I - N)^{-1} = I + N + N^2 + ..., whose entry (t, s) counts the directed paths from s to t, the empty path
included. N is nilpotent, so the series ends. Only non-negative terms are added, hence positive iff reachable. Parallel
edges are counted apart. Without the minus sign in w a path counts (-1)^length and may cancel.

The last node is nobody's parent, so its coordinate can go: `LeanNodeTokens`, head dimension n - 1, the least there is.
Where the kernel cannot be negative, `NegatingCopies` spends a second token a node on the sign:

    node y:   k = (e_y, 0)   w = (0, sum over edges x -> y of e_x)   v = e_y        its copy:   k = (0, e_y)   w = (e_y, 0)   v = 0

Derived here; the operator is that of Zhong, Xu, Ao, Shi, arXiv 2505.19488.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int

from constructions.deltaformer.swap_tracking import plain, sparse_rows
from constructions.deltaformer.tokens import Tokens
from theory.programs import Dag


@dataclass(frozen=True)
class NodeTokens:
    """The construction. `sign` is -1; +1 gives the reading without the sign trick, which is claimed of nothing."""

    sign: int = -1

    def units(self, n: int) -> Int[np.ndarray, "n d"]:
        """The unit vectors of the tokens as rows."""
        return np.eye(n, dtype=np.int64)

    def key(self, e: Any, node: Any) -> Any:
        """The key of a node's token."""
        return e(node)

    def write(self, parents: Any) -> Any:
        """The write vector from the sum of the unit vectors of a node's parents (parallel edges repeated)."""
        return self.sign * parents

    def compile_batch(self, adjacency: Int[np.ndarray, "batch n n"]) -> Tokens:
        """Tokens of many graphs whose nodes are already in topological order: [b, t, i] = number of edges i -> t.

        Raises ValueError when an entry is negative or not strictly below the diagonal.
        """
        check_adjacency(adjacency)
        n = adjacency.shape[-1]
        units = self.units(n).astype(adjacency.dtype)
        keys = self.key(lambda i: units[i], np.arange(n))
        return Tokens(
            k=np.broadcast_to(keys, (*adjacency.shape[:-1], units.shape[-1])),
            w=self.write(adjacency @ units),
            v=np.broadcast_to(np.eye(n, dtype=adjacency.dtype), adjacency.shape),
            beta=np.ones(adjacency.shape[:-1], dtype=adjacency.dtype),
            queries=units,
        )

    def compile(self, graph: Dag) -> Tokens:
        """Tokens of one graph; token t stands for node `graph.order[t]`. O(n^2 + edges)."""
        batch = self.compile_batch(adjacency(graph)[None])
        return Tokens(batch.k[0], batch.w[0], batch.v[0], batch.beta[0], batch.queries)

    def run(self, graph: Dag) -> list[list[int]]:
        """[y][x] = the operator's value over the integers for target node y and source node x, labels as in the graph.

        The counts of a graph of n nodes with edges of multiplicity m stay below (1 + m)^n; Python integers, no overflow.
        """
        u = self.compile(graph).cast(object).first_stage()
        place = {node: token for token, node in enumerate(graph.order)}
        return [[int(u[place[y], place[x]]) for x in range(graph.n)] for y in range(graph.n)]


class LeanNodeTokens(NodeTokens):
    """Head dimension n - 1: the last token has the zero vector for a unit vector."""

    def units(self, n: int) -> Int[np.ndarray, "n d"]:
        return np.eye(n, max(n - 1, 0), dtype=np.int64)


class Halves(NamedTuple):
    """A vector of two parts, in the coordinates of nodes and in those of copies; None is zero."""

    node: Any = None
    copy: Any = None

    def inner(self, other: Halves) -> Any:
        """<self, other> for parts with an inner product of their own."""
        return sum(x.inner(y) for x, y in zip(self, other, strict=True) if x is not None and y is not None)


@dataclass(frozen=True)
class NegatingCopies:
    """Two tokens a node, no negative weight anywhere. Token 2 t stands for a node, token 2 t + 1 for its copy."""

    def node(self, e: Any, node: Any, parents: Any) -> tuple[Halves, Halves]:
        """Key and write of a node's token."""
        return Halves(node=e(node)), Halves(copy=parents)

    def copy(self, e: Any, node: Any) -> tuple[Halves, Halves]:
        """Key and write of its copy."""
        return Halves(copy=e(node)), Halves(node=e(node))

    def compile_batch(self, adjacency: Int[np.ndarray, "batch n n"]) -> Tokens:
        """2 n tokens a graph, head dimension 2 n; values of width n, zero for copies. ValueError as for `NodeTokens`."""
        check_adjacency(adjacency)
        batch, n = adjacency.shape[:2]
        units = np.eye(n, dtype=adjacency.dtype)

        def whole(part: Halves) -> np.ndarray:
            zero = np.zeros((batch, n, n), dtype=adjacency.dtype)
            return np.concatenate([zero + (0 if half is None else half) for half in part], axis=-1)

        pairs = zip(
            self.node(lambda i: units[i], np.arange(n), adjacency),
            self.copy(lambda i: units[i], np.arange(n)),
            strict=True,
        )
        k, w = (np.stack([whole(node), whole(copy)], axis=2).reshape(batch, 2 * n, 2 * n) for node, copy in pairs)
        v = np.zeros((2 * n, n), dtype=adjacency.dtype)
        v[::2] = units
        return Tokens(
            k=k,
            w=w,
            v=np.broadcast_to(v, (batch, 2 * n, n)),
            beta=np.ones((batch, 2 * n), dtype=adjacency.dtype),
            queries=np.eye(n, 2 * n, dtype=adjacency.dtype),
        )


def check_adjacency(adjacency: Int[np.ndarray, "batch n n"]) -> None:
    """Raise ValueError naming an entry that is negative or not strictly below the diagonal."""
    wrong = (np.triu(adjacency) != 0) | (adjacency < 0)
    if wrong.any():
        graph, t, i = (int(x) for x in np.argwhere(wrong)[0])
        raise ValueError(
            f"graph {graph}: entry [{t}, {i}] is {int(adjacency[graph, t, i])}; edges go from an earlier to a later "
            "token and their number is not negative"
        )


def adjacency(graph: Dag) -> Int[np.ndarray, "n n"]:
    """Edge multiplicities in token order: [t, i] = number of edges order[i] -> order[t]. Strictly lower triangular."""
    place = {node: token for token, node in enumerate(graph.order)}
    matrix = np.zeros((graph.n, graph.n), dtype=np.int64)
    for x, y in graph.edges:
        matrix[place[y], place[x]] += 1
    return matrix


def certificate(graph: Dag, construction: NodeTokens | None = None, claim: str = "") -> dict[str, Any]:
    """The instance for the trusted checker: edges, order, weights and all path counts."""
    made = construction or NodeTokens()
    tokens = made.compile(graph)
    return {
        "weightproof": 1,
        "kind": "path-counts",
        "claim": claim or "deltaformer/reachability/path-counts",
        "data": {
            "nodes": graph.n,
            "edges": [list(edge) for edge in graph.edges],
            "order": list(graph.order),
            "key_dimension": int(tokens.k.shape[-1]),
            "k": sparse_rows(tokens.k),
            "w": sparse_rows(tokens.w),
            "beta": [plain(b) for b in tokens.beta.tolist()],
            "counts": sparse_rows(np.array(made.run(graph), dtype=object).reshape(graph.n, graph.n)),
        },
    }
