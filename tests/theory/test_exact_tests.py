"""Exact tests on counts against scipy, and against counting everything out."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb, fsum

import numpy as np
import pytest
from scipy import stats

from theory import exact_tests as et

CASES = [(0, 1, Fraction(1, 2)), (3, 3, Fraction(2, 3)), (5, 20, Fraction(1, 7)), (762, 800, Fraction(19, 20))]
ROUNDING = 1e-9
"""scipy's tails are good to about ten digits; ours are exact."""


@pytest.mark.parametrize(("k", "n", "p"), CASES)
def test_the_upper_tail_is_scipys(k, n, p):
    assert float(et.upper_tail(k, n, p)) == pytest.approx(stats.binom.sf(k - 1, n, float(p)), rel=ROUNDING)


@pytest.mark.parametrize(("k", "n", "p"), CASES[:3])
def test_the_upper_tail_is_a_sum_of_terms(k, n, p):
    assert et.upper_tail(k, n, p) == sum(comb(n, j) * p**j * (1 - p) ** (n - j) for j in range(k, n + 1))


def test_rejection_is_the_comparison_of_the_tail_with_the_level():
    p, tail = Fraction(19, 20), et.upper_tail(771, 800, Fraction(19, 20))
    assert et.rejects(771, 800, p, tail)
    assert not et.rejects(771, 800, p, tail - Fraction(1, 10**30))


@pytest.mark.parametrize("wrong", [13, 38])
def test_the_lower_bound_is_clopper_and_pearsons_rounded_down(wrong):
    exact = stats.beta.ppf(0.05, 800 - wrong, wrong + 1)
    assert et.lower_bound(800 - wrong, 800, Fraction(1, 20), 1000) == Fraction(int(exact * 1000), 1000)


@pytest.mark.parametrize("right", [0, 1, 787, 800])
def test_the_interval_is_clopper_and_pearsons_rounded_outward(right):
    low, high = et.interval(right, 800, Fraction(1, 20), 1000)
    exact = stats.binomtest(right, 800).proportion_ci(0.95, method="exact")
    assert low <= exact.low < low + Fraction(1, 1000) or low == exact.low == 0
    assert high >= exact.high > high - Fraction(1, 1000) or high == exact.high == 1


def test_nothing_right_bounds_nothing():
    assert et.lower_bound(0, 10, Fraction(1, 20), 100) == 0


@pytest.mark.parametrize("pair", [(0, 0), (1, 4), (13, 5), (20, 46), (38, 42)])
def test_one_stratum_is_fishers_test(pair):
    a, b = pair
    found = float(et.two_sided([pair], 800))
    assert found == pytest.approx(stats.fisher_exact([[a, 800 - a], [b, 800 - b]]).pvalue, rel=ROUNDING)


def test_strata_are_convolved():
    events, n = [(1, 3), (2, 1)], 5
    weights = {}
    for ks in product(range(5), range(4)):
        w = 1
        for k, (a, b) in zip(ks, events, strict=True):
            w *= comb(n, k) * comb(n, a + b - k)
        weights[sum(ks)] = weights.get(sum(ks), 0) + w
    seen = weights[3]
    wanted = Fraction(sum(w for w in weights.values() if w <= seen), sum(weights.values()))
    assert et.two_sided(events, n) == wanted


@pytest.mark.parametrize("events", [(0,), (1, 2), (2, 0, 1), (0, 1, 3, 1), (1, 0, 0, 2, 1)])
def test_the_trend_is_counted_out(events):
    n, total = 4, sum(events)
    seen = sum(i * e for i, e in enumerate(events))
    ways = {True: 0, False: 0}
    for spread in product(range(n + 1), repeat=len(events)):
        if sum(spread) == total:
            weight = int(np.prod([comb(n, e) for e in spread]))
            ways[sum(i * e for i, e in enumerate(spread)) >= seen] += weight
    assert et.rising_trend(events, n) == Fraction(ways[True], sum(ways.values()))


def test_the_trend_is_near_its_normal_approximation():
    """25 items in 100 of each of four groups expected; the variance is that of sampling without replacement."""
    events, n = (13, 20, 29, 38), 800
    total, groups = sum(events), len(events)
    items = groups * n
    scores = np.arange(groups)
    variance = total * (items - total) / (items - 1) * scores.var()
    z = (np.dot(scores, events) - total * scores.mean() - 0.5) / np.sqrt(variance)
    exact, normal = float(et.rising_trend(events, n)), stats.norm.sf(z)
    assert normal / 2 < exact < 2 * normal


def test_holm_stops_at_the_first_that_is_not_small_enough():
    ps = [Fraction(1, 30), Fraction(1, 100), Fraction(1, 41)]
    assert et.holm(ps, Fraction(1, 20)) == [True, True, True]
    assert et.holm([Fraction(1, 30), Fraction(1, 100), Fraction(1, 39)], Fraction(1, 20)) == [False, True, False]
    assert et.holm([], Fraction(1, 20)) == []


@pytest.mark.parametrize("n", [1, 7])
def test_tails_fall_from_one(n):
    tails = [et.upper_tail(k, n, Fraction(1, 3)) for k in range(n + 1)]
    assert tails[0] == 1
    assert tails == sorted(tails, reverse=True)
    assert fsum(map(float, tails)) == pytest.approx(1 + n / 3, rel=ROUNDING)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: et.upper_tail(4, 3, Fraction(1, 2)), "successes = 4: give a number from 0 to 3"),
        (lambda: et.upper_tail(1, 3, Fraction(0)), "p = 0: give a probability above 0"),
        (lambda: et.two_sided([(4, 0)], 3), "events = 4: give a number from 0 to 3"),
        (lambda: et.rising_trend([-1], 3), "events = -1: give a number from 0 to 3"),
    ],
)
def test_impossible_counts_are_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()
