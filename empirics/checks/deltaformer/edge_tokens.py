"""Theorem E: counts with a token an edge, on three kinds of codes."""

from __future__ import annotations

from typing import Any

import numpy as np

from constructions.deltaformer.edge_tokens import (
    EdgeTokens,
    LiftedSignCodes,
    OneHotCodes,
    OneSided,
    SignCodes,
    certificate,
)
from constructions.layers.kernels import Rounded
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.deltaformer.edge_edits import (
    BothNegated,
    CodesComplemented,
    CoordinateShort,
    EndsExchanged,
    OddKernel,
    SignDropped,
)
from empirics.checks.deltaformer.graphs import all_adjacencies, as_graph, counts_agree, powers
from theory.deltaformer import edge_tokens as claims
from theory.programs import Dag

CODES = (OneHotCodes(), SignCodes(), LiftedSignCodes())


def coefficient_is_delta(codes: Any) -> Evidence:
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
    return coefficient_is_delta(codes)


control(
    edge_adds_what_ends_where_it_begins,
    "ends-exchanged",
    "refuted",
    codes=EndsExchanged(),
    reason="edges are followed backwards",
)
control(
    edge_adds_what_ends_where_it_begins,
    "sign-dropped",
    "refuted",
    codes=SignDropped(),
    reason="a path counts (-1)^length",
)
control(
    edge_adds_what_ends_where_it_begins, "both-negated", "confirmed", codes=BothNegated(), symmetry="<-k, -w> = <k, w>"
)


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
