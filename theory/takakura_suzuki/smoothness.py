"""Mixed and anisotropic smoothness: a sequence a, the order gamma(s) of a block s, and exact comparisons with a level T.

    mixed         gamma(s) = sum_i a_i s_i
    anisotropic   gamma(s) = max_i a_i s_i

a is a tuple of rationals and of sums of real roots (`roots.RootSum`, or sympy's sqrt(2)), or a rule a_i = scale * i**q with rational q
on 1..dimension or on all i >= 1. Irrational a_i are compared by enclosing them finer and finer, ties being decided by their terms;
nothing here is rounded. Coordinates are numbered from 1, as in a_i.

Source: the definitions of Okumoto and Suzuki (2022) and Takakura and Suzuki (2023); the comparisons are derived here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from theory.takakura_suzuki.integers_below import below, floor_root, largest_below
from theory.takakura_suzuki.roots import Exact, RootSum, ball, power

if TYPE_CHECKING:
    from flint import arb

KINDS = ("mixed", "anisotropic")
Rational = int | Fraction


def rational(value: object, name: str) -> Fraction:
    """The value as a Fraction. ValueError for floats and for what is no number: levels and smoothness are exact here."""
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        raise ValueError(
            f"{name} = {value!r} of type {type(value).__name__}: give an int or a Fraction, such as Fraction(3, 2)"
        )
    return Fraction(value)


def number(value: object, name: str) -> Exact:
    """The value as an exact number: rationals, sums of roots, and sympy's such numbers. ValueError for anything else."""
    if isinstance(value, RootSum):
        return value
    if type(value).__module__.partition(".")[0] == "sympy":
        from theory.takakura_suzuki.sympy_roots import from_sympy

        return from_sympy(value, name)
    return rational(value, name)


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
        d = self.dimension
        if d is not None and (isinstance(d, bool) or not isinstance(d, int) or d < 1):
            raise ValueError(f"dimension = {d}: give an int of at least 1, or None for infinitely many coordinates")

    def __getitem__(self, i: int) -> Exact:
        """a_i, i >= 1."""
        return power(i, self.q) * Fraction(self.scale)

    def ball(self, i: int) -> arb:
        """a_i as a ball at the precision in force, without factoring i."""
        return ball(i) ** ball(self.q) * ball(self.scale)

    def active(self, level: Fraction) -> int:
        """How many i have a_i < level, for level > 0."""
        q, ratio = Fraction(self.q), level / Fraction(self.scale)
        if q.denominator == 1:
            found = floor_root(below(ratio), q.numerator)
        else:
            found = largest_below(lambda: ball(ratio) ** ball(1 / q), lambda i: self[i] < level)
        return found if self.dimension is None else min(found, self.dimension)


@dataclass(frozen=True)
class Smoothness:
    """gamma, by its kind and its sequence a, nondecreasing and positive.

    a: a tuple of ints, Fractions, `RootSum`s and sympy's sums of real roots, or a `Power`.
    ties: mixed smoothness needs a_1 < a_2, as its constant C_a is infinite otherwise; ties=True admits a_1 = a_2 for counting.

    ValueError for another kind, for an empty, unsorted or non-positive a, for floats, and for ties that are not admitted.
    """

    kind: str
    a: tuple[Any, ...] | Power
    ties: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind {self.kind!r}: one of {', '.join(KINDS)}")
        if isinstance(self.a, Power):
            return
        if not isinstance(self.a, tuple) or not self.a:
            raise ValueError(f"a = {self.a!r}: give a tuple of at least one rational, or a rule such as Power(2)")
        values = [number(x, f"a_{i}") for i, x in enumerate(self.a, start=1)]
        kept = (x if isinstance(x, int | Fraction) else value for x, value in zip(self.a, values, strict=True))
        object.__setattr__(self, "a", tuple(kept))  # sympy's numbers replaced
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
        if isinstance(self.a, Power):
            return Fraction(self.a.q).denominator == 1
        return not any(isinstance(x, RootSum) for x in self.a)

    def _inside(self, i: int) -> None:
        if i < 1 or (self.dimension is not None and i > self.dimension):
            raise ValueError(f"coordinate {i}: a has the coordinates 1 to {self.dimension or 'infinity'}")

    def value(self, i: int) -> Exact:
        """a_i for i >= 1. ValueError beyond the dimension."""
        self._inside(i)
        if isinstance(self.a, Power):
            return self.a[i]
        found = self.a[i - 1]
        return found if isinstance(found, RootSum) else Fraction(found)

    def exact(self, i: int) -> Fraction:
        """a_i. ValueError where it is irrational."""
        found = self.value(i)
        if isinstance(found, RootSum):
            raise ValueError(f"a_{i} = {found} is irrational: this needs rational smoothness")
        return found

    def first(self) -> Fraction:
        """A step of levels: a_1, or where that is irrational a rational above it by less than a thousandth of it."""
        value, bits = self.value(1), 10
        if isinstance(value, Fraction):
            return value
        while (found := math.floor(value * 2**bits)) < 1000:
            bits += 10
        return Fraction(found + 1, 2**bits)

    def ball(self, i: int) -> arb:
        """a_i as a ball at the precision in force."""
        return self.a.ball(i) if isinstance(self.a, Power) else ball(self.value(i))

    def floor(self, i: int, bits: int) -> int:
        """floor(2**bits * a_i)."""
        return math.floor(self.value(i) * 2**bits)

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
        if self.is_rational:
            return below(level / self.exact(i))
        self._inside(i)
        return largest_below(lambda: ball(level) / self.ball(i), lambda m: m * self.value(i) < level)

    def largest(self, T: Rational) -> int:
        """f_max: the largest entry of a block below T, that of the first coordinate."""
        return self.multiples_below(1, T)

    def gamma(self, s: Sequence[int]) -> Exact:
        """gamma of a block (s_1, s_2, ...), later entries 0. ValueError for negative entries."""
        orders = [self.value(i) * x for i, x in self._support(s)]
        return sum(orders, Fraction(0)) if self.kind == "mixed" else max(orders, default=Fraction(0))

    def _support(self, s: Sequence[int]) -> list[tuple[int, int]]:
        if any(x < 0 for x in s):
            raise ValueError(f"block {tuple(s)}: entries are 0 or more")
        found = [(i, int(x)) for i, x in enumerate(s, start=1) if x]
        if found and self.dimension is not None and found[-1][0] > self.dimension:
            raise ValueError(f"block {tuple(s)} uses coordinate {found[-1][0]} of {self.dimension}")
        return found

    def is_below(self, s: Sequence[int], T: Rational) -> bool:
        """Whether gamma(s) < T, exactly."""
        return self.gamma(s) < self.level(T)


def mixed(*a: Any, ties: bool = False) -> Smoothness:
    """Mixed smoothness with the sequence a."""
    return Smoothness("mixed", a, ties)


def anisotropic(*a: Any) -> Smoothness:
    """Anisotropic smoothness with the sequence a."""
    return Smoothness("anisotropic", a)


def size_of_block(s: Sequence[int]) -> int:
    """2**|s|: how many basis functions a block holds."""
    return 1 << sum(int(x) for x in s)


def block_of(index: Sequence[int]) -> tuple[int, ...]:
    """The block of a basis index l: s_i with floor(2**(s_i - 1)) <= |l_i| < 2**s_i, the number of bits of |l_i|."""
    return tuple(abs(int(x)).bit_length() for x in index)
