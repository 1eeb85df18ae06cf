"""The refined order of basis functions, which has no dyadic stairs.

    mixed         lambda(l) = sum over l_i != 0 of a_i (1 + log2 |l_i|)
    anisotropic   lambda(l) = max over l_i != 0 of a_i (1 + log2 |l_i|),   0 for the constant function

As s_i - 1 <= log2 |l_i| < s_i, gamma(s) <= lambda(l), so every l with lambda < T lies in the finite set gamma < T. Two l are
compared by 2**(D lambda), D the common denominator of a: an integer, the product (or the greatest) of (2 |l_i|)**(D a_i). For
irrational a they are sums of roots times logarithms, compared as such (`roots`). Derived here.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from jaxtyping import Int, Shaped

from theory.takakura_suzuki.counting import weights, width_levels
from theory.takakura_suzuki.indices import MEMORY, indices
from theory.takakura_suzuki.integers_below import floor_root
from theory.takakura_suzuki.roots import Real, ranked, times_log2
from theory.takakura_suzuki.smoothness import Rational, Smoothness


def keys(smoothness: Smoothness, index: Int[np.ndarray, "count d"], steps: list[int]) -> Shaped[np.ndarray, " count"]:
    """2**(D lambda(l)) of every row, Python integers; `steps` are the D a_i. O(count * d) products of long integers."""
    found = np.full(len(index), 1, dtype=object)
    join = np.multiply if smoothness.kind == "mixed" else np.maximum
    for column, w in zip(np.abs(index).T, steps, strict=True):
        table = np.array([1, *((2 * k) ** w for k in range(1, int(column.max(initial=0)) + 1))], dtype=object)
        found = join(found, table[column])
    return found


def orders(smoothness: Smoothness, index: Int[np.ndarray, "count d"]) -> list[Real]:
    """lambda(l) of every row as an exact number, whatever a; rows that differ in signs alone are computed once."""
    patterns, places = np.unique(np.abs(index), axis=0, return_inverse=True)
    terms: dict[tuple[int, int], Real] = {}
    found: list[Real] = []
    for row in patterns.tolist():
        used = [(i, k) for i, k in enumerate(row, start=1) if k]
        for i, k in used:
            if (i, k) not in terms:
                terms[i, k] = times_log2(smoothness.value(i), 2 * k)
        parts = [terms[pair] for pair in used]
        found.append(sum(parts, Fraction(0)) if smoothness.kind == "mixed" else max(parts, default=Fraction(0)))
    return [found[k] for k in places.ravel()]


def _sorted(smoothness: Smoothness, candidates: Int[np.ndarray, "count d"], T: Fraction) -> list[int]:
    """The places of the rows of order below T, in refined order."""
    if smoothness.is_rational:
        steps, D, _ = weights(smoothness, T)
        order = keys(smoothness, candidates, steps)
        inside = np.flatnonzero(order < 2 ** int(D * T))  # D T is an integer: T is a sum of multiples of the a_i
        return inside[np.argsort(order[inside], kind="stable")].tolist()
    exact = orders(smoothness, candidates)
    inside = [k for k, x in enumerate(exact) if x < T]
    return [inside[k] for k in ranked([exact[k] for k in inside])]


def first(smoothness: Smoothness, N: int, memory: int = MEMORY) -> Int[np.ndarray, "N d"]:
    """The first N basis indices in refined order, int32; equal orders keep the order of `indices`. Rows are exactly sorted.

    ValueError for N < 1; TooLarge, with the count, when the set to sort does not fit into `memory`.
    """
    if N < 1:
        raise ValueError(f"N = {N}: give at least one basis function")
    level, step = width_levels(smoothness, [N - 1])[0], smoothness.first()
    T = (level if isinstance(level, Fraction) else math.ceil(level * (1 / step)) * step) + step
    while True:
        candidates = indices(smoothness, T, memory)
        places = _sorted(smoothness, candidates, T)
        if len(places) >= N:
            return candidates[places[:N]]
        T += step


def levels(smoothness: Smoothness, T: Rational) -> tuple[list[int], list[int], int]:
    """The values of 2**(D lambda) below 2**(D T), ascending, the number of basis functions at each, and D.

    Mixed: a product over the coordinates, one partial product at a time; anisotropic: below a level each coordinate has its own number
    of |l_i|. Nothing is enumerated function by function, so signs cost nothing. ValueError for T <= 0 and for irrational a.
    """
    steps, D, _ = weights(smoothness, T)
    reach = smoothness.level(T) * D
    limit = 2 ** int(reach) if reach.denominator == 1 else floor_root(2**reach.numerator, reach.denominator) + 1
    if smoothness.kind == "mixed":
        table = {1: 1}
        for w in steps:
            for key, held in list(table.items()):
                k = 1
                while (grown := key * (2 * k) ** w) < limit:
                    table[grown] = table.get(grown, 0) + 2 * held
                    k += 1
        return sorted(table), [table[key] for key in sorted(table)], D
    values = {1}
    for w in steps:
        values.update((2 * k) ** w for k in range(1, floor_root(limit - 1, w) // 2 + 1))
    found = sorted(values)
    tops = [*found[1:], limit]  # the functions up to a value are those below the next one
    totals = [_below(steps, top) for top in tops]
    return found, [n - m for n, m in zip(totals, [0, *totals], strict=False)], D


def _below(steps: list[int], limit: int) -> int:
    """How many l have every (2 |l_i|)**w_i below the limit."""
    total = 1
    for w in steps:
        total *= 2 * (floor_root(limit - 1, w) // 2) + 1
    return total
