"""The symbol as the rate goes to 0: one angle, in units of the Gaussian's width, at which it is negative for all small rates.

Let eps = sqrt(r), y = eps d, w = theta eps with theta fixed, and write g(y) = log(1 + h), h = q e^{-y^2 + ...}, q = 1 (two kernels) or
1/2 (three), eps in 0..eps0. As E >= 0,

    s(w) / r <= linear + kappa B,   kappa = 2 (1 - cos(theta eps)) / eps^2 >= theta^2 (1 - theta^2 eps0^2 / 12)   where B < 0,
    B >= g(0) + 2 sum_{d >= 1} g(d) cos(w d).

The trapezoidal rule leaves out at most 1/8 of the integral of |F''| on each side, F = g cos; and g is expanded in eps to second order:

    B = 2 I0 / eps + 2 I1 + eps (C + R),   I0 = int_0^inf log(1 + q e^{-y^2}) cos(theta y) dy,
    I1 = int_0^inf c y sigma cos(theta y) dy,   sigma = q e^{-y^2} / (1 + q e^{-y^2}),   c = 1 or 3/4,

where with L = log h: |dL/dy| <= 2 y + eps, |d2L/dy2| <= 2 + eps^2 / 16, |dL/deps| <= y, |d2L/deps2| <= y^2 / 16, and
h <= A e^{-alpha y^2}, A = q e^{eps0 / 2}, alpha = 1 - eps0 / 2, since eps y <= eps (1 + y^2) / 2. So C and R are Gaussian moments.
As I0 < 0, B at eps0 bounds B at every smaller eps. Derived here.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from theory.position_kernels.arithmetic import BALLS
from theory.position_kernels.symbols import Family

if TYPE_CHECKING:
    from flint import arb

__all__ = ["ANGLES", "symbol_over_rate"]

ANGLES = {"two": Fraction(22, 5), "three": Fraction(24, 5)}
"""theta for each family: near the least of I0."""


def _integral(function: Any, weight: Any) -> arb:
    """The integral over 0..infinity of function(y) weight(y), |function| <= 2 (1 + y) e^{-y^2}, |weight| <= 1 on the reals."""
    from flint import acb, ctx

    end = int(ctx.prec**0.5) + 2  # e^{-end^2} is below 2^-prec; beyond it 2 (1 + y) <= 4 y
    found = acb.integral(lambda y, _: function(y) * weight(y), 0, end).real
    beyond = 2 * (-BALLS.number(end * end)).exp()
    return found + (-beyond).union(beyond)


def symbol_over_rate(family: Family, theta: Fraction, eps0: Fraction) -> arb | None:
    """An upper bound of s(theta sqrt(r)) / r for all 0 < r <= eps0^2, as a ball; None where I0 or B is not negative.

    ValueError unless 0 < eps0 < 1 and theta eps0 < 1.
    """
    if not (0 < eps0 < 1 and theta * eps0 < 1):
        raise ValueError(f"theta = {theta}, eps0 = {eps0}: give 0 < eps0 < 1 with theta * eps0 < 1")
    q = BALLS.number(Fraction(1, 2) if family.cosh else Fraction(1))
    c = BALLS.number(Fraction(3, 4) if family.cosh else Fraction(1))
    t, eps = BALLS.number(theta), BALLS.number(eps0)

    def cosine(y: Any) -> Any:
        return (t * y).cos()

    def gaussian(y: Any) -> Any:
        return q * (-y * y).exp()

    first = _integral(lambda y: (1 + gaussian(y)).log(), cosine)
    second = _integral(lambda y: c * y * gaussian(y) / (1 + gaussian(y)), cosine)
    if not first < 0:
        return None
    alpha, A = 1 - eps / 2, q * (eps / 2).exp()
    m0 = (eps.pi() / alpha).sqrt() / 2
    m1, m2 = 1 / (2 * alpha), m0 / (2 * alpha)
    left_out = A * m2 * BALLS.number(Fraction(17, 16))
    steps = (
        4 * m2 + 4 * eps * m1 + eps * eps * m0 + (2 + eps * eps / 16) * m0 + 2 * t * (2 * m1 + eps * m0) + t * t * m0
    )
    B = 2 * first / eps + 2 * second + eps * (left_out + A * steps / 4)
    if not B < 0:
        return None
    return BALLS.number(family.linear) + t * t * (1 - t * t * eps * eps / 12) * B
