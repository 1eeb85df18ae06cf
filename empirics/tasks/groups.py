"""Finite groups as permutations: S_3, S_5, A_5 and Z_60, the last two of one order, solvable and not.

Elements are permutations in lexicographic order, the identity first; the product is `theory.permutations.compose`, first factor first.
Z_60 acts on 3 + 4 + 5 points, its generator turning each of the three cycles by one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import accumulate, pairwise, permutations

from theory.permutations import Permutation, Swap, as_transpositions, compose

__all__ = ["GROUPS", "elements", "swap_words", "table"]


def _even(c: Permutation) -> bool:
    return len(as_transpositions(c)) % 2 == 0


def _cyclic(*cycles: int) -> list[Permutation]:
    """All powers of the permutation with cycles of these lengths, which have no common divisors."""
    turn = tuple(a + (j + 1) % (b - a) for a, b in pairwise(accumulate(cycles, initial=0)) for j in range(b - a))
    made = [tuple(range(sum(cycles)))]
    while (after := compose(made[-1], turn)) != made[0]:
        made.append(after)
    return made


GROUPS: dict[str, Callable[[], list[Permutation]]] = {
    "S_3": lambda: list(permutations(range(3))),
    "S_5": lambda: list(permutations(range(5))),
    "A_5": lambda: [c for c in permutations(range(5)) if _even(c)],
    "Z_60": lambda: _cyclic(3, 4, 5),
}


@cache
def elements(group: str) -> tuple[Permutation, ...]:
    """The elements, in lexicographic order."""
    return tuple(sorted(GROUPS[group]()))


@cache
def table(group: str) -> tuple[tuple[int, ...], ...]:
    """The place of first * then, by the places of both. O(order^2)."""
    place = {c: i for i, c in enumerate(elements(group))}
    return tuple(tuple(place[tuple(a[j] for j in b)] for b in elements(group)) for a in elements(group))


@cache
def swap_words(group: str) -> tuple[tuple[Swap, ...], ...]:
    """For each element the fewest swaps whose product it is."""
    return tuple(as_transpositions(c) for c in elements(group))
