"""Is a curve's exponent the one that a smoothness predicts? A test that decides with an interval, for the right one and for wrong ones.

A hypothesis predicts, by its own exact oracle and the derived bracket of least squares, between which the slope over the window lies.
It is rejected where the measured slope's bootstrap interval has no point in common with that. Only slopes are compared, levels are not:
a constant could hide in the class's norm. For the right smoothness the rejection has at most about the probability 1 - level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from empirics.rates.curves import Curve, Plan
from empirics.rates.slopes import Interval, Window, slope_between
from theory.takakura_suzuki.smoothness import Smoothness

LEVEL = Fraction(999, 1000)


@dataclass(frozen=True)
class Decision:
    """A hypothesis, the slopes it allows over the window, the slope measured, and whether it is rejected."""

    hypothesis: Smoothness
    window: Window
    predicted: tuple[float, float]
    measured: Interval

    @property
    def rejected(self) -> bool:
        return not self.measured.meets(*self.predicted)


def predicted_slopes(plan: Plan, hypothesis: Smoothness, window: Window | None = None) -> tuple[float, float]:
    """The least and greatest slope of the mean risk, were the class the hypothesis; nothing is drawn. ValueError as `slope_between`."""
    made = replace(plan, smoothness=hypothesis)
    bounds = [made.experiment(n).bracket() for n in plan.n]
    return slope_between(plan.n, [float(low) for low, _ in bounds], [float(high) for _, high in bounds], window)


def decide(curve: Curve, hypothesis: Smoothness, window: Window, level: Fraction = LEVEL) -> Decision:
    """Test one hypothesis about a curve. ValueError for a window with fewer than two n."""
    return Decision(hypothesis, window, predicted_slopes(curve.plan, hypothesis, window), curve.slope(window, level))


def decide_all(
    curves: Mapping[str, Curve], hypotheses: Sequence[tuple[str, Smoothness]], window: Window, level: Fraction = LEVEL
) -> dict[tuple[str, str], Decision]:
    """Every hypothesis about every curve: {(curve, hypothesis): decision}."""
    return {
        (name, other): decide(curve, smoothness, window, level)
        for name, curve in curves.items()
        for other, smoothness in hypotheses
    }
