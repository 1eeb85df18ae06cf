"""Exponents of measured risks: least squares of log risk on log n over a declared window, with a bootstrap over the replicates.

Only log n is fitted. log log n beside it is never fitted: over a few octaves the two are so nearly collinear that any exponent could
be had by moving weight between them. Where the exponent has not settled, the exact oracle's slope over the same window is what to
compare with.

Intervals: the 95 % ends of the percentile bootstrap, which a few thousand resamples resolve, their distances from the value scaled
by Student's quantile for the level and the replicates over what the percentile method takes, z sqrt((R - 1) / R). Percentiles alone
are too narrow: for the risks here one of 99.9 % and 24 replicates lies below its mean once in 200 times, of 8 replicates once in 50.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from jaxtyping import Float
from scipy.special import ndtri, stdtrit

RESAMPLES = 4000
LEVEL = Fraction(95, 100)
SURE = 1 - Fraction(1, 10**5)
"""The level of intervals that decide whether bounds hold: a run makes some fifty such comparisons, and all are to hold at once.
Risks are skewed, so that an interval at this level misses about once in 10^4."""
Window = tuple[int, int]


@dataclass(frozen=True)
class Interval:
    """A value with its interval of the level given."""

    value: float
    low: float
    high: float
    level: Fraction = LEVEL

    def meets(self, low: float, high: float) -> bool:
        """Whether the interval and [low, high] have a point in common."""
        return self.low <= high and low <= self.high

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def within(n: Sequence[int], window: Window | None) -> list[int]:
    """The places of the n in a window, its ends included. ValueError for fewer than two: a slope needs them."""
    low, high = window if window is not None else (min(n, default=0), max(n, default=0))
    places = [i for i, m in enumerate(n) if low <= m <= high]
    if len(places) < 2:
        raise ValueError(
            f"the window {low} <= n <= {high} holds {len(places)} of the n {list(n)}: declare one with at least two"
        )
    if any(n[b] <= n[a] for a, b in pairwise(places)):
        raise ValueError(f"n = {list(n)}: give growing n")
    return places


def factors(n: Sequence[int]) -> Float[np.ndarray, " points"]:
    """w with slope = sum w_i log risk_i, the least-squares line through (log n_i, log risk_i)."""
    x = np.log(np.asarray(n, dtype=float))
    x -= x.mean()
    return x / (x @ x)


def exact_slope(n: Sequence[int], risks: Sequence[float], window: Window | None = None) -> float:
    """The slope of risks that are known, over a window. ValueError as `within`."""
    places = within(n, window)
    return float(factors([n[i] for i in places]) @ np.log([float(risks[i]) for i in places]))


def slope_between(
    n: Sequence[int], low: Sequence[float], high: Sequence[float], window: Window | None = None
) -> tuple[float, float]:
    """The least and the greatest slope of risks between low and high. ValueError as `within`."""
    places = within(n, window)
    w = factors([n[i] for i in places])
    a, b = (np.log([float(r[i]) for i in places]) for r in (low, high))
    return float(np.where(w > 0, a, b) @ w), float(np.where(w > 0, b, a) @ w)


def resampled(
    risks: Sequence[Float[np.ndarray, " replicates"]], seed: int, resamples: int
) -> Float[np.ndarray, "resamples points"]:
    """Means of bootstrap samples, for every n apart. O(resamples * replicates) a point."""
    rng = np.random.default_rng(seed)
    columns = []
    for values in risks:
        count = len(values)
        columns.append(rng.multinomial(count, np.full(count, 1 / count), size=resamples) @ np.asarray(values) / count)
    return np.stack(columns, axis=1)


def interval(value: float, drawn: Float[np.ndarray, " resamples"], replicates: int, level: Fraction) -> Interval:
    """The interval around a statistic of so many replicates, from its bootstrap distribution; see the module's text.

    ValueError for fewer than 2 replicates, or a level outside (0, 1).
    """
    if replicates < 2 or not 0 < level < 1:
        raise ValueError(f"replicates = {replicates}, level = {level}: give at least 2, and a level between 0 and 1")
    outside = float(1 - LEVEL) / 2
    low, high = np.quantile(drawn, [outside, 1 - outside])
    freedom = replicates - 1
    student, taken = -stdtrit(freedom, float(1 - level) / 2), -ndtri(outside) * math.sqrt(freedom / replicates)
    factor = float(student / taken)
    return Interval(value, value - factor * (value - float(low)), value + factor * (float(high) - value), level)


def slope(
    n: Sequence[int],
    risks: Sequence[Float[np.ndarray, " replicates"]],
    seed: int,
    window: Window | None = None,
    level: Fraction = LEVEL,
    resamples: int = RESAMPLES,
) -> Interval:
    """The exponent of the mean risk over a window, with its interval. ValueError as `within`, and for a single replicate."""
    places = within(n, window)
    w = factors([n[i] for i in places])
    chosen = [risks[i] for i in places]
    value = float(w @ np.log([r.mean() for r in chosen]))
    return interval(value, np.log(resampled(chosen, seed, resamples)) @ w, min(map(len, chosen)), level)


def ratios(
    risks: Sequence[Float[np.ndarray, " replicates"]],
    reference: Sequence[float],
    seed: int,
    level: Fraction = LEVEL,
    resamples: int = RESAMPLES,
) -> list[Interval]:
    """Mean risk over a reference, observed over oracle say, at each n. ValueError unless the reference is positive, one a point."""
    if len(reference) != len(risks) or any(r <= 0 for r in reference):
        raise ValueError(
            f"{len(reference)} references {list(reference)} for {len(risks)} points: give a positive one each"
        )
    drawn = resampled(risks, seed, resamples)
    return [
        interval(float(values.mean() / r), drawn[:, i] / r, len(values), level)
        for i, (values, r) in enumerate(zip(risks, map(float, reference), strict=True))
    ]
