"""The linear pieces of a ReLU network along a segment, all of them, exactly; and how far they lie from a smooth function.

A network is piecewise linear along a segment. Layer by layer every point where a neuron's input changes sign is added, as the exact
rational it is; between neighbouring points all neurons are then linear. A function f with |f''| <= M differs from a linear one
on [a, b] by at most the larger difference at a and b plus M (b - a)^2 / 8, so finitely many balls enclose the error on the whole
segment. Derived here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from flint import arb, ctx, fmpq

from constructions.takakura_suzuki.network import Layer, Network

MOST_PIECES = 200_000
"""Networks with more along a segment are refused."""


@dataclass(frozen=True)
class Pieces:
    """points: 0 = t_0 < ... < t_n = 1 along the segment; values[i]: the outputs at t_i. Linear in between."""

    points: tuple[fmpq, ...]
    values: tuple[tuple[fmpq, ...], ...]

    def fractions(self) -> list[tuple[Fraction, tuple[Fraction, ...]]]:
        """The same as Fractions."""
        return [(_fraction(t), tuple(map(_fraction, v))) for t, v in zip(self.points, self.values, strict=True)]


@dataclass(frozen=True)
class Distance:
    """Bounds on sup |network - f| over a segment: `seen` is reached at the point `at`, `most` is not exceeded anywhere."""

    seen: Fraction
    most: Fraction
    at: Fraction
    pieces: int


def _fraction(x: fmpq) -> Fraction:
    return Fraction(int(x.p), int(x.q))


def pieces(network: Network, start: Sequence[Fraction | int], end: Sequence[Fraction | int]) -> Pieces:
    """All pieces of the network from `start` to `end`. O(pieces * nonzeros) rational operations.

    ValueError for ends of another length than the inputs, or beyond MOST_PIECES.
    """
    if not len(start) == len(end) == network.inputs:
        raise ValueError(f"ends of {len(start)} and {len(end)} numbers: this network has {network.inputs} inputs")
    points = [fmpq(0), fmpq(1)]
    values = [[fmpq(x.numerator, x.denominator) for x in map(Fraction, side)] for side in (start, end)]
    for layer in network.layers[:-1]:
        weigh = _weighing(layer)
        points, values = _bent(points, [weigh(v) for v in values])
        if len(points) > MOST_PIECES:
            raise ValueError(f"more than {MOST_PIECES} pieces: take a shorter segment or a smaller network")
    weigh = _weighing(network.layers[-1])
    return Pieces(tuple(points), tuple(tuple(weigh(v)) for v in values))


def _weighing(layer: Layer) -> Callable[[list[fmpq]], list[fmpq]]:
    rows = [[(n, fmpq(w.numerator, w.denominator)) for n, w in row] for row in layer.rows]
    biases = [fmpq(b.numerator, b.denominator) for b in layer.biases]

    def weigh(values: list[fmpq]) -> list[fmpq]:
        out = []
        for row, total in zip(rows, biases, strict=True):
            for n, w in row:
                if values[n] != 0:
                    total = total + w * values[n]
            out.append(total)
        return out

    return weigh


def _bent(points: list[fmpq], values: list[list[fmpq]]) -> tuple[list[fmpq], list[list[fmpq]]]:
    """Points where a sign changes put in between, and all values rectified."""
    zero = fmpq(0)
    new_points, new_values = [points[0]], [values[0]]
    for right, (before, after) in zip(points[1:], pairwise(values), strict=True):
        left = new_points[-1]
        shares = {a / (a - b) for a, b in zip(before, after, strict=True) if (a < 0 < b) or (b < 0 < a)}
        for share in sorted(shares):
            new_points.append(left + share * (right - left))
            new_values.append([a + share * (b - a) for a, b in zip(before, after, strict=True)])
        new_points.append(right)
        new_values.append(after)
    return new_points, [[v if v > 0 else zero for v in row] for row in new_values]


def distance(
    found: Pieces, function: Callable[[arb], arb], curvature: Any, *, output: int = 0, precision: int = 128
) -> Distance:
    """sup |network - function| over the segment, enclosed; `function` on balls of t, `curvature` a bound on |f''| in t."""
    with ctx.workprec(precision):
        seen, at, most = arb(0), fmpq(0), arb(0)
        errors = []
        for t, values in zip(found.points, found.values, strict=True):
            errors.append(abs(arb(values[output]) - function(arb(t))))
            if errors[-1].lower() > seen:
                seen, at = errors[-1].lower(), t
        for i, (a, b) in enumerate(pairwise(found.points)):
            bound = errors[i].max(errors[i + 1]) + curvature * arb(b - a) ** 2 / 8
            most = most.max(bound.upper())
        return Distance(_rational(seen), _rational(most), _fraction(at), len(found.points) - 1)


def _rational(x: arb) -> Fraction:
    mantissa, exponent = x.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
