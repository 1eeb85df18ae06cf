"""A rate curve: for each n the exact oracle, the N it names, the derived bracket, and the risks of least squares with that N.

N is the oracle's, but at most n / 24, so that designs are well conditioned; where that cap binds the ratio observed / oracle shows its
cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from jaxtyping import Float

from empirics.rates import targets
from empirics.rates.basis import Basis
from empirics.rates.least_squares import Experiment, fitted, sample
from empirics.rates.oracle import noise, oracle, samples
from empirics.rates.slopes import LEVEL, Interval, Window, exact_slope, ratios, slope, slope_between
from empirics.rates.targets import RateTarget
from empirics.store import Progress, Store
from theory.takakura_suzuki.least_squares_laws import SAMPLES_PER_TERM
from theory.takakura_suzuki.smoothness import Rational, Smoothness

TARGETS = ("worst", "fixed")
TERMS = 256
"""Terms of the fixed target: several times the greatest N of the curves here."""


@dataclass(frozen=True)
class Plan:
    """What to measure: the class, the n, the noise, the target ("worst" for each n, or "fixed"), replicates, and the seed.

    ValueError for an unknown target, no n, n below 24, which leaves no room for a single function, and as `Experiment`.
    """

    smoothness: Smoothness
    n: tuple[int, ...]
    sigma: Rational = 1
    target: str = "worst"
    replicates: int = 64
    seed: int = 0
    terms: int = TERMS

    def __post_init__(self) -> None:
        noise(self.sigma)
        if self.target not in TARGETS:
            raise ValueError(f"target {self.target!r}: one of {', '.join(TARGETS)}")
        if not self.n:
            raise ValueError("n = (): give at least one number of samples")
        for n in self.n:
            if samples(n) < SAMPLES_PER_TERM:
                raise ValueError(f"n = {n}: take at least {SAMPLES_PER_TERM} samples for each basis function fitted")

    def experiment(self, n: int) -> Experiment:
        """The experiment at n, its N chosen by the exact oracle under the cap; at least the constant function."""
        N = max(1, oracle(self.smoothness, n, self.sigma, n // SAMPLES_PER_TERM).N)
        made = _target(self.smoothness, self.target, N if self.target == "worst" else self.terms, self.seed)
        return Experiment(made, n, N, self.sigma, self.replicates, self.seed)

    def key(self, n: int) -> dict[str, object]:
        """The configuration at one n, for the store."""
        terms = self.terms if self.target == "fixed" else None
        return {
            "class": repr(self.smoothness),
            "n": n,
            "replicates": self.replicates,
            "seed": self.seed,
            "sigma": str(Fraction(self.sigma)),
            "target": self.target,
            "terms": terms,
        }


@lru_cache(maxsize=256)
def _target(smoothness: Smoothness, kind: str, size: int, seed: int) -> RateTarget:
    return targets.worst(smoothness, size) if kind == "worst" else targets.fixed(smoothness, size, seed)


@dataclass(frozen=True, eq=False)
class Point:
    """One n of a curve. risks and means: each replicate's risk, and its mean over the noise given the design."""

    n: int
    N: int
    active: int
    ideal: Fraction
    oracle: Fraction
    low: Fraction
    high: Fraction
    good: Fraction
    risks: Float[np.ndarray, " replicates"]
    means: Float[np.ndarray, " replicates"]


@dataclass(frozen=True, eq=False)
class Curve:
    """The points of a plan and what follows from them; intervals are bootstrap intervals over the replicates, from the plan's seed."""

    plan: Plan
    points: tuple[Point, ...]

    @property
    def n(self) -> list[int]:
        return [p.n for p in self.points]

    @property
    def active(self) -> int:
        """How many coordinates the fitted functions or the target use, at the largest: all others are inactive."""
        return max(p.active for p in self.points)

    def slope(self, window: Window | None = None, level: Fraction = LEVEL) -> Interval:
        """The measured exponent over a window."""
        return slope(self.n, [p.risks for p in self.points], self.plan.seed, window, level)

    def oracle_slope(self, window: Window | None = None) -> float:
        """The exact oracle's exponent over the same window."""
        return exact_slope(self.n, [float(p.oracle) for p in self.points], window)

    def expected_slope(self, window: Window | None = None) -> tuple[float, float]:
        """Between which the exponent of the mean risk lies, by the derived bracket at each n."""
        low, high = [float(p.low) for p in self.points], [float(p.high) for p in self.points]
        return slope_between(self.n, low, high, window)

    def ratios(self, level: Fraction = LEVEL) -> list[Interval]:
        """Observed mean risk over the exact oracle's, at each n."""
        return ratios([p.risks for p in self.points], [float(p.oracle) for p in self.points], self.plan.seed, level)

    def bracket(self) -> list[tuple[float, float]]:
        """Bounds of the mean risk over the exact oracle's, at each n."""
        return [(float(p.low / p.oracle), float(p.high / p.oracle)) for p in self.points]


def _values(experiment: Experiment) -> dict[str, list[float]]:
    found = sample(experiment)
    return {name: getattr(found, name).tolist() for name in ("risks", "means", "eigenvalues")}


def measure(plan: Plan, store: Store | None = None, progress: Progress | None = None) -> Curve:
    """Measure what is not in the store yet. The same plan gives the same curve."""
    kept, points = Store() if store is None else store, []
    for done, n in enumerate(plan.n, start=1):
        experiment = plan.experiment(n)
        values = kept.get(plan.key(n), lambda e=experiment: _values(e))
        risks, means, eigenvalues = (np.array(values[name]) for name in ("risks", "means", "eigenvalues"))
        good = Fraction(int(fitted(eigenvalues).sum()), len(eigenvalues))
        low, high = experiment.bracket(good)
        used = experiment.target.index[: max(experiment.N, len(experiment.target.index))]
        exact = oracle(plan.smoothness, n, plan.sigma).risk
        points.append(
            Point(n, experiment.N, Basis(used).active, experiment.ideal, exact, low, high, good, risks, means)
        )
        if progress is not None:
            progress(done, len(plan.n), f"{plan.smoothness.kind}, n = {n}, N = {experiment.N}")
    return Curve(plan, tuple(points))


def powers(first: int, last: int, step: int = 1) -> tuple[int, ...]:
    """2**first, ..., 2**last."""
    return tuple(2**k for k in range(first, last + 1, step))
