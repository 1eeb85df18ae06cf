"""From recovered closed forms to quantities: formulas in the sizes, with conditions, and terms by source line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy

from empirics.cost.coordinates import Coordinates
from empirics.cost.derivation import Form, Recovered
from empirics.cost.quantities import Quantity, Regime, Term
from empirics.cost.tally import Site
from theory.cost.formulas import parse
from theory.cost.recovery.closed import Closed

__all__ = ["quantity_of"]


def quantity_of(
    name: str, unit: str, recovered: Recovered, coordinates: Coordinates, scope: Mapping[str, Any], **told: Any
) -> Quantity:
    """The quantity; `told` are further fields of it."""
    written = {parse(x): parse(text) for x, text in coordinates.substitution().items()}
    above = (f"{written.get(parse(x), x)} > {least}" for x, least in recovered.above)
    conditions = (*(str(d) for d in coordinates.demands), *above)
    blame = None
    if recovered.site is not None:
        site = recovered.site
        blame = Term(sympy.Integer(0), site.file, site.line, (site.operation,))
    largest = recovered.largest or {}
    return Quantity(
        name,
        unit,
        tuple(_regime(form, written, largest) for form in recovered.forms),
        conditions=conditions,
        reason=recovered.reason,
        blame=blame,
        scope={"samples": recovered.samples, "held out": recovered.held_out, "largest sizes": dict(largest), **scope},
        **told,
    )


def _regime(form: Form, written: Mapping[sympy.Expr, sympy.Expr], largest: Mapping[str, int]) -> Regime:
    formulas = [_formula(closed, written) for closed, _ in form.whole.forms]
    if len(formulas) == 1:
        formula, (_, sites) = formulas[0], form.whole.forms[0]
    else:
        formula = sympy.Max(*formulas, evaluate=False) if formulas else sympy.Integer(0)
        sites = max(form.whole.forms, key=lambda f: f[0].at(largest) if largest else 0)[1] if formulas else {}
    region = form.region
    return Regime(
        formula,
        region.conditions,
        _terms(sites, written),
        open_end=not region.bounded,
        where=region.where,
        special=region.special,
        vague=region.vague,
    )


def _formula(closed: Closed, written: Mapping[sympy.Expr, sympy.Expr]) -> sympy.Expr:
    return (
        sympy.expand(closed.expression().subs(list(written.items()), simultaneous=True))
        if written
        else closed.expression()
    )


def _terms(sites: Mapping[Site, Closed], written: Mapping[sympy.Expr, sympy.Expr]) -> tuple[Term, ...]:
    """One term a line, in the order of the source."""
    lines: dict[tuple[str, int], tuple[Closed, list[str]]] = {}
    for site, closed in sites.items():
        if closed.terms:
            total, operations = lines.setdefault((site.file, site.line), (Closed(()), []))
            lines[site.file, site.line] = (total + closed, operations)
            if site.operation not in operations:
                operations.append(site.operation)
    return tuple(
        Term(_formula(closed, written), file, line, tuple(operations))
        for (file, line), (closed, operations) in sorted(lines.items(), key=lambda item: item[0])
    )
