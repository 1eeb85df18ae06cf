"""Measured slopes: isotropic smoothness and its curse, and hypotheses about the smoothness, rejected or not."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.takakura_suzuki.measured_rates import measured
from empirics.checks.takakura_suzuki.oracle_bounds import LINEAR
from empirics.rates.contrast import isotropic
from empirics.rates.curves import Plan, powers
from empirics.rates.dimensions import cut
from empirics.rates.slopes import SURE
from empirics.rates.wrong_smoothness import LEVEL, predicted_slopes
from theory.takakura_suzuki import measured_rates as claims
from theory.takakura_suzuki.smoothness import Power, Smoothness

F = Fraction


@check(
    claims.curse,
    "measured",
    given={"d": [1, 2, 4, 8]},
    covers=True,
    scope=lambda run: {
        "sizes": f"d = 1, 2, 4, 8, n = 2^8..2^{run.pick(12, 13)}, sigma = 1",
        "interval": f"{run.pick(64, 96)} replicates, bootstrap, 1 - 10^-5",
    },
)
def slopes_rise_with_the_dimension(
    d: int, run: Run, smoothness: Callable[[int], Smoothness] = isotropic, predicted: Callable[[int], int] = lambda d: d
) -> Evidence:
    """The measured slope against the slopes that d allows; for d = 8 also its level."""
    plan = Plan(smoothness(d), powers(8, run.pick(12, 13)), 1, "worst", run.pick(64, 96), run.seed)
    curve = measured(plan)
    slope, (low, high) = curve.slope(level=SURE), predicted_slopes(plan, isotropic(predicted(d)))
    if not slope.meets(low, high):
        return fails(f"d = {d}: the slope is {slope}", f"[{low:.3f}, {high:.3f}]", f"{slope}")
    least = min(float(p.risks.mean()) for p in curve.points)
    if d == 8 and (slope.low < -1 / 50 or least < 1 / 4):
        return fails(f"d = 8: the slope is {slope}, the least risk {least:.4f}", "above -1/50 and 1/4", f"{slope}")
    return holds(cases=sum(len(p.risks) for p in curve.points))


control(
    slopes_rise_with_the_dimension,
    "anisotropic",
    "refuted",
    smoothness=lambda d: cut(LINEAR, d),
    reason="growing a_i have no curse: the slopes stay near -0.6",
)
control(
    slopes_rise_with_the_dimension,
    "no-curse",
    "refuted",
    predicted=lambda d: 1,
    reason="the slope of one coordinate, whatever d",
)
control(
    slopes_rise_with_the_dimension,
    "mixed-for-one",
    "confirmed",
    smoothness=lambda d: Smoothness("mixed", (1,)) if d == 1 else isotropic(d),
    symmetry="for one coordinate mixed and anisotropic smoothness are the same",
)


HYPOTHESES = (
    LINEAR,
    Smoothness("mixed", Power(1, F(1, 2))),
    Smoothness("mixed", Power(1, 2)),
    isotropic(2),
    isotropic(8),
)


def asymptotic(plan: Plan, hypothesis: Smoothness) -> tuple[float, float]:
    """-2/3 for a_1 = 1, as if the exponent had settled."""
    slope = -2 / 3 if hypothesis == LINEAR else 0.0
    return slope, slope


def wider(plan: Plan, hypothesis: Smoothness) -> tuple[float, float]:
    """The slopes allowed, and 1/100 more to both sides."""
    low, high = predicted_slopes(plan, hypothesis)
    return low - 1 / 100, high + 1 / 100


@check(
    claims.wrong,
    "measured",
    given={"hypothesis": HYPOTHESES},
    covers=True,
    scope=lambda run: {
        "sizes": f"five hypotheses, n = 2^8..2^{run.pick(13, 15)}, sigma = 1",
        "interval": f"{run.pick(64, 128)} replicates, bootstrap, 99.9 %",
    },
)
def only_the_right_smoothness_is_not_rejected(
    hypothesis: Smoothness,
    run: Run,
    truth: Smoothness = LINEAR,
    predicted: Callable[[Plan, Smoothness], tuple[float, float]] = predicted_slopes,
) -> Evidence:
    """The slope's interval against what each hypothesis allows."""
    plan = Plan(truth, powers(8, run.pick(13, 15)), 1, "worst", run.pick(64, 128), run.seed)
    slope = measured(plan).slope(level=LEVEL)
    low, high = predicted(plan, hypothesis)
    rejected, right = not slope.meets(low, high), hypothesis == LINEAR
    if rejected is right:
        words = f"{hypothesis.kind}, a = {hypothesis.a} is {'rejected' if rejected else 'not rejected'}: the slope is {slope}"
        return fails(words, "in" if right else f"outside [{low:.3f}, {high:.3f}]", f"{slope}")
    return holds(cases=len(plan.n) * plan.replicates)


control(
    only_the_right_smoothness_is_not_rejected,
    "cursed",
    "refuted",
    truth=isotropic(8),
    reason="risks of isotropic smoothness in 8 dimensions reject a_i = i",
)
control(
    only_the_right_smoothness_is_not_rejected,
    "asymptotic-line",
    "refuted",
    predicted=asymptotic,
    reason="at these n the exponent has not settled: -2/3 is rejected for the right class",
)
control(
    only_the_right_smoothness_is_not_rejected,
    "anything-goes",
    "refuted",
    predicted=lambda plan, hypothesis: (-1.0, 0.0),
    reason="a test that allows every slope rejects nothing",
)
control(
    only_the_right_smoothness_is_not_rejected,
    "wider",
    "confirmed",
    predicted=wider,
    reason="brackets wider by 1/100 to both sides still lie apart",
)
