"""From which size on one count is less than another: exact, for all sizes from there on, not by sampling.

With the other symbols given numbers, the difference D(N) = b - a is a function of one size. Three facts decide it.
(1) Beyond some M, D > 0, by a proof that the trusted checker verifies (`theory.growth.proofs`): M is doubled until one is found.
(2) Below M the last N with D(N) <= 0 is found exactly (`theory.growth.piecewise`).
(3) If D <= 0 along a family of growing sizes, a is never the cheaper one for good.
Derived here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import sympy

from theory.bounds import Tree
from theory.growth import families
from theory.growth.checked import certificate, in_checker_words
from theory.growth.piecewise import last_at_most_zero, modulus
from theory.growth.proofs import search
from theory.growth.trees import Unclear, replaced, to_poly, tree_of

__all__ = ["Crossing", "cheaper_from"]

FARTHEST = 64


@dataclass(frozen=True)
class Crossing:
    """outcome: "always" (from size 1 on), "from" (from `start` on, and not at start - 1), "never" (at arbitrarily large sizes it
    is not cheaper), "undecided" with a `reason`. `certificate`: from some size on, for the trusted checker; the sizes below it
    are decided here."""

    outcome: Literal["always", "from", "never", "undecided"]
    start: int | None = None
    reason: str = ""
    certificate: dict[str, Any] | None = None


def cheaper_from(
    formula: sympy.Expr, other: sympy.Expr, symbol: str, fixed: Mapping[str, int] | None = None
) -> Crossing:
    """The least size from which on formula < other, every other symbol having the value in `fixed`.

    Raises ValueError for a symbol without a value. Milliseconds to a second.
    """
    given = dict(fixed or {})
    missing = {str(x) for x in formula.free_symbols | other.free_symbols} - given.keys() - {symbol}
    if missing:
        raise ValueError(f"give {', '.join(sorted(missing))} a value in fixed; only {symbol} grows")
    try:
        numbers = {x: Fraction(n) for x, n in given.items()}
        a, b = (replaced(tree_of(f), numbers) for f in (formula, other))
        return _crossing(a, b, symbol)
    except Unclear as error:
        return Crossing("undecided", reason=str(error))


def _crossing(a: Tree, b: Tree, symbol: str) -> Crossing:
    less: Tree = ("+", b, ("*", Fraction(-1), a))
    a, b, difference = (in_checker_words(tree) for tree in (a, b, less))
    for offset in range(min(modulus(difference), FARTHEST) + 1):
        try:
            germ = families.along(less, {symbol: (Fraction(1), Fraction(0), offset)})
        except Unclear:
            continue
        if families.sign(germ) <= 0:
            return Crossing("never")
    step = Fraction(1, 64 * math.lcm(*(c.denominator for c in to_poly(difference).values())))
    for k in range(FARTHEST):
        found = search(("+", a, step), b, [symbol], 2**k, (), Fraction(1), most_leaves=1)
        if found and found[0] <= 1:
            beyond = certificate([symbol], 2**k, (), ("+", a, step), found[0], b, found[1])
            last = last_at_most_zero(difference, symbol, 2**k - 1)
            return Crossing("from" if last else "always", last + 1, certificate=beyond)
    return Crossing("undecided", reason=f"no proof that it is cheaper from a size up to 2**{FARTHEST} on")
