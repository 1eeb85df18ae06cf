"""Inequalities between numbers, as the trusted checker reads them: nested lists of rationals, + - * / neg pow, exp log cos.

    certificate(["*", 4, Fraction(1, 9)], "<", Fraction(1, 2), claim="a/b")

The checker encloses both sides by rationals of its own and accepts only what it decides; nothing here is believed.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any


def plain(expression: Any) -> Any:
    """The expression with every Fraction written as certificates write it. Raises ValueError for anything else."""
    if isinstance(expression, list):
        name, *operands = expression
        if name == "pow":
            return [name, plain(operands[0]), int(operands[1])]
        return [name, *map(plain, operands)]
    if isinstance(expression, int | Fraction) and not isinstance(expression, bool):
        value = Fraction(expression)
        return value.numerator if value.denominator == 1 else str(value)
    raise ValueError(f"{expression!r} of type {type(expression).__name__}: an inequality holds integers and Fractions")


def certificate(left: Any, relation: str, right: Any, claim: str) -> dict[str, Any]:
    """The certificate that `left` < or <= `right`. Raises ValueError for another relation, and for floats."""
    if relation not in ("<", "<="):
        raise ValueError(f"relation {relation!r}: '<' or '<='")
    data = {"left": plain(left), "relation": relation, "right": plain(right)}
    return {"weightproof": 1, "kind": "inequality", "claim": claim, "data": data}
