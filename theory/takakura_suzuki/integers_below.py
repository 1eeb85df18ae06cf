"""The largest integer below a number: of rationals and integer roots by integers, of irrational bounds by balls. Derived here."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flint import arb

_BITS = 128


def largest(guess: int, fits: Callable[[int], bool]) -> int:
    """The largest m with fits(m), which fails from some m on, or 0; one or two trials if the guess is near."""
    m = max(guess, 0)
    while m and not fits(m):
        m -= 1
    while fits(m + 1):
        m += 1
    return m


def floor_root(value: int, degree: int) -> int:
    """The largest integer m >= 0 with m**degree <= value, for value >= 0 and degree >= 1; Newton's iteration on integers."""
    if degree == 1 or value < 2:
        return value
    if degree == 2:
        return math.isqrt(value)
    m = 1 << -(-value.bit_length() // degree)
    while True:
        smaller = ((degree - 1) * m + value // m ** (degree - 1)) // degree
        if smaller >= m:
            return m
        m = smaller


def below(value: Fraction) -> int:
    """The largest integer strictly below `value`."""
    return math.ceil(value) - 1


def largest_below(bound: Callable[[], arb], fits: Callable[[int], bool]) -> int:
    """The largest integer m >= 0 below the number that `bound` encloses, `fits` deciding exactly where that is near an integer."""
    from flint import ctx

    bits = _BITS
    while True:
        with ctx.workprec(bits):
            found = bound()
            whole = found.floor().unique_fmpz()
            if whole is not None and found > whole:
                return int(whole)
            middle = found.mid().floor().unique_fmpz()
            if middle is not None and found.rad() < 0.25:
                return largest(int(middle), fits)
        bits *= 2
