"""Intervals over seeds: how many seeds succeed, exactly, and means, by bootstrap and Student's factor for so few.

The seeds are what is drawn; answers of one model are not independent of each other, so no interval is over answers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from empirics.rates.slopes import LEVEL, RESAMPLES, Interval, resampled
from empirics.rates.slopes import interval as interval_of
from empirics.store import Entry
from theory.exact_tests import interval

__all__ = ["Share", "accuracies", "mean", "mean_accuracy", "nats", "share", "stratum_accuracies"]

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
    """The mean over seeds with its interval, widened for their number as in `empirics.rates.slopes`; one value alone has none, and its
    ends are itself. ValueError for no seeds."""
    _some(values)
    value = float(np.mean(values))
    if len(values) == 1:
        return Interval(value, value, value, level)
    drawn = resampled([np.asarray(values, dtype=float)], seed, resamples)[:, 0]
    return interval_of(value, drawn, len(values), level)


def mean_accuracy(values: Sequence[float], seed: int = 0) -> Interval:
    """The same for shares, which lie between 0 and 1, as does their mean: the interval is cut there."""
    found = mean(values, seed)
    return replace(found, low=max(found.low, 0.0), high=min(found.high, 1.0))


def _some(values: Sequence[float]) -> None:
    if not values:
        raise ValueError("statistics: no seeds; an interval over seeds needs at least one")
