"""Theorem E: counts with a token an edge, which codes tell nodes apart, and what another order of the edges costs."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from constructions.deltaformer.edge_tokens import (
    CarriedSets,
    EdgeTokens,
    LiftedSignCodes,
    OneHotCodes,
    OneSided,
    SignCodes,
    certificate,
    longest_path,
)
from constructions.layers.kernels import Kernel, Rounded
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.deltaformer.graphs import all_adjacencies, as_graph, counts_agree, path_graph, powers
from theory.deltaformer import edge_tokens as claims
from theory.programs import Dag


class EndsExchanged(OneHotCodes):
    """k = r_x and w = -r_y: the edges turned round."""

    def edge(self, r: Any, x: Any, y: Any) -> tuple[Any, Any]:
        return r(x), -r(y)


class SignDropped(OneHotCodes):
    """w = +r_x."""

    def edge(self, r: Any, x: Any, y: Any) -> tuple[Any, Any]:
        return r(y), r(x)


class BothNegated(OneHotCodes):
    """k = -r_y and w = +r_x."""

    def edge(self, r: Any, x: Any, y: Any) -> tuple[Any, Any]:
        return -r(y), r(x)


class OddKernel(SignCodes):
    """ceil(log2 n) sign coordinates with the odd kernel."""

    def kernel(self, n: int) -> Kernel:
        return Rounded(2 * self.length(n) - 1)


class CoordinateShort(SignCodes):
    """One sign coordinate fewer than the nodes need."""

    def length(self, n: int) -> int:
        return max(1, super().length(n) - 1)


class CodesComplemented(SignCodes):
    """Every sign turned."""

    def table(self, n: int) -> Any:
        return -super().table(n)


ONE_HOT = OneHotCodes()
CODES = (ONE_HOT, SignCodes(), LiftedSignCodes())


def _coefficient_is_delta(codes: Any) -> Evidence:
    """The coefficient of u_f in u_e is delta(y_f, x_e) for one-hot codes and the linear kernel, the four ends symbols."""
    import sympy

    from theory.symbolic import Slot, delta, describe, in_pattern, patterns, unit

    earlier, later = ([Slot(f"{end}_{edge}") for end in "xy"] for edge in "fe")
    (key, _), (_, write) = codes.edge(unit, *earlier), codes.edge(unit, *later)
    coefficient, wanted = sympy.sympify(-key.inner(write)), delta(earlier[1], later[0])
    decided = 0
    for pattern in patterns((*earlier, *later)):
        found, right = (in_pattern(sympy.sympify(x), pattern) for x in (coefficient, wanted))
        if found != right:
            return fails(f"{describe(pattern)}: the edge adds {found} times u_f, not {right}", right, found)
        decided += 1
    return holds(cases=decided)


@check(claims.edge_tokens, "derived", covers=True, scope={"sizes": "all graphs", "method": "patterns of equality"})
def edge_adds_what_ends_where_it_begins(codes: Any = OneHotCodes()) -> Evidence:
    """The coefficient of u_f in u_e is delta(y_f, x_e)."""
    return _coefficient_is_delta(codes)


@check(claims.repeated_list, "derived", covers=True, scope={"sizes": "all graphs and orders", "method": "patterns"})
def no_coefficient_is_negative(codes: Any = OneHotCodes()) -> Evidence:
    """The coefficient of u_f in u_e is delta(y_f, x_e), never negative, whatever the order of the edges."""
    return _coefficient_is_delta(codes)


for _check in (edge_adds_what_ends_where_it_begins, no_coefficient_is_negative):
    control(_check, "ends-exchanged", "refuted", codes=EndsExchanged(), reason="edges are followed backwards")
    control(_check, "sign-dropped", "refuted", codes=SignDropped(), reason="a path counts (-1)^length")
    control(_check, "both-negated", "confirmed", codes=BothNegated(), symmetry="<-k, -w> = <k, w>")


@check(claims.edge_tokens, "derived", covers=True, scope={"sizes": "all D >= 1", "method": "D a symbol"})
def odd_kernel_separates(norm: Any = lambda D: 2 * D - 1) -> Evidence:
    """<r, r'> / norm rounds to 1 at equality and to 0 unless equal or opposite: three inequalities for all D."""
    import sympy

    m = sympy.Symbol("m", integer=True, nonnegative=True)
    length, half = m + 1, sympy.Rational(1, 2)
    gaps = {
        "D / norm > 1/2": length / norm(length) - half,
        "D / norm < 3/2": 3 * half - length / norm(length),
        "(D - 2) / norm < 1/2": half - (length - 2) / norm(length),
    }
    for name, gap in gaps.items():
        above, below = sympy.fraction(sympy.together(gap))
        above, below = sympy.expand(above), sympy.expand(below)
        if not (above.is_positive and below.is_positive):
            witness = next((int(d) for d in range(64) if not gap.subs(m, d) > 0), None)
            return fails(f"{name} fails, first at D = {None if witness is None else witness + 1}", "positive", gap)
    return holds(cases=len(gaps))


control(odd_kernel_separates, "norm-2D", "refuted", norm=lambda D: 2 * D, reason="a half rounds to zero, which is even")
control(
    odd_kernel_separates, "norm-D", "refuted", norm=lambda D: D, reason="long codes would forgive a wrong coordinate"
)
control(odd_kernel_separates, "norm-4D-1-halves", "confirmed", norm=lambda D: (4 * D - 1) / 2, reason="between the two")


@check(
    claims.edge_tokens,
    "exhausted",
    given=lambda run: {"nodes": list(range(run.pick(6, 7))), "codes": CODES},
    scope={"sizes": "all simple graphs with n <= 5 nodes, three kinds of codes", "oracle": "powers of the adjacency"},
)
def every_small_graph(nodes: int, codes: Any, instead: Any = None, backwards: bool = False) -> Evidence:
    """Every graph on n ordered nodes: readers return the path counts, edges those of the paths that end with them."""
    made = EdgeTokens(instead or codes)
    graphs = all_adjacencies(nodes)
    pairs = np.stack(np.triu_indices(nodes, 1), axis=-1)
    if backwards:
        pairs = pairs[::-1]
    order = np.arange(len(pairs))[::-1] if backwards else None
    values = made.values(made.compile_batch(graphs, order))
    readers = counts_agree(graphs, values[:, len(pairs) :])
    if readers.outcome == "REFUTED":
        return readers
    wrong = np.argwhere(values[:, : len(pairs)] != paths_ending(graphs, pairs))
    if len(wrong):
        graph, edge, source = wrong[0].tolist()
        x, y = pairs[edge].tolist()
        return fails(f"{as_graph(graphs[graph])}: from {source} through {x} -> {y} gives {values[graph, edge, source]}")
    return holds(cases=len(graphs))


def paths_ending(graphs: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """[graph, pair, s] = number of paths from s whose last edge is that pair; zero where the pair is no edge."""
    return graphs[:, pairs[:, 1], pairs[:, 0], None] * powers(graphs)[:, pairs[:, 0]]


control(every_small_graph, "edges-backwards", "refuted", backwards=True, reason="an edge comes before those it needs")
control(every_small_graph, "odd-kernel", "refuted", instead=OddKernel(), reason="the opposite code matches with +1")
control(every_small_graph, "coordinate-short", "refuted", instead=CoordinateShort(), reason="two nodes share a code")
control(every_small_graph, "complemented", "confirmed", instead=CodesComplemented(), symmetry="<-x, -y> = <x, y>")


@check(
    claims.edge_tokens,
    "exhausted",
    given={"length": list(range(1, 9))},
    scope={"sizes": "all pairs of sign codes of up to 8 coordinates"},
)
def kernels_tell_codes_apart(length: int, lifted: bool = True) -> Evidence:
    """kappa(r_a, -r_b) = -[a = b] for all pairs: one-sided on all codes, odd on those that end with +1."""
    codes = SignCodes().table(2**length)
    raised = np.concatenate([codes, np.ones((len(codes), 1), dtype=np.int64)], axis=1) if lifted else codes
    for kernel, table in ((OneSided(length), codes), (Rounded(2 * raised.shape[1] - 1), raised)):
        found = kernel.values(table @ -table.T)
        wrong = np.argwhere(found != -np.eye(len(table), dtype=np.int64))
        if len(wrong):
            a, b = wrong[0].tolist()
            return fails(f"{kernel}: codes {table[a]} and {table[b]} give {found[a, b]}", -int(a == b), found[a, b])
    return holds(cases=2 * 4**length)


control(kernels_tell_codes_apart, "not-lifted", "refuted", lifted=False, reason="opposite codes give +1")


@check(
    claims.edge_tokens,
    "certified",
    given=lambda run: {"graph": _certified_graphs(run)},
    scope={"sizes": "instances with n up to 16, 40 edges; one-hot codes"},
)
def certified_line_graphs(graph: Dag, codes: Any = OneHotCodes()) -> Evidence:
    """For the trusted checker: the edges' keys and writes compute the path counts of the line graph."""
    return holds(certificates=[certificate(graph, EdgeTokens(codes), claims.edge_tokens.id)])


def _certified_graphs(run: Run) -> list[Dag]:
    draw = np.random.default_rng(run.seed)
    ends = [sorted(draw.choice(16, 2, replace=False).tolist()) for _ in range(run.pick(40, 120))]
    return [Dag(2, [(1, 0), (1, 0)]), Dag(3, [(0, 1), (1, 2), (0, 2), (0, 2)]), Dag(16, ends)]


control(certified_line_graphs, "sign-dropped", "refuted", codes=SignDropped(), reason="an edge counts -1")
control(certified_line_graphs, "both-negated", "confirmed", codes=BothNegated(), symmetry="<-k, -w> = <k, w>")


# --- the odd kernel on too few coordinates ----------------------------------------------------------------------------


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


# --- other orders of the edges ----------------------------------------------------------------------------------------


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
