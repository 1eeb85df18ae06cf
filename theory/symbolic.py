"""Identities in Kronecker deltas, decided for every n at once.

A slot is a symbol, not a number. A `Combination` is a formal linear combination of unit vectors e_x with x a slot
symbol; the inner product of two of them is a polynomial in deltas, delta(x, y) = 1 when the slots are equal, else 0.
Whether such a polynomial vanishes depends only on which of its finitely many slot symbols are equal. So it vanishes
for all n and all slots exactly when it vanishes in every *pattern of equality*, that is, for every way to merge the
symbols into blocks, and the number of patterns does not depend on n. In each pattern computer algebra expands the
residual, which must be the number 0. A pattern with the fewest blocks in which it does not is a counterexample with
the fewest slots. Derived here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy


@dataclass(frozen=True)
class Slot:
    """A slot symbol."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Combination:
    """sum of coefficient * e_slot over pairs (slot, coefficient); coefficients are sympy expressions."""

    terms: tuple[tuple[Slot, sympy.Expr], ...]

    def __add__(self, other: Combination) -> Combination:
        return Combination(self.terms + other.terms)

    def __neg__(self) -> Combination:
        return self * -1

    def __sub__(self, other: Combination) -> Combination:
        return self + -other

    def __mul__(self, factor: Any) -> Combination:
        return Combination(tuple((slot, sympy.sympify(factor) * c) for slot, c in self.terms))

    __rmul__ = __mul__

    def inner(self, other: Combination) -> sympy.Expr:
        """<self, other>, a polynomial in deltas."""
        return sympy.Add(*(a * b * delta(x, y) for x, a in self.terms for y, b in other.terms))

    def apply(self, row: Callable[[Slot], sympy.Expr]) -> sympy.Expr:
        """sum of coefficient * row(slot): the vector times a matrix whose rows `row` names."""
        return sympy.Add(*(c * row(slot) for slot, c in self.terms))


def unit(slot: Slot) -> Combination:
    """e_slot."""
    return Combination(((slot, sympy.Integer(1)),))


def delta(x: Slot, y: Slot) -> sympy.Expr:
    """The Kronecker delta of two slots as a commuting symbol; 1 when they are the same symbol."""
    if x == y:
        return sympy.Integer(1)
    first, second = sorted((x.name, y.name))
    return sympy.Symbol(f"delta[{first},{second}]")


def patterns(slots: Sequence[Slot]) -> Iterator[dict[Slot, Slot]]:
    """Every way the slots can be equal: each maps a slot to the first of its block. Fewest blocks first."""

    def grow(done: list[list[Slot]], rest: Sequence[Slot]) -> Iterator[list[list[Slot]]]:
        if not rest:
            yield done
            return
        for i in range(len(done)):
            yield from grow([[*b, rest[0]] if i == j else b for j, b in enumerate(done)], rest[1:])
        yield from grow([*done, [rest[0]]], rest[1:])

    for blocks in sorted(grow([], list(slots)), key=len):
        yield {slot: block[0] for block in blocks for slot in block}


def in_pattern(expression: sympy.Expr, pattern: Mapping[Slot, Slot]) -> sympy.Expr:
    """The expression with every delta replaced by 1 or 0 and every row symbol by that of its block, expanded."""
    names = {slot.name: block for slot, block in pattern.items()}
    values: dict[Any, Any] = {}
    for symbol in expression.free_symbols:
        kind, _, rest = str(symbol).partition("[")
        parts = rest.rstrip("]").split(",")
        if kind == "delta":
            values[symbol] = sympy.Integer(int(names[parts[0]] == names[parts[1]]))
        elif kind == "row":
            values[symbol] = row(names[parts[0]])
    return sympy.expand(expression.subs(values, simultaneous=True))


def row(slot: Slot) -> sympy.Symbol:
    """Row `slot` of a matrix of which nothing is known: equal slots have equal rows, and that is all."""
    return sympy.Symbol(f"row[{slot.name}]")


def describe(pattern: Mapping[Slot, Slot]) -> str:
    """A pattern in words, such as 'n = 2, a = j, b'."""
    blocks: dict[Slot, list[str]] = {}
    for slot, block in pattern.items():
        blocks.setdefault(block, []).append(slot.name)
    return f"n = {len(blocks)}: " + " | ".join(" = ".join(names) for names in blocks.values())
