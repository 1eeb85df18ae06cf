"""Monomials in sizes and their logarithms, and maxima of minima of them: the normal form of a bound, up to constants.

Everything here is up to a constant factor and for sizes of at least 2, so that every log x is at least 1. Products, powers,
max, min and log of normal forms are normal forms again: max and min distribute over products of positive numbers, x -> 1/x
exchanges them, and log(x y) is max(log x, log y) up to a factor of 2. Derived here.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["ONE", "Bound", "Monomial", "TooManyTerms", "inverse", "least", "most", "raised", "times"]

MOST_TERMS = 4096


class TooManyTerms(ValueError):
    """A normal form of more than MOST_TERMS monomials."""


@dataclass(frozen=True)
class Monomial:
    """prod x^powers[x] (log x)^logs[x]; symbols with exponent 0 are left out, and the order is that of their names."""

    powers: tuple[tuple[str, Fraction], ...] = ()
    logs: tuple[tuple[str, Fraction], ...] = ()

    @staticmethod
    def of(powers: Iterable[tuple[str, Fraction]] = (), logs: Iterable[tuple[str, Fraction]] = ()) -> Monomial:
        """With the exponents of a symbol that occurs several times added up."""
        return Monomial(_collected(powers), _collected(logs))

    def __mul__(self, other: Monomial) -> Monomial:
        return Monomial.of(self.powers + other.powers, self.logs + other.logs)

    def __pow__(self, exponent: Fraction) -> Monomial:
        return Monomial.of(((x, a * exponent) for x, a in self.powers), ((x, b * exponent) for x, b in self.logs))

    @property
    def symbols(self) -> frozenset[str]:
        return frozenset(x for x, _ in self.powers + self.logs)

    def without(self, fixed: Iterable[str]) -> Monomial:
        """With these symbols counted as constants."""
        gone = set(fixed)
        return Monomial.of((p for p in self.powers if p[0] not in gone), (p for p in self.logs if p[0] not in gone))

    def __str__(self) -> str:
        factors = [f"{x}{exponent_text(a)}" for x, a in self.powers]
        return "*".join(factors + [f"log({x}){exponent_text(b)}" for x, b in self.logs]) or "1"


def _collected(pairs: Iterable[tuple[str, Fraction]]) -> tuple[tuple[str, Fraction], ...]:
    total: dict[str, Fraction] = {}
    for x, a in pairs:
        total[x] = total.get(x, Fraction(0)) + a
    return tuple(sorted((x, a) for x, a in total.items() if a))


def exponent_text(a: Fraction) -> str:
    """What follows a base in text: nothing for 1, **2, **(1/2), **(-1)."""
    return "" if a == 1 else f"**{a}" if a > 0 and a.denominator == 1 else f"**({a})"


Bound = tuple[tuple[Monomial, ...], ...]
"""A maximum of minima; the empty maximum is 0."""

ONE: Bound = ((Monomial(),),)


def _checked(bound: Bound) -> Bound:
    if sum(map(len, bound)) > MOST_TERMS:
        raise TooManyTerms(f"written out it has more than {MOST_TERMS} terms")
    return bound


def most(*parts: Bound) -> Bound:
    """The maximum, which is the sum up to a constant."""
    return _checked(tuple(dict.fromkeys(itertools.chain(*parts))))


def least(*parts: Bound) -> Bound:
    """The minimum: one group of each part is chosen in every way. TooManyTerms before it is written out."""
    if math.prod(map(len, parts)) > MOST_TERMS:
        raise TooManyTerms(f"written out it has more than {MOST_TERMS} terms")
    chosen = (tuple(dict.fromkeys(itertools.chain(*pick))) for pick in itertools.product(*parts))
    return _checked(tuple(dict.fromkeys(chosen)))


def times(a: Bound, b: Bound) -> Bound:
    """The product."""
    made = (tuple(dict.fromkeys(x * y for x in p for y in q)) for p in a for q in b)
    return _checked(tuple(dict.fromkeys(made)))


def inverse(a: Bound) -> Bound:
    """1 / max_k min_l g_kl = min_k max_l 1 / g_kl, as a maximum of minima again."""
    return least(*(tuple((g ** Fraction(-1),) for g in group) for group in a))


def raised(a: Bound, exponent: Fraction) -> Bound:
    """A power of a bound that is not 0, for any rational exponent."""
    if exponent < 0:
        return raised(inverse(a), -exponent)
    return tuple(dict.fromkeys(tuple(dict.fromkeys(g**exponent for g in group)) for group in a)) if exponent else ONE
