"""Reachability in number formats: three graphs speak for all."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from constructions.deltaformer import reachability_formats as formats_of
from constructions.deltaformer.reachability_formats import decides, extremal_graphs
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.deltaformer.format_cases import LONG, NARROW, Case, ways
from empirics.checks.deltaformer.graphs import all_adjacencies, as_graph
from theory import formats
from theory.deltaformer import reachability_formats as claims


def _near_both_ends(run: Run) -> dict[str, Any]:
    """Weights with which three nodes are decided and four are not, at either end of each format."""
    cases = []
    for name in (*NARROW, *LONG):
        fmt = formats.named(name)
        assert fmt.emax is not None
        for way in ways(name):
            for underflow in ("gradual", "flush"):
                reach = formats_of.underflow_frontier(fmt, 1, underflow) - 1
                cases.append(Case(name, Fraction(1, 2 ** (reach // 3 + 1)), way, underflow))
            cases += [Case(name, Fraction(2 ** (fmt.emax // 2 + 1)), way, "gradual", s) for s in (False, True)]
    return {"nodes": [2, 3, 4, *run.pick((), (5,))], "case": cases}


@check(
    claims.extremal_graphs,
    "exhausted",
    given=_near_both_ends,
    scope={"sizes": "all simple graphs with n <= 4; 7 formats, 4 evaluations, both ends of the range"},
)
def three_graphs_speak_for_all(nodes: int, case: Case, kept: Any = None, times: int = 1) -> Evidence:
    """All graphs on n nodes are decided if and only if the three are.

    kept: which of the three are asked, all when None. times: the weight is multiplied by it.
    """
    graphs, arithmetic = all_adjacencies(nodes), case.arithmetic
    three = {name: graph for name, graph in extremal_graphs(nodes).items() if kept is None or name in kept}
    eps = case.eps * times
    right = decides(graphs, eps, arithmetic, case.evaluation).all(axis=(1, 2))
    spoken = decides(np.stack(list(three.values())), eps, arithmetic, case.evaluation).all()
    if bool(spoken) == bool(right.all()):
        return holds(cases=len(graphs))
    witness = as_graph(graphs[np.flatnonzero(~right)[0]]) if not right.all() else "none"
    return fails(f"{case}, n = {nodes}: a graph that is not decided: {witness}", bool(right.all()), bool(spoken))


control(
    three_graphs_speak_for_all,
    "complete-graphs-only",
    "refuted",
    kept=(formats_of.COMPLETE, formats_of.WITHOUT_LAST),
    reason="underflow is the path graph's",
)
control(
    three_graphs_speak_for_all, "path-graph-only", "refuted", kept=(formats_of.PATH,), reason="it has no large value"
)
control(
    three_graphs_speak_for_all,
    "last-edge-kept",
    "refuted",
    kept=(formats_of.PATH, formats_of.COMPLETE),
    reason="no zero meets the infinity",
)
control(
    three_graphs_speak_for_all, "weight-one-step-up", "confirmed", times=2, reason="another weight, the same argument"
)
