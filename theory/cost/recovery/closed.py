"""Closed forms as data: a rational combination of monomials in atoms, quick to evaluate and writable for sympy.

An atom is an integer function of the sizes: a size itself, ceiling(x/y), Min(x, y), L(x), 2**L(x), ceiling(x/64), or L of another
closed form. The monomials of different atoms are what `theory.cost.recovery.fitting` solves for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import TYPE_CHECKING

from theory.cost.amounts import ceil_log2

if TYPE_CHECKING:
    import sympy

__all__ = [
    "Atom",
    "Closed",
    "Monomial",
    "Point",
    "ceiling_of",
    "chunks_of",
    "constant",
    "log_of",
    "minimum_of",
    "power_of_two_above",
    "size",
]

Point = Mapping[str, int]
"""A value for each size symbol."""


@dataclass(frozen=True)
class Atom:
    """An integer function of the sizes; `text` is its formula, and two atoms are the same when their texts are.

    `weight` orders atoms from plain to involved: where several formulas agree on all samples the plainer is chosen.
    """

    text: str
    symbols: frozenset[str] = field(compare=False)
    weight: int = field(compare=False)
    at: Callable[[Point], int] = field(compare=False, repr=False)


Monomial = tuple[tuple[Atom, int], ...]
"""A product of powers of atoms."""


@dataclass(frozen=True)
class Closed:
    """sum of coefficient * monomial; the empty sum is 0."""

    terms: tuple[tuple[Fraction, Monomial], ...]

    @cached_property
    def _over_one_denominator(self) -> tuple[tuple[tuple[int, Monomial], ...], int]:
        denominator = lcm(*(c.denominator for c, _ in self.terms))
        return tuple((int(c * denominator), m) for c, m in self.terms), denominator

    def at(self, point: Point) -> Fraction:
        """The value at these sizes."""
        terms, denominator = self._over_one_denominator
        total = 0
        for numerator, monomial in terms:
            product = numerator
            for atom, power in monomial:
                product *= atom.at(point) ** power
            total += product
        return Fraction(total, denominator)

    @property
    def text(self) -> str:
        """The formula, as `theory.cost.formulas.parse` reads it."""
        parts = [
            "*".join([f"({c})", *(f"({atom.text})**{power}" for atom, power in monomial)]) for c, monomial in self.terms
        ]
        return " + ".join(parts) or "0"

    @property
    def atoms(self) -> frozenset[Atom]:
        return frozenset(atom for _, monomial in self.terms for atom, _ in monomial)

    def expression(self) -> sympy.Expr:
        """As a sympy expression, expanded."""
        import sympy

        from theory.cost.formulas import parse

        return sympy.expand(parse(self.text))

    def __add__(self, other: Closed) -> Closed:
        total: dict[Monomial, Fraction] = {}
        for coefficient, monomial in self.terms + other.terms:
            total[monomial] = total.get(monomial, Fraction(0)) + coefficient
        return Closed(tuple((c, m) for m, c in total.items() if c))

    def times(self, factors: Sequence[Atom]) -> Closed:
        """Multiplied by a product of atoms."""
        return Closed(tuple((c, multiplied(m, factors)) for c, m in self.terms))


def multiplied(monomial: Monomial, factors: Sequence[Atom]) -> Monomial:
    powers = dict(monomial)
    for atom in factors:
        powers[atom] = powers.get(atom, 0) + 1
    return tuple(sorted(powers.items(), key=lambda pair: (pair[0].weight, pair[0].text)))


def constant(value: Fraction | int) -> Closed:
    """The formula of a number."""
    return Closed(((Fraction(value), ()),) if value else ())


def size(x: str) -> Atom:
    """The size x itself."""
    return Atom(x, frozenset({x}), 0, lambda point: point[x])


def ceiling_of(x: str, y: str) -> Atom:
    """ceiling(x/y), the number of chunks of y in x."""
    return Atom(f"ceiling({x}/{y})", frozenset({x, y}), 2, lambda point: -(-point[x] // point[y]))


def chunks_of(x: str, m: int) -> Atom:
    """ceiling(x/m) for a number m that the program holds."""
    return Atom(f"ceiling({x}/{m})", frozenset({x}), 3, lambda point: -(-point[x] // m))


def minimum_of(x: str, y: str) -> Atom:
    """Min(x, y)."""
    x, y = sorted((x, y))
    return Atom(f"Min({x}, {y})", frozenset({x, y}), 2, lambda point: min(point[x], point[y]))


def log_of(inside: Closed) -> Atom:
    """L of a formula; sizes of fractions are never asked for."""
    symbols = frozenset().union(*(atom.symbols for atom in inside.atoms))
    return Atom(f"L({inside.expression()})", symbols, 1, lambda point: ceil_log2(int(inside.at(point))))


def power_of_two_above(x: str) -> Atom:
    """2**L(x), the least power of two that is not below x."""
    return Atom(f"2**L({x})", frozenset({x}), 2, lambda point: 1 << ceil_log2(point[x]))
