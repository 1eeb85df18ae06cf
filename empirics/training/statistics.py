"""Intervals over seeds: how many seeds succeed, exactly, and mean accuracies, by bootstrap.

The seeds are what is drawn; answers of one model are not independent of each other, so no interval is over answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from empirics.rates.slopes import LEVEL, RESAMPLES, Interval, resampled
from empirics.store import Entry
from theory.exact_tests import interval

__all__ = ["Share", "accuracies", "mean", "share", "stratum_accuracies"]

GRID = 10_000


@dataclass(frozen=True)
class Share:
    """`count` of `of` seeds, and Clopper and Pearson's interval for the probability of one, rounded outward."""

    count: int
    of: int
    level: Fraction = LEVEL

    @property
    def interval(self) -> tuple[Fraction, Fraction]:
        return interval(self.count, self.of, 1 - self.level, GRID)

    def __str__(self) -> str:
        low, high = map(float, self.interval)
        return f"{self.count} of {self.of} seeds [{low:.3f}, {high:.3f}]"


def accuracies(entries: Sequence[Entry], length: int) -> list[float]:
    """The share of right answers in the final test at that length, a seed each. ValueError where it was not tested there."""
    tests = [entry.values["tests"] for entry in entries]
    for held in tests:
        if str(length) not in held:
            raise ValueError(f"no test at length {length}; there are tests at {', '.join(held) or 'none'}")
    return [held[str(length)]["right"] / held[str(length)]["of"] for held in tests]


def stratum_accuracies(entries: Sequence[Entry], length: int) -> dict[int, list[float]]:
    """The same by stratum: {stratum: a seed each}."""
    accuracies(entries, length)
    made: dict[int, list[float]] = {}
    for entry in entries:
        for stratum, right, of in entry.values["tests"][str(length)]["strata"]:
            made.setdefault(stratum, []).append(right / of)
    return made


def share(values: Sequence[float], least: float, level: Fraction = LEVEL) -> Share:
    """How many of the seeds' values are at least this. ValueError for no seeds."""
    _some(values)
    return Share(sum(value >= least for value in values), len(values), level)


def mean(values: Sequence[float], seed: int = 0, level: Fraction = LEVEL, resamples: int = RESAMPLES) -> Interval:
    """The mean over seeds with its percentile interval. ValueError for no seeds."""
    _some(values)
    drawn = resampled([np.asarray(values, dtype=float)], seed, resamples)[:, 0]
    outside = float(1 - level) / 2
    low, high = np.quantile(drawn, [outside, 1 - outside])
    return Interval(float(np.mean(values)), float(low), float(high), level)


def _some(values: Sequence[float]) -> None:
    if not values:
        raise ValueError("statistics: no seeds; an interval over seeds needs at least one")
