"""The inverse as reachability: path counts, and what goes wrong without the sign."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from constructions.deltaformer.reachability import NodeTokens, certificate
from empirics import strategies
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.deltaformer.graphs import all_adjacencies, as_graph, counts_agree, powers
from theory.deltaformer import reachability as claims
from theory.programs import Dag


class OneParentOnly(NodeTokens):
    """Parallel edges collapsed: w holds 0 or -1."""

    def write(self, parents: Any) -> Any:
        return self.sign * (parents != 0)


class KeyOffByOne(NodeTokens):
    """The key of the next coordinate."""

    def compile_batch(self, adjacency: Any) -> Any:
        made = super().compile_batch(adjacency)
        return replace(made, k=np.roll(made.k, 1, axis=-1))


class BothNegated(NodeTokens):
    """k = -e_t and w = +sum of parents."""

    def key(self, e: Any, node: Any) -> Any:
        return -e(node)

    def write(self, parents: Any) -> Any:
        return -self.sign * parents


def _graph_batches(run: Run) -> dict[str, Any]:
    return {"nodes": list(range(run.pick(6, 7)))}


@check(claims.path_counts, "derived", covers=True, scope={"sizes": "all graphs", "method": "patterns of equality"})
def last_edge_identity(construction: Any = NodeTokens()) -> Evidence:
    """The coefficient of u_i in u_t is N_ti: one delta identity with t, i, c as symbols, for arbitrary multiplicities."""
    import sympy

    from theory.symbolic import Combination, Slot, describe, in_pattern, patterns, row, unit

    i, c = Slot("i"), Slot("c")
    summand = construction.write(Combination(((c, row(c)),)))
    coefficient = -construction.key(unit, i).inner(summand)
    for pattern in patterns((i, c)):
        wanted = row(c) if pattern[i] == pattern[c] else sympy.Integer(0)
        found = in_pattern(sympy.sympify(coefficient), pattern)
        if sympy.expand(found - in_pattern(sympy.sympify(wanted), pattern)) != 0:
            return fails(f"{describe(pattern)}: parent c adds {found} times u_i, not {wanted}", wanted, found)
    return holds(cases=2)


control(last_edge_identity, "sign-dropped", "refuted", construction=NodeTokens(sign=1), reason="counts (-1)^length")
control(last_edge_identity, "doubled", "refuted", construction=NodeTokens(sign=-2), reason="counts 2^length")
control(last_edge_identity, "both-negated", "confirmed", construction=BothNegated(), symmetry="<-k, -w> = <k, w>")


@check(
    claims.path_counts,
    "exhausted",
    given=_graph_batches,
    scope={"sizes": "all simple graphs with n <= 5 nodes", "oracle": "powers of the adjacency matrix"},
)
def every_small_graph(nodes: int, construction: Any = NodeTokens(), multiplicity: int = 1) -> Evidence:
    """Every graph on n ordered nodes: counts equal the powers' sum and positivity equals reachability."""
    graphs = all_adjacencies(nodes) * multiplicity
    return counts_agree(graphs, construction.compile_batch(graphs).exact_first_stage())


control(every_small_graph, "sign-dropped", "refuted", construction=NodeTokens(sign=1), reason="an edge counts -1")
control(
    every_small_graph, "key-off-by-one", "refuted", construction=KeyOffByOne(), reason="a parent's key is another's"
)
control(every_small_graph, "both-negated", "confirmed", construction=BothNegated(), symmetry="<-k, -w> = <k, w>")
control(every_small_graph, "double-edges", "confirmed", multiplicity=2, reason="parallel edges count apart: 2^length")


@check(
    claims.path_counts,
    "tested",
    given={"graph": strategies.dags(most_nodes=9, most_edges=14)},
    first=({"graph": Dag(0)}, {"graph": Dag(1)}, {"graph": Dag(2, [(1, 0), (1, 0)])}),
    scope={"sizes": "n <= 9, parallel edges, any labels", "oracle": "networkx"},
    examples=(60, 2500),
)
def against_networkx(graph: Dag, construction: Any = NodeTokens()) -> Evidence:
    """Random multigraphs under random labels against networkx: simple paths one by one, and descendants."""
    import networkx

    oracle = networkx.MultiDiGraph()
    oracle.add_nodes_from(range(graph.n))
    oracle.add_edges_from(graph.edges)
    found = construction.run(graph)
    for x in range(graph.n):
        below = networkx.descendants(oracle, x) | {x}
        for y in range(graph.n):
            paths = 1 if x == y else sum(1 for _ in networkx.all_simple_edge_paths(oracle, x, y))
            if found[y][x] != paths or (found[y][x] > 0) != (y in below):
                return fails(f"{graph}: {x} to {y} gives {found[y][x]}, networkx counts {paths}", paths, found[y][x])
    return holds()


control(against_networkx, "sign-dropped", "refuted", construction=NodeTokens(sign=1), reason="an edge counts -1")
control(
    against_networkx, "one-parent-only", "refuted", construction=OneParentOnly(), reason="parallel edges count apart"
)
control(against_networkx, "both-negated", "confirmed", construction=BothNegated(), symmetry="<-k, -w> = <k, w>")


@check(
    claims.path_counts,
    "certified",
    given=lambda run: {"graph": _certified_graphs(run)},
    scope={"sizes": "instances with n up to 40"},
)
def certified_graphs(graph: Dag, construction: Any = NodeTokens()) -> Evidence:
    """Instances handed to the trusted checker: counts recomputed from the weights and again from the edges."""
    return holds(certificates=[certificate(graph, construction, claims.path_counts.id)])


def _certified_graphs(run: Run) -> list[Dag]:
    draw = np.random.default_rng(run.seed)
    graphs = [Dag(1), Dag(3, [(0, 1), (1, 2), (0, 2)]), Dag(2, [(1, 0), (1, 0)])]
    for n in run.pick((8, 40), (8, 40, 80)):
        names = draw.permutation(n).tolist()
        ends = [sorted(draw.choice(n, 2, replace=False).tolist()) for _ in range(3 * n)]
        graphs.append(Dag(n, [(names[x], names[y]) for x, y in ends]))
    return graphs


control(certified_graphs, "sign-dropped", "refuted", construction=NodeTokens(sign=1), reason="an edge counts -1")
control(certified_graphs, "both-negated", "confirmed", construction=BothNegated(), symmetry="<-k, -w> = <k, w>")


def _reading_agrees(nodes: int, construction: Any, positive: bool) -> Evidence:
    """Whether a reading of the value equals reachability on every simple graph of that many nodes."""
    graphs = all_adjacencies(nodes)
    value = construction.compile_batch(graphs).exact_first_stage()
    reached, said = powers(graphs) > 0, value > 0 if positive else value != 0
    wrong = np.flatnonzero((reached != said).any(axis=(1, 2)))
    if wrong.size:
        t, s = (int(x) for x in np.argwhere(reached[wrong[0]] != said[wrong[0]])[0])
        graph = as_graph(graphs[wrong[0]])
        words = f"{graph}: {t} is reached from {s}, the value is {value[wrong[0], t, s]}"
        return fails(words, bool(reached[wrong[0], t, s]), int(value[wrong[0], t, s]))
    return holds(cases=len(graphs), sizes=f"all simple graphs with n <= {nodes} nodes")


@check(claims.unsigned_positive, "exhausted", given=_graph_batches)
def positive_without_sign(nodes: int, construction: Any = NodeTokens(sign=1)) -> Evidence:
    """Every graph, fewest nodes and edges first, until a value's sign disagrees with reachability."""
    return _reading_agrees(nodes, construction, positive=True)


@check(claims.unsigned_nonzero, "exhausted", given=_graph_batches)
def nonzero_without_sign(nodes: int, construction: Any = NodeTokens(sign=1)) -> Evidence:
    """Every graph, fewest nodes and edges first, until a value vanishes where there is a path."""
    return _reading_agrees(nodes, construction, positive=False)


for _check in (positive_without_sign, nonzero_without_sign):
    control(_check, "with-the-sign", "confirmed", construction=NodeTokens(), reason="path counts are not negative")
    control(
        _check, "with-the-sign-both-negated", "confirmed", construction=BothNegated(), reason="the same inner products"
    )
    control(_check, "key-off-by-one", "refuted", construction=KeyOffByOne(), reason="a parent's key is another's")
