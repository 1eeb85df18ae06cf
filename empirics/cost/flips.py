"""The smallest sizes at which a branch would turn, by a search among multiples of sizes that worked.

Multiples keep divisibility (a chunk that divides N divides 2 N), and thresholds are monotone in most layers, so doubling and
bisection find the least factor; small sizes and neighbours are tried one by one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["LARGEST_FACTOR", "Sizes", "least_sizes"]

Sizes = dict[str, int]
Turned = Callable[[Mapping[str, int]], bool]

LARGEST_FACTOR = 2**40
SMALL: tuple[int, ...] = (1, 2, 3, 4, 5, 7, 8, 16)
"""Values tried for every size when looking below the sizes that were run."""
MOST_SMALL = 5000
MOST = 6
"""Proposals: the search finds about two for every subset of the sizes."""


def least_sizes(bases: Sequence[Sizes], turned: Turned) -> tuple[Sizes, ...]:
    """Sizes for which `turned` holds, at most MOST, none larger than another in every size; smallest largest size first.

    `bases` are sizes that the subject accepts; the search starts from the smallest and the largest. It asks `turned` about
    200 times for each subset of the sizes, and MOST_SMALL times at most for small ones.
    """
    ordered = sorted(bases, key=lambda s: (sum(s.values()), sorted(s.items())))
    candidates = {tuple(sorted(s.items())) for base in (ordered[0], ordered[-1]) for s in _candidates(base, turned)}
    chosen: list[Sizes] = []
    for sizes in map(dict, sorted(candidates, key=lambda s: (max(v for _, v in s), sum(v for _, v in s), s))):
        if not any(all(c[x] <= sizes[x] for x in c) for c in chosen):
            chosen.append(sizes)
    return tuple(chosen[:MOST])


def _candidates(base: Sizes, turned: Turned) -> Iterator[Sizes]:
    """Sizes that turn a branch: with some sizes of the base multiplied by the least factor that does, moved a little, or small."""
    names = sorted(base)
    for count in range(1, len(names) + 1):
        for some in itertools.combinations(names, count):
            for start in (base, {**base, **dict.fromkeys(some, 1)}):
                found = _least_multiple(start, some, turned)
                if found is not None:
                    yield found
    for x in names:
        for moved in (base[x] - 1, base[x] + 1, *SMALL):
            sizes = {**base, x: moved}
            if moved > 0 and turned(sizes):
                yield sizes
    for choice in itertools.islice(itertools.product(SMALL, repeat=len(names)), MOST_SMALL):
        sizes = dict(zip(names, choice, strict=True))
        if turned(sizes):
            yield sizes
            break


def _least_multiple(base: Sizes, some: Sequence[str], turned: Turned) -> Sizes | None:
    """The base with `some` of its sizes times the least factor that turns, if turning is monotone in the factor."""

    def at(factor: int) -> Sizes:
        return {x: v * factor if x in some else v for x, v in base.items()}

    high = 2
    while not turned(at(high)):
        high *= 2
        if high > LARGEST_FACTOR:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if turned(at(middle)) else (middle, high)
    return at(high)
