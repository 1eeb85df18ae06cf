"""Which sizes a subject accepts, and free coordinates for them.

A layer may demand that heads divide the width, that a length is a multiple of 64, that K <= N. Such demands are found by trying, and
removed by writing x = 64 x', x = y x' or x = y + x' with x' free: formulas are recovered in the free coordinates and written back, so
that L(d/H) or N/64 come out as they are. What was found is a hypothesis that every later run tests again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Coordinates", "Demand", "discover", "first_points"]

MULTIPLES = (2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 24, 32, 48, 64, 96, 128, 256)
PASSES = 6
LARGE = (2, 4, 8, 16, 32, 64, 128, 256)

Sizes = dict[str, int]


@dataclass(frozen=True)
class Demand:
    """`x` is a multiple of `of` (a number or another size), or with `least` at least as large as the size `of`."""

    x: str
    of: int | str
    least: bool = False

    def holds(self, sizes: Mapping[str, int]) -> bool:
        other = sizes[self.of] if isinstance(self.of, str) else self.of
        return sizes[self.x] >= other if self.least else sizes[self.x] % other == 0

    def implied_by(self, other: Demand) -> bool:
        """Whether `other` says at least as much."""
        if self == other:
            return True
        if self.x != other.x or other.least:
            return False
        if self.least or isinstance(self.of, str) or isinstance(other.of, str):
            return self.of == other.of and self.least  # a multiple of y is at least y
        return other.of % self.of == 0

    def __str__(self) -> str:
        return f"{self.x} >= {self.of}" if self.least else f"{self.x} % {self.of} == 0"


@dataclass(frozen=True)
class Coordinates:
    """Free coordinates, named as the sizes are; `sizes` gives the subject's sizes at a point of them."""

    symbols: tuple[str, ...]
    demands: tuple[Demand, ...] = ()
    order: tuple[Demand, ...] = field(default=(), compare=False)

    def sizes(self, point: Mapping[str, int]) -> Sizes:
        """x = m x', x = y x' and x = y + x' - 1, each demand after those its own right side needs; a multiple of m that is at least y
        begins with the first one."""
        found = dict(point)
        for k, demand in enumerate(self.order):
            other = found[demand.of] if isinstance(demand.of, str) else demand.of
            found[demand.x] = found[demand.x] + self._below(k, found) if demand.least else other * found[demand.x]
        return found

    def _below(self, k: int, sizes: Mapping[str, int]) -> int:
        """The largest multiple below the size that the k-th demand says to be the least."""
        step = 1
        for m in self._steps(k):
            step *= sizes[m] if isinstance(m, str) else m
        return step * (-(-sizes[str(self.order[k].of)] // step) - 1)

    def _steps(self, k: int) -> list[int | str]:
        return [earlier.of for earlier in self.order[:k] if earlier.x == self.order[k].x and not earlier.least]

    def point(self, sizes: Mapping[str, int]) -> dict[str, int] | None:
        """The coordinates of these sizes; None when a demand is not met."""
        found = dict(sizes)
        for k, demand in reversed(list(enumerate(self.order))):
            other = found[demand.of] if isinstance(demand.of, str) else demand.of
            found[demand.x] = found[demand.x] - self._below(k, found) if demand.least else found[demand.x] // other
        return found if min(found.values()) > 0 and self.sizes(found) == dict(sizes) else None

    def substitution(self) -> dict[str, str]:
        """Each coordinate that is no size, in terms of the sizes."""
        written = {x: x for x in self.symbols}
        for k, demand in reversed(list(enumerate(self.order))):
            inside = written[demand.x]
            step = "*".join(map(str, self._steps(k))) or "1"
            below = f"({step})*(ceiling({demand.of}/({step})) - 1)"
            written[demand.x] = f"({inside} - {below})" if demand.least else f"(({inside})/({demand.of}))"
        return {x: text for x, text in written.items() if text != x}


def _ordered(symbols: Sequence[str], demands: Iterable[Demand]) -> tuple[Demand, ...] | None:
    """Demands with those on the right sides first; numbers before sizes. None when they go round in a circle."""
    left, settled, order = list(demands), set(), []
    free = set(symbols) - {d.x for d in left}
    settled |= free
    while left:
        ready = [d for d in left if not isinstance(d.of, str) or d.of in settled]
        ready.sort(key=lambda d: (isinstance(d.of, str), str(d)))
        if not ready:
            return None
        order.append(ready[0])
        left.remove(ready[0])
        if all(d.x != ready[0].x for d in left):
            settled.add(ready[0].x)
    return tuple(order)


def first_points(symbols: Sequence[str], seed: int = 0) -> list[Sizes]:
    """Scattered small sizes that are tried first: those that `Sampler.stage` draws first too, so that they are run once."""
    rng = random.Random(seed)
    return [{x: rng.randint(2, 12) for x in symbols} for _ in range(12)]


def discover(symbols: Sequence[str], accepts: Callable[[Sizes], bool], seed: int = 0) -> Coordinates | None:
    """Coordinates in which all points tried are accepted; None when no sizes at all were.

    `accepts` runs the subject. Points with all sizes at least 2 are tried; about 150 in the worst case.
    """
    rng = random.Random(seed)
    small = first_points(symbols, seed)
    taken = {_key(p): accepts(p) for p in small}
    if all(taken.values()):
        return Coordinates(tuple(symbols))
    more = [dict.fromkeys(symbols, value) for value in LARGE]
    more += [{x: rng.choice(LARGE) for x in symbols} for _ in range(40)]
    more += [{x: rng.choice((12, 24, 60, 120)) for x in symbols} for _ in range(8)]
    points = small + more
    for p in more:
        taken[_key(p)] = accepts(p)
    good = [p for p in points if taken[_key(p)]]
    if not good:
        return None
    kept = [d for d in _hypotheses(symbols) if all(d.holds(p) for p in good)]
    for _ in range(PASSES):
        before = list(kept)
        for d in sorted(before, key=lambda d: (d.least, -d.of if isinstance(d.of, int) else 0)):
            others = _sharp([e for e in kept if not e.implied_by(d) and not d.implied_by(e)] + _weaker(d, kept))
            tries = [p for p in _points(symbols, others, rng, 60) if not d.holds(p)][:4]
            if any(accepts(p) for p in tries):
                kept.remove(d)
        if kept == before:
            break
    demands = _sharp(kept)
    order = _ordered(symbols, demands)
    if order is None:
        return None
    found = Coordinates(tuple(symbols), tuple(demands), order)
    checked = [found.sizes({x: rng.randint(2, 6) for x in symbols}) for _ in range(8)]
    return found if all(accepts(p) for p in checked) else None


def _key(sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(sizes.values())


def _hypotheses(symbols: Sequence[str]) -> list[Demand]:
    numbers = [Demand(x, m) for x in symbols for m in MULTIPLES]
    pairs = [Demand(x, y, least) for x in symbols for y in symbols if x != y for least in (False, True)]
    return numbers + pairs


def _sharp(demands: Sequence[Demand]) -> list[Demand]:
    """Without those that another one, or a chain of two, implies."""
    chains = {(d.x, e.of) for d in demands for e in demands if d.of == e.x and not d.least and not e.least}
    sharp = (d for d in demands if not any(d.implied_by(e) and d != e for e in demands))
    return [d for d in sharp if d.least or (d.x, d.of) not in chains]


def _weaker(d: Demand, kept: Sequence[Demand]) -> list[Demand]:
    """What remains of a demand when it is dropped: those it implies."""
    return [e for e in kept if e != d and e.implied_by(d)]


def _points(symbols: Sequence[str], demands: Sequence[Demand], rng: random.Random, number: int) -> list[Sizes]:
    """Points that meet the demands, by free coordinates, or by trying where the demands go round in a circle."""
    order = _ordered(symbols, demands)
    if order is not None:
        whole = Coordinates(tuple(symbols), tuple(demands), order)
        points = (whole.sizes({x: rng.randint(1, rng.choice((9, 300))) for x in symbols}) for _ in range(number))
        return [p for p in points if all(d.holds(p) for d in demands)]
    drawn = ({x: rng.choice(LARGE) * rng.choice((1, 1, 3, 5)) for x in symbols} for _ in range(100 * number))
    return [p for p in drawn if all(d.holds(p) for d in demands)][:number]
