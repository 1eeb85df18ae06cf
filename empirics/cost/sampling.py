"""Where a subject is run: lines through a base point and points off them, small first, and larger ones held out.

A stage is a set of points; each contains the one before. A polynomial shows in the first, logarithms in the second, chunks that the
program holds as a number in the later ones. Points are in free coordinates, none of them below 2 (`t` from 0).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from empirics.cost.coordinates import Coordinates
from empirics.cost.errors import BadSubject
from empirics.cost.runs import Rejected, Run, Runner
from theory.cost.recovery.closed import Closed, constant
from theory.cost.recovery.fitting import Unfit, fit

__all__ = ["STAGES", "Sample", "Sampler"]

LINES = (
    (2, 3, 4, 5, 6, 7, 8, 9, 11, 16, 17, 33),
    (10, 12, 13, 15, 18, 24, 31, 32, 34),
    (14, 19, 20, 21, 25, 28, 29, 36, 40, 47, 48, 49, 50, 56, 63, 64, 65, 66),
    (72, 80, 81, 95, 96, 97, 112, 127, 128, 129, 130, 144, 160, 191, 192, 193, 224, 255, 256, 257),
)
"""Values on a line, new in each stage: near powers of two and multiples of usual chunks, on both sides."""
STAGES = len(LINES)
BASE = (11, 5, 7, 6, 9, 8)
"""Coordinates of the base point: different, so that sizes are not taken for one another."""
FAR = (131, 521, 1031)
FAR_STEPS = (22, 46, 94)
VERY_FAR = (16384, 55440, 1000003)
"""A power of two, a number of many divisors, a prime number."""
FEW_NUMBERS = 4
PROBE_RATIO = 64
FAR_SHARE = 30
"""A run far out may take this part of the whole effort."""
DECODING_SHARE = 4
"""The tokens before one far out may take this part of it."""
MOST_POINTS = 1500
SCATTERED = (12, 20, 40, 60)
TOP = (12, 14, 20, 40)

Point = dict[str, int]


@dataclass(frozen=True)
class Sample:
    """A point of the free coordinates, and the run there."""

    point: Mapping[str, int]
    run: Run

    @property
    def has_a_one(self) -> bool:
        """Whether a size is 1, where programs often do something else; such samples test forms and do not make them."""
        return any(v == 1 for x, v in self.point.items() if x != "t")


@dataclass
class Sampler:
    """Runs at points, until `effort` operations have been counted (and `extra`, a share of it, more); so
    where it ends does not depend on the machine."""

    runner: Runner
    coordinates: Coordinates
    effort: int
    seed: int = 0
    spent: int = 0
    reached: int = 0
    extra: float = 0.0
    tests: int = 0
    _known: dict[tuple[int, ...], Sample | None] = field(default_factory=dict)
    _calls: Closed | None = None
    rejected: list[Rejected] = field(default_factory=list)

    def afresh(self) -> Sampler:
        """The same without any samples, from the stage reached on; the runner keeps its runs."""
        return Sampler(self.runner, self.coordinates, self.effort, self.seed, reached=self.reached)

    @property
    def base(self) -> Point:
        return {x: BASE[i % len(BASE)] + len(BASE) * (i // len(BASE)) for i, x in enumerate(self.coordinates.symbols)}

    @property
    def exhausted(self) -> bool:
        return self.spent > self.effort * (1 + self.extra) or len(self._known) > MOST_POINTS * (1 + self.extra)

    def sample(self, point: Mapping[str, int]) -> Sample | None:
        """The run at a point; None where the subject rejects it or the effort is spent."""
        key = tuple(point[x] for x in self.coordinates.symbols)
        if key not in self._known:
            if self.exhausted:
                return None
            try:
                run = self.runner.run(self.coordinates.sizes(point))
                self._known[key] = Sample(dict(point), run)
                self.spent += run.calls
            except Rejected as rejection:
                self._known[key] = None
                self.rejected.append(rejection)
        return self._known[key]

    def calls_at(self, point: Mapping[str, int]) -> Fraction | None:
        """How many operations a run at this point would count, by a closed form of those so far, or the most so far where they
        are a few numbers, as in a layer without loops that branches; None where neither tells."""
        if self._calls is None or any(self._calls.at(s.point) < s.run.calls for s in self.all):
            found = fit([(s.point, Fraction(s.run.calls)) for s in self.all], self.base)
            numbers = {s.run.calls for s in self.all}
            few = constant(max(numbers)) if len(numbers) <= FEW_NUMBERS else None
            self._calls = few if isinstance(found, Unfit) else found
        return None if self._calls is None else self._calls.at(point)

    def gather(self, points: Iterator[Point]) -> list[Sample]:
        found = {id(s): s for s in map(self.sample, points) if s is not None}
        return list(found.values())

    @property
    def all(self) -> list[Sample]:
        """Every sample so far."""
        return [s for s in self._known.values() if s is not None]

    def stage(self, k: int) -> Iterator[Point]:
        """The points of stage k and those before it; the first scattered ones are `coordinates.first_points`, run already."""
        yield from self.lines(self.base, k)
        rng = random.Random(self.seed)
        for j in range(k + 1):
            for _ in range(SCATTERED[j] * len(self.base) // 2):
                yield {x: rng.randint(0 if x == "t" else 2, TOP[j]) for x in self.base}

    def lines(self, center: Mapping[str, int], k: int) -> Iterator[Point]:
        """The points on the lines through a point, at the values of stages 0 to k; relative to it where it lies further out."""
        yield dict(center)
        for x in center:
            for j in range(k + 1):
                for value in LINES[j]:
                    yield {**center, x: value}
                    if center[x] > max(LINES[0]):
                        yield {**center, x: center[x] + value}

    def scattered(self, center: Mapping[str, int], number: int) -> Iterator[Point]:
        """Points around a centre: each coordinate from half to three halves of it."""
        rng = random.Random(self.seed + 1)
        for _ in range(number):
            yield {x: rng.randint(max(2, v // 2), 3 * v // 2 + 2) for x, v in center.items()}

    def held_out(self, k: int) -> Iterator[Point]:
        """Points beyond those of stage k, in every coordinate; others each time, so that what they led to is tested afresh."""
        rng = random.Random(self.seed + 2 + self.tests)
        top = max(LINES[k])
        for stretch in (2, 2, 3, 3, 4):
            yield {x: rng.randint(top, stretch * top) for x in self.base}

    def far(self) -> list[Sample]:
        """Runs far out, one size at a time and then all: beyond the chunks and caps that programs hold, as long as they are cheap."""
        base, values = self.base, [value + step * self.tests for value, step in zip(FAR, FAR_STEPS, strict=True)]
        points = [{**base, x: value} for value in values for x in base] + [
            dict(zip(base, values * len(base), strict=False))
        ]
        self.tests += 1
        return self.gather(p for p in points if self._cheap(p))

    def _cheap(self, point: Mapping[str, int]) -> bool:
        """Whether a run here takes a small part of the effort. A token after t others needs those before it, which later runs share."""
        calls = self.calls_at(point)
        if calls is None:
            return False
        return calls <= self.effort // FAR_SHARE and calls * point.get("t", 0) <= self.effort // DECODING_SHARE

    def very_far(self) -> Iterator[Sample]:
        """Runs further out than any threshold that a program plausibly holds, nearer ones first, as long as they are cheap: in one
        size at a time, in all, and the furthest that are cheap in all but one too. No memory is taken at any size, and what the
        subject rejects there is left out."""
        base = self.base
        far = {
            value: {x: value + i for i, x in enumerate(base) if x != "t"} for value in VERY_FAR
        }  # t comes one by one
        points = [p for value in VERY_FAR for p in (*({**base, x: value} for x in far[value]), {**base, **far[value]})]
        for value in reversed(VERY_FAR) if len(base) > 2 else ():
            but_one = [{**base, **far[value], x: base[x]} for x in far[value]]
            if any(map(self._cheap, but_one)):
                points += but_one
                break
        for point in points:
            if self._cheap(point):
                sample = self.sample(point)
                if sample is not None:
                    yield sample

    def probes(self) -> list[Sample]:
        """Runs where all sizes are large, in several orders of magnitude to each other, as far out as is cheap; none where even the
        nearest are not."""
        for value in sorted((*VERY_FAR, *FAR[1:]), reverse=True):
            level = {x: value + i for i, x in enumerate(self.base)}
            points = [level, *({**{y: v // PROBE_RATIO + 2 for y, v in level.items()}, x: level[x]} for x in level)]
            if all(map(self._cheap, points)):
                found = self.gather(iter(points))
                if len(found) == len(points):
                    return found
        return []

    def with_ones(self) -> Iterator[Point]:
        """Points where one size is 1, and the point where all are."""
        for x in self.coordinates.symbols:
            if x != "t":
                yield {**self.base, x: 1}
        yield dict.fromkeys(self.base, 1)


def first_error(rejections: Sequence[Rejected], name: str) -> BadSubject:
    """The refusal for a subject that accepts no sizes that were tried."""
    error = rejections[0]
    text = f"{type(error.error).__name__}: {error.error}"
    if "CUDA" in text or "cuda" in text or "NVIDIA" in text:
        return BadSubject(
            f"{name}: needs CUDA ({text.splitlines()[0][:160]}); counting is done on the meta device: build the layer and its "
            "inputs without naming a device"
        )
    return BadSubject(
        f"{name}: accepts none of {len(rejections)} choices of sizes; {error.message}; if only special sizes are possible, "
        "make the size a parameter that any value suits, such as d = heads * width"
    )
