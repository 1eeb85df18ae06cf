"""Two routes to one formula: what was recovered from runs at numbers, confirmed by one run with symbols for the sizes.

Where both give the same formula it is derived, for all sizes of at least 2 that satisfy the guards of the symbolic run. Where the
symbolic run does not apply, in loops over a size above all, the formula stays tested. Where the two differ neither is believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import sympy

from empirics.cost.quantities import Quantity
from empirics.cost.sampling import Sampler
from empirics.cost.subject import Subject

__all__ = ["confirmed"]

COMPARED = ("work", "span", "moved", "parameters")


def confirmed(quantities: Mapping[str, Quantity], subject: Subject, sampler: Sampler) -> dict[str, Quantity]:
    """The quantities with their level raised, or taken back, by the symbolic route."""
    from empirics.cost.symbolic_route import HINTS, symbolic_cost

    if not set(COMPARED) & quantities.keys():
        return dict(quantities)
    coordinates = sampler.coordinates
    hints = coordinates.sizes(dict(zip(coordinates.symbols, HINTS, strict=False)))
    if len(hints) < len(subject.symbols):
        return dict(quantities)
    route = symbolic_cost(subject.function, hints)
    if route.refused is not None:
        return {name: replace(q, scope={**q.scope, "symbolic route": route.refused}) for name, q in quantities.items()}
    made = dict(quantities)
    for name in set(COMPARED) & quantities.keys():
        symbolic, q = getattr(route, name), quantities[name]
        if symbolic is None or len(q.regimes) != 1 or q.formula is None:
            continue
        if _same(q.formula, symbolic):
            made[name] = replace(q, level="derived", scope={**q.scope, "guards": route.guards})
        elif any(route.holds(s.run.sizes) for s in sampler.all):
            at = next(s for s in sampler.all if route.holds(s.run.sizes))
            if _value(q.formula, at.run.sizes) != _value(symbolic, at.run.sizes):
                made[name] = replace(
                    q, regimes=(), reason=f"two routes disagree: {q.formula} from runs, {symbolic} from symbols"
                )
    return made


def _same(a: sympy.Expr, b: sympy.Expr) -> bool:
    return sympy.expand(a - b) == 0


def _value(formula: sympy.Expr, sizes: Mapping[str, int]) -> sympy.Expr:
    return formula.subs({s: sizes[str(s)] for s in formula.free_symbols})
