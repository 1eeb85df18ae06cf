"""Sums of real roots of rationals, times logarithms of integers to base 2, compared exactly: orders for irrational smoothness.

A `RootSum` is  sum of c * r * log2(p)  over radicals r = p_1**f_1 p_2**f_2 ... with 0 < f_j < 1 and primes p, c rational, not 0; as
log2(2) is 1, sums without logarithms have p = 2 alone. Radicals of different exponents have irrational quotients and are therefore
linearly independent over Q (Besicovitch 1940), the logarithms of primes are so over Q, hence over the algebraic numbers (Baker 1966).
So such a sum is 0 exactly when it has no terms, two of them are equal exactly when their terms are, and of any other the sign is found
by enclosing it finer and finer. What is rational is a Fraction, never a `RootSum`. The arithmetic is derived here.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flint import arb

Radical = tuple[tuple[int, Fraction], ...]
"""(prime, exponent) pairs, primes ascending, exponents in (0, 1)."""
Key = tuple[Radical, int]
_ONE: Key = ((), 2)
_BITS = 64


@dataclass(frozen=True)
class RootSum:
    """An irrational number by its terms: ((radical, prime of the logarithm), coefficient), ascending, coefficients not 0."""

    terms: tuple[tuple[Key, Fraction], ...]

    def __add__(self, other: Real) -> Exact:
        found = dict(self.terms)
        for key, c in terms(other):
            found[key] = found.get(key, Fraction(0)) + c
        return made(found)

    __radd__ = __add__

    def __mul__(self, factor: int | Fraction) -> Exact:
        return made({key: c * factor for key, c in self.terms})

    __rmul__ = __mul__

    def __truediv__(self, divisor: int | Fraction) -> Exact:
        return self * (1 / Fraction(divisor))

    def __neg__(self) -> Exact:
        return self * -1

    def __sub__(self, other: Real) -> Exact:
        return self + -1 * other

    def __rsub__(self, other: int | Fraction) -> Exact:
        return -1 * self + other

    def ball(self) -> arb:
        """An enclosure at the precision in force."""
        from flint import arb, ctx

        return sum((ball(c) * _unit(key, ctx.prec) for key, c in self.terms), arb(0))

    @property
    def sign(self) -> int:
        """1 or -1."""
        from flint import ctx

        bits = _BITS
        while True:
            with ctx.workprec(bits):
                found = self.ball()
            if found > 0 or found < 0:
                return 1 if found > 0 else -1
            bits *= 2

    def __lt__(self, other: Real) -> bool:
        return difference_sign(self, other) < 0

    def __gt__(self, other: Real) -> bool:
        return difference_sign(self, other) > 0

    def __le__(self, other: Real) -> bool:
        return difference_sign(self, other) <= 0

    def __ge__(self, other: Real) -> bool:
        return difference_sign(self, other) >= 0

    def __floor__(self) -> int:
        from flint import ctx

        bits = _BITS
        while True:
            with ctx.workprec(bits):
                found = self.ball().floor().unique_fmpz()
            if found is not None:
                return int(found)
            bits *= 2  # no integer is met: the number is irrational

    def __ceil__(self) -> int:
        return self.__floor__() + 1

    def __float__(self) -> float:
        from flint import ctx

        with ctx.workprec(_BITS):
            return float(self.ball().mid())

    def __str__(self) -> str:
        return " + ".join(_written(key, c) for key, c in self.terms)


Exact = Fraction | RootSum
Real = int | Fraction | RootSum


def ball(x: Real) -> arb:
    """The number as a ball, at the precision in force."""
    from flint import arb, fmpq

    return x.ball() if isinstance(x, RootSum) else arb(fmpq(Fraction(x).numerator, Fraction(x).denominator))


def terms(x: Real) -> tuple[tuple[Key, Fraction], ...]:
    """The terms of any of these numbers."""
    if isinstance(x, RootSum):
        return x.terms
    return ((_ONE, Fraction(x)),) if x else ()


def made(found: dict[Key, Fraction]) -> Exact:
    """The number of these terms: a Fraction where it is rational."""
    kept = tuple(sorted((key, c) for key, c in found.items() if c))
    if all(key == _ONE for key, _ in kept):
        return sum((c for _, c in kept), Fraction(0))
    return RootSum(kept)


def difference_sign(x: Real, y: Real) -> int:
    """The sign of x - y, exactly: -1, 0 or 1."""
    gap = x - y
    return gap.sign if isinstance(gap, RootSum) else (gap > 0) - (gap < 0)


def factors(n: int) -> list[tuple[int, int]]:
    """The primes of n >= 1 with their exponents."""
    from flint import fmpz

    return [(int(p), int(e)) for p, e in fmpz(n).factor()]


def power(base: int | Fraction, exponent: int | Fraction) -> Exact:
    """base ** exponent for a rational base > 0 and a rational exponent: one radical at most."""
    base, exponent = Fraction(base), Fraction(exponent)
    coefficient, radical = Fraction(1), []
    for p, e in sorted(factors(base.numerator) + [(p, -e) for p, e in factors(base.denominator)]):
        whole = e * exponent.numerator // exponent.denominator
        coefficient *= Fraction(p) ** whole
        if rest := e * exponent - whole:
            radical.append((p, rest))
    return made({(tuple(radical), 2): coefficient})


def times_log2(x: Real, n: int) -> Exact:
    """x * log2(n) for an x without logarithms and n >= 1."""
    found: dict[Key, Fraction] = {}
    for (radical, _), c in terms(x):
        for p, e in factors(n):
            found[radical, p] = found.get((radical, p), Fraction(0)) + c * e
    return made(found)


def quotient(x: Real, y: Real) -> Fraction | None:
    """x / y where that is rational, else None; y not 0."""
    above, below = terms(x), terms(y)
    if [key for key, _ in above] != [key for key, _ in below]:
        return None
    ratios = {c / d for (_, c), (_, d) in zip(above, below, strict=True)}
    return ratios.pop() if len(ratios) == 1 else None


def ranked(numbers: Sequence[Real]) -> list[int]:
    """The places of the numbers in ascending order, equal ones in the order given. Enclosed once; only what overlaps is compared."""
    from flint import ctx

    with ctx.workprec(_BITS):
        balls = [ball(x) for x in numbers]
    lows = [math.nextafter(float(b.lower()), -math.inf) for b in balls]
    highs = [math.nextafter(float(b.upper()), math.inf) for b in balls]
    order = sorted(range(len(numbers)), key=lambda k: (lows[k], k))

    def compared(j: int, k: int) -> int:
        return difference_sign(numbers[j], numbers[k]) or j - k

    exactly = functools.cmp_to_key(compared)
    found, start = [], 0
    while start < len(order):
        end, reach = start + 1, highs[order[start]]
        while end < len(order) and lows[order[end]] <= reach:
            reach = max(reach, highs[order[end]])
            end += 1
        found += sorted(order[start:end], key=exactly) if end > start + 1 else order[start:end]
        start = end
    return found


@functools.lru_cache(maxsize=1 << 16)
def _unit(key: Key, bits: int) -> arb:
    """r * log2(p) as a ball of about `bits` bits."""
    from flint import ctx

    radical, prime = key
    with ctx.workprec(bits + 8):
        found = ball(1)
        for p, f in radical:
            found *= ball(p) ** ball(f)
        return found if prime == 2 else found * ball(prime).log() / ball(2).log()


def _written(key: Key, c: Fraction) -> str:
    radical, prime = key
    parts = [f"{p}**({f})" for p, f in radical] + ([f"log2({prime})"] if prime != 2 else [])
    return " * ".join([str(c)] * (c != 1 or not parts) + parts)
