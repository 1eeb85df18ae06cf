"""Closed forms in size symbols: sympy expressions in +, *, powers, L, ceiling, floor, Min, Max and Mod.

L(n) = ceil(log2 n), 0 for n <= 1. `L` is a sympy function that evaluates on integers. `standard` writes it with sympy's own
functions, so that the text of a formula can be read back without this module.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import sympy

from theory.cost.amounts import ceil_log2

__all__ = ["L", "evaluate", "parse", "standard", "symbol"]


class L(sympy.Function):
    """ceil(log2 n), and 0 for n <= 1."""

    is_integer = True
    is_nonnegative = True

    @classmethod
    def eval(cls, n: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        return sympy.Integer(ceil_log2(int(n))) if n.is_Integer else None


FUNCTIONS = {
    "L": L,
    **{f: getattr(sympy, f) for f in ("ceiling", "floor", "Min", "Max", "Mod", "log")},
}


def symbol(name: str) -> sympy.Symbol:
    """A size: a positive integer."""
    return sympy.Symbol(name, integer=True, positive=True)


def parse(text: str) -> sympy.Expr:
    """A formula from its text, in which every name that is no function here is a size; N, S and E are sizes too.

    For text of this project's only: sympy evaluates what it parses.
    """
    names = set(re.findall(r"[A-Za-z_]\w*", text)) - FUNCTIONS.keys()
    return sympy.sympify(text, locals={**{name: symbol(name) for name in names}, **FUNCTIONS})  # pyright: ignore[reportCallIssue]


def standard(formula: sympy.Expr) -> sympy.Expr:
    """The same with L(n) written ceiling(log(n, 2))."""
    return formula.replace(L, lambda n: sympy.ceiling(sympy.log(n, 2)))  # pyright: ignore[reportReturnType]


def evaluate(formula: sympy.Expr, sizes: Mapping[str, int]) -> Fraction:
    """The value at these sizes, exactly. KeyError names a symbol without a size."""
    # all at once: one after another, Min(K, t + 1) at K = 2 would become 2 before t = 0 is seen, as sizes are positive
    found: Any = formula.xreplace({s: sympy.Integer(int(sizes[str(s)])) for s in formula.free_symbols})
    if not isinstance(found, sympy.Rational):
        raise ValueError(f"{formula} is no number at {dict(sizes)}: {found}")
    return Fraction(int(found.p), int(found.q))
