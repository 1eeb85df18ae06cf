"""Enumeration of the blocks and the basis indices below a level T, for finitely or infinitely many coordinates.

`walk` is the definition as a program: a depth-first search over the sorted a that stops at the first a_i that no longer fits.
`blocks` and `indices` produce the same sets in numpy, coordinate by coordinate from the last active one down to the first, so that
prefixes stay few until the end. All comparisons are between integers, nothing is rounded. What is too large is refused beforehand,
with its count. Derived here.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Iterator

import numpy as np
from jaxtyping import Int

from theory.takakura_suzuki.counting import TooLarge, coordinates, growing, weights
from theory.takakura_suzuki.smoothness import Rational, Smoothness

MEMORY = 2 << 30
"""Bytes that one enumeration may take unless told otherwise."""
_ROOT_BITS = 16
_LONGEST = 1 << 20  # binary digits of a count that is refused anyway, as a lower bound


def walk(smoothness: Smoothness, T: Rational) -> Iterator[tuple[int, ...]]:
    """Every block s with gamma(s) < T once, without trailing zeros, depth first. Exact; O(d) steps a block.

    ValueError for T <= 0.
    """
    smoothness.level(T)

    def below(prefix: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        yield prefix
        i = len(prefix)
        while smoothness.dimension is None or i < smoothness.dimension:
            grown = (*prefix, *(0,) * (i - len(prefix)), 1)
            if not smoothness.is_below(grown, T):
                return  # a is sorted: no later coordinate fits either
            while smoothness.is_below(grown, T):
                yield from below(grown)
                grown = (*grown[:-1], grown[-1] + 1)
            i += 1

    yield from below(())


def blocks(smoothness: Smoothness, T: Rational, memory: int = MEMORY) -> Int[np.ndarray, "count d"]:
    """All blocks s with gamma(s) < T as rows, int16 where all entries fit, else int32; d the number of active coordinates.

    The last coordinate varies slowest.

    ValueError for T <= 0; TooLarge, with the count, when more than `memory` bytes would be needed.
    """
    steps, budget, sizes = _plan(smoothness, T, 1)
    kind = np.dtype(np.int16 if smoothness.largest(T) < 2**15 else np.int32)
    _room(f"{_written(sizes[-1])} blocks", sizes, kind, memory)
    found = _grid(steps, budget, smoothness.kind == "mixed", False, kind)
    return found[_inside(smoothness, T, found, steps, budget)]


def indices(smoothness: Smoothness, T: Rational, memory: int = MEMORY) -> Int[np.ndarray, "count d"]:
    """All G(T) basis indices l whose block lies below T as rows, int32, d the number of active coordinates.

    Each coordinate runs through 0, -1, 1, -2, 2, ...; the last varies slowest. Errors as `blocks`.
    """
    steps, budget, sizes = _plan(smoothness, T, 2)
    kind = np.dtype(np.int32)
    _room(f"G({T}) = {_written(sizes[-1])} basis functions", sizes, kind, memory)
    codes = _grid(steps, budget, smoothness.kind == "mixed", True, kind)
    inside = _inside(smoothness, T, _bits(codes), steps, budget) if not smoothness.is_rational else slice(None)
    codes = codes[inside]
    for column in codes.T:
        column[:] = np.where(column % 2 == 1, -((column + 1) // 2), column // 2)
    return codes


def _plan(smoothness: Smoothness, T: Rational, base: int) -> tuple[list[int], int, list[int]]:
    """Integer weights and budget of a set that holds {gamma < T} (is it, for rational a), and its size on the last 0, 1, ... d
    coordinates alone, or a bound of that."""
    level = smoothness.level(T)
    if smoothness.kind == "anisotropic":  # tops instead of weights, as a_i may be irrational
        tops = [smoothness.multiples_below(i, level) for i in coordinates(smoothness, level)]
        factors = [(1 << min(m + 1, _LONGEST)) - 1 if base == 2 else m + 1 for m in reversed(tops)]
        return tops, 0, list(itertools.accumulate(factors, operator.mul, initial=1))
    if smoothness.is_rational:
        steps, _, budget = weights(smoothness, T)
        return steps, budget, [sum(table) for table in growing(steps[::-1], budget, base)]
    # a_i rounded down to multiples of 2**-bits: finely for the set, coarsely for a bound of its size
    coarse = next(bits for bits in itertools.count(4) if smoothness.floor(1, bits) >= 16)
    fine = coarse + _ROOT_BITS
    steps = [smoothness.floor(i, fine) for i in coordinates(smoothness, level)]
    rough = [w >> _ROOT_BITS for w in reversed(steps)]
    sizes = [sum(table) for table in growing(rough, math.ceil(level * 2**coarse) - 1, base)]
    return steps, math.ceil(level * 2**fine) - 1, sizes


def _written(number: int) -> str:
    """The number, or the power of 2 it has reached where its digits would fill lines."""
    return str(number) if number < 2**128 else f"more than 2**{number.bit_length() - 1}"


def _room(what: str, sizes: list[int], kind: np.dtype, memory: int) -> None:
    # the result, what is kept of each coordinate until then, and about eight 64-bit numbers a row while a coordinate is added
    d, rows = len(sizes) - 1, sizes[-1]
    need = rows * (d * kind.itemsize + 64) + sum(sizes[1:]) * (4 + kind.itemsize)
    if need > memory:
        raise TooLarge(
            f"{what} on {d} coordinates take {_written(need >> 20)} MiB to enumerate, "
            f"above memory = {memory >> 20} MiB: lower T, or allow more memory"
        )


def _grid(steps: list[int], budget: int, mixed: bool, dyadic: bool, kind: np.dtype) -> Int[np.ndarray, "count d"]:
    """Rows over the coordinates: block entries, or with `dyadic` codes 0, 1, 2, ... whose bit length less one is the entry."""
    if budget >= 2**62:
        raise TooLarge(
            f"levels up to {budget} in units of the common denominator pass 2**62: use a with smaller denominators"
        )
    rest = np.array([budget], dtype=np.int64)
    parents: list[np.ndarray] = []
    entries: list[np.ndarray] = []
    for w in reversed(steps):
        top = rest // w if mixed else np.full(len(rest), w)
        size = (1 << (top + 1)) - 1 if dyadic else top + 1
        parent = np.repeat(np.arange(len(rest)), size)
        entry = np.arange(len(parent)) - np.repeat(np.cumsum(size) - size, size)
        rest = rest[parent]
        if mixed:
            rest = rest - w * (_bits(entry) if dyadic else entry)
        parents.append(parent.astype(np.int32))  # `_room` has seen to it that there are fewer than 2**31 rows
        entries.append(entry.astype(kind))
    rows = np.empty((len(rest), len(steps)), dtype=kind)
    at = np.arange(len(rest))
    for i, (parent, entry) in enumerate(zip(reversed(parents), reversed(entries), strict=True)):
        rows[:, i] = entry[at]
        at = parent[at]
    return rows


def _bits(codes: np.ndarray) -> np.ndarray:
    """floor(log2(code + 1)), exact: a float64 holds every code below 2**53, and frexp reads its exponent."""
    return np.frexp(codes + 1.0)[1].astype(np.int64) - 1


def _inside(smoothness: Smoothness, T: Rational, s: np.ndarray, steps: list[int], budget: int) -> np.ndarray | slice:
    """Which rows have gamma(s) < T: all for rational a; else those near T are compared exactly, one by one."""
    if smoothness.is_rational or smoothness.kind == "anisotropic":
        return slice(None)
    s = s.astype(np.int64)
    doubtful = s @ np.array(steps, dtype=np.int64) + s.sum(axis=1) > budget
    inside = np.ones(len(s), dtype=bool)
    for row in np.flatnonzero(doubtful):
        inside[row] = smoothness.is_below(s[row].tolist(), T)
    return inside
