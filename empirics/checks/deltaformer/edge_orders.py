"""Theorem E with the edges in other orders: what repeating the list saves, and what it and layers do not."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from constructions.deltaformer.edge_tokens import CarriedSets, EdgeTokens, OneHotCodes, longest_path
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.deltaformer.edge_edits import BothNegated, EndsExchanged, SignDropped
from empirics.checks.deltaformer.edge_tokens import coefficient_is_delta, paths_ending
from empirics.checks.deltaformer.graphs import all_adjacencies, as_graph, path_graph, powers
from theory.deltaformer import edge_tokens as claims

ONE_HOT = OneHotCodes()


@check(claims.repeated_list, "derived", covers=True, scope={"sizes": "all graphs and orders", "method": "patterns"})
def no_coefficient_is_negative(codes: Any = OneHotCodes()) -> Evidence:
    """The coefficient of u_f in u_e is delta(y_f, x_e), never negative, whatever the order of the edges."""
    return coefficient_is_delta(codes)


control(
    no_coefficient_is_negative,
    "ends-exchanged",
    "refuted",
    codes=EndsExchanged(),
    reason="edges are followed backwards",
)
control(no_coefficient_is_negative, "sign-dropped", "refuted", codes=SignDropped(), reason="a path counts (-1)^length")
control(no_coefficient_is_negative, "both-negated", "confirmed", codes=BothNegated(), symmetry="<-k, -w> = <k, w>")


def _orders(run: Run) -> dict[str, Any]:
    every = {n: list(itertools.permutations(range(n * (n - 1) // 2))) for n in (2, 3, 4)}
    some = np.random.default_rng(run.seed).permutation(720)[: run.pick(12, 720)]
    every[4] = [tuple(reversed(range(6))), *(every[4][i] for i in some.tolist())]
    return {"case": [(n, order) for n, orders in every.items() for order in orders]}


def _reached(case: tuple[int, tuple[int, ...]], found: Any) -> Evidence:
    """Whether values [graph, y, s] are positive exactly at reachable pairs; if not, the first graph, as a list of edges."""
    nodes, order = case
    graphs = all_adjacencies(nodes)
    wrong = np.argwhere((found > 0) != (powers(graphs) > 0))
    if not len(wrong):
        return holds(cases=len(graphs))
    graph, y, s = wrong[0].tolist()
    pairs = np.stack(np.triu_indices(nodes, 1), axis=-1)[list(order)].tolist()
    edges = ", ".join(f"{x} -> {t}" for x, t in pairs if graphs[graph, t, x])
    true = "is" if powers(graphs[graph])[y, s] else "is not"
    return fails(
        f"{nodes} nodes, edges in the order {edges}: {y} {true} reached from {s}, the value is {found[graph, y, s]}",
        true,
        found[graph, y, s],
    )


def _by_length(graphs: np.ndarray, run_batch: Any) -> np.ndarray:
    """Values of a batch in which the number of copies or layers is that of each graph's longest path."""
    lengths, values = longest_path(graphs), np.zeros(graphs.shape, dtype=np.int64)
    for length in np.unique(lengths).tolist():
        values[lengths == length] = run_batch(graphs[lengths == length], length)
    return values


@check(
    claims.repeated_list,
    "exhausted",
    given=_orders,
    scope={"sizes": "all simple graphs and orders with n <= 3; n = 4 with 13 orders (all in the full budget)"},
)
def every_order_repeated(case: tuple, codes: Any = OneHotCodes(), more: int = 0) -> Evidence:
    """Every graph, its edges in this order, the list repeated L + more times: readers are positive where reachable."""
    nodes, order = case
    made = EdgeTokens(codes)

    def readers(graphs: np.ndarray, length: int) -> np.ndarray:
        return made.values(made.compile_batch(graphs, np.array(order, dtype=int), max(length + more, 0)))[:, -nodes:]

    return _reached(case, _by_length(all_adjacencies(nodes), readers))


control(
    every_order_repeated, "once-fewer", "refuted", more=-1, reason="the longest path has no copy left for its last step"
)
control(every_order_repeated, "sign-dropped", "refuted", codes=SignDropped(), reason="an edge counts -1")
control(every_order_repeated, "once-more", "confirmed", more=1, reason="a further copy only adds")


@check(
    claims.repeated_list,
    "exhausted",
    given=lambda run: {"length": list(range(1, run.pick(9, 17)))},
    scope={"sizes": "path graphs of up to 8 edges, listed backwards"},
)
def copies_needed_backwards(length: int, law: Any = lambda length: length, forwards: bool = False) -> Evidence:
    """The path graph listed backwards: the least number of copies that reads its end from its beginning is the law's."""
    graph, made = path_graph(length + 1)[None], EdgeTokens()
    order = np.arange(length * (length + 1) // 2)
    order = order if forwards else order[::-1]
    copies = next(
        copies for copies in itertools.count() if made.values(made.compile_batch(graph, order, copies))[0, -1, 0] > 0
    )
    return holds() if copies == law(length) else fails(f"{length} edges need {copies} copies", law(length), copies)


control(copies_needed_backwards, "one-fewer", "refuted", law=lambda length: length - 1, reason="a copy a step")
control(copies_needed_backwards, "forwards", "confirmed", forwards=True, law=lambda length: 1, reason="Theorem E")


@check(claims.repeated_counts, "exhausted", given={"nodes": [2, 3, 4]})
def last_copy_counts(nodes: int, copies: int | None = None, backwards: bool = False) -> Evidence:
    """Every graph, edges in topological order, L copies: the last copy's values against the counts."""
    graphs, made = all_adjacencies(nodes), EdgeTokens()
    pairs = np.stack(np.triu_indices(nodes, 1), axis=-1)
    order = np.arange(len(pairs))[::-1] if backwards else np.arange(len(pairs))
    wanted, lengths = paths_ending(graphs, pairs[order]), longest_path(graphs)
    for graph, length, right in zip(graphs, lengths.tolist(), wanted, strict=True):
        times = length if copies is None else copies
        values = made.values(made.compile_batch(graph[None], order, times))[0]
        last = values[-nodes - len(pairs) : -nodes] if times else 0 * right
        for e, s in np.argwhere(last != right)[:1].tolist():
            x, y = pairs[order][e].tolist()
            words = (
                f"{as_graph(graph)}, {times} copies: from {s} through {x} -> {y} gives {last[e, s]}, not {right[e, s]}"
            )
            return fails(words, right[e, s], last[e, s])
    return holds(cases=len(graphs))


control(last_copy_counts, "one-copy", "confirmed", copies=1, reason="Theorem E")
control(
    last_copy_counts, "backwards", "refuted", copies=1, backwards=True, reason="an edge comes before those it needs"
)


@dataclass(frozen=True)
class Layers:
    """L layers of edge tokens; the values of one are those that the next starts from."""

    codes: OneHotCodes = ONE_HOT

    def run_batch(self, adjacency: np.ndarray, order: np.ndarray, layers: int) -> np.ndarray:
        made = EdgeTokens(self.codes)
        tokens = made.compile_batch(adjacency, order)
        values = tokens.v
        for _ in range(max(layers, 1)):
            values = made.values(type(tokens)(tokens.k, tokens.w, values, tokens.beta, tokens.queries))
        return values[:, -adjacency.shape[-1] :]


@dataclass(frozen=True)
class Copies:
    """One layer, L copies of the list."""

    def run_batch(self, adjacency: np.ndarray, order: np.ndarray, layers: int) -> np.ndarray:
        made = EdgeTokens()
        return made.values(made.compile_batch(adjacency, order, layers))[:, -adjacency.shape[-1] :]


@check(claims.layers_of_edges, "exhausted", given=_orders)
def every_order_in_layers(case: tuple, construction: Any = Layers(), sorted_edges: bool = False) -> Evidence:
    """Every graph, its edges in this order, L layers: readers are positive where reachable."""
    nodes, order = case
    chosen = np.array(sorted(order) if sorted_edges else order, dtype=int)
    found = _by_length(all_adjacencies(nodes), lambda graphs, length: construction.run_batch(graphs, chosen, length))
    return _reached((nodes, tuple(chosen.tolist())), found)


control(every_order_in_layers, "sorted", "confirmed", sorted_edges=True, reason="Theorem E in each layer")
control(every_order_in_layers, "copies-instead", "confirmed", construction=Copies(), reason="the list repeated L times")
control(
    every_order_in_layers,
    "readers-carry-the-set",
    "confirmed",
    construction=CarriedSets(),
    reason="a reader asks again with what it has reached",
)
control(
    every_order_in_layers, "sign-dropped", "refuted", construction=Layers(SignDropped()), reason="an edge counts -1"
)
