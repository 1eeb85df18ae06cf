"""Codes of positions made of the numbers that a format has, not of integers: their count grows with the exponents.

    Floats       a parabola through numbers whose squares the format holds
    Alternating  k = 0, a, -a, b, -b, ... outwards in one coordinate, q a sign: each key is a record that the next cannot beat

Derived here.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float

from theory.formats import Format

__all__ = ["Alternating", "Floats", "first_wrong_record", "positive_numbers"]


def positive_numbers(fmt: Format) -> Float[np.ndarray, " P"]:
    """All positive finite numbers of a format of at most 16 bits, ascending; float64. ValueError for wider ones."""
    p, emin, emax = fmt.precision, fmt.emin, fmt.emax
    if p is None or emin is None or emax is None or (emax - emin + 2) * 2 ** (p - 1) > 2**16:
        raise ValueError(f"{fmt.name}: too many numbers to list; give a format of at most 16 bits")
    tiny = np.ldexp(np.arange(1.0, 2 ** (p - 1)), emin - p + 1)
    binades = np.arange(emin, emax + 1)[:, None]
    normal = np.ldexp(np.arange(2.0 ** (p - 1), 2.0**p)[None], binades - p + 1).ravel()
    made = np.concatenate([tiny, normal])
    return made[made <= float(fmt.max_finite)]


@dataclass(frozen=True)
class Floats:
    """A parabola through the numbers x = M 2^e with |M| < 2^half, ascending; squares first.

    With 2 half <= p the format holds x^2 and 2 x y for all of them, the exponents being chosen so that none of these
    underflows or overflows.
    """

    fmt: Format
    half: int

    @property
    def exponents(self) -> tuple[int, int]:
        """The least exponent e with 2^(2e) in the format, and the greatest with 2 M^2 2^(2e) in it."""
        assert self.fmt.precision is not None, "Q has no exponents"
        assert self.fmt.emin is not None, "Q has no exponents"
        least = -((self.fmt.precision - 1 - self.fmt.emin) // 2)
        most = least
        while 2 * (2**self.half - 1) ** 2 * Fraction(4) ** (most + 1) <= self.fmt.max_finite:
            most += 1
        return least, most

    @cached_property
    def numbers(self) -> Float[np.ndarray, " N"]:
        least, most = self.exponents
        start = np.ldexp(np.arange(1.0, 2 ** (self.half - 1)), least)
        normal = np.arange(2.0 ** (self.half - 1), 2.0**self.half)[None]
        positive = np.concatenate([start, np.ldexp(normal, np.arange(least, most + 1)[:, None]).ravel()])
        return np.concatenate([-positive[::-1], [0.0], positive])

    @property
    def positions(self) -> int | None:
        return len(self.numbers)

    def key(self, j: Any) -> tuple[Any, ...]:
        x = self.numbers[j]
        return x * x, x

    def query(self, m: Any) -> tuple[Any, ...]:
        y = self.numbers[m]
        return -1 + 0 * y, 2 * y


@dataclass(frozen=True)
class Alternating:
    """One coordinate, for distance 1: 0, then a, -a for every positive number of the format in turn, then 0 once more."""

    fmt: Format

    @cached_property
    def numbers(self) -> Float[np.ndarray, " N"]:
        positive = positive_numbers(self.fmt)
        return np.concatenate([[0.0], np.stack([positive, -positive], axis=1).ravel(), [0.0]])

    @property
    def positions(self) -> int:
        return len(self.numbers)

    def key(self, j: Any) -> tuple[Any, ...]:
        return (self.numbers[j],)

    def query(self, m: Any) -> tuple[Any, ...]:
        return (2 * (m % 2) - 1,)


def first_wrong_record(numbers: Any, signs: Any) -> int | None:
    """The first row m + 1 whose query signs[m] has another greatest key among keys 0..m+1; None when all point at m.

    numbers, signs: arrays of one length, at least 2. By running maxima and minima, O(N); no tie counts as right.
    """
    before, own, after = numbers[:-2], numbers[1:-1], numbers[2:]
    sign = signs[1:-1]
    greatest = np.where(sign > 0, np.maximum.accumulate(before), -np.minimum.accumulate(before))
    wrong = np.flatnonzero((greatest >= sign * own) | (sign * after >= sign * own))
    if signs[0] * numbers[1] >= signs[0] * numbers[0]:
        return 1
    return int(wrong[0]) + 2 if wrong.size else None
