"""Exact tests on counts: binomial tails and bounds, two proportions, strata, a trend. Rational numbers, no approximation.

All but the binomial tail are conditional: given the total number of events, and equal probabilities, every way to spread the
events over the items is as likely as any other, so a probability is a quotient of numbers of ways. n items in each group
throughout. scipy's floats are the oracle in the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from math import comb

from flint import fmpz_poly


def _count(what: str, value: int, most: int) -> None:
    if not 0 <= value <= most:
        raise ValueError(f"{what} = {value}: give a number from 0 to {most}")


def _tail(successes: int, n: int, p: Fraction) -> tuple[int, int]:
    """Numerator and denominator of the tail, not in lowest terms, which would take longer than all the rest."""
    _count("successes", successes, n)
    if not 0 < p <= 1:
        raise ValueError(f"p = {p}: give a probability above 0 and at most 1")
    a, b, most = p.numerator, p.denominator - p.numerator, n - successes
    term = total = a**most
    for failures in range(most):  # ways(f) a^(most - f) b^f; the power of a that all terms share comes last
        term = term * (n - failures) * b // ((failures + 1) * a)
        total += term
    return total * a**successes, p.denominator**n


def upper_tail(successes: int, n: int, p: Fraction) -> Fraction:
    """P(X >= successes) for X binomial with n trials of probability p. O(n - successes) products."""
    return Fraction(*_tail(successes, n, p))


def rejects(successes: int, n: int, p: Fraction, alpha: Fraction) -> bool:
    """Whether so many successes show, at level alpha, a probability above p: the upper tail is at most alpha."""
    above, below = _tail(successes, n, p)
    return above * alpha.denominator <= alpha.numerator * below


def lower_bound(successes: int, n: int, alpha: Fraction, grid: int) -> Fraction:
    """The largest k/grid that a one-sided test of level alpha rejects as too small a probability; 0 if it rejects none.

    Clopper and Pearson's lower confidence bound, rounded down to the grid: the tail grows with p, so bisection finds it.
    """
    low, high = 0, grid
    while high - low > 1:
        middle = (low + high) // 2
        if rejects(successes, n, Fraction(middle, grid), alpha):
            low = middle
        else:
            high = middle
    return Fraction(low, grid)


def interval(successes: int, n: int, alpha: Fraction, grid: int) -> tuple[Fraction, Fraction]:
    """Clopper and Pearson's two-sided confidence interval of level 1 - alpha, rounded outward to multiples of 1/grid."""
    low, missing = (lower_bound(count, n, alpha / 2, grid) for count in (successes, n - successes))
    return low, 1 - missing


def _strata(events: Sequence[tuple[int, int]], n: int) -> list[int]:
    """The number of ways in which the first group has k events altogether, k = 0, 1, ..., given each stratum's total."""
    ways = fmpz_poly([1])
    for first, second in events:
        _count("events", first, n)
        _count("events", second, n)
        total = first + second
        ways *= fmpz_poly([comb(n, k) * comb(n, total - k) for k in range(total + 1)])
    return [int(c) for c in ways.coeffs()]


def two_sided(events: Sequence[tuple[int, int]], n: int) -> Fraction:
    """Of two groups in strata: how probable is a total of the first group no more probable than the one seen?

    `events` holds a pair of counts a stratum; one stratum is Fisher's exact test.
    """
    ways = _strata(events, n)
    seen = ways[sum(first for first, _ in events)]
    return Fraction(sum(w for w in ways if w <= seen), sum(ways))


def rising_trend(events: Sequence[int], n: int) -> Fraction:
    """Of groups 0, 1, ...: how probable is sum_i i * events_i as large as seen? One-sided, by Cochran and Armitage's statistic.

    The groups are counted in two halves, which meet in every split of the total. O(total^2) products for four groups.
    """
    for count in events:
        _count("events", count, n)
    total, seen = sum(events), sum(i * count for i, count in enumerate(events))
    half = len(events) // 2
    below, above = (_spread(scores, n, total) for scores in (range(half), range(half, len(events))))
    ways = 0
    for k in range(total + 1):
        tail = list(accumulate(reversed(above[total - k])))[::-1]  # tail[j]: statistic j or more
        for statistic, count in enumerate(below[k]):
            wanted = max(seen - statistic, 0)
            ways += count * tail[wanted] if wanted < len(tail) else 0
    return Fraction(ways, comb(n * len(events), total))


def _spread(scores: Sequence[int], n: int, total: int) -> list[list[int]]:
    """[events][statistic]: in how many ways groups of these scores have so many events with such a sum of scores."""
    top = max(scores, default=0)
    ways = [[0] * (top * k + 1) for k in range(total + 1)]
    ways[0][0] = 1
    for score in scores:
        grown = [[0] * (top * k + 1) for k in range(total + 1)]
        for k, row in enumerate(ways):
            for statistic, count in enumerate(row):
                if count:
                    for more in range(total - k + 1):
                        grown[k + more][statistic + score * more] += count * comb(n, more)
        ways = grown
    return ways


def holm(p_values: Sequence[Fraction], alpha: Fraction) -> list[bool]:
    """Which of several null hypotheses Holm's procedure rejects, all errors together having probability alpha at most."""
    rejected = [False] * len(p_values)
    for rank, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        if p_values[i] * (len(p_values) - rank) > alpha:
            break
        rejected[i] = True
    return rejected
