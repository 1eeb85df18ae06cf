"""Theorem E with the odd kernel on too few coordinates: the smallest graphs that opposite codes spoil."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from constructions.deltaformer.edge_tokens import EdgeTokens, LiftedSignCodes, SignCodes
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.deltaformer.edge_edits import OddKernel
from empirics.checks.deltaformer.edge_tokens import paths_ending
from empirics.checks.deltaformer.graphs import all_adjacencies, as_graph
from theory.deltaformer import edge_tokens as claims
from theory.programs import Dag


def _graphs(parallel: bool) -> list[Dag]:
    """Graphs on 2 and 3 nodes, fewest nodes and edges first; with `parallel`, up to two edges between two nodes."""
    copies = (0, 1, 2) if parallel else (0, 1)
    found = []
    for n in (2, 3):
        pairs = list(itertools.combinations(range(n), 2))
        for number in sorted(itertools.product(copies, repeat=len(pairs)), key=lambda number: (sum(number), number)):
            found.append(Dag(n, [pair for pair, k in zip(pairs, number, strict=True) for _ in range(k)]))
    return found


def _counts(graph: Dag, codes: Any, part: str) -> Evidence:
    """Whether readers, or edges, hold the counts of paths; without readers nothing is asked of nodes that end no edge."""
    made = EdgeTokens(codes)
    tokens = made.compile(graph)
    values, place = made.values(tokens), {node: t for t, node in enumerate(graph.order)}
    paths = np.zeros((graph.n, graph.n), dtype=np.int64)
    ends = sorted(graph.edges, key=lambda edge: tuple(place[node] for node in edge))
    for node in graph.order:
        paths[node] = np.eye(graph.n, dtype=np.int64)[node] + sum(paths[x] for x, y in ends if y == node)
    if part == "readers":
        named = [(f"reader of {y}", row, paths[y]) for y, row in enumerate(values[len(ends) :])]
    else:
        named = [(f"edge {x} -> {y}", values[e], paths[x]) for e, (x, y) in enumerate(ends)]
    for name, found, wanted in named:
        for source in np.flatnonzero(found != wanted)[:1].tolist():
            words = f"{graph}: {name} from {source} gives {found[source]}, there are {wanted[source]} paths"
            return fails(words, wanted[source], found[source])
    return holds()


@check(claims.odd_kernel_codes, "exhausted", given={"graph": _graphs(parallel=True)})
def readers_with_opposite_codes(graph: Dag, codes: Any = OddKernel()) -> Evidence:
    """Graphs by size until a reader is wrong."""
    return _counts(graph, codes, "readers")


@check(claims.odd_kernel_codes, "exhausted", given={"graph": _graphs(parallel=True)})
def edges_with_opposite_codes(graph: Dag, codes: Any = OddKernel()) -> Evidence:
    """Graphs by size, parallel edges included, until an edge's own value is wrong."""
    return _counts(graph, codes, "edges")


@check(claims.odd_kernel_codes, "exhausted", given={"graph": _graphs(parallel=False)})
def simple_edges_with_opposite_codes(graph: Dag, codes: Any = OddKernel()) -> Evidence:
    """Simple graphs by size until an edge's own value is wrong."""
    return _counts(graph, codes, "edges")


for _check in (simple_edges_with_opposite_codes, edges_with_opposite_codes, readers_with_opposite_codes):
    control(_check, "one-sided", "confirmed", codes=SignCodes(), reason="an opposite code does not match")
    control(_check, "one-coordinate-more", "confirmed", codes=LiftedSignCodes(), reason="no two codes are opposite")


@dataclass(frozen=True)
class Assigned(OddKernel):
    """The odd kernel with the sign codes given out in some other way: node j gets code number `numbers[j]`."""

    numbers: tuple[int, ...] = ()

    def table(self, n: int) -> Any:
        return SignCodes().table(1 << self.length(n))[list(self.numbers)]


@check(claims.odd_kernel_codes, "exhausted", given={"nodes": [2, 3, 4]})
def some_assignment_of_codes(nodes: int, lifted: bool = False) -> Evidence:
    """Is there any way to give out the codes with which the edges of all simple graphs on n nodes hold their counts?"""
    graphs = all_adjacencies(nodes)
    pairs = np.stack(np.triu_indices(nodes, 1), axis=-1)
    wanted = paths_ending(graphs, pairs)
    if lifted:
        assignments: Any = [LiftedSignCodes()]
    else:
        numbers = range(1 << SignCodes().length(nodes))
        assignments = [Assigned(chosen) for chosen in itertools.permutations(numbers, nodes)]
    last = None
    for codes in assignments:
        made = EdgeTokens(codes)
        wrong = (made.values(made.compile_batch(graphs))[:, : len(pairs)] != wanted).any(axis=(1, 2))
        if not wrong.any():
            return holds(cases=len(graphs))
        last = as_graph(graphs[np.flatnonzero(wrong)[0]])
    return fails(
        f"{nodes} nodes: none of the {len(assignments)} ways to give out the codes does; the last fails on {last}"
    )


control(some_assignment_of_codes, "one-coordinate-more", "confirmed", lifted=True, reason="no two codes are opposite")
