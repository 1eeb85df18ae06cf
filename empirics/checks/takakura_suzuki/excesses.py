"""log2 G(T) less a~ T for a_i = i^q, as exact intervals, and the cases on which claims about it are tried."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from theory.takakura_suzuki.constants import ball, ends, reciprocal_sum
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
    factor = ends(ball(T) ** ball(exponent))
    corners = [x * y for x in number for y in factor]
    return min(corners), max(corners)


def told(q: Fraction, T: int, found: Interval) -> str:
    return f"a_i = i^({q}), T = 10^{len(str(T)) - 1}: log2 G - a~ T = {float(found[0]):.6g}"


CASES = tuple(
    (q, 10**e)
    for q in (F(3, 2), F(2), F(3), F(7, 2), F(4), F(8))
    for e in (0, 3, 6, 9, 12, 17)
    if e / (q + 1) <= F(7, 2) or (q, e) == (F(7, 2), 17)
)
