"""Intervals hold their level: for skewed risks and few replicates, where percentiles alone do not."""

from fractions import Fraction

import numpy as np
import pytest

from empirics.rates import slopes

NINE = 9  # degrees of freedom of a risk's noise: as many functions


def _missed(replicates: int, level: Fraction, runs: int) -> int:
    """How often the interval of the mean of (1 + chi^2_N / N) / 2 misses 1."""
    rng = np.random.default_rng(0)
    risks = (1 + rng.chisquare(NINE, (runs, replicates)) / NINE) / 2
    return sum(not slopes.ratios([row], [1.0], 0, level, 400)[0].meets(1, 1) for row in risks)


def test_sure_intervals_miss_seldom_with_few_replicates():
    """At 1 - 10^-5 about once in 10^4: three misses of 500 have a probability of about 2e-5."""
    assert _missed(16, slopes.SURE, 500) < 3


def test_95_percent_intervals_are_no_wider_than_told():
    """Of 500 about 25 or, with skewness, some more miss; fewer than 8 would be 3.5 deviations below."""
    assert 8 <= _missed(16, slopes.LEVEL, 500) <= 60


def test_the_stretch_is_students():
    """For a symmetric bootstrap distribution the ends are t_(R-1) standard errors away: 2.262 for ten replicates at 95 %."""
    from scipy import stats

    R, error = 10, 0.3  # the bootstrap's deviation is that of the mean times sqrt((R - 1) / R)
    drawn = stats.norm.ppf((np.arange(20000) + 0.5) / 20000) * error * ((R - 1) / R) ** 0.5
    found = slopes.interval(0.0, drawn, R, slopes.LEVEL)
    step = 1 / 20000 / stats.norm.pdf(stats.norm.ppf(0.025))  # of the grid, in deviations
    assert found.high == pytest.approx(stats.t.ppf(0.975, R - 1) * error, rel=2 * step)
    assert found.low == pytest.approx(-found.high, rel=2 * step)


@pytest.mark.parametrize(("replicates", "level"), [(1, slopes.LEVEL), (8, Fraction(1)), (8, Fraction(0))])
def test_refused_at_the_door(replicates, level):
    with pytest.raises(ValueError, match=f"replicates = {replicates}, level = {level}: give at least 2"):
        slopes.interval(1.0, np.ones(10), replicates, level)
