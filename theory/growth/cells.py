"""Cones of directions in which sizes can grow, and their cells: by generators, in integers.

A size x_i = 2^(X_i) grows along a vector X >= 0. Conditions a.X >= 0 (C <= N says X_N - X_C >= 0) leave a cone; planes cut it
into cells. A cone is held by its generators with the constraints on which each lies, and cut by the double description
method (Motzkin and others 1953).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Cone", "Vector", "cells", "cone", "dot", "families", "generators"]

Vector = tuple[int, ...]


@dataclass(frozen=True)
class Ray:
    """A generator of a cone, with the constraints (by number) on which it lies."""

    vector: Vector
    tight: frozenset[int]


Cone = tuple[Ray, ...]


def cone(dimension: int, conditions: Sequence[Sequence[Fraction]]) -> Cone:
    """X >= 0 and a.X >= 0 for every condition a."""
    whole = tuple(
        Ray(tuple(int(i == j) for j in range(dimension)), frozenset(j for j in range(dimension) if j != i))
        for i in range(dimension)
    )
    for number, condition in enumerate(conditions):
        whole = _half(whole, integral(condition), dimension + number)
    return whole


def generators(part: Cone) -> tuple[Vector, ...]:
    """The vectors whose non-negative combinations make the cone."""
    return tuple(ray.vector for ray in part)


def families(vectors: Sequence[Vector]) -> Iterator[Vector]:
    """Sums of non-empty sets of generators, small sets first, each support and direction as it comes."""
    for size in range(1, len(vectors) + 1):
        for chosen in itertools.combinations(vectors, size):
            yield tuple(sum(column) for column in zip(*chosen, strict=True))


def cells(whole: Cone, planes: Iterable[Sequence[Fraction]]) -> list[Cone]:
    """The parts of full dimension into which the planes cut the cone."""
    cones = [whole]
    mark = max((number for ray in whole for number in ray.tight), default=0)
    for plane in _distinct(planes):
        mark += 1
        made: list[Cone] = []
        for part in cones:
            signs = {_sign(dot(plane, ray.vector)) for ray in part}
            if {-1, 1} <= signs:
                made += [_half(part, side, mark) for side in (plane, tuple(-x for x in plane))]
            else:
                made.append(part)
        cones = made
    return cones


def dot(a: Sequence[int], b: Vector) -> int:
    return sum(x * y for x, y in zip(a, b, strict=True))


def integral(v: Sequence[Fraction]) -> Vector:
    """The positive multiple of a vector whose entries are integers without a common divisor."""
    common = math.lcm(*(x.denominator for x in v))
    return _primitive([int(x * common) for x in v])


def _primitive(v: Sequence[int]) -> Vector:
    divisor = math.gcd(*v) or 1
    return tuple(x // divisor for x in v)


def _sign(x: int) -> int:
    return (x > 0) - (x < 0)


def _distinct(planes: Iterable[Sequence[Fraction]]) -> Iterable[Vector]:
    """Planes up to a factor, without the zero vector."""
    found: dict[Vector, None] = {}
    for plane in map(integral, planes):
        lead = next((x for x in plane if x), 0)
        if lead:
            found.setdefault(plane if lead > 0 else tuple(-x for x in plane))
    return found


def _half(part: Cone, plane: Vector, mark: int) -> Cone:
    """The part of a cone where plane . X >= 0: rays on that side, and one on the plane for every two adjacent rays on different
    sides. Two rays are adjacent if no third lies on all constraints they share."""
    value = {ray: dot(plane, ray.vector) for ray in part}
    kept = [Ray(ray.vector, ray.tight | {mark}) if not value[ray] else ray for ray in part if value[ray] >= 0]
    below = [ray for ray in part if value[ray] < 0]
    for high, low in itertools.product([ray for ray in part if value[ray] > 0], below):
        shared = high.tight & low.tight
        if any(shared <= ray.tight for ray in part if ray not in (high, low)):
            continue
        mixed = [value[high] * y - value[low] * x for x, y in zip(high.vector, low.vector, strict=True)]
        kept.append(Ray(_primitive(mixed), shared | {mark}))
    return tuple(kept)
