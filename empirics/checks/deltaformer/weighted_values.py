"""Reachability with weighted edges over Q: how small and how great a value can be, and whose it is."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from constructions.layers import deltaformer as operator
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.deltaformer.graphs import all_adjacencies, as_graph, powers
from theory.deltaformer import reachability_formats as claims


@check(claims.value_bounds, "derived", covers=True, scope={"sizes": "all n and eps", "method": "t, eps symbols"})
def complete_graph_sums(base: Any = lambda eps: 1 + eps) -> Evidence:
    """(1 + eps)^(t-1) + eps (1 + eps)^(t-1) = (1 + eps)^t, the step of the sum over earlier nodes; true at t = 1."""
    import sympy

    eps, t = sympy.Symbol("eps", positive=True), sympy.Symbol("t", integer=True, positive=True)
    power = base(eps)
    residual = sympy.simplify(sympy.expand((power ** (t - 1) + eps * power ** (t - 1) - power**t) / power ** (t - 1)))
    return holds() if residual == 0 else fails(f"a step leaves {residual} of (..)^(t-1)", 0, residual)


control(complete_graph_sums, "without-the-one", "refuted", base=lambda eps: eps, reason="the empty path counts")
control(complete_graph_sums, "doubled-weight", "refuted", base=lambda eps: 1 + 2 * eps, reason="another graph")
control(complete_graph_sums, "reordered", "confirmed", base=lambda eps: eps + 1, symmetry="the same sum")


@check(
    claims.value_bounds,
    "exhausted",
    given={"nodes": [2, 3, 4], "eps": [Fraction(1), Fraction(1, 2), Fraction(3, 5)]},
    scope={"sizes": "all simple graphs with n <= 4 nodes; eps = 1, 1/2, 3/5"},
)
def bounds_and_who_attains_them(
    nodes: int,
    eps: Fraction,
    least: Any = lambda n, eps: eps ** (n - 1),
    most: Any = lambda n, eps: eps * (1 + eps) ** (n - 2),
) -> Evidence:
    """Every graph over Q: values between the bounds, attained by the path graph and by the complete graph alone."""
    graphs = all_adjacencies(nodes)
    exact = np.empty(graphs.shape, dtype=object)
    exact[...] = Fraction(0)
    below = graphs > 0
    exact[below] = -eps
    keys = np.broadcast_to(np.eye(nodes, dtype=int).astype(object), graphs.shape)
    values = operator.solve(keys, exact, keys)
    asked = (powers(graphs) > 0) & ~np.eye(nodes, dtype=bool)
    low, high = least(nodes, eps), most(nodes, eps)
    for graph, t, s in np.argwhere(asked & ((values < low) | (values > high)))[:1].tolist():
        return fails(
            f"{as_graph(graphs[graph])}, eps = {eps}: {s} to {t} gives {values[graph, t, s]}, not {low}..{high}"
        )
    attained = {
        "least": ({int(b) for b in np.argwhere(asked & (values == low))[:, 0]}, np.eye(nodes, k=-1)),
        "greatest": ({int(b) for b in np.argwhere(asked & (values == high))[:, 0]}, np.tri(nodes, k=-1)),
    }
    for name, (who, wanted) in attained.items():
        if name == "least" and eps == 1:
            continue
        if [graphs[b].tolist() for b in who] != [wanted.astype(int).tolist()]:
            return fails(f"n = {nodes}, eps = {eps}: the {name} value is attained by {len(who)} graphs", 1, len(who))
    return holds(cases=len(graphs))


control(
    bounds_and_who_attains_them,
    "one-edge-fewer",
    "refuted",
    least=lambda n, eps: eps ** (n - 2),
    reason="the path graph has n - 1 edges",
)
control(
    bounds_and_who_attains_them,
    "one-node-fewer",
    "refuted",
    most=lambda n, eps: eps * (1 + eps) ** max(n - 3, 0),
    reason="n - 2 nodes lie between",
)
control(
    bounds_and_who_attains_them,
    "by-subsets",
    "confirmed",
    most=lambda n, eps: sum(_choose(n - 2, k) * eps ** (k + 1) for k in range(n - 1)),
    symmetry="the binomial theorem",
)


def _choose(n: int, k: int) -> int:
    from math import comb

    return comb(n, k)
