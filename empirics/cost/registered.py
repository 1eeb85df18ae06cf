"""Formulas that users register for operations of their own: what a custom kernel costs, which no rule here can know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from empirics.cost.errors import BadSubject
from empirics.cost.rules import forget_plans
from empirics.cost.rules.model import RULES, Call, Cost, Rule, cost

__all__ = ["register_formula"]

Number = Callable[..., Any]


def register_formula(operation: str, *, work: Number, span: Number) -> None:
    """Enter the cost of a custom operator, named as it was defined: "mylib::scan".

    `work` and `span` are functions of the operator's arguments, tensors on the meta device among them, in the order of its
    schema; each returns a number, or terms ((coefficient, (n, ...)), ...) that mean coefficient * L(n) ..., as in
    work=lambda x: 2 * x.numel(), span=lambda x: ((2, (x.shape[-1],)),). The name replaces an earlier formula of the same
    operator. A verdict that uses it is an upper convention, named "registered".

    Raises BadSubject for an operator that does not exist, for one of torch's own, or for what is no function.
    """
    library, colons, name = operation.partition("::")
    if not colons or not name:
        raise BadSubject(f"register_formula: name the operator as library::name, not {operation!r}")
    if library in ("aten", "prims", "prim"):
        raise BadSubject(f"register_formula: {operation} is one of torch's own; its rule is part of the cost model")
    if not hasattr(getattr(torch.ops, library), name):
        raise BadSubject(f"register_formula: torch knows no operator {operation}; define it with torch.library first")
    for what, function in (("work", work), ("span", span)):
        if not callable(function):
            raise BadSubject(
                f"register_formula: {what} must be a function of the operator's arguments, not {function!r}"
            )

    def of(call: Call) -> Cost:
        return cost(_terms(work(*call.values)), _terms(span(*call.values)))

    RULES[operation] = Rule("registered", of, exact=False)
    forget_plans()


def _terms(told: Any) -> Any:
    return tuple(told) if isinstance(told, (tuple, list)) else told
