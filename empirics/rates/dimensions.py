"""One rule for a, cut after D coordinates or not at all: the risk does not grow with D once D passes the active coordinates.

A coordinate is active where some function that is fitted, or some function of the target, depends on it. All others change neither the
basis nor the target, and as the samples' coordinates come one after another from the same stream, curves with D above the active number
have the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from empirics.rates.curves import Curve, Plan, measure
from empirics.store import Progress, Store
from theory.takakura_suzuki.smoothness import Power, Smoothness

DIMENSIONS = (1, 4, 16, 64, 256, None)
"""None stands for infinitely many."""


@dataclass(frozen=True, eq=False)
class Dimensions:
    """A curve for each D, and how many coordinates were active in each."""

    curves: dict[int | None, Curve]

    @property
    def active(self) -> dict[int | None, int]:
        return {D: curve.active for D, curve in self.curves.items()}

    def growth(self) -> dict[int | None, list[float]]:
        """Exact oracle risk over that of the smallest D, at each n."""
        first = next(iter(self.curves.values()))
        return {
            D: [float(p.oracle / q.oracle) for p, q in zip(curve.points, first.points, strict=True)]
            for D, curve in self.curves.items()
        }


def cut(smoothness: Smoothness, D: int | None) -> Smoothness:
    """The class with the first D coordinates of a rule. ValueError where a is no rule, which has its dimension already."""
    if not isinstance(smoothness.a, Power):
        raise ValueError(f"a = {smoothness.a}: give a rule such as Power(1); a tuple has its dimension already")
    return replace(smoothness, a=replace(smoothness.a, dimension=D))


def measure_dimensions(
    plan: Plan,
    dimensions: Sequence[int | None] = DIMENSIONS,
    store: Store | None = None,
    progress: Progress | None = None,
) -> Dimensions:
    """The plan's class cut after each D. ValueError for no D and as `cut`."""
    if not dimensions:
        raise ValueError("dimensions = (): give at least one, None for infinitely many coordinates")
    made = {D: replace(plan, smoothness=cut(plan.smoothness, D)) for D in dimensions}
    return Dimensions({D: measure(p, store, progress) for D, p in made.items()})
