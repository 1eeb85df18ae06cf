"""log2 G(T) less a~ T for a_i = i^q, as exact intervals, and the cases on which claims about it are tried."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from flint import ctx

from theory.takakura_suzuki.constants import PRECISION, ball, ends, reciprocal_sum
from theory.takakura_suzuki.expansion import log2_count
from theory.takakura_suzuki.smoothness import Power, Smoothness

F = Fraction
Interval = tuple[Fraction, Fraction]


@cache
def logarithm(q: Fraction, T: int, dimension: int | None = None) -> Interval:
    """log2 G(T) for a_i = i^q."""
    return log2_count(Smoothness("anisotropic", Power(q, 1, dimension)), T)


def excess(q: Fraction, T: int, dimension: int | None = None) -> Interval:
    """log2 G(T) - a~ T for a_i = i^q."""
    low, high = logarithm(q, T, dimension)
    least, most = reciprocal_sum(Smoothness("anisotropic", Power(q, 1, dimension)))
    return low - T * most, high - T * least


def scaled(number: Interval, T: int, exponent: Fraction) -> Interval:
    """number * T^exponent."""
    with ctx.workprec(PRECISION):
        factor = ends(ball(T) ** ball(exponent))
    corners = [x * y for x in number for y in factor]
    return min(corners), max(corners)


def at_most(found: Interval, bound: Fraction) -> bool:
    """Whether what is enclosed is at most the bound. ArithmeticError where the enclosure is too wide to say."""
    if found[0] <= bound < found[1]:
        raise ArithmeticError(f"{float(found[0])} to {float(found[1])} and {float(bound)}: more precision is needed")
    return found[1] <= bound


def at_least(found: Interval, bound: Fraction) -> bool:
    """Whether what is enclosed is at least the bound."""
    return at_most((-found[1], -found[0]), -bound)


def told(q: Fraction, T: int, found: Interval) -> str:
    return f"a_i = i^({q}), T = 10^{len(str(T)) - 1}: log2 G - a~ T = {float(found[0]):.6g}"


CASES = tuple(
    (q, 10**e)
    for q in (F(3, 2), F(2), F(3), F(7, 2), F(4), F(8))
    for e in (0, 3, 6, 9, 12, 17)
    if e / (q + 1) <= F(7, 2) or (q, e) == (F(7, 2), 17)
)
