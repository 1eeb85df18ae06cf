"""The slopes at which mixtures begin to be conditionally positive definite: brackets, and every slope outside."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from flint import ctx

from empirics.checking import Evidence, check, control, fails, holds
from theory.position_kernels import definiteness as claims
from theory.position_kernels.arithmetic import BALLS
from theory.position_kernels.definite_laws import covered, definite
from theory.position_kernels.small_rates import ANGLES, symbol_over_rate
from theory.position_kernels.symbols import THREE, TWO, Family

if TYPE_CHECKING:
    from flint import arb

F = Fraction
PRECISION = 100
Pair = tuple[Fraction, Fraction]


def signs(family: Family, pair: Pair) -> Evidence:
    """Not definite at the lower end, definite at the upper one."""
    with ctx.workprec(PRECISION):
        for end, wanted in zip(pair, (False, True), strict=True):
            found = definite(family, BALLS.number(end))
            if found is not wanted:
                return fails(f"{family.name} kernels at slope {float(end)}: definite is {found}", wanted, found)
    return holds(cases=2)


@check(claims.two_threshold, "exhausted", covers=True, scope={"sizes": "two slopes, 10 decimals"})
def two_bracket(pair: Pair = claims.TWO_BRACKET, family: Family = TWO) -> Evidence:
    """The symbol of two kernels, in balls."""
    return signs(family, pair)


@check(claims.three_threshold, "exhausted", covers=True, scope={"sizes": "two slopes, 9 decimals"})
def three_bracket(pair: Pair = claims.THREE_BRACKET, family: Family = THREE) -> Evidence:
    """The symbol of three kernels, in balls."""
    return signs(family, pair)


for _check, _pair, _other in ((two_bracket, claims.TWO_BRACKET, THREE), (three_bracket, claims.THREE_BRACKET, TWO)):
    _low, _high = _pair
    _unit = _high - _low
    control(_check, "unit-up", "refuted", pair=(_high, _high + _unit), reason="the threshold lies below")
    control(_check, "unit-down", "refuted", pair=(_low - _unit, _low), reason="the threshold lies above")
    control(_check, "other-family", "refuted", family=_other, reason="another threshold")
    control(_check, "wider", "confirmed", pair=(_low - 9 * _unit, _high + 9 * _unit), reason="a wider bracket")


def large(family: Family, slope: Fraction) -> arb:
    """The bound of s from below that grows with the slope; see the claim's argument."""
    r = BALLS.number(slope)
    beyond = 8 * sum(family.part(r, d)[0] for d in range(1 if family.cosh else 2, 40))
    beyond += 16 * (-r * 40 * 39).exp()
    return (r if family.cosh else 2 * r - 4 * BALLS.number(2).log()) - beyond


SMALL = F(1, 64)


def every(family: Family, pair: Pair, theta: Fraction | None, largest: int) -> Evidence:
    """Large slopes, the cells on both sides of the gap, small slopes."""
    with ctx.workprec(PRECISION):
        bound = large(family, F(largest))
        if not bound > 0:
            return fails(f"large slopes: s >= {bound} at r = {largest}", "> 0", bound)
        below = symbol_over_rate(family, theta or ANGLES[family.name], SMALL)
        if below is None or not below < 0:
            return fails(f"small slopes: s / r <= {below} at eps = {SMALL}", "< 0", below)
        cells = 0
        for start, end, wanted in ((pair[0], SMALL**2, False), (pair[1], F(largest), True)):
            found = covered(family, start, end, wanted)
            if isinstance(found, Fraction):
                return fails(f"{family.name} kernels near slope {float(found):.6g}: not decided to be {wanted}", wanted)
            cells += found
    return holds(cases=cells + 2)


_SCOPE = {"sizes": "all slopes outside the gap", "method": "cells of slopes in balls, bounds at both ends"}


@check(claims.two_every, "exhausted", covers=True, scope=_SCOPE)
def two_cover(pair: Pair = (F(694, 10**4), F(695, 10**4)), theta: Fraction | None = None, largest: int = 2) -> Evidence:
    """Every slope, two kernels."""
    return every(TWO, pair, theta, largest)


@check(claims.three_every, "exhausted", covers=True, scope=_SCOPE)
def three_cover(pair: Pair = (F(30, 10**4), F(32, 10**4)), theta: Fraction | None = None, largest: int = 3) -> Evidence:
    """Every slope, three kernels."""
    return every(THREE, pair, theta, largest)


for _check, _up, _down in (
    (two_cover, (F(695, 10**4), F(696, 10**4)), (F(693, 10**4), F(694, 10**4))),
    (three_cover, (F(31, 10**4), F(32, 10**4)), (F(28, 10**4), F(30, 10**4))),
):
    control(_check, "above", "refuted", pair=_up, reason="the threshold lies below")
    control(_check, "below", "refuted", pair=_down, reason="the threshold lies above")
    control(
        _check, "other-angle", "refuted", theta=F(2), reason="there the transform of the Gaussian's part is positive"
    )
    control(_check, "large-is-small", "refuted", largest=1, reason="the plain bound needs larger slopes")
control(two_cover, "wide-gap", "confirmed", pair=(F(1, 1000), F(1)), reason="a wider gap")
control(three_cover, "wide-gap", "confirmed", pair=(F(1, 2000), F(1)), reason="a wider gap")
