"""The inverse as reachability, node tokens: one token a node, head dimension n, linear kernel.

    token t stands for a node y, in topological order:    k = e_t    w = -sum over edges x -> y of e_x    v = e_t    beta = 1

Why: A_ti = <k_i, w_t> = -(number of edges from the node of token i to that of token t), so I + A = I - N and
U = (I - N)^{-1} = I + N + N^2 + ..., whose entry (t, s) counts the directed paths from s to t, the empty path
included. N is nilpotent, so the series ends. Only non-negative terms are added, hence positive iff reachable. Parallel
edges are counted apart. Without the minus sign in w a path counts (-1)^length and may cancel.

Derived here; the operator is that of Zhong, Xu, Ao, Shi, arXiv 2505.19488.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int

from constructions.deltaformer.swap_tracking import plain, sparse_rows
from constructions.deltaformer.tokens import Tokens
from theory.programs import Dag


@dataclass(frozen=True)
class NodeTokens:
    """The construction. `sign` is -1; +1 gives the reading without the sign trick, which is claimed of nothing."""

    sign: int = -1

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
        n = adjacency.shape[-1]
        if (np.triu(adjacency) != 0).any() or (adjacency < 0).any():
            graph, t, i = (int(x) for x in np.argwhere((np.triu(adjacency) != 0) | (adjacency < 0))[0])
            raise ValueError(
                f"graph {graph}: entry [{t}, {i}] is {int(adjacency[graph, t, i])}; edges go from an earlier to a later "
                "token and their number is not negative"
            )
        units = np.eye(n, dtype=adjacency.dtype)
        return Tokens(
            k=np.broadcast_to(self.key(lambda i: units[i], np.arange(n)), adjacency.shape),
            w=self.write(adjacency),
            v=np.broadcast_to(units, adjacency.shape),
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
            "key_dimension": graph.n,
            "k": sparse_rows(tokens.k),
            "w": sparse_rows(tokens.w),
            "beta": [plain(b) for b in tokens.beta.tolist()],
            "counts": sparse_rows(np.array(made.run(graph), dtype=object).reshape(graph.n, graph.n)),
        },
    }
