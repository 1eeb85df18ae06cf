"""What the Gaussian adds to a mixture's bias: log(3/2) at most to three kernels, log 2 to two."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from empirics.checking import Evidence, check, control, fails, holds
from theory.position_kernels import bounds as claims
from theory.position_kernels.arithmetic import BALLS, SYMBOLS
from theory.position_kernels.mixtures import Mixture, three_kernels, two_kernels
from theory.position_kernels.slopes import released_slopes

F = Fraction
Make = Callable[[Any], Mixture]
SLOPES = (F(1), F(1, 2), F(1, 256))


def _symbols() -> tuple[Any, Any]:
    import sympy

    return sympy.Symbol("r", positive=True), sympy.Symbol("d", nonnegative=True)


@check(claims.gaussian_below, "derived", covers=True, scope={"sizes": "all r and d", "method": "r, d symbols"})
def three_differences(mixture: Make = three_kernels, most: Fraction = F(3, 2)) -> Evidence:
    """Exponents' differences, the effect as a quotient, and its value at d = 0."""
    import sympy

    r, d = _symbols()
    e, h, g = (sympy.exp(k.log(d, SYMBOLS)) for k in three_kernels(r).kernels)
    effect = sympy.exp(mixture(r).log(d, SYMBOLS)) / ((e + h) / 3)
    residuals = {
        "log g - log e": sympy.log(g) - sympy.log(e) + r * d * (d - 1),
        "log e - log h": sympy.log(e) - sympy.log(h) + r * d / 2,
        "effect": sympy.cancel((effect - 1 - g / (e + h)) * (e + h)),
        "d = 0": effect.subs(d, 0) - sympy.Rational(most),
    }
    for name, residual in residuals.items():
        if sympy.simplify(residual) != 0:
            return fails(f"{name}: {sympy.simplify(residual)} is left", 0, residual)
    return holds(cases=4)


control(three_differences, "two-kernels", "refuted", mixture=two_kernels, reason="no half-exponential")
control(three_differences, "four-thirds", "refuted", most=F(4, 3), reason="all three are 1 at d = 0")
control(three_differences, "six-quarters", "confirmed", most=F(6, 4), symmetry="6/4 = 3/2")


def _effect(mixture: Mixture, d: int, left_out: int) -> Any:
    """b less the log of the mixture with one kernel left out of the sum, in balls."""
    n = len(mixture.kernels)
    others = [k.log(d, BALLS) for i, k in enumerate(mixture.kernels) if i != left_out]
    return mixture(d) - BALLS.logsumexp(others) + BALLS.number(n).log()


@check(
    claims.gaussian_two,
    "exhausted",
    given={"d": (0, 1, 2, 3, 10), "rate": (*SLOPES, *released_slopes(8))},
    scope={"sizes": "d up to 10, slopes 1 and released"},
)
def effect_at_most(d: int, rate: Any, mixture: Make = two_kernels, most: Fraction = F(3, 2)) -> Evidence | None:
    """The Gaussian is the last kernel; its effect against log of the bound, in balls."""
    found = _effect(mixture(rate), d, len(mixture(rate).kernels) - 1)
    if found > BALLS.number(most).log():
        return fails(f"slope {rate}, d = {d}: the effect is log {float(found.exp()):.4g}", f"<= log {most}", str(found))
    return None


control(effect_at_most, "three-kernels", "confirmed", mixture=three_kernels, reason="theorem gaussian-three")
control(effect_at_most, "log-2", "confirmed", most=F(2), reason="theorem gaussian-two")
control(effect_at_most, "above-1", "refuted", most=F(9, 8), reason="it is 2 at d = 0")


@check(claims.gaussian_two_amended, "derived", covers=True, scope={"sizes": "all r and d", "method": "r, d symbols"})
def two_difference(mixture: Make = two_kernels, shift: int = 1) -> Evidence:
    """2 e^{b + r d} = 1 + e^{-r d (d - 1)}."""
    import sympy

    r, d = _symbols()
    left = 2 * sympy.exp(mixture(r).log(d, SYMBOLS)) * sympy.exp(r * d) - 1 - sympy.exp(-r * d * (d - shift))
    residual = sympy.expand(sympy.powsimp(sympy.expand(left)))
    return holds() if residual == 0 else fails(f"{residual} is left", 0, residual)


control(two_difference, "no-shift", "refuted", shift=0, reason="the exponential's exponent is linear")
control(two_difference, "three-kernels", "refuted", mixture=three_kernels, reason="another mixture")
control(
    two_difference, "reordered", "confirmed", mixture=lambda r: Mixture(two_kernels(r).kernels[::-1]), symmetry="a sum"
)
