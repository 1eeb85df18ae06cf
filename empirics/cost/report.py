"""Costs and verdicts in words: formulas, conditions, and the source lines behind each term."""

from __future__ import annotations

import linecache
from pathlib import Path
from typing import Any

import sympy

from empirics.cost.bounds import BoundVerdict
from empirics.cost.cost import UNITS, Cost
from empirics.cost.quantities import Quantity, Term
from theory.cost.formulas import standard
from theory.verdict import Outcome

__all__ = ["cost_document", "described", "explained"]

MOST_LINES = 8


def described(cost: Cost, lines: bool = True) -> str:
    """All quantities, one a line, each followed by its terms."""
    sections = [f"{cost.subject.name}({', '.join(cost.subject.symbols)}), cost model {cost.model}"]
    for name in cost.names:
        quantity = cost.quantity(name)
        sections.append(_quantity_lines(name, quantity, lines and name in ("work", "span", "memory")))
    doubts = [f"not tried: {b}" for name in cost.names for b in cost.quantity(name).untried]
    doubts += [f"not counted: {o}" for name in cost.names for o in cost.quantity(name).opaque]
    return "\n".join([*sections, *dict.fromkeys(doubts)])


def _quantity_lines(name: str, quantity: Quantity, with_terms: bool) -> str:
    if not quantity.known:
        return f"{name:<12} no formula: {quantity.reason}{_blamed(quantity.blame)}"
    rows = []
    for regime in quantity.regimes:
        conditions = ", ".join((*quantity.conditions, *regime.conditions))
        rows.append(f"{name:<12} {written(regime.formula)}" + (f"   [{conditions}]" if conditions else ""))
        if with_terms:
            rows += [f"             {line}" for line in _term_lines(regime.terms)]
    return "\n".join(rows)


def written(formula: sympy.Expr) -> str:
    """A formula as people write it, leading terms first."""
    return sympy.sstr(formula, order="grlex")


def _term_lines(terms: tuple[Term, ...] | list[Term]) -> list[str]:
    shown = [t for t in terms if t.formula != 0]
    places = [_place(t) if t.file else "" for t in shown]
    width = max(map(len, places), default=0)
    rows = []
    for term, place in zip(shown, places, strict=True):
        source = linecache.getline(term.file, term.line).strip()[:60] if term.file else ", ".join(term.operations)
        rows.append(f"{place:<{width}}  {source:<60}  {written(term.formula)}")
    return rows[:MOST_LINES] + ([f"... and {len(rows) - MOST_LINES} lines more"] if len(rows) > MOST_LINES else [])


def _place(term: Term) -> str:
    """file.py:7. A cell of a notebook has a file of the kernel's, whose name tells a reader nothing."""
    file = Path(term.file)
    return f"{'cell' if file.parent.name.startswith('ipykernel_') else file.name}:{term.line}"


def _blamed(term: Term | None) -> str:
    return f" ({', '.join(term.operations)} at {_place(term)})" if term and term.file else ""


def explained(verdict: BoundVerdict, subject: str) -> str:
    """A verdict on a bound, with what a reader needs to act on it."""
    q = verdict.quantity
    head = f"{subject}: {q.name} "
    if verdict.outcome is Outcome.CONFIRMED:
        c = verdict.constant
        factor = f"*{c.factor}" if c and c.factor else ""
        constant = f" <= {c.value}{factor}*({verdict.bound}) for all sizes >= {c.start}" if c else ""
        constant += ", log to base 2" if c and "log" in verdict.bound else ""
        rows = [head + f"is O({verdict.bound})" + (" as far as was tried" if verdict.conditional else "")]
        rows += [f"  {q.name} = {written(verdict.regime.formula)}{constant}"] if verdict.regime else []
    elif verdict.outcome is Outcome.REFUTED and verdict.regime:
        rows = [
            head
            + f"is not O({verdict.bound}): {verdict.excess} outgrows it"
            + (f" as s grows, {verdict.witness}" if verdict.witness else "")
        ]
        rows += [f"  {q.name} = {written(verdict.regime.formula)}"]
        rows += (
            ["  lines whose own share outgrows it:", *(f"    {row}" for row in _term_lines(list(verdict.lines)))]
            if verdict.lines
            else []
        )
    else:
        rows = [head + f"is not known to be O({verdict.bound}): {verdict.because}{_blamed(q.blame)}"]
        rows += [f"  {q.name} = {written(verdict.regime.formula)}"] if verdict.regime else []
    conditions = (*q.conditions, *(verdict.regime.conditions if verdict.regime else ()))
    rows += [f"  for {', '.join(conditions)}"] if conditions else []
    rows += [f"  not tried: {branch}" for branch in q.untried]
    rows += [f"  not counted: {operation}" for operation in q.opaque]
    rows += [f"  how this is known: {_how(q)}"]
    return "\n".join(rows)


def _how(q: Quantity) -> str:
    if q.level == "derived":
        return "derived with the sizes as symbols"
    largest = ", ".join(f"{x} = {v}" for x, v in q.scope.get("largest sizes", {}).items())
    held_out = q.scope.get("held out", 0)
    return (
        f"tested: the formula was found from exact counts at {q.scope.get('samples', 0)} choices of sizes"
        + (f" and predicted {held_out} more" if held_out else "")
        + (f", up to {largest}" if largest else "")
    )


def cost_document(cost: Cost, verdicts: list[BoundVerdict], torch_version: str) -> dict[str, Any]:
    """The data of `weightproof cost --json`."""
    return {
        "schema": 1,
        "subject": cost.subject.name,
        "model": cost.model,
        "torch": torch_version,
        "symbols": list(cost.symbols),
        "quantities": _quantities(cost),
        "bounds": [
            {
                "quantity": v.quantity.name,
                "bound": v.bound,
                "outcome": v.outcome,
                "conditional": v.conditional,
                "constant": None if v.constant is None else str(v.constant.value),
                "factor": "" if v.constant is None else v.constant.factor,
                "least": None if v.constant is None else v.constant.least,
                "from": None if v.constant is None else v.constant.start,
                "because": v.because,
                "witness": v.witness,
                "lines": [_term(t) for t in v.lines],
                "certificate": None if v.constant is None else v.constant.certificate,
            }
            for v in verdicts
        ],
    }


def _quantities(cost: Cost) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in cost.names:
        q = cost.quantity(name)
        found[name] = {
            "formula": None if q.formula is None else _parsable(q.formula),
            "unit": UNITS[name],
            "level": q.level,
            "conditions": list(q.conditions),
            "untried": list(q.untried),
            "opaque": list(q.opaque),
            "reason": q.reason,
            "regimes": [
                {"formula": _parsable(r.formula), "conditions": list(r.conditions), "unbounded": r.open_end}
                for r in q.regimes
            ],
            "terms": [_term(t) for t in q.terms],
            "scope": dict(q.scope),
        }
    return found


def _term(term: Term) -> dict[str, Any]:
    return {
        "formula": _parsable(term.formula),
        "file": term.file,
        "line": term.line,
        "operations": list(term.operations),
    }


def _parsable(formula: sympy.Expr) -> str:
    """Text that sympy reads back, given a symbol for every size (N is a function of sympy's own)."""
    return str(standard(formula))
