"""What relations of sizes say, given that sizes are at least 2: which follow from that, which divide, which bound a size.

Bounds are intervals in floats, of the difference of two sides as it stands, factored, over one denominator, and with roundings
loosened. They are sufficient: a relation that follows may go unnoticed, none is taken to follow that does not, since the
numbers that occur are small integers, on which the arithmetic of intervals with outer ends rounded is exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import sympy

__all__ = ["SMALLEST", "Facts", "divided", "follows", "learned", "quotient", "smallest"]

SMALLEST = 2

Facts = dict[Any, int]
"""Whole expressions and a number that they are not below."""


def quotient(relation: Any) -> Any:
    """a / b where the relation says that b divides a, as Eq(Mod(a, b), 0) or Eq(b*floor(a/b), a); else None."""
    if not isinstance(relation, sympy.Equality):
        return None
    sides: tuple[Any, Any] = relation.args  # pyright: ignore[reportAssignmentType]
    for one, other in (sides, sides[::-1]):
        if isinstance(one, sympy.Mod) and other == 0:
            a, b = one.args
            return a / b  # pyright: ignore[reportOperatorIssue]
        for whole in one.atoms(sympy.floor):
            if sympy.expand(one.subs(whole, whole.args[0]) - other) == 0:
                return whole.args[0]
    return None


def divided(x: Any, ratios: Iterable[Any]) -> Any:
    """x with a / b for floor(a / b) and ceiling(a / b), for these a / b, which are whole."""
    for ratio in ratios:
        x = x.subs({sympy.floor(ratio): ratio, sympy.ceiling(ratio): ratio})
    return x


def follows(relation: Any, facts: Facts) -> bool:
    """Whether a relation holds for all sizes of at least 2 at which the facts hold, as far as bounds of its sides tell."""
    if relation in (sympy.true, True):
        return True
    if not isinstance(relation, sympy.core.relational.Relational):
        return False
    left, right = relation.args
    difference: Any = sympy.expand(left - right)  # pyright: ignore[reportOperatorIssue]
    if difference == 0:
        return isinstance(relation, (sympy.Equality, sympy.GreaterThan, sympy.LessThan))
    if isinstance(relation, sympy.Equality):
        return False
    numerator, denominator = sympy.fraction(sympy.together(difference))
    forms = (
        lambda: sympy.Add(left, -right, evaluate=False),  # pyright: ignore[reportArgumentType, reportOperatorIssue]
        lambda: difference,
        lambda: sympy.factor(difference),
        lambda: sympy.factor(numerator) if _bounds(denominator, facts)[0] > 0 else difference,
        lambda: _loosened(difference),
    )
    return any(_decided(relation, *_bounds(form(), facts)) for form in forms)


def _decided(relation: Any, low: float, high: float) -> bool:
    """Whether the relation holds when its sides differ by something from low to high."""
    match relation:
        case sympy.StrictGreaterThan():
            return low > 0
        case sympy.GreaterThan():
            return low >= 0
        case sympy.StrictLessThan():
            return high < 0
        case sympy.LessThan():
            return high <= 0
    return low > 0 or high < 0


def learned(relation: Any, facts: Facts) -> Facts:
    """What a relation says of a whole expression alone: x > c, or c < x, or x != c where x is at least c; c a number."""
    x, c = relation.args
    if isinstance(relation, sympy.StrictLessThan) or (isinstance(relation, sympy.Unequality) and x.is_Integer):
        x, c = c, x
    if not (c.is_Integer and x.is_integer):
        return {}
    if isinstance(relation, (sympy.StrictGreaterThan, sympy.StrictLessThan)):
        return {x: int(c) + 1}
    return {x: int(c) + 1} if isinstance(relation, sympy.Unequality) and _bounds(x, facts)[0] >= c else {}


def _loosened(x: Any) -> Any:
    """x with ceiling(r) = r + t and floor(r) = r - t for a t from 0 to 1, a Dummy."""
    rounded = x.atoms(sympy.ceiling, sympy.floor)
    above = {
        r: r.args[0] + sympy.Dummy() if isinstance(r, sympy.ceiling) else r.args[0] - sympy.Dummy() for r in rounded
    }
    return sympy.expand(x.subs(above))


def smallest(x: Any) -> float:
    """A number that an expression is not below when its symbols are at least 2."""
    return _bounds(x, {})[0]


def _bounds(x: Any, facts: Facts) -> tuple[float, float]:
    """Numbers between which an expression lies when its symbols are at least 2; infinite where it is not clear."""
    low, high = _computed(x, facts)
    return max(low, facts.get(x, low)), high


def _computed(x: Any, facts: Facts) -> tuple[float, float]:
    everything = (-math.inf, math.inf)
    if isinstance(x, sympy.Dummy):
        return (0, 1)
    if x.is_Symbol:
        return (SMALLEST, math.inf)
    if x.is_Rational:
        return (float(x), float(x))
    parts = [_bounds(part, facts) for part in x.args]
    if x.is_Add:
        return sum(low for low, _ in parts), sum(high for _, high in parts)
    if x.is_Mul:
        sign, low, high = 1, 1.0, 1.0
        for a, b in parts:
            if b <= 0:
                sign, a, b = -sign, -b, -a
            if a < 0:
                return everything
            low, high = low * a, high * b if 0 not in (high, b) else 0.0
        return (low, high) if sign > 0 else (-high, -low)
    if x.is_Pow and x.exp.is_Integer:
        low, high = parts[0]
        if low <= 0:
            return everything
        power = int(x.exp)
        return (low**power, high**power) if power > 0 else (high**power, low**power)
    if isinstance(x, sympy.Mod) and parts[0] == (1, 1) and parts[1][0] > 1:
        return parts[0]
    if isinstance(x, sympy.ceiling):
        low, high = parts[0]
        return (1.0 if x.args[0].is_positive and low < 1 else math.ceil(low) if low > -math.inf else low, high + 1)
    if isinstance(x, sympy.floor):
        low, high = parts[0]
        return (math.floor(low) if low > -math.inf else low, high)
    if isinstance(x, sympy.Max):
        return max(low for low, _ in parts), max(high for _, high in parts)
    if isinstance(x, sympy.Min):
        return min(low for low, _ in parts), min(high for _, high in parts)
    return everything
