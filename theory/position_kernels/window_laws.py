"""Effective windows W = sum_{d >= 0} K(d), and the tails sum_{d >= w} K(d), in balls.

    Exponential   1 / (1 - e^{-r}),                 tail e^{-r w} times it
    Gaussian      (theta_3(e^{-r}) + 1) / 2         theta_3(q) = sum over all integers of q^{d^2}
    Logarithmic   a^{-p} zeta(p, 1 / a), p > 1,     tail a^{-p} zeta(p, w + 1 / a)        (Hurwitz)
    a mixture     the weighted sum of its kernels'

`tail` encloses without theta functions: geometric series from both sides, integrals for a power. So a closed form is met by another
road. A kernel that is not summable has no window: ValueError. `matched` is the slope whose one exponential has a given window.
Derived here.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from theory.position_kernels.arithmetic import BALLS
from theory.position_kernels.kernels import Exponential, Gaussian, Kernel, Logarithmic, Power, Tanh, check_distance
from theory.position_kernels.mixtures import Mixture
from theory.position_kernels.properties import Property

if TYPE_CHECKING:
    from flint import arb

__all__ = ["closed_form", "head", "matched", "shares", "tail", "window"]


def shares(mixture: Mixture) -> Sequence[Any]:
    """The weights of the kernels."""
    return mixture.weights or (Fraction(1, len(mixture.kernels)),) * len(mixture.kernels)


def _weighted(mixture: Mixture, parts: list[arb]) -> arb:
    found: Any = sum(BALLS.number(w) * x for w, x in zip(shares(mixture), parts, strict=True))
    return found


def _check_summable(kernel: Kernel) -> None:
    if kernel.declared[Property.SUMMABLE] is not True:
        raise ValueError(
            f"{kernel}: not known to be summable, so it has no window; KERPLE's logarithmic kernel needs p > 1"
        )


def closed_form(kernel: Kernel) -> arb:
    """W in closed form. ValueError for kernels that have none here, and for those that are not summable."""
    _check_summable(kernel)
    if isinstance(kernel, Mixture):
        return _weighted(kernel, [closed_form(part) for part in kernel.kernels])
    if isinstance(kernel, Exponential):
        return 1 / (1 - (-BALLS.number(kernel.rate)).exp())
    if isinstance(kernel, Gaussian):
        from flint import acb

        tau = acb(0, BALLS.number(kernel.rate) / acb.pi().real)  # q = e^{i pi tau}
        return (acb.modular_theta(acb(0), tau)[2].real + 1) / 2
    if isinstance(kernel, Logarithmic):
        return _hurwitz(kernel, 0)
    raise ValueError(f"{kernel}: no closed form here; window() encloses the sum")


def _hurwitz(kernel: Logarithmic, w: int) -> arb:
    rate, power = BALLS.number(kernel.rate), BALLS.number(kernel.power)
    return power.zeta(w + 1 / rate) / rate**power


def tail(kernel: Kernel, w: int) -> arb:
    """sum_{d >= w} K(d), w >= 1, enclosed. ValueError where it is not summable."""
    check_distance(w)
    _check_summable(kernel)
    if isinstance(kernel, Mixture):
        return _weighted(kernel, [tail(part, w) for part in kernel.kernels])
    first = kernel(w).exp()
    if isinstance(kernel, Exponential):
        return first / (1 - (-BALLS.number(kernel.rate)).exp())
    if isinstance(kernel, Gaussian):  # (w + k)^2 >= w^2 + (2 w + 1) k
        return first.union(first / (1 - (-BALLS.number(kernel.rate) * (2 * w + 1)).exp()))
    if isinstance(kernel, Tanh):  # K(d) = 2 e^{-2 a d} / (1 + e^{-2 a d})
        twice = 2 * BALLS.number(kernel.rate)
        most = 2 * (-twice * w).exp() / (1 - (-twice).exp())
        return (most / (1 + (-twice * w).exp())).union(most)
    if isinstance(kernel, Logarithmic):
        return _hurwitz(kernel, w)
    if isinstance(kernel, Power):  # the integral from w on, and with the first term
        rate, power = BALLS.number(kernel.rate), BALLS.number(kernel.power)
        below = (rate * BALLS.number(w) ** power).gamma_upper(1 / power)
        below = below / (power * rate ** (1 / power))
        return below.union(below + first)
    raise ValueError(f"{kernel}: no bound of its tail is known here")


def head(kernel: Kernel, w: int) -> arb:
    """sum_{d < w} K(d), term by term."""
    found: Any = sum((kernel(d).exp() for d in range(w)), BALLS.number(0))
    return found


def window(kernel: Kernel, terms: int) -> arb:
    """W as so many terms and the enclosed tail."""
    return head(kernel, terms) + tail(kernel, terms)


def matched(width: arb) -> arb:
    """The slope s of the one exponential whose window is `width` > 1: -log(1 - 1 / width)."""
    return -(1 - 1 / width).log()
