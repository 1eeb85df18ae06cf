"""Pointers by dot products of integer vectors in the plane, exactly, without scoring all pairs.

The largest q . k over a set of keys is at a corner of its convex hull, found by a binary search among the hull's edges sorted by
direction; several corners, or points on an edge, tie when q is perpendicular to that edge. Causal pointers split the sequence in
halves: the keys of the first half answer the queries of the second. Comparisons: O(N log N), causal O(N log^2 N).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cmp_to_key
from itertools import pairwise

__all__ = ["Comparisons", "Hull", "plane_pointers"]

Point = tuple[int, int]


@dataclass
class Comparisons:
    """Comparisons made so far: of keys in sorting, of turns, of directions."""

    made: int = 0

    def cross(self, u: Point, v: Point) -> int:
        """The turn from u to v: positive to the left."""
        self.made += 1
        return u[0] * v[1] - u[1] * v[0]

    def order(self, u: Point, v: Point) -> int:
        self.made += 1
        return (u > v) - (u < v)

    def direction(self, u: Point, v: Point) -> int:
        """The order of two directions by their angle from that of (1, 0), in [0, 2 pi)."""
        halves = [w[1] < 0 or (w[1] == 0 and w[0] < 0) for w in (u, v)]
        return halves[0] - halves[1] if halves[0] != halves[1] else -self.cross(u, v)


def _minus(u: Point, v: Point) -> Point:
    return u[0] - v[0], u[1] - v[1]


@dataclass
class Hull:
    """The convex hull of keys, for queries. `keys` is (point, position); the earliest position of equal points is kept."""

    keys: Sequence[tuple[Point, int]]
    counted: Comparisons = field(default_factory=Comparisons)

    def __post_init__(self) -> None:
        def by_point(a: tuple[Point, int], b: tuple[Point, int]) -> int:
            return self.counted.order(a[0], b[0]) or a[1] - b[1]

        points: list[tuple[Point, int]] = []
        for point, position in sorted(self.keys, key=cmp_to_key(by_point)):
            if not points or points[-1][0] != point:
                points.append((point, position))
        self.first = min(position for _, position in points)
        ring = self._chain(points) + self._chain(points[::-1])
        # one entry an edge: its direction, the earliest position at its start, and of all points on it
        self.edges = sorted(ring, key=cmp_to_key(lambda a, b: self.counted.direction(a[0], b[0])))
        self.alone = points[0][1]

    def _chain(self, points: Sequence[tuple[Point, int]]) -> list[tuple[Point, int, int]]:
        """The edges of the lower hull from left to right, of the upper one when the points come reversed."""
        corners: list[tuple[Point, int, int]] = []  # corner, its position, the earliest on the edge that ends there
        for point, position in points:
            earliest = position
            while len(corners) > 1:
                turn = self.counted.cross(_minus(corners[-1][0], corners[-2][0]), _minus(point, corners[-1][0]))
                if turn > 0:
                    break
                dropped = corners.pop()
                earliest = min(earliest, dropped[2]) if turn == 0 else position
            corners.append((point, position, earliest))
        return [
            (_minus(end, start), position, min(position, earliest))
            for (start, position, _), (end, _, earliest) in pairwise(corners)
        ]

    def best(self, query: Point) -> int:
        """The earliest position with the largest q . k."""
        if query == (0, 0):
            return self.first
        if not self.edges:
            return self.alone
        along = (-query[1], query[0])  # an edge of this direction is perpendicular to q, with the hull on its far side
        low, high = 0, len(self.edges)
        while low < high:
            middle = (low + high) // 2
            if self.counted.direction(self.edges[middle][0], along) < 0:
                low = middle + 1
            else:
                high = middle
        edge, start, earliest = self.edges[low % len(self.edges)]
        tied = low < len(self.edges) and self.counted.direction(edge, along) == 0
        return earliest if tied else start


def _dot(u: Point, v: Point) -> int:
    return u[0] * v[0] + u[1] * v[1]


def plane_pointers(
    queries: Sequence[Point], keys: Sequence[Point], causal: bool = False, counted: Comparisons | None = None
) -> list[int]:
    """argmax_j q_i . k_j, the earliest of the best; over j <= i when causal. Raises ValueError for different lengths."""
    if len(queries) != len(keys):
        raise ValueError(f"{len(queries)} queries and {len(keys)} keys; a position has one of each")
    counted = Comparisons() if counted is None else counted
    listed = list(zip(keys, range(len(keys)), strict=True))
    if not causal:
        hull = Hull(listed, counted) if listed else None
        return [hull.best(q) for q in queries] if hull else []
    chosen = list(range(len(keys)))

    def answer(low: int, high: int) -> None:
        if high - low < 2:
            return
        middle = (low + high) // 2
        answer(low, middle)
        answer(middle, high)
        hull = Hull(listed[low:middle], counted)
        for i in range(middle, high):
            j = hull.best(queries[i])
            counted.made += 1
            if _dot(queries[i], keys[j]) >= _dot(queries[i], keys[chosen[i]]):  # an earlier one wins a tie
                chosen[i] = j

    answer(0, len(keys))
    return chosen
