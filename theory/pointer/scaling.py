"""Growth exponents of tabulated times, enclosed exactly.

The local exponent between lengths N and M = 2^j N is log2(t(M) / t(N)) / j. A binary logarithm of a rational is enclosed to three
decimals by one comparison of integers: floor(1000 log2 x) is the largest k with 2^k <= x^1000. Times come as intervals, so that
every exponent covers all that rounding leaves open; intervals go outwards only. Derived here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations, pairwise

from theory.pointer.printed import Interval, Printed

_GRID = 1000

Times = Mapping[int, Interval]
"""Time by length, lengths increasing; the unit does not matter."""


def times_of_throughput(row: Mapping[int, Printed]) -> dict[int, Interval]:
    """Seconds a sequence of N tokens, from tokens a second."""
    return {n: (n / rate.interval[1], n / rate.interval[0]) for n, rate in row.items()}


def times_as_printed(row: Mapping[int, Printed]) -> dict[int, Interval]:
    """Printed times, as intervals."""
    return {n: seconds.interval for n, seconds in row.items()}


def log2_enclosure(x: Fraction) -> Interval:
    """Thousandths below and above log2 x. ValueError unless x > 0."""
    if x <= 0:
        raise ValueError(f"log2 of {x}: give a positive number")
    power = x**_GRID
    k = power.numerator.bit_length() - power.denominator.bit_length()
    if power < Fraction(2) ** k:
        k -= 1
    exact = power == Fraction(2) ** k
    return Fraction(k, _GRID), Fraction(k + (not exact), _GRID)


def _doublings(short: int, long: int) -> int:
    j = (long // short).bit_length() - 1
    if j < 1 or short << j != long:
        raise ValueError(f"lengths {short} and {long}: the longer must be the shorter times a power of two")
    return j


def exponent(times: Times, short: int, long: int) -> Interval:
    """The exponent of growth from `short` to `long`, enclosed. ValueError unless long = 2^j short, j >= 1."""
    j = _doublings(short, long)
    (low, high), (least, most) = times[short], times[long]
    return log2_enclosure(least / high)[0] / j, log2_enclosure(most / low)[1] / j


def local_exponents(times: Times) -> dict[tuple[int, int], Interval]:
    """The exponent between each length and the next."""
    return {(n, m): exponent(times, n, m) for n, m in pairwise(times)}


def _median(values: Sequence[Fraction]) -> Fraction:
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2


def theil_sen(times: Times) -> Interval:
    """The median of the exponents of all pairs of lengths; as a median grows with each value, ends go to ends."""
    pairs = [exponent(times, n, m) for n, m in combinations(times, 2)]
    return _median([low for low, _ in pairs]), _median([high for _, high in pairs])


def least_squares(times: Times) -> Interval:
    """The slope of the line fitted to log2 t against log2 N.

    With x centred the slope is sum x_i log2 t_i / sum x_i^2: lower ends where x_i > 0 and upper ends where x_i < 0 give its least.
    """
    lengths = list(times)
    steps = [0, *(_doublings(lengths[0], n) for n in lengths[1:])]
    centred = [step - Fraction(sum(steps), len(steps)) for step in steps]
    ends = [(log2_enclosure(low)[0], log2_enclosure(high)[1]) for low, high in times.values()]
    scale = sum(x * x for x in centred)
    low, high = (
        sum((x * end[(x > 0) == bool(side)] for x, end in zip(centred, ends, strict=True)), Fraction(0)) / scale
        for side in (0, 1)
    )
    return low, high


def ratio(above: Printed, below: Printed) -> Interval:
    """above / below, as rounding allows."""
    return above.interval[0] / below.interval[1], above.interval[1] / below.interval[0]
