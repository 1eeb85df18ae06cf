"""How a size was computed, as a light tree: a symbol's name, a number, or (sign, tree, ...).

A number is a constant, or it was read off a tensor or a plain variable and is `Unknown`: it could be anything at other sizes.
Trees are built while a layer runs, so they cost next to nothing; formulas are made of them afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

__all__ = ["Tree", "Unknown", "expression", "leaves", "skeleton"]

Tree = Any


class Unknown(tuple):
    """The leaf of a number that was read: (value,)."""


def leaves(tree: Tree) -> list[int | float]:
    """The numbers in a tree, constants and readings, from left to right."""
    if isinstance(tree, str):
        return []
    if isinstance(tree, Unknown) or not isinstance(tree, tuple):
        return list(tree) if isinstance(tree, Unknown) else [tree]
    return [x for part in tree[1:] for x in leaves(part)]


def skeleton(tree: Tree) -> Tree:
    """The tree with a hole, None, for every number."""
    if isinstance(tree, str):
        return tree
    if isinstance(tree, Unknown) or not isinstance(tree, tuple):
        return None
    return (tree[0], *map(skeleton, tree[1:]))


def expression(tree: Tree, fill: Sequence[Any] | None = None) -> Any:
    """The sympy expression of a tree, sizes as `theory.cost.formulas.symbol`, with `fill` for its numbers where given.

    None where a number was read, when nothing is given for it, or is not finite, and for an operation without a formula.
    """
    import sympy

    from theory.cost.formulas import L, symbol

    filling = iter(fill) if fill is not None else None

    def made(t: Tree) -> Any:
        if isinstance(t, str):
            return symbol(t)
        if not isinstance(t, tuple) or isinstance(t, Unknown):
            if filling is not None:
                return next(filling)
            if isinstance(t, Unknown):
                raise ValueError(f"{t[0]} was read, its formula is unknown")
            fraction = Fraction(t)
            return sympy.Rational(fraction.numerator, fraction.denominator)
        sign, *parts = t
        args = [made(part) for part in parts]
        return {
            "+": lambda a, b: a + b,
            "-": lambda a, b: a - b,
            "*": lambda a, b: a * b,
            "/": lambda a, b: a / b,
            "//": lambda a, b: sympy.floor(a / b),
            "%": lambda a, b: sympy.Mod(a, b),
            "**": lambda a, b: a**b,
            "<<": lambda a, b: a * 2**b,
            ">>": lambda a, b: sympy.floor(a / 2**b),
            "neg": lambda a: -a,
            "abs": sympy.Abs,
            "ceil": sympy.ceiling,
            "floor": sympy.floor,
            "min": sympy.Min,
            "max": sympy.Max,
            "bits": lambda a: L(a + 1),
        }[sign](*args)

    try:
        return made(tree)
    except (KeyError, OverflowError, ValueError, TypeError):
        return None
