"""Measured risks against brackets and slopes that were derived before; Gram matrices; dimensions; the wrong smoothness."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.takakura_suzuki.oracle_bounds import LINEAR, SQUARES
from empirics.rates import basis
from empirics.rates.contrast import isotropic
from empirics.rates.curves import Curve, Plan, measure, powers
from empirics.rates.dimensions import cut
from empirics.rates.least_squares import draw
from empirics.rates.slopes import ratios
from empirics.rates.wrong_smoothness import LEVEL, predicted_slopes
from theory.takakura_suzuki import measured_rates as claims
from theory.takakura_suzuki import refined
from theory.takakura_suzuki.smoothness import Power, Smoothness

F = Fraction
CURVED = Smoothness("anisotropic", Power(2))
QUICK, FULL = powers(8, 13), powers(8, 15)
Measure = Callable[[Plan], Curve]


@lru_cache(maxsize=64)
def measured(plan: Plan) -> Curve:
    """The curve of a plan, measured once."""
    return measure(plan)


# -- the Gram matrix ------------------------------------------------------------------------------------------------------------


def _matrices(index: np.ndarray, n: int, count: int, seed: int) -> tuple[np.ndarray, float]:
    """Gram matrices of `count` designs and how far their trace may be from exact."""
    made = basis.Basis(index)
    phi = made(draw(n, made.active, range(count), seed)[0])
    N, k, f = len(index), int((index != 0).sum(axis=1).max()), int(np.abs(index).max())
    size = math.sqrt(2) ** k
    each = 2 * size * basis.error(k, f) + basis.error(k, f) ** 2 + size**2 * (n + N) * 2.0**-53
    return phi.swapaxes(1, 2) @ phi / n, N * each


@check(
    claims.gram,
    "tested",
    given=lambda run: {
        "case": [(s, N, n) for s, N in ((LINEAR, 9), (isotropic(2), 25), (LINEAR, 23)) for n in (64, 256)]
    },
    scope=lambda run: {"sizes": f"three sets, n = 64, 256, {run.pick(300, 3000)} designs each", "interval": "99.9 %"},
)
def traces_and_distances(
    case: tuple[Smoothness, int, int],
    run: Run,
    kept: Callable[[np.ndarray], np.ndarray] = lambda index: index,
    law: Callable[[int, int], float] = lambda N, n: (N * N - N) / n,
) -> Evidence:
    """Every trace within rounding; the mean squared distance by an interval over designs."""
    smoothness, N, n = case
    index = kept(refined.first(smoothness, N))
    found, allowed = _matrices(index, n, run.pick(300, 3000), run.seed)
    traces = np.trace(found, axis1=1, axis2=2)
    where = f"N = {N}, n = {n}"
    if (off := float(np.abs(traces - N).max())) > allowed:
        return fails(f"{where}: a trace is {off:.3g} from N", N, float(traces[np.abs(traces - N).argmax()]))
    distances = ((found - np.eye(N)) ** 2).sum(axis=(1, 2))
    interval = ratios([distances], [law(N, n)], run.seed, LEVEL)[0]
    if not interval.meets(1, 1):
        return fails(f"{where}: mean squared distance over the law is {interval}", "1", f"{interval}")
    return holds(cases=len(found))


def _cut_apart(index: np.ndarray) -> np.ndarray:
    """A sine of the last pair becomes the next frequency's."""
    changed = index.copy()
    changed[-1] *= 2
    return changed


control(
    traces_and_distances, "not-closed", "refuted", kept=_cut_apart, reason="sin^2 without its cos^2 is not constant"
)
control(
    traces_and_distances, "square", "refuted", law=lambda N, n: N * N / n, reason="the identity's own norm is left out"
)
control(
    traces_and_distances,
    "reordered",
    "confirmed",
    kept=lambda index: index[::-1],
    symmetry="the order of the functions",
)


# -- least squares between its bounds ---------------------------------------------------------------------------------------------


def _plan(smoothness: Smoothness, target: str, run: Run) -> Plan:
    return Plan(smoothness, run.pick(QUICK, FULL), 1, target, run.pick(48, 256), run.seed, run.pick(128, 256))


def _rate_cases(run: Run) -> list[tuple[Smoothness, str]]:
    return [(SQUARES, "worst"), (LINEAR, "worst"), (CURVED, "worst"), (LINEAR, "fixed")]


@check(
    claims.rate,
    "measured",
    given=lambda run: {"case": _rate_cases(run)},
    scope=lambda run: {
        "sizes": f"a_i = i and i^2, n = 2^8..2^{run.pick(13, 15)}, sigma = 1",
        "interval": f"{run.pick(48, 256)} replicates, bootstrap, 99.9 % at each n",
    },
)
def risks_lie_in_the_bracket(case: tuple[Smoothness, str], run: Run, observe: Measure = measured) -> Evidence:
    """Observed over oracle against the bracket at each n, and the slope over the window against the slopes allowed."""
    plan = _plan(*case, run)
    curve = observe(plan)
    where = f"{plan.smoothness.kind}, a = {plan.smoothness.a}, {plan.target} target"
    for point, interval, (low, high) in zip(curve.points, curve.ratios(LEVEL), curve.bracket(), strict=True):
        if not interval.meets(low, high):
            words = f"{where}, n = {point.n}, N = {point.N}: observed / oracle is {interval}"
            return fails(words, f"[{low:.3f}, {high:.3f}]", f"{interval}")
    slope, (low, high) = curve.slope(level=LEVEL), curve.expected_slope()
    if not slope.meets(low, high):
        return fails(f"{where}: the slope is {slope}", f"[{low:.3f}, {high:.3f}]", f"{slope}")
    return holds(cases=sum(len(p.risks) for p in curve.points))


def _altered(change: Callable[[Any], Any]) -> Measure:
    def observe(plan: Plan) -> Curve:
        curve = measured(plan)
        return replace(curve, points=tuple(replace(p, risks=change(p)) for p in curve.points))

    return observe


def _noisier(plan: Plan) -> Curve:
    """The bracket of sigma = 1 beside the risks of sigma = 5/4, the noise alone drawn larger."""
    curve = measured(plan)
    grown = [p.risks + (F(5, 4) ** 2 - 1) * F(p.N, p.n) for p in curve.points]
    return replace(
        curve, points=tuple(replace(p, risks=r.astype(float)) for p, r in zip(curve.points, grown, strict=True))
    )


control(
    risks_lie_in_the_bracket,
    "tail-forgotten",
    "refuted",
    observe=_altered(lambda p: p.risks - float(p.ideal - F(p.N, p.n))),
    reason="the part left out is a third of the risk",
)
control(
    risks_lie_in_the_bracket,
    "noise-understated",
    "refuted",
    observe=_noisier,
    reason="sigma = 5/4 has 25/16 of the variance",
)
control(
    risks_lie_in_the_bracket,
    "half-the-samples",
    "refuted",
    observe=lambda plan: _beside(measured(plan), measured(replace(plan, n=tuple(n // 2 for n in plan.n)))),
    reason="half the samples have 2^(2/3) of the risk",
)
control(
    risks_lie_in_the_bracket,
    "another-seed",
    "confirmed",
    observe=lambda plan: measured(replace(plan, seed=plan.seed + 1)),
    reason="other designs and noises of the same law",
)
control(
    risks_lie_in_the_bracket,
    "backwards",
    "confirmed",
    observe=_altered(lambda p: p.risks[::-1]),
    symmetry="the order of the replicates",
)


def _beside(curve: Curve, other: Curve) -> Curve:
    """The bounds of one curve with the risks of another."""
    points = zip(curve.points, other.points, strict=True)
    return replace(curve, points=tuple(replace(p, risks=q.risks) for p, q in points))


# -- dimension --------------------------------------------------------------------------------------------------------------------


@check(
    claims.dimension_free,
    "exhausted",
    given={"case": [(s, D) for s in (SQUARES, LINEAR) for D in (16, 64, 256)]},
    covers=True,
    scope=lambda run: {"sizes": f"a_i = i and i^2, n = 2^8..2^{run.pick(13, 15)}, D = 16, 64, 256, infinity"},
)
def bits_do_not_depend_on_the_dimension(
    case: tuple[Smoothness, int],
    run: Run,
    shortened: Callable[[Smoothness, int], Smoothness] = cut,
    seed: Callable[[int], int] = lambda seed: seed,
) -> Evidence:
    """The curve after D coordinates against the curve of infinitely many, bit by bit."""
    smoothness, D = case
    whole = measured(_plan(smoothness, "worst", run))
    part = measured(replace(whole.plan, smoothness=shortened(smoothness, D), seed=seed(run.seed)))
    for p, q in zip(part.points, whole.points, strict=True):
        where = f"a = {smoothness.a}, D = {D}, n = {p.n}"
        if (p.N, p.oracle) != (q.N, q.oracle):
            words = f"{where}: N = {p.N} with oracle risk {float(p.oracle):.6g}"
            return fails(words, f"N = {q.N}, {float(q.oracle):.6g}", f"N = {p.N}, {float(p.oracle):.6g}")
        if p.risks.tobytes() != q.risks.tobytes():
            return fails(f"{where}: the first replicate's risk is {p.risks[0]!r}", repr(q.risks[0]), repr(p.risks[0]))
    return holds(cases=len(part.points), active=whole.active)


control(
    bits_do_not_depend_on_the_dimension,
    "two-coordinates",
    "refuted",
    shortened=lambda s, D: cut(s, 2),
    reason="for a_i = i the third coordinate is active at these n",
)
control(
    bits_do_not_depend_on_the_dimension,
    "isotropic",
    "refuted",
    shortened=lambda s, D: isotropic(8),
    reason="every coordinate of an isotropic class is active",
)
control(
    bits_do_not_depend_on_the_dimension,
    "another-seed",
    "refuted",
    seed=lambda seed: seed + 1,
    reason="bits are compared, not means",
)
control(
    bits_do_not_depend_on_the_dimension,
    "one-more",
    "confirmed",
    shortened=lambda s, D: cut(s, D + 1),
    reason="D + 1 is above the active coordinates as well",
)


# -- the curse ---------------------------------------------------------------------------------------------------------------------


@check(
    claims.curse,
    "measured",
    given={"d": [1, 2, 4, 8]},
    covers=True,
    scope=lambda run: {
        "sizes": f"d = 1, 2, 4, 8, n = 2^8..2^{run.pick(12, 13)}, sigma = 1",
        "interval": f"{run.pick(32, 128)} replicates, bootstrap, 99.9 %",
    },
)
def slopes_rise_with_the_dimension(
    d: int, run: Run, smoothness: Callable[[int], Smoothness] = isotropic, predicted: Callable[[int], int] = lambda d: d
) -> Evidence:
    """The measured slope against the slopes that d allows; for d = 8 also its level."""
    plan = Plan(smoothness(d), powers(8, run.pick(12, 13)), 1, "worst", run.pick(32, 128), run.seed)
    curve = measured(plan)
    slope, (low, high) = curve.slope(level=LEVEL), predicted_slopes(plan, isotropic(predicted(d)))
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


# -- the wrong smoothness -----------------------------------------------------------------------------------------------------------

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


@check(
    claims.wrong,
    "measured",
    given={"hypothesis": HYPOTHESES},
    covers=True,
    scope=lambda run: {
        "sizes": f"five hypotheses, n = 2^8..2^{run.pick(13, 15)}, sigma = 1",
        "interval": "160 replicates, bootstrap, 99.9 %",
    },
)
def only_the_right_smoothness_is_not_rejected(
    hypothesis: Smoothness,
    run: Run,
    truth: Smoothness = LINEAR,
    predicted: Callable[[Plan, Smoothness], tuple[float, float]] = predicted_slopes,
) -> Evidence:
    """The slope's interval against what each hypothesis allows."""
    plan = Plan(truth, run.pick(QUICK, FULL), 1, "worst", 160, run.seed)
    slope = measured(plan).slope(level=LEVEL)
    low, high = predicted(plan, hypothesis)
    rejected, right = not slope.meets(low, high), hypothesis == LINEAR
    if rejected is right:
        words = f"{hypothesis.kind}, a = {hypothesis.a} is {'rejected' if rejected else 'not rejected'}: the slope is {slope}"
        return fails(words, "in" if right else f"outside [{low:.3f}, {high:.3f}]", f"{slope}")
    return holds(cases=len(plan.n) * plan.replicates)


control(
    only_the_right_smoothness_is_not_rejected,
    "half-the-smoothness",
    "refuted",
    truth=HYPOTHESES[1],
    reason="risks of half the smoothness reject a_i = i",
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
    "sixteen-coordinates",
    "confirmed",
    truth=cut(LINEAR, 16),
    reason="the coordinates beyond are not active",
)
