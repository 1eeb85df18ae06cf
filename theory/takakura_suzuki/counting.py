"""How many blocks and basis functions lie below a level T, exactly, and by a certified enclosure where the number is too long.

G(T) = sum over gamma(s) < T of 2**|s|.

    anisotropic   G(T) = prod over a_i < T of (2**ceil(T / a_i) - 1)
    mixed         the coefficients of prod_i 1 / (1 - 2 x**a_i), summed below T: a dynamic programme over the levels

Blocks are counted alike with 1 for 2. Derived here.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from fractions import Fraction
from itertools import accumulate
from math import lcm

from theory.takakura_suzuki.roots import Exact, ranked
from theory.takakura_suzuki.smoothness import Rational, Smoothness

TABLE_BITS = 8 << 30
"""The largest table of the dynamic programme, in bits: 1 GiB."""
COORDINATES = 1_000_000
"""The most active coordinates that are gone through one by one."""


class TooLarge(ValueError):
    """A request for more than fits; the message says how much, before anything was started."""


def coordinates(smoothness: Smoothness, T: Rational) -> range:
    """The active coordinates 1..d_max. TooLarge when they are more than `COORDINATES`."""
    active = smoothness.active(T)
    if active > COORDINATES:
        raise TooLarge(
            f"T = {T} makes {active} coordinates active, above {COORDINATES}: lower T, or enclose the logarithm of the "
            "count by expansion.log2_count"
        )
    return range(1, active + 1)


def weights(smoothness: Smoothness, T: Rational) -> tuple[list[int], int, int]:
    """(w, D, B) in integers: w_i = D * a_i for the coordinates that T makes active, and gamma(s) < T is D * gamma(s) <= B.

    ValueError where an active a_i is irrational.
    """
    level = smoothness.level(T)
    values = [smoothness.exact(i) for i in coordinates(smoothness, level)]
    D = lcm(1, *(x.denominator for x in values))
    return [int(x * D) for x in values], D, math.ceil(level * D) - 1


def coefficients(steps: list[int], largest: int, base: int) -> list[int]:
    """The first largest + 1 coefficients of prod 1 / (1 - base * x**w) over the steps w; O(len(steps) * largest) additions.

    TooLarge when the table would pass `TABLE_BITS`.
    """
    *_, found = growing(steps, largest, base)
    return found


def growing(steps: list[int], largest: int, base: int) -> Iterator[list[int]]:
    """The table of `coefficients` before the first step and after each one: one list, which is changed."""
    bits = (largest + 1) * (64 + (largest // min(steps, default=largest + 1)) * (base - 1))
    if bits > TABLE_BITS:
        raise TooLarge(
            f"a table of {largest + 1} levels takes about {bits >> 33} GiB, above {TABLE_BITS >> 33}: lower T, use a with smaller "
            "denominators, or enclose the logarithm by expansion.log2_count"
        )
    found = [1] + [0] * largest
    yield found
    for w in steps:
        for n in range(w, largest + 1):
            if found[n - w]:
                found[n] += base * found[n - w]
        yield found


def count(smoothness: Smoothness, T: Rational) -> int:
    """G(T), the number of basis functions of order below T. O(d) products, or a dynamic programme of d * D * T additions.

    Mixed smoothness with irrational a_i is counted block by block. ValueError for T <= 0, TooLarge where neither fits.
    """
    return _count(smoothness, T, 2)


def count_blocks(smoothness: Smoothness, T: Rational) -> int:
    """The number of blocks s with gamma(s) < T, by the same ways as `count`."""
    return _count(smoothness, T, 1)


def _count(smoothness: Smoothness, T: Rational, base: int) -> int:
    if smoothness.kind == "anisotropic":
        tops = [smoothness.multiples_below(i, T) for i in coordinates(smoothness, T)]
        if base == 2 and sum(tops) > TABLE_BITS:
            raise TooLarge(
                f"G({T}) has more than {TABLE_BITS >> 33} GiB of digits: enclose its logarithm by expansion.log2_count"
            )
        return math.prod((2 ** (m + 1) - 1 if base == 2 else m + 1) for m in tops)
    if smoothness.is_rational:
        steps, _, largest = weights(smoothness, T)
        return sum(coefficients(steps, largest, base))
    from theory.takakura_suzuki.indices import blocks

    found = blocks(smoothness, T)
    return len(found) if base == 1 else sum(1 << int(x) for x in found.sum(axis=1))


def levels(smoothness: Smoothness, T: Rational) -> tuple[list[Exact], list[int]]:
    """The values of gamma below T, ascending, and the number of basis functions at each. Their sum is G(T).

    Irrational smoothness goes through all blocks, or all multiples of all a_i. TooLarge as `count`.
    """
    if smoothness.kind == "anisotropic":
        _few_multiples(smoothness, T)
    if not smoothness.is_rational:
        return _irrational_levels(smoothness, T)
    steps, D, largest = weights(smoothness, T)
    if smoothness.kind == "mixed":
        table = coefficients(steps, largest, 2)
        return [Fraction(n, D) for n, g in enumerate(table) if g], [g for g in table if g]
    values = sorted({w * m for w in steps for m in range(1, largest // w + 1)} | {0})
    below = [math.prod(2 ** (n // w + 1) - 1 for w in steps) for n in values]
    counts = [g - h for g, h in zip(below, [0, *below], strict=False)]
    return [Fraction(n, D) for n in values], counts


def _few_multiples(smoothness: Smoothness, T: Rational) -> None:
    """TooLarge when all multiples of all a_i below T, with counts of as many digits each, would pass `TABLE_BITS`."""
    multiples = sum(smoothness.multiples_below(i, T) for i in coordinates(smoothness, T))
    if multiples * (64 + multiples) > TABLE_BITS:
        raise TooLarge(
            f"{multiples} levels lie below T = {T}, with counts of up to {multiples} binary digits, above {TABLE_BITS >> 33} GiB in "
            "all: lower T, or enclose the logarithm of the count by expansion.log2_count"
        )


def _irrational_levels(smoothness: Smoothness, T: Rational) -> tuple[list[Exact], list[int]]:
    found: list[Exact] = []
    counts: list[int] = []
    if smoothness.kind == "mixed":
        from theory.takakura_suzuki.indices import blocks

        below = blocks(smoothness, T).tolist()
        values, sizes = [smoothness.gamma(s) for s in below], [1 << sum(s) for s in below]
        for k in ranked(values):
            if found and found[-1] == values[k]:
                counts[-1] += sizes[k]
            else:
                found.append(values[k])
                counts.append(sizes[k])
        return found, counts
    # each multiple m a_i multiplies the count by (2^(m+1) - 1) / (2^m - 1), so going up counts everything once
    multiples = [
        (smoothness.value(i) * m, m)
        for i in coordinates(smoothness, T)
        for m in range(1, smoothness.multiples_below(i, T) + 1)
    ]
    found.append(Fraction(0))
    counts.append(1)
    total = 1
    for k in ranked([value for value, _ in multiples]):
        value, m = multiples[k]
        more = total // (2**m - 1) * 2**m
        total += more
        if found[-1] == value:
            counts[-1] += more
        else:
            found.append(value)
            counts.append(more)
    return found, counts


def next_level(smoothness: Smoothness, T: Rational) -> Exact:
    """min{gamma(s) : gamma(s) >= T}: the order of the first basis function that truncation at T leaves out.

    Anisotropic: the least multiple of an a_i that reaches T. Mixed: some s at the minimum loses one unit of any coordinate and falls
    below T, so the minimum is a level below T plus one a_i.
    """
    level = smoothness.level(T)
    last = len(coordinates(smoothness, level))
    more = last + 1 if smoothness.dimension is None or last < smoothness.dimension else last
    values = [smoothness.value(i) for i in range(1, more + 1)]
    if smoothness.kind == "anisotropic":
        return min((smoothness.multiples_below(i, level) + 1) * x for i, x in enumerate(values, start=1))
    below, _ = levels(smoothness, level)
    return min(t + x for x in values if (t := below[min(len(below) - 1, bisect_left(below, level - x))]) + x >= level)


def width_levels(smoothness: Smoothness, sizes: list[int]) -> list[Exact]:
    """For each N the order gamma of the (N+1)-th basis function in ascending order; the width d_N of the ball is 2**-gamma.

    T is doubled until G(T) exceeds the largest N. ValueError for a negative N.
    """
    if any(n < 0 for n in sizes):
        raise ValueError(f"N = {min(sizes)}: a subspace has dimension 0 or more")
    T = smoothness.first() * 2
    while count(smoothness, T) <= max(sizes, default=0):
        T *= 2
    values, counts = levels(smoothness, T)
    totals = list(accumulate(counts))
    return [values[bisect_right(totals, n)] for n in sizes]
