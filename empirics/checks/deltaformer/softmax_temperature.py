"""Reachability by softmax at finite temperature: the leak, the loss, and the scale that decides."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from constructions.deltaformer.softmax_reachability import (
    SoftmaxReachability,
    leaking_graph,
    least_value,
    scale_for,
    threshold,
)
from constructions.deltaformer.swap_tracking import plain
from constructions.layers.kernels import Softmax
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.deltaformer.graphs import all_adjacencies, as_graph, powers
from empirics.checks.deltaformer.softmax_reachability import NoSink
from theory.deltaformer import softmax_reachability as claims


@check(claims.finite_temperature, "derived", covers=True, scope={"sizes": "all n", "method": "p, q, eta, n symbols"})
def leak_and_loss(eta: Any = lambda m, n: m / n**2) -> Evidence:
    """The four identities of the argument, and both margins at eta = m / n^2, with every size a symbol."""
    import sympy

    p, q, leak = sympy.symbols("p q eta", positive=True)
    k, r, m = sympy.symbols("k r m", positive=True)
    identities = {
        "leak of a key": leak - leak / (p + q * leak) - leak * (p - 1 + q * leak) / (p + q * leak),
        "loss of a key": 1 / (p + q * leak)
        - (1 - q * leak) / p
        - (q * leak * (p - 1) + q**2 * leak**2) / (p * (p + q * leak)),
        "k r <= n^2 / 4": (k + r) ** 2 / 4 - k * r - (k - r) ** 2 / 4,
    }
    for name, residual in identities.items():
        if sympy.expand(sympy.numer(sympy.together(residual))) != 0:
            return fails(f"{name}: {residual} is not zero", 0, residual)
    n = sympy.Symbol("h", nonnegative=True, integer=True) + 3
    small = sympy.Rational(1, 2)  # m <= 1/2 for n >= 3; the loss grows with m
    margins = {
        "leak": sympy.expand(sympy.numer(sympy.together(m / 4 - n**2 * eta(m, n) / 4))),
        "loss": sympy.expand(sympy.numer(sympy.together(1 - (n - 1) ** 2 * eta(small, n) - sympy.Rational(1, 2)))),
    }
    for name, margin in margins.items():
        wanted = margin.is_nonnegative if name == "leak" else margin.is_positive
        if not wanted:
            return fails(f"{name}: the margin's numerator {margin} is not shown to be positive", "> 0", margin)
    two = sympy.Integer(2)
    assert 1 - eta(sympy.Integer(1), two) > sympy.Rational(1, 2), "n = 2: a reached target falls to m / 2"
    return holds(cases=len(identities) + len(margins) + 1)


control(leak_and_loss, "eta-m-over-n", "refuted", eta=lambda m, n: m / n, reason="n^2 / 4 keys leak")
control(leak_and_loss, "eta-doubled", "refuted", eta=lambda m, n: 2 * m / n**2, reason="the leak reaches m / 2")
control(leak_and_loss, "eta-halved", "confirmed", eta=lambda m, n: m / (2 * n**2), reason="colder is safer")


@check(
    claims.finite_temperature,
    "exhausted",
    given=lambda run: {"nodes": list(range(1, run.pick(6, 7)))},
    scope={"sizes": "all simple graphs with n <= 5 nodes, at the scale solved", "evaluation": "float64"},
)
def every_small_graph_at_the_scale(nodes: int, share: float = 1.0, base: Any = SoftmaxReachability) -> Evidence:
    """Every graph in float64 at `share` times the scale solved: the threshold separates."""
    graphs = all_adjacencies(nodes)
    made = base(Softmax(share * scale_for(nodes)))
    found = made.values(made.compile_batch(graphs).cast(np.float64))
    reached, cut = powers(graphs) > 0, float(threshold(nodes))
    wrong = np.argwhere((found > cut) != reached)
    if len(wrong):
        graph, t, s = wrong[0].tolist()
        true = "is" if reached[graph, t, s] else "is not"
        words = f"{as_graph(graphs[graph])}: {t} {true} reached from {s}, the value is {found[graph, t, s]:.4g}"
        return fails(f"{words}, the threshold {cut:.4g}", true, found[graph, t, s])
    return holds(cases=len(graphs))


control(
    every_small_graph_at_the_scale, "temperature-doubled", "refuted", share=0.5, reason="exp(-scale) grows to its root"
)
control(every_small_graph_at_the_scale, "no-sink", "refuted", base=NoSink, reason="orphans see every node")
control(every_small_graph_at_the_scale, "colder", "confirmed", share=1.5, reason="the leak falls")

NEAR = Fraction(3, 4)


@check(
    claims.finite_temperature,
    "exhausted",
    given=lambda run: {"nodes": list(range(2, run.pick(10, 14)))},
    scope={"sizes": "the leaking graph with n <= 9", "evaluation": "float64", "demanded": "observed / bound >= 3/4"},
)
def leak_bound_is_near(nodes: int, share: float = 1.0, bound: Any = lambda n: n * n // 4) -> Evidence:
    """Two paths side by side: what leaks lies below floor(n^2 / 4) eta, and above three quarters of it."""
    scale = share * scale_for(nodes)
    made = SoftmaxReachability(Softmax(scale))
    leak = made.values(made.compile_batch(leaking_graph(nodes)[None]).cast(np.float64))[0, -1, 0]
    ratio = float(leak / (bound(nodes) * np.exp(-scale)))
    if not NEAR <= ratio <= 1:
        return fails(f"n = {nodes}: the leak is {ratio:.3f} of the bound", f"{NEAR}..1", ratio)
    return holds()


control(
    leak_bound_is_near,
    "one-side-only",
    "refuted",
    bound=lambda n: n // 2,
    reason="every reached key leaks at every step",
)
control(leak_bound_is_near, "n-squared", "refuted", bound=lambda n: n * n, reason="four times too much is not near")
control(leak_bound_is_near, "colder", "confirmed", share=1.5, reason="the leak is linear in eta to first order")


@check(
    claims.finite_temperature,
    "certified",
    given=lambda run: {"nodes": run.pick((2, 3, 5, 9, 24), (2, 3, 5, 9, 24, 64))},
    scope={"sizes": "scales for n up to 24"},
)
def certified_scales(nodes: int, share: Fraction = Fraction(1)) -> Evidence:
    """For the trusted checker: exp(-scale) <= m / n^2, and (1 - (n-1) exp(-scale))^(n-1) > 1/2."""
    scale, least = share * Fraction(scale_for(nodes)), least_value(nodes)
    eta = ["exp", plain(-scale)]
    kept = ["pow", ["-", 1, ["*", nodes - 1, eta]], nodes - 1]
    inequalities = ((eta, "<=", plain(least / nodes**2)), ("1/2", "<", kept))
    return holds(
        certificates=[
            {
                "weightproof": 1,
                "kind": "inequality",
                "claim": claims.finite_temperature.id,
                "data": {"left": left, "relation": relation, "right": right},
            }
            for left, relation, right in inequalities
        ]
    )


control(
    certified_scales, "temperature-doubled", "refuted", share=Fraction(1, 2), reason="exp(-scale) grows to its root"
)
control(certified_scales, "colder", "confirmed", share=Fraction(3, 2), reason="the leak falls")
