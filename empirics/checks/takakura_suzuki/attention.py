"""Offsets by codes on circles: gaps, temperatures, leaks, equivariance."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from constructions.takakura_suzuki.offsets import CircleCode, dyadic, single
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.takakura_suzuki import attention_edits as edits
from theory.inequalities import certificate
from theory.takakura_suzuki import attention as claims
from theory.takakura_suzuki import offset_laws

Periods = Callable[[int], tuple[int, ...]]


@check(claims.dyadic_gap, "derived", covers=True, scope={"sizes": "all U", "method": "j symbol"})
def half_turns(odd: Any = lambda j: 2 * j + 1) -> Evidence:
    """1 - cos(pi D / 2^v) for an odd number of half turns is 2, and whole turns add nothing."""
    import sympy

    j = sympy.Symbol("j", integer=True)
    residuals = {
        "odd half turns": 1 - sympy.cos(sympy.pi * odd(j)).expand(trig=True) - 2,
        "whole turns": 1 - sympy.cos(2 * sympy.pi * j),
    }
    for name, residual in residuals.items():
        if sympy.expand(residual) != 0:
            return fails(f"{name}: {residual} is left", 0, residual)
    return holds(cases=2)


control(half_turns, "even", "refuted", odd=lambda j: 2 * j, reason="whole turns are not told apart")
control(half_turns, "backwards", "confirmed", odd=lambda j: -2 * j - 1, symmetry="the cosine is even")


@check(
    claims.dyadic_gap,
    "exhausted",
    given=lambda run: {"reach": list(range(1, run.pick(17, 129)))},
    scope=lambda run: {"sizes": f"U <= {run.pick(16, 128)}, every wrong offset"},
)
def every_wrong_offset(reach: int, periods: Periods = offset_laws.dyadic_periods) -> Evidence:
    """The gap of each difference in balls, that of 2^(L-1) exactly."""
    made = periods(reach)
    for difference in range(1, 2 * reach + 1):
        found = offset_laws.gap(made, difference)
        if not found >= 2:
            words = f"U = {reach}, periods {made}: offset {difference} wrong scores {float(found):.4g} less"
            return fails(words, ">= 2", float(found))
    half = 2 ** ((2 * reach).bit_length() - 1)
    if offset_laws.gap(made, half) != 2:
        return fails(f"U = {reach}: the gap at {half} is not 2", 2, float(offset_laws.gap(made, half)))
    return holds(cases=2 * reach)


control(every_wrong_offset, "circle-missing", "refuted", periods=edits.without_longest, reason="2^(L-1) looks like 0")
control(every_wrong_offset, "no-parity", "refuted", periods=edits.without_shortest, reason="odd offsets are near 0")
control(
    every_wrong_offset, "one-frequency", "refuted", periods=offset_laws.single_period, reason="the gap falls as 1/U^2"
)
control(every_wrong_offset, "longest-first", "confirmed", periods=edits.reversed_periods, symmetry="sums commute")

EPS = (Fraction(1, 10), Fraction(1, 1000), Fraction(1, 10**6))


NEAR = Fraction(9, 10)
"""What share of a leak's bound its nearest instance must reach: all wrong keys at the gap itself leak eps / (1 + eps), eps <= 1/10."""


def _cases(run: Run) -> list[tuple[int, Fraction]]:
    return [(reach, eps) for reach in run.pick((1, 2, 5, 16), (1, 2, 3, 4, 5, 8, 16, 32)) for eps in EPS]


def _leak(periods: tuple[int, ...], chi: Fraction, reach: int, eps: Fraction) -> Evidence | None:
    for offset in (0, reach):
        _, most = offset_laws.leak(periods, chi, reach, offset)
        if most > eps:
            words = f"U = {reach}, offset {offset}, chi = {float(chi):.4g}: {float(most):.3g} of the attention leaks"
            return fails(words, f"<= {eps}", float(most))
    return None


@check(
    claims.dyadic_temperature,
    "certified",
    given=lambda run: {"case": _cases(run)},
    covers=True,
    scope=lambda run: {"sizes": f"U = 1, 2, 5, 16{run.pick('', ' and 3, 4, 8, 32')}, eps = 0.1, 0.001, 10^-6"},
)
def dyadic_temperature_leaves_eps(
    case: tuple[int, Fraction],
    temperature: Any = offset_laws.dyadic_temperature,
    periods: Periods = offset_laws.dyadic_periods,
) -> Evidence:
    """2 U exp(-2 chi) <= eps for the checker; the leaks themselves, and what is needed at least, in balls."""
    reach, eps = case
    chi = temperature(reach, eps)
    if (failed := _leak(periods(reach), chi, reach, eps)) is not None:
        return failed
    least, _ = offset_laws.leak(periods(reach), chi, reach, reach)
    certificates = [
        certificate(["*", 2 * reach, ["exp", -2 * chi]], "<=", eps, claim=claims.dyadic_temperature.id),
        certificate(["/", 1, ["+", 1, ["exp", 2 * chi]]], "<=", least, claim=claims.dyadic_temperature.id),
    ]
    return holds(certificates=certificates)


control(
    dyadic_temperature_leaves_eps,
    "halved",
    "refuted",
    temperature=edits.halved(offset_laws.dyadic_temperature),
    reason="sqrt(eps)",
)
control(
    dyadic_temperature_leaves_eps,
    "circle-missing",
    "refuted",
    periods=edits.without_longest,
    reason="a key scores alike",
)
control(
    dyadic_temperature_leaves_eps,
    "colder",
    "confirmed",
    temperature=edits.doubled(offset_laws.dyadic_temperature),
    reason="eps^2",
)


@check(
    claims.single_temperature,
    "certified",
    given=lambda run: {"case": _cases(run)},
    covers=True,
    scope=lambda run: {"sizes": f"U = 1, 2, 5, 16{run.pick('', ' and 3, 4, 8, 32')}, eps = 0.1, 0.001, 10^-6"},
)
def single_temperature_leaves_eps(
    case: tuple[int, Fraction],
    temperature: Any = offset_laws.single_temperature,
    periods: Periods = offset_laws.single_period,
) -> Evidence:
    """With x just below 2 pi / (2 U + 1): cos((2 U + 1) x / 4) > 0 says so, and 2 U exp(-chi (1 - cos x)) <= eps.

    With y just above it, where that cosine is negative: the leak of the head for offset 0 is at least 2 / (2 + exp(chi (1 - cos y))).
    """
    from flint import arb

    reach, eps = case
    chi = temperature(reach, eps)
    if (failed := _leak(periods(reach), chi, reach, eps)) is not None:
        return failed
    least, _ = offset_laws.leak(periods(reach), chi, reach, 0)
    if reach == 1 and temperature is offset_laws.single_temperature and least < NEAR * eps:
        return fails(f"U = 1, eps = {eps}: only {float(least):.3g} leaks", f">= {NEAR} eps", float(least))
    x, y = offset_laws.neighbours(2 * reach + 1)
    inverse = 1 / offset_laws.gap(periods(reach), 1)
    order = 2 * arb(reach) ** 2 / arb.pi() ** 2
    if not order < inverse < order * (1 + arb(1) / (2 * reach)) ** 2 + arb(0.5):
        return fails(f"U = {reach}: 1 / gap = {float(inverse):.5g}", f"about {float(order):.5g}", float(inverse))
    gap, above = ["-", 1, ["cos", x]], ["-", 1, ["cos", y]]
    claim = claims.single_temperature.id
    certificates = [
        certificate(0, "<", ["cos", x * (2 * reach + 1) / 4], claim=claim),
        certificate(["*", 2 * reach, ["exp", ["neg", ["*", chi, gap]]]], "<=", eps, claim=claim),
        certificate(["cos", y * (2 * reach + 1) / 4], "<", 0, claim=claim),
        certificate(["/", 2, ["+", 2, ["exp", ["*", chi, above]]]], "<=", least, claim=claim),
    ]
    return holds(certificates=certificates)


control(
    single_temperature_leaves_eps,
    "halved",
    "refuted",
    temperature=edits.halved(offset_laws.single_temperature),
    reason="sqrt(eps)",
)
control(
    single_temperature_leaves_eps,
    "dyadic-temperature",
    "refuted",
    temperature=offset_laws.dyadic_temperature,
    reason="the gap is below 2, from U = 2 on far below",
)
control(
    single_temperature_leaves_eps,
    "colder",
    "confirmed",
    temperature=edits.doubled(offset_laws.single_temperature),
    reason="eps^2",
)


@check(
    claims.equivariance, "derived", covers=True, scope={"sizes": "all positions, offsets, periods", "method": "symbols"}
)
def angles_subtract(sign: int = 1, turn: int = 1) -> Evidence:
    """cos a cos b + sin a sin b = cos(a - b); `turn` = -1 lets both run backwards."""
    import sympy

    a, b = (turn * angle for angle in sympy.symbols("a b", real=True))
    product = sympy.cos(a) * sympy.cos(b) + sign * sympy.sin(a) * sympy.sin(b)
    residual = sympy.expand(product - sympy.expand_trig(sympy.cos(a - b)))
    return holds() if residual == 0 else fails(f"{residual} is left", 0, residual)


control(angles_subtract, "sign-of-sine", "refuted", sign=-1, reason="that is cos(a + b), which depends on i + i'")
control(angles_subtract, "backwards", "confirmed", turn=-1, symmetry="both angles negated")


@check(
    claims.equivariance,
    "exhausted",
    given=lambda run: {"code": [single(1), dyadic(1), single(2), dyadic(2), *run.pick((), (single(4), dyadic(4)))]},
    scope=lambda run: {"sizes": f"U <= {run.pick(2, 4)}, all pairs of positions to twice the longest period, exactly"},
)
def scores_by_difference(code: CircleCode, base: Any = CircleCode) -> Evidence:
    """Scores as algebraic numbers: polynomials in a root of unity modulo its cyclotomic polynomial."""
    made = base(code.periods)
    n = math.lcm(4, *code.periods)
    turn = edits.root_of_unity_turn(n)
    longest = 2 * max(code.periods)
    seen: dict[int, Any] = {}
    for i, j in itertools.product(range(longest), repeat=2):
        score = edits.reduced(sum(a * b for a, b in zip(made.query(i, 1, turn), made.key(j, turn), strict=True)), n)
        if seen.setdefault(j - i, score) != score:
            return fails(
                f"periods {code.periods}: the score of query {i} and key {j} is not that of others {j - i} apart"
            )
    return holds(cases=longest**2)


control(
    scores_by_difference, "only-cosines", "refuted", base=edits.OnlyCosines, reason="cos a cos b depends on a + b too"
)
control(scores_by_difference, "absolute-phase", "refuted", base=edits.Drifting, reason="the query turns twice as fast")
control(scores_by_difference, "turned", "confirmed", base=edits.Turned, symmetry="all positions one on")
