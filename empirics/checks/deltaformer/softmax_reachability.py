"""Reachability by softmax at temperature zero: values as chances of a walk, and the least of them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from constructions.deltaformer.softmax_reachability import (
    SoftmaxReachability,
    dilution_length,
    least_value,
    least_value_graph,
)
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.deltaformer.graphs import all_adjacencies, as_graph, powers
from theory.deltaformer import softmax_reachability as claims


class NoSink(SoftmaxReachability):
    """Orphans attend to nothing in particular, hence to everything."""

    def orphans(self, orphan: Any, sink: Any) -> Any:
        return 0 * super().orphans(orphan, sink)


class SinkForAll(SoftmaxReachability):
    """Every node attends to the sink as well."""

    def orphans(self, orphan: Any, sink: Any) -> Any:
        return super().orphans(orphan | True, sink)


class EagerOrphans(SoftmaxReachability):
    """Orphans attend to the sink twice as strongly."""

    def orphans(self, orphan: Any, sink: Any) -> Any:
        return 2 * super().orphans(orphan, sink)


def walk_chances(graphs: np.ndarray) -> tuple[np.ndarray, int]:
    """[graph, t, s] = chance that the walk from t to random parents meets s, times the integer returned; exact.

    With n <= 6 at most 5 parents a node and 5 steps a walk: 60^5 clears every denominator.
    """
    n = graphs.shape[-1]
    scale = 60 ** max(n - 1, 0)
    chances = np.zeros(graphs.shape, dtype=np.int64)
    for t in range(n):
        parents = graphs[:, t]
        total = (parents[:, :t, None] * chances[:, :t]).sum(axis=1)
        chances[:, t] = total // np.maximum(parents.sum(axis=1), 1)[:, None]
        chances[:, t, t] = scale
    return chances, scale


@check(claims.hard_limit, "derived", covers=True, scope={"sizes": "all n and graphs", "method": "p, z symbols"})
def dilution_is_worst_with_one_parent(others: Any = lambda z: z) -> Evidence:
    """p / (p + z) - 1 / (1 + z) = z (p - 1) / ((p + z)(1 + z)), and the family attains the bound at every step.

    others: how many parents of value 0 each node of the path has in the family.
    """
    import sympy

    p, value = sympy.symbols("p value", positive=True)
    z = sympy.Symbol("z", nonnegative=True)
    residual = sympy.together(p / (p + z) - 1 / (1 + z) - z * (p - 1) / ((p + z) * (1 + z)))
    if sympy.expand(sympy.numer(residual)) != 0:
        return fails(f"the difference leaves {residual}", 0, residual)
    step = sympy.together(value / (1 + others(z)) - value / (1 + z))
    return holds(cases=2) if step == 0 else fails(f"a step of the family misses the bound by {step}", 0, step)


control(
    dilution_is_worst_with_one_parent,
    "an-orphan-left-out",
    "refuted",
    others=lambda z: z - 1,
    reason="fewer parents dilute less",
)
control(
    dilution_is_worst_with_one_parent,
    "counted-otherwise",
    "confirmed",
    others=lambda z: (z + 1) - 1,
    symmetry="the same number",
)


@check(
    claims.hard_limit,
    "exhausted",
    given=lambda run: {"nodes": list(range(1, run.pick(5, 6)))},
    scope={"sizes": "all simple graphs with n <= 4 nodes", "oracle": "chances of a backward walk"},
)
def every_small_graph_in_the_limit(nodes: int, construction: Any = SoftmaxReachability()) -> Evidence:
    """Every graph over Q: values are the walk's chances and positive exactly when reachable."""
    graphs = all_adjacencies(nodes)
    found = construction.values(construction.compile_batch(graphs).cast("Q"))
    chances, scale = walk_chances(graphs)
    wrong = np.argwhere((found * scale != chances) | ((found > 0) != (powers(graphs) > 0)))
    if len(wrong):
        graph, t, s = wrong[0].tolist()
        wanted = Fraction(int(chances[graph, t, s]), scale)
        return fails(f"{as_graph(graphs[graph])}: {s} to {t} gives {found[graph, t, s]}, not {wanted}", wanted)
    return holds(cases=len(graphs))


control(every_small_graph_in_the_limit, "no-sink", "refuted", construction=NoSink(), reason="orphans see every node")
control(
    every_small_graph_in_the_limit,
    "sink-for-all",
    "refuted",
    construction=SinkForAll(),
    reason="the sink takes a share",
)
control(
    every_small_graph_in_the_limit,
    "eager-orphans",
    "confirmed",
    construction=EagerOrphans(),
    reason="at temperature zero twice the score is the same weight",
)


@check(
    claims.hard_limit,
    "exhausted",
    given=lambda run: {"nodes": list(range(1, run.pick(6, 7)))},
    scope={"sizes": "least value over all simple graphs with n <= 5; attained up to n = 12"},
)
def least_value_is_sharp(nodes: int, law: Any = least_value) -> Evidence:
    """The least positive value over all graphs is the law's, and the operator attains it on the graph named."""
    graphs = all_adjacencies(nodes)
    chances, scale = walk_chances(graphs)
    positive = np.where(chances > 0, chances, scale)
    least = Fraction(int(positive.min()), scale)
    if least != law(nodes):
        worst = as_graph(graphs[np.argwhere(positive == positive.min())[0][0]])
        return fails(f"n = {nodes}: the least positive value is {least}, on {worst}", law(nodes), least)
    made = SoftmaxReachability()
    for n in (nodes, 2 * nodes + 2):
        values = made.values(made.compile_batch(least_value_graph(n)[None]).cast("Q"))[0]
        found = values[-1, n - 1 - dilution_length(n)]
        if found != law(n):
            return fails(f"n = {n}: the orphans and the path give {found}", law(n), found)
    return holds(cases=len(graphs))


control(
    least_value_is_sharp,
    "source-not-counted",
    "refuted",
    law=lambda n: min(Fraction(1, (n - 1 - length) ** length) for length in range(n - 1)) if n > 1 else Fraction(1),
    reason="with n - 1 nodes in place of n",
)
control(
    least_value_is_sharp,
    "path-only",
    "refuted",
    law=lambda n: Fraction(1, max(n - 1, 1)),
    reason="from four nodes on a path of two edges dilutes more",
)
control(
    least_value_is_sharp,
    "by-orphans",
    "confirmed",
    law=lambda n: min(Fraction(1, (1 + z) ** (n - 1 - z)) for z in range(n)),
    symmetry="z = n - 1 - L",
)
