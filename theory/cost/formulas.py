"""Closed forms in size symbols: sympy expressions in +, *, powers, L, ceiling, floor, Min, Max and Mod.

L(n) = ceil(log2 n), 0 for n <= 1. `L` is a sympy function that evaluates on integers. `standard` writes it with sympy's own
functions, so that the text of a formula can be read back without this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy

from theory.cost.amounts import ceil_log2

__all__ = ["L", "evaluate", "parse", "standard", "symbol"]


class L(sympy.Function):
    """ceil(log2 n), and 0 for n <= 1."""

    nargs = 1
    is_integer = True
    is_nonnegative = True

    @classmethod
    def eval(cls, n: Any) -> Any:
        if n.is_Integer:
            return sympy.Integer(ceil_log2(int(n)))
        return None


def symbol(name: str) -> sympy.Symbol:
    """A size: a positive integer."""
    return sympy.Symbol(name, integer=True, positive=True)


def parse(text: str, symbols: Mapping[str, sympy.Symbol] | None = None) -> sympy.Expr:
    """A formula of ours from its text. For our own text only: sympy evaluates what it parses."""
    names = sympy.sympify(text, locals={"L": L}).free_symbols
    known = {s.name: (symbols or {}).get(s.name, symbol(s.name)) for s in names}
    return sympy.sympify(text, locals={"L": L, **known})


def standard(formula: sympy.Expr) -> sympy.Expr:
    """The same with L(n) written ceiling(log(n, 2))."""
    return formula.replace(L, lambda n: sympy.ceiling(sympy.log(n, 2)))


def evaluate(formula: sympy.Expr, sizes: Mapping[str, int]) -> sympy.Rational:
    """The value at these sizes, exactly."""
    found = formula.subs({s: sizes[s.name] for s in formula.free_symbols})
    if not found.is_Rational:
        raise ValueError(f"{formula} is no number at {dict(sizes)}: {found}")
    return found
