"""The constant of a bound: the least c with count <= c * bound for all sizes from a start on, and a certificate of it.

From below: the greatest quotient count / bound at many sizes, each exact or rounded down, and the limits of the quotient along
families of sizes, which are exact. From above: a proof that the trusted checker verifies (`theory.growth.proofs`). Where the
two meet c is the least; else c is what the proof shows, rounded up to few digits, and the quotient says how near it is.
Where a bound has logarithms they are to base 2. Derived here.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from theory.bounds import Tree
from theory.growth import families
from theory.growth.checked import certificate, in_checker_words, value
from theory.growth.proofs import MOST_LEAVES, search
from theory.growth.trees import Unclear, monomial_tree, names, product, replaced, text, to_poly
from theory.monomials import Bound, Monomial

__all__ = ["Constant", "constant_of", "excess_of"]

MOST_POINTS = 400
STARTS = (1, 2, 3)


@dataclass(frozen=True)
class Constant:
    """count <= value * factor * bound for all sizes >= start (and the conditions asked about).

    factor: a product of powers of the symbols that are constants, "" when there are none. least: no smaller value will do with
    this start and factor. quotient: the greatest count / (factor * bound) known, `where` it is attained or approached.
    certificate: for the trusted checker, kind "growth".
    """

    value: Fraction
    factor: str
    start: int
    least: bool
    quotient: Fraction
    where: str
    certificate: dict[str, Any]


Conditions = Sequence[tuple[Monomial, ...]]


def constant_of(
    count: Tree,
    bound: Tree,
    symbols: Sequence[str],
    conditions: Conditions,
    fixed: Sequence[str] = (),
    most_leaves: int = MOST_LEAVES,
) -> Constant | None:
    """The constant with the smallest start that has one; None when no proof is found. About a second at most."""
    factor = _factor(count, bound, fixed)
    bound = product([bound, *(x if a == 1 else ("pow", x, a) for x, a in factor)])
    try:
        words, bounds = in_checker_words(count), in_checker_words(bound)
    except Unclear:
        return None
    where = [(monomial_tree(left), monomial_tree(right)) for left, right in conditions]
    for start in STARTS:
        quotient, words_where = _greatest(count, bound, words, bounds, symbols, start, conditions)
        if quotient is None:
            continue
        found = search(words, bounds, symbols, start, where, quotient, most_leaves)
        if found is None:
            continue
        c, proof = found
        least = c == quotient
        c = c if least else _rounded(c)
        text = "*".join(f"{x}**{a}" if a != 1 else x for x, a in factor)
        proved = certificate(symbols, start, where, words, c, bounds, proof)
        return Constant(c, text, start, least, quotient, words_where, proved)
    return None


def excess_of(
    count: Tree, bound: Tree, normal: Bound, family: families.Family, conditions: Conditions
) -> tuple[str, Constant] | None:
    """Along a family x_i = t^(v_i): g(t) with g * bound <= value * factor * count for all t >= start and all values of the sizes
    that rest, their powers being the factor. So no constant bounds count / bound. None when no proof is found."""
    if any(offset or v.denominator > 1 for v, _, offset in family.values()):
        return None
    resting = [x for x, (v, _, _) in family.items() if not v]
    t = next(name for i in itertools.count() if (name := f"t{i or ''}") not in resting)
    along: dict[str, Tree] = {x: ("pow", t, v) if v != 1 else t for x, (v, _, _) in family.items() if v}
    moved = [
        tuple(Monomial.of((t if family[x][0] else x, a * (family[x][0] or 1)) for x, a in m.powers) for m in pair)
        for pair in conditions
    ]
    (a, i, _, _), _ = families.leading(families.along(count, family))
    powers, logs = families.growth_of(normal, family)
    if a > powers:
        gain: Tree = monomial_tree(Monomial.of([(t, a - powers if i >= logs else (a - powers) / 2)]))
    else:
        gain = ("pow", ("L", t), i - logs)
    found = constant_of(
        ("*", gain, replaced(bound, along)),
        replaced(count, along),
        sorted([t, *resting]),
        moved,
        resting,
        most_leaves=4,
    )
    return None if found is None else (text(gain), found)


def _rounded(c: Fraction) -> Fraction:
    """The fraction of smallest denominator from c to 1.02 c."""
    return next(top for q in itertools.count(1) if (top := Fraction(math.ceil(c * q), q)) <= c * Fraction(102, 100))


def _factor(count: Tree, bound: Tree, fixed: Sequence[str]) -> list[tuple[str, Fraction]]:
    """Powers of the constants by which the count may exceed the bound."""
    made = []
    for x in fixed:
        need = max((_exponent(key, x, math.ceil) for key in to_poly(count)), default=Fraction(0))
        have = min((_exponent(key, x, math.floor) for key in to_poly(bound)), default=Fraction(0))
        if need > have:
            made.append((x, need - have))
    return made


def _exponent(key: Any, x: str, to: Any) -> Fraction:
    """The power of x in a product of atoms; an operation that has x in it counts as x above and as 1 below."""
    total = Fraction(0)
    for atom, e in key:
        if atom == x:
            total += to(e)
        elif isinstance(atom, tuple) and x in names(atom):
            total += max(e, 0) if to is math.ceil else min(e, 0)
    return total


def _greatest(
    count: Tree, bound: Tree, words: Tree, bounds: Tree, symbols: Sequence[str], start: int, conditions: Conditions
) -> tuple[Fraction | None, str]:
    """The greatest quotient known from this start on, and where; None when the bound is 0 somewhere and the count is not."""
    best, where = Fraction(0), ""
    for sizes in _points(symbols, start, conditions):
        try:
            (low, _), (_, high) = value(words, sizes), value(bounds, sizes)
        except Unclear:
            continue
        if high <= 0 < low:
            return None, ""
        if high > 0 and low / high > best:
            best, where = (
                low / high,
                f"attained at {', '.join(f'{x} = {n}' for x, n in sizes.items()) or 'its one value'}",
            )
    for family in _limits(symbols, start, conditions):
        limit = _limit(count, bound, family)
        if limit is not None and limit > best:
            best, where = limit, f"approached with {_in_words(family)}"
    return best, where


def _points(symbols: Sequence[str], start: int, conditions: Conditions) -> Iterator[dict[str, int]]:
    many = [2**k + o for k in range(1, 21) for o in (0, 1)]
    few = [start, start + 1, start + 2, 5, 9, 16, 17, 2**12, 2**12 + 1, 2**20]
    values = sorted(
        {n for n in [*range(start, start + 10), *many] if n >= start}
        if len(symbols) < 2
        else {n for n in few if n >= start}
    )
    while len(values) ** len(symbols) > MOST_POINTS:
        values.pop(len(values) // 2)
    for point in itertools.product(values, repeat=len(symbols)):
        sizes = dict(zip(symbols, point, strict=True))
        if all(_holds(condition, sizes) for condition in conditions):
            yield sizes


def _holds(condition: Sequence[Monomial], sizes: Mapping[str, int]) -> bool:
    """Whether left <= right is shown at these sizes."""
    left, right = (value(monomial_tree(side), sizes) for side in condition)
    return left[1] <= right[0]


def _limits(symbols: Sequence[str], start: int, conditions: Conditions) -> Iterator[families.Family]:
    """Families in which each size rests at the start, or grows as t, t + 1 or t^2."""
    none, one = Fraction(0), Fraction(1)
    kinds = [(none, none, start - 1), (one, none, 0), (one, none, 1), (Fraction(2), none, 0)]
    for chosen in itertools.product(kinds if len(symbols) < 4 else kinds[:2], repeat=len(symbols)):
        family = dict(zip(symbols, chosen, strict=True))
        try:
            if all(families.holds(pair, family) for pair in conditions):
                yield family
        except Unclear:
            continue


def _in_words(family: families.Family) -> str:
    """N = s, d = 1, s a power of 2 that grows."""

    def size(v: Fraction, offset: int) -> str:
        return f"s{f'**{v}' if v > 1 else ''}{' + 1' if offset else ''}" if v else str(offset + 1)

    return ", ".join(f"{x} = {size(v, o)}" for x, (v, _, o) in family.items()) + ", s a power of 2 that grows"


def _limit(count: Tree, bound: Tree, family: families.Family) -> Fraction | None:
    try:
        above, below = families.along(count, family), families.along(bound, family)
    except Unclear:
        return None
    if families.sign(above) <= 0 or families.sign(below) <= 0:
        return None
    (term, c), (other, d) = families.leading(above), families.leading(below)
    return c / d if term == other else None
