"""Measured risks against the bracket derived before, and the same bits in every dimension above the active one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.takakura_suzuki.oracle_bounds import HALVES, LINEAR, SQUARES
from empirics.rates.contrast import isotropic
from empirics.rates.curves import Curve, Plan, measure, powers
from empirics.rates.dimensions import cut
from empirics.rates.slopes import SURE
from theory.takakura_suzuki import measured_rates as claims
from theory.takakura_suzuki.smoothness import Power, Smoothness

F = Fraction
CURVED = Smoothness("anisotropic", Power(2, F(1, 2)))
QUICK, FULL = powers(8, 12), powers(8, 14)
Measure = Callable[[Plan], Curve]


@lru_cache(maxsize=64)
def measured(plan: Plan) -> Curve:
    """The curve of a plan, measured once."""
    return measure(plan)


def _plan(smoothness: Smoothness, target: str, run: Run) -> Plan:
    return Plan(smoothness, run.pick(QUICK, FULL), 1, target, run.pick(64, 128), run.seed, run.pick(64, 256))


def _rate_cases(run: Run) -> list[tuple[Smoothness, str]]:
    return [(LINEAR, "worst"), (HALVES, "worst"), (CURVED, "worst"), (LINEAR, "fixed")]


@check(
    claims.rate,
    "measured",
    given=lambda run: {"case": _rate_cases(run)},
    scope=lambda run: {
        "sizes": f"a_i = i, i/2 and (anisotropic) i^2/2, n = 2^8..2^{run.pick(12, 14)}, sigma = 1",
        "interval": f"{run.pick(64, 128)} replicates, bootstrap, 1 - 10^-5 at each n",
    },
)
def risks_lie_in_the_bracket(case: tuple[Smoothness, str], run: Run, observe: Measure = measured) -> Evidence:
    """Observed over oracle against the bracket at each n, and the slope over the window against the slopes allowed."""
    plan = _plan(*case, run)
    curve = observe(plan)
    where = f"{plan.smoothness.kind}, a = {plan.smoothness.a}, {plan.target} target"
    if curve.active < 2:
        return fails(f"{where}: one coordinate alone is active", "2 or more", curve.active)
    for point, interval, (low, high) in zip(curve.points, curve.ratios(SURE), curve.bracket(), strict=True):
        if not interval.meets(low, high):
            words = f"{where}, n = {point.n}, N = {point.N}: observed / oracle is {interval}"
            return fails(words, f"[{low:.3f}, {high:.3f}]", f"{interval}")
    slope, (low, high) = curve.slope(level=SURE), curve.expected_slope()
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


@check(
    claims.dimension_free,
    "exhausted",
    given={"case": [(s, D) for s in (SQUARES, LINEAR) for D in (16, 64, 256)]},
    covers=True,
    scope=lambda run: {"sizes": f"a_i = i and i^2, n = 2^8..2^{run.pick(12, 14)}, D = 16, 64, 256, infinity"},
)
def bits_do_not_depend_on_the_dimension(
    case: tuple[Smoothness, int],
    run: Run,
    shortened: Callable[[Smoothness, int], Smoothness] = cut,
    seed: Callable[[int], int] = lambda seed: seed,
) -> Evidence:
    """The curve after D coordinates against the curve of infinitely many, bit by bit."""
    smoothness, D = case
    whole = measured(replace(_plan(smoothness, "worst", run), replicates=8))
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
