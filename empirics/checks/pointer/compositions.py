"""The fewest compositions of pointers for a number of hops, searched."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from constructions.pointer.jumping import compose, hops
from empirics.checking import Evidence, check, control, fails, holds
from theory.pointer import heads as claims
from theory.pointer.tables import NOWHERE


def _fewest_compositions(most: int) -> dict[int, int]:
    """The fewest compositions that make a table of each number of hops 1..most, by breadth-first search over sets of exponents."""
    least, frontier, count = {1: 0}, {frozenset({1})}, 0
    while len(least) < most:
        count += 1
        grown: set[frozenset[int]] = set()
        for held in frontier:
            top = max(held)
            # A chain may be taken in increasing order, so only exponents beyond the greatest are new.
            grown.update(held | {a + b} for a in held for b in held if top < a + b <= most)
        for held in grown:
            least.setdefault(max(held), count)
        frontier = grown
    return least


@check(
    claims.compositions,
    "exhausted",
    given=lambda run: {"most": [run.pick(16, 32)]},
    scope={"sizes": "B <= 16 (32), S <= 5"},
)
def compositions_searched(
    most: int, sharp_until: int = 3, factor: int = 2, composed: Callable[[int, int], int] = lambda a, b: a + b
) -> Evidence:
    """Fewest compositions for each number of hops; a composed table of a + b hops really is that."""
    first = np.array([[(i - 1) if i else NOWHERE for i in range(2 * most + 1)]], dtype=np.int64)
    for a, b in ((1, 1), (2, 1), (3, 4)):
        if not np.array_equal(compose(hops(first, a), hops(first, b)), hops(first, composed(a, b))):
            return fails(f"{a} hops after {b} hops are not {composed(a, b)}", composed(a, b), a + b)
    for number, count in sorted(_fewest_compositions(most).items()):
        if number > factor**count or (number == 2**count) != (number.bit_count() == 1):
            return fails(
                f"{number} hops take {count} compositions, {factor}^{count} = {factor**count} are the most", count
            )
        if number > 1 and (count == number - 1) != (number <= sharp_until):
            words = f"{number} hops take {count} compositions, {number - 1} are {'' if count == number - 1 else 'not '}the fewest"
            return fails(words, number - 1, count)
    return holds(cases=most)


control(compositions_searched, "four-in-three", "refuted", sharp_until=4, reason="4 hops are 2 hops twice")
control(compositions_searched, "two-only", "refuted", sharp_until=2, reason="3 hops take two compositions")
control(
    compositions_searched, "hops-multiplied", "refuted", composed=lambda a, b: a * b, reason="one hop after one is two"
)
control(compositions_searched, "other-order", "confirmed", composed=lambda a, b: b + a, symmetry="powers commute")
