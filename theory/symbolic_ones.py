"""Identities with the all-ones vector beside unit vectors, for every n at once; continues `theory.symbolic`.

In a space with coordinates 1..m the vector of all ones has <ones, e_x> = 1 for each slot x among them, whatever m is. So
an inner product of part + c * ones with a combination of unit vectors is a polynomial in deltas still, and the patterns
of equality decide it. <ones, ones> = m has no place here, and asking for it is an error. Derived here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy

from theory.symbolic import Combination, Slot


def all_ones() -> WithOnes:
    """(1, ..., 1)."""
    return WithOnes(Combination(()), sympy.Integer(1))


@dataclass(frozen=True)
class WithOnes:
    """part + ones * (1, ..., 1). Added to and subtracted from the left: `ones + e(a)`."""

    part: Combination
    ones: sympy.Expr

    def __add__(self, other: WithOnes | Combination) -> WithOnes:
        if isinstance(other, Combination):
            return WithOnes(self.part + other, self.ones)
        return WithOnes(self.part + other.part, self.ones + other.ones)

    def __mul__(self, factor: Any) -> WithOnes:
        return WithOnes(self.part * factor, self.ones * sympy.sympify(factor))

    __rmul__ = __mul__

    def __neg__(self) -> WithOnes:
        return self * -1

    def inner(self, other: Combination) -> sympy.Expr:
        """<self, other> for a combination of unit vectors alone."""
        return self.part.inner(other) + self.ones * sympy.Add(*(c for _, c in other.terms))

    def apply(self, row: Callable[[Slot], sympy.Expr]) -> sympy.Expr:
        """The vector times a matrix whose rows `row` names. Raises ValueError when that needs the sum of all rows."""
        if self.ones != 0:
            raise ValueError(f"{self.ones} times the sum of all rows is not known: the write holds the all-ones vector")
        return self.part.apply(row)
