"""a~, a-dagger and C_a, as rationals where they are, and else as rational enclosures with a certified tail.

    a~       = sum 1 / a_i                                    finite for a_i = scale * i**q exactly when q > 1: zeta(q) / scale
    a-dagger = a_1 - v (mixed), 1 / a~ - v (anisotropic), v = (1/p - 1/2)_+
    C_a      = prod_{i >= 2} 1 / (1 - 2**(1 - a_i / a_1))      finite exactly when a_1 < a_2 and a_i grows as a power of i

Balls are FLINT's (python-flint, imported when used); their ends are dyadic rationals, handed out as Fractions. The tail: of i > M at
most ((m+1) / t)**(1/q) have floor(t * i**q) = m, so sum_{i>M} 2**(-t i**q) is at most a sum over m >= t (M+1)**q whose terms fall
faster than a geometric series. Derived here.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from theory.takakura_suzuki.roots import ball
from theory.takakura_suzuki.smoothness import Power, Rational, Smoothness, rational

if TYPE_CHECKING:
    from flint import arb

PRECISION = 128
"""Bits of the balls unless told otherwise."""
_MOST_FACTORS = 100_000
Enclosure = tuple[Fraction, Fraction]


def ends(x: arb) -> Enclosure:
    """The two ends of a ball as Fractions, exactly. ValueError for a ball that is not finite."""
    if not x.is_finite():
        raise ValueError(f"{x} encloses nothing: more precision is needed")

    def exact(end: arb) -> Fraction:
        mantissa, exponent = (int(part) for part in end.man_exp())
        return Fraction(mantissa) * Fraction(2) ** exponent

    middle, radius = exact(x.mid()), exact(x.rad())
    return middle - radius, middle + radius


def product(smoothness: Smoothness, share: Rational = 1, first: int = 2, precision: int = PRECISION) -> arb:
    """prod_{i >= first} 1 / (1 - 2**(1 - share * a_i / a_1)) as a ball; C_a for the defaults.

    ValueError unless share * a_first > a_1, without which a factor is infinite, and where the tail needs too many factors.
    """
    from flint import arb, ctx

    with ctx.workprec(precision):
        if smoothness.dimension is not None and first > smoothness.dimension:
            return arb(1)
        last, tail = _last(smoothness, Fraction(share), first, precision)
        found = arb(1)
        for i in range(first, last + 1):
            exponent = 1 - ball(share) * _ratio(smoothness, i)
            if not exponent < 0:
                raise ValueError(
                    f"a_{i} * {share} is not above a_1: the factor 1 / (1 - 2**(1 - {share} * a_{i} / a_1)) is infinite; "
                    "mixed smoothness needs a_1 < a_2"
                )
            found /= 1 - ball(2) ** exponent
        return found.union(found * tail.exp())


def _last(smoothness: Smoothness, share: Fraction, first: int, precision: int) -> tuple[int, arb]:
    """The last factor to take one by one, and a bound of the logarithm of the product of the others, finitely many or not."""
    rule = smoothness.a
    if smoothness.dimension is not None and smoothness.dimension <= _MOST_FACTORS:
        return smoothness.dimension, ball(0)
    if not isinstance(rule, Power):
        raise ValueError(
            f"{smoothness.dimension} coordinates: the product takes at most {_MOST_FACTORS} factors; give a rule"
        )
    level = Fraction(precision + 8)
    while True:
        last = max(first, Power(rule.q).active(level / share) + 1)
        if last > _MOST_FACTORS:
            raise ValueError(f"{rule}: the product needs more than {_MOST_FACTORS} factors; q is too small")
        tail = _tail(rule, share, last, precision)
        if tail is not None:
            return last, tail
        level *= 2


def _ratio(smoothness: Smoothness, i: int) -> arb:
    """a_i / a_1 as a ball."""
    if isinstance(smoothness.a, Power):
        return ball(i) ** ball(smoothness.a.q)
    return smoothness.ball(i) / smoothness.ball(1)


def _tail(rule: Power, share: Fraction, M: int, precision: int) -> arb | None:
    """A bound of -sum_{i > M} log(1 - u_i), u_i = 2**(1 - share * i**q), or None while it is above 2**-precision.

    Needs share * (M+1)**q >= 2, so that u_i <= 1/2.
    """
    from flint import arb, fmpz

    start = math.floor(Power(rule.q)[M + 1] * share)
    root = 1 / ball(rule.q)
    fall = (ball(Fraction(start + 2, start + 1)) ** root) / 2
    term = (ball((start + 1) / share) ** root) * arb(fmpz(2)) ** (1 - start)
    bound = 2 * term / (1 - fall)  # -log(1 - u) <= 2 u for u <= 1/2
    return bound if fall < 1 and bound < ball(Fraction(1, 2**precision)) else None


def constant(smoothness: Smoothness, precision: int = PRECISION) -> Enclosure:
    """C_a between two rationals. ValueError for anisotropic smoothness, which has none, and for a_1 = a_2."""
    if smoothness.kind != "mixed":
        raise ValueError("C_a belongs to mixed smoothness; anisotropic smoothness has a~ instead")
    return ends(product(smoothness, precision=precision))


def reciprocal_sum(smoothness: Smoothness, precision: int = PRECISION) -> Enclosure:
    """a~ between two rationals, equal ones where it is rational by its definition.

    ValueError for infinitely many a_i = scale * i**q with q <= 1, whose reciprocals are not summable.
    """
    rule = smoothness.a
    d = smoothness.dimension
    if d is not None and not isinstance(rule, Power) and smoothness.is_rational:
        found = sum((1 / smoothness.exact(i) for i in range(1, d + 1)), Fraction(0))
        return found, found
    from flint import ctx

    with ctx.workprec(precision):
        if d is not None:
            if d > _MOST_FACTORS:
                raise ValueError(
                    f"dimension = {d}: a~ is summed term by term up to {_MOST_FACTORS} coordinates; give fewer, or all with q > 1"
                )
            return ends(sum((1 / smoothness.ball(i) for i in range(1, d + 1)), ball(0)))
        assert isinstance(rule, Power)
        if rule.q <= 1:
            raise ValueError(
                f"q = {rule.q}: sum 1 / i**q diverges, a~ is infinite; give q > 1, or finitely many coordinates"
            )
        return ends(ball(rule.q).zeta() / ball(rule.scale))


def loss(p: Rational | None) -> Fraction:
    """v = (1/p - 1/2)_+ for 1 <= p, None standing for infinity. ValueError for p < 1."""
    if p is None:
        return Fraction(0)
    if rational(p, "p") < 1:
        raise ValueError(f"p = {p}: the norm needs p >= 1")
    return max(1 / Fraction(p) - Fraction(1, 2), Fraction(0))


def effective(smoothness: Smoothness, p: Rational | None = 2, precision: int = PRECISION) -> Enclosure:
    """a-dagger between two rationals. ValueError where a~ is infinite or a-dagger is not positive: the class is then too large."""
    v = loss(p)
    if smoothness.kind == "mixed":
        first = smoothness.value(1)
        low, high = (first, first) if isinstance(first, Fraction) else ends(ball(first))
    else:
        total = reciprocal_sum(smoothness, precision)
        low, high = 1 / total[1], 1 / total[0]
    if low <= v:
        raise ValueError(
            f"a-dagger = {float(low - v):.6g} for v = {v}: the rates need it positive; take more smoothness or a larger p"
        )
    return low - v, high - v
