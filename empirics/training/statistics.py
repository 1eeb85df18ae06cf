"""Intervals over seeds: how many seeds succeed, exactly, and mean accuracies, by bootstrap.

The seeds are what is drawn; answers of one model are not independent of each other, so no interval is over answers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from empirics.rates.slopes import LEVEL, RESAMPLES, Interval, resampled
from empirics.store import Entry
from theory.exact_tests import interval

__all__ = ["Share", "accuracies", "mean", "nats", "share", "stratum_accuracies"]

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


def _tests(entries: Sequence[Entry], length: int, also: int | None) -> list[dict[str, Any]]:
    found = []
    for entry in entries:
        held = entry.values["tests"] if also is None else entry.values["also"][also]
        if str(length) not in held:
            raise ValueError(f"no test at length {length}; there are tests at {', '.join(held) or 'none'}")
        found.append(held[str(length)])
    return found


def accuracies(entries: Sequence[Entry], length: int, also: int | None = None) -> list[float]:
    """The share of right answers in the final test at that length, a seed each; also: the place of another task that was tested.
    ValueError where it was not tested there."""
    return [counts["right"] / counts["of"] for counts in _tests(entries, length, also)]


def nats(entries: Sequence[Entry], length: int, also: int | None = None) -> list[float]:
    """The loss of an answer in the final test, likewise; infinite where it is no number."""
    return [math.inf if counts["nats"] is None else counts["nats"] for counts in _tests(entries, length, also)]


def stratum_accuracies(entries: Sequence[Entry], length: int, also: int | None = None) -> dict[int, list[float]]:
    """The accuracies by stratum: {stratum: a seed each}."""
    made: dict[int, list[float]] = {}
    for counts in _tests(entries, length, also):
        for stratum, right, of in counts["strata"]:
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
