"""The soft gradient when it is cold: an identity for the leader, and the bound against 60 digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from empirics.checking import Evidence, check, control, fails, holds
from theory.pointer import gradients as claims

DIGITS = 60


def _leader(u: Any, r: Any, v: Any) -> Any:
    return u * r - v


@check(claims.cold, "derived", covers=True, scope={"sizes": "all numbers of candidates"})
def leader_from_the_others(formula: Callable[[Any, Any, Any], Any] = _leader) -> Evidence:
    """r_p - z with the others' weight and weighted rows as symbols; and a rival's weight over the leader's."""
    import sympy

    u, r, v = sympy.symbols("u r V")
    s, gap, rest, t = sympy.symbols("s gap B T", positive=True)
    leader, rival = sympy.exp(s / t), sympy.exp((s - gap) / t)
    total = leader + rival + rest
    x = sympy.Symbol("x", nonnegative=True)
    identities = {
        "r_p - z": r - ((1 - u) * r + v) - formula(u, r, v),
        "w_j / w_p": sympy.powsimp((rival / total) / (leader / total)) - sympy.exp(-gap / t),
        "derivative of e^x - x^2/2 twice, less e^x - 1": sympy.diff(sympy.exp(x) - x**2 / 2, x, 2) - (sympy.exp(x) - 1),
    }
    for name, residual in identities.items():
        if (left := sympy.expand(residual)) != 0:
            return fails(f"{name} is off by {left}", 0, left)
    return holds(cases=len(identities))


control(
    leader_from_the_others,
    "weights-not-normalised",
    "refuted",
    formula=lambda u, r, v: r - v,
    reason="the leader itself has a part in the mean",
)
control(
    leader_from_the_others,
    "in-two-steps",
    "confirmed",
    formula=lambda u, r, v: r - (r - u * r) - v,
    reason="the same, multiplied out",
)

CASES = [(n, gap, t) for n in (1, 2, 5) for gap in ("1/4", "1", "3") for t in ("1/16", "1/4", "1", "4")]


@check(
    claims.cold,
    "tested",
    given={"case": CASES},
    scope={"sizes": "1, 2, 5 rivals, four temperatures", "arithmetic": f"{DIGITS} digits"},
)
def gradient_within_the_bound(case: tuple[int, str, str], factor: float = 1.0, rate: float = 1.0) -> Evidence:
    """One leader, rivals a gap below with row 0 or 1, the leader's row 1 and 0; the largest derivative against the bound."""
    import mpmath

    rivals, gap, t = case[0], *(_number(x) for x in case[1:])
    with mpmath.workdps(DIGITS):
        gap, t = (mpmath.mpf(x.numerator) / x.denominator for x in (gap, t))
        small = mpmath.exp(-gap / t)
        leader = 1 / (1 + rivals * small)
        weights = [leader, *[leader * small] * rivals]
        rows = [mpmath.mpf(1), *[mpmath.mpf(0)] * rivals]
        mean = sum(w * r for w, r in zip(weights, rows, strict=True))
        most = max(abs(w * (r - mean)) / t for w, r in zip(weights, rows, strict=True))
        bound = factor * rivals * mpmath.exp(-rate * gap / t) / t
        told = f"{rivals} rivals, gap {case[1]}, T = {case[2]}"
        if most > bound:
            return fails(f"{told}: a derivative is {mpmath.nstr(most, 8)}, the bound {mpmath.nstr(bound, 8)}")
    return holds()


def _number(text: str) -> Any:
    from fractions import Fraction

    return Fraction(text)


control(
    gradient_within_the_bound, "half-the-bound", "refuted", factor=0.5, reason="with one rival it is reached when cold"
)
control(
    gradient_within_the_bound,
    "twice-the-rate",
    "refuted",
    rate=2.0,
    reason="e^(-gap / T) is the rate, not its square",
)
control(gradient_within_the_bound, "twice-the-bound", "confirmed", factor=2.0, reason="a weaker bound")
