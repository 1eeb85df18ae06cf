"""Mixed and anisotropic smoothness: a sequence a, the order gamma(s) of a block s, and exact comparisons with a level T.

    mixed         gamma(s) = sum_i a_i s_i
    anisotropic   gamma(s) = max_i a_i s_i

a is a tuple of rationals, or a rule a_i = scale * i**q on 1..dimension or on all i >= 1. For rational q = n/d the number a_i is
no rational, and it is compared by its d-th power, which is; nothing here is rounded. Coordinates are numbered from 1, as in a_i.

Source: the definitions of Okumoto and Suzuki (2022) and Takakura and Suzuki (2023); the comparisons are derived here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

KINDS = ("mixed", "anisotropic")
Rational = int | Fraction


def rational(value: object, name: str) -> Fraction:
    """The value as a Fraction. ValueError for floats and for what is no number: levels and smoothness are exact here."""
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        raise ValueError(
            f"{name} = {value!r} of type {type(value).__name__}: give an int or a Fraction, such as Fraction(3, 2)"
        )
    return Fraction(value)


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


def _below(value: Fraction) -> int:
    """The largest integer strictly below `value`."""
    return math.ceil(value) - 1


@dataclass(frozen=True)
class Power:
    """The rule a_i = scale * i**q for i = 1..dimension, or for all i >= 1 when dimension is None; q > 0, scale > 0 rational."""

    q: Rational
    scale: Rational = 1
    dimension: int | None = None

    def __post_init__(self) -> None:
        for name in ("q", "scale"):
            if rational(getattr(self, name), name) <= 0:
                raise ValueError(f"{name} = {getattr(self, name)}: a_i = scale * i**q needs both positive")
        if self.dimension is not None and (isinstance(self.dimension, bool) or self.dimension < 1):
            raise ValueError(f"dimension = {self.dimension}: give at least 1, or None for infinitely many coordinates")

    @property
    def degree(self) -> int:
        """d for q = n/d: the power by which a_i becomes rational."""
        return Fraction(self.q).denominator

    def powered(self, i: int) -> Fraction:
        """a_i ** degree, a rational."""
        q = Fraction(self.q)
        return Fraction(self.scale) ** q.denominator * i**q.numerator

    def value(self, i: int) -> Fraction | None:
        """a_i, or None where it is irrational."""
        power = Fraction(i) ** Fraction(self.q).numerator
        root = floor_root(power.numerator, self.degree)
        return root * Fraction(self.scale) if root**self.degree == power else None

    def floor(self, i: int, bits: int) -> int:
        """floor(2**bits * a_i)."""
        return floor_root(math.floor(self.powered(i) * 2 ** (bits * self.degree)), self.degree)

    def multiples_below(self, i: int, level: Fraction) -> int:
        """The largest m >= 0 with m * a_i < level, for level > 0."""
        return floor_root(_below(level**self.degree / self.powered(i)), self.degree)

    def active(self, level: Fraction) -> int:
        """How many i have a_i < level, for level > 0."""
        q = Fraction(self.q)
        found = floor_root(_below((level / Fraction(self.scale)) ** q.denominator), q.numerator)
        return found if self.dimension is None else min(found, self.dimension)


@dataclass(frozen=True)
class Smoothness:
    """gamma, by its kind and its sequence a, nondecreasing and positive.

    a: a tuple of ints and Fractions, or a `Power`.
    ties: mixed smoothness needs a_1 < a_2, as its constant C_a is infinite otherwise; ties=True admits a_1 = a_2 for counting.

    ValueError for another kind, for an empty, unsorted or non-positive a, for floats, and for ties that are not admitted.
    """

    kind: str
    a: tuple[Rational, ...] | Power
    ties: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind {self.kind!r}: one of {', '.join(KINDS)}")
        if isinstance(self.a, Power):
            return
        if not isinstance(self.a, tuple) or not self.a:
            raise ValueError(f"a = {self.a!r}: give a tuple of at least one rational, or a rule such as Power(2)")
        values = [rational(x, f"a_{i}") for i, x in enumerate(self.a, start=1)]
        for i, x in enumerate(values, start=1):
            if x <= 0:
                raise ValueError(f"a_{i} = {x}: smoothness is positive")
            if i > 1 and x < values[i - 2]:
                raise ValueError(
                    f"a_{i} = {x} after a_{i - 1} = {values[i - 2]}: sort a, the least smooth coordinate first"
                )
        if self.kind == "mixed" and len(values) > 1 and values[0] == values[1] and not self.ties:
            raise ValueError(
                f"a_1 = a_2 = {values[0]}: mixed smoothness needs a_1 < a_2, C_a is infinite for ties; "
                "pass ties=True to count with them all the same"
            )

    @property
    def dimension(self) -> int | None:
        """The number of coordinates; None for infinitely many."""
        return self.a.dimension if isinstance(self.a, Power) else len(self.a)

    @property
    def is_rational(self) -> bool:
        """Whether every a_i is rational."""
        return not isinstance(self.a, Power) or self.a.degree == 1

    def value(self, i: int) -> Fraction | None:
        """a_i for i >= 1, or None where it is irrational. ValueError beyond the dimension."""
        if i < 1 or (self.dimension is not None and i > self.dimension):
            raise ValueError(f"coordinate {i}: a has the coordinates 1 to {self.dimension or 'infinity'}")
        return self.a.value(i) if isinstance(self.a, Power) else Fraction(self.a[i - 1])

    def exact(self, i: int) -> Fraction:
        """a_i. ValueError where it is irrational."""
        found = self.value(i)
        if found is None:
            raise ValueError(
                f"a_{i} of {self.a} is irrational: this needs rational smoothness; give an integer q or a tuple"
            )
        return found

    def level(self, T: object) -> Fraction:
        """T as a Fraction. ValueError unless T > 0: gamma(0) = 0, so nothing lies below another level."""
        found = rational(T, "T")
        if found <= 0:
            raise ValueError(
                f"T = {found} reaches no index, not even the constant function, whose order is 0: give T > 0"
            )
        return found

    def active(self, T: Rational) -> int:
        """d_max: the number of coordinates with a_i < T, those that some s with gamma(s) < T uses. O(log T) or O(d)."""
        level = self.level(T)
        if isinstance(self.a, Power):
            return self.a.active(level)
        return sum(x < level for x in self.a)

    def multiples_below(self, i: int, T: Rational) -> int:
        """The largest m with m * a_i < T: the largest s_i of a block below T, ceil(T / a_i) - 1."""
        level = self.level(T)
        if isinstance(self.a, Power):
            self.value(i)
            return self.a.multiples_below(i, level)
        return _below(level / self.exact(i))

    def largest(self, T: Rational) -> int:
        """f_max: the largest entry of a block below T, that of the first coordinate."""
        return self.multiples_below(1, T)

    def gamma(self, s: Sequence[int]) -> Fraction:
        """gamma of a block (s_1, s_2, ...), later entries 0. ValueError for negative entries and where it is irrational."""
        terms = [self.exact(i) * x for i, x in self._support(s)]
        return sum(terms, Fraction(0)) if self.kind == "mixed" else max(terms, default=Fraction(0))

    def _support(self, s: Sequence[int]) -> list[tuple[int, int]]:
        if any(x < 0 for x in s):
            raise ValueError(f"block {tuple(s)}: entries are 0 or more")
        found = [(i, int(x)) for i, x in enumerate(s, start=1) if x]
        if found and self.dimension is not None and found[-1][0] > self.dimension:
            raise ValueError(f"block {tuple(s)} uses coordinate {found[-1][0]} of {self.dimension}")
        return found

    def is_below(self, s: Sequence[int], T: Rational) -> bool:
        """Whether gamma(s) < T, exactly, for irrational a as well.

        A sum of positive multiples of positive real roots is rational only when each of them is, as roots without rational ratio are
        linearly independent over Q. So an irrational sum differs from T, and enclosing it finer and finer decides.
        """
        level, support = self.level(T), self._support(s)
        if self.kind == "anisotropic":
            return all(x <= self.multiples_below(i, level) for i, x in support)
        known = sum((v * x for i, x in support if (v := self.value(i)) is not None), Fraction(0))
        roots = [(i, x) for i, x in support if self.value(i) is None]
        if not roots or not isinstance(self.a, Power):
            return known < level
        bits = 32
        while True:
            low = sum(x * self.a.floor(i, bits) for i, x in roots)
            high, goal = low + sum(x for _, x in roots), (level - known) * 2**bits
            if high <= goal or low >= goal:
                return high <= goal
            bits *= 2


def mixed(*a: Rational, ties: bool = False) -> Smoothness:
    """Mixed smoothness with the sequence a."""
    return Smoothness("mixed", a, ties)


def anisotropic(*a: Rational) -> Smoothness:
    """Anisotropic smoothness with the sequence a."""
    return Smoothness("anisotropic", a)


def size_of_block(s: Sequence[int]) -> int:
    """2**|s|: how many basis functions a block holds."""
    return 1 << sum(int(x) for x in s)


def block_of(index: Sequence[int]) -> tuple[int, ...]:
    """The block of a basis index l: s_i with floor(2**(s_i - 1)) <= |l_i| < 2**s_i, the number of bits of |l_i|."""
    return tuple(abs(int(x)).bit_length() for x in index)
