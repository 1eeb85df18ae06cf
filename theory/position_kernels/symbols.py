"""The symbol that decides whether a mixture with a Gaussian is conditionally positive definite, in balls.

b(d) = -rho d + (a bounded part) is conditionally positive definite on the integers exactly when its second differences
a(d) = 2 b(d) - b(d+1) - b(d-1) are positive definite (`properties`), and these are summable, so exactly when (Herglotz)

    s(w) = a(0) + 2 sum_{d >= 1} a(d) cos(d w) >= 0   for all w in [0, pi].

Both mixtures of MEP are a mixture of exponentials times 1 + h(d), h the Gaussian over it, and g = log(1 + h) falls as a Gaussian:

    two kernels     b = -r d + g - log 2,                              h = e^{-r d (d - 1)}
    three kernels   b = -3 r d / 4 + log(2 cosh(r d / 4)) + g - log 3, h = e^{-r d^2 + 3 r d / 4} / (2 cosh(r d / 4))

    s(w) = linear * r - E(w) + 2 (1 - cos w) (g(0) + 2 sum_{d >= 1} g(d) cos(d w)),   linear = 2 and 3/2

with E = 0 for two kernels. For three it comes from log cosh, whose second derivative is a sech^2: by Poisson's summation, with
v_k = w + 2 pi k and x = 2 pi^2 / r,

    0 <= E(w) = 4 sin(w/2)^2 sum_k pi / (|v_k| sinh(2 pi |v_k| / r)) <= pi w / sinh(2 pi w / r) + 4 / (sinh(x) (1 - e^-x)),

and E <= r/2, since without the Gaussian the differences beyond 0 are negative and s >= s(0) = r there. A rate may be a ball of many
rates: what is then said holds for all of them. Derived here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from theory.position_kernels.arithmetic import BALLS
from theory.position_kernels.mixtures import Mixture, three_kernels, two_kernels

if TYPE_CHECKING:
    from flint import arb

__all__ = ["THREE", "TWO", "Family", "Symbol", "symbol"]


@dataclass(frozen=True)
class Family:
    """Mixtures of one rate each whose definiteness is looked at; `part` gives h(d) and d log h / d r for a ball r. From the rate
    `largest` on the symbol is positive for a plain reason, see the claims."""

    name: str
    mixture: Callable[[Any], Mixture]
    linear: Fraction
    part: Callable[[arb, int], tuple[arb, arb]]
    cosh: bool
    largest: int


def _two(r: arb, d: int) -> tuple[arb, arb]:
    return (-r * (d * (d - 1))).exp(), r * 0 - d * (d - 1)


def _three(r: arb, d: int) -> tuple[arb, arb]:
    grown = (-r * d / 2).exp()  # h = e^{-r d (d - 1)} / (1 + e^{r d / 2})
    return (-r * (d * (d - 1))).exp() * grown / (1 + grown), -d * (d - 1) - d / (2 * (1 + grown))


TWO = Family("two", two_kernels, Fraction(2), _two, False, 2)
THREE = Family("three", three_kernels, Fraction(3, 2), _three, True, 3)


@dataclass(frozen=True)
class Symbol:
    """s(w) = p(w) - E(w) up to `rest`, p = c_0 + 2 sum c_d cos(d w), for the rates middle - spread .. middle + spread.

    coefficients: of p at the middle. drift: of dp/dr there. curve: |d^2 p / dr^2| <= 2 (1 - cos w) curve for all the rates.
    """

    family: Family
    rate: arb
    spread: arb
    coefficients: list[arb]
    drift: list[arb]
    curve: arb
    rest: arb

    @cached_property
    def _powers(self) -> tuple[Any, Any, Any]:
        from flint import acb_poly

        c, e = self.coefficients, self.drift
        return acb_poly([c[0] / 2, *c[1:]]), acb_poly([d * x for d, x in enumerate(c)]), acb_poly([e[0] / 2, *e[1:]])

    def at(self, w: arb) -> tuple[arb, arb, arb]:
        """p(w), p'(w) and dp/dr (w) at the middle rate; O(degree) operations."""
        from flint import acb

        z = acb(w.cos(), w.sin())
        value, slope, drift = (f(z) for f in self._powers)
        return 2 * value.real, -2 * slope.imag, 2 * drift.real

    @cached_property
    def bends(self) -> tuple[arb, arb]:
        """Bounds of |p''| and of |d^2 p / dr dw|, over all angles."""
        zero = self.rest * 0
        p = sum((d * d * abs(x) for d, x in enumerate(self.coefficients)), zero)
        return (2 * p).upper(), (2 * sum((d * abs(x) for d, x in enumerate(self.drift)), zero)).upper()

    def missing(self, w: arb) -> arb:
        """A bound of E at angles >= w > 0, or at all angles where w = 0."""
        if not self.family.cosh:
            return self.rest * 0
        r, pi = self.rate.upper(), self.rest.pi()
        most = (r / 2).upper()
        if w > 0:
            x = 2 * pi * pi / r
            most = most.min((pi * w / (2 * pi * w / r).sinh() + 4 / (x.sinh() * (1 - (-x).exp()))).upper())
        return most

    def lower(self, w: arb, half: arb) -> arb:
        """A number that s exceeds or meets on [w - half, w + half], by Taylor's theorem at w and the middle rate."""
        value, slope, drift = self.at(w)
        bend, cross = self.bends
        found = value - abs(slope) * half - bend * half * half / 2
        found -= self.spread * (abs(drift) + cross * half) + self._beyond(w + half)
        return (found - self.missing((w - half).max(self.rest * 0)) - self.rest).lower()

    def upper(self, w: arb) -> arb:
        """A number that s is below or meets at w."""
        value, _, drift = self.at(w)
        return (value + self.spread * abs(drift) + self._beyond(w) + self.rest).upper()

    def _beyond(self, w: arb) -> arb:
        """A bound of what Taylor's theorem in the rate leaves out at angles up to w: 2 (1 - cos w) <= min(w^2, 4)."""
        return self.spread**2 / 2 * self.curve * (w * w).min(w * 0 + 4)


def symbol(family: Family, rate: arb, bits: int = 64) -> Symbol:
    """The symbol at a rate, or at all rates of a ball, with so many terms that the rest is below 2^-bits. O(sqrt(bits / r)) terms.

    h(d) <= e^{-r d (d - 1)}, so sum_{d > D} g(d) <= e^{-r D (D + 1)} / (1 - e^{-2 r (D + 1)}), and |2 (1 - cos w) 2 sum| <= 8 times it.
    With L = d log h / d r, |L| <= d^2 and |L'| <= d^2 / 16, so |g''| <= h / (1 + h) (d^4 + d^2 / 16) in the rate; beyond D the terms
    2 d^4 h fall by a factor of ((D + 2) / (D + 1))^4 e^{-2 r (D + 1)} at least.
    """
    least, middle = rate.lower(), rate.mid()
    if not least > 0:
        raise ValueError(f"rate {rate}: give a ball of positive numbers")
    D = int(((bits + 8) * 0.7 / float(least)) ** 0.5) + 2
    g, slopes, curve = [], [], least * 0
    for d in range(D + 1):
        h, factor = family.part(middle, d)
        g.append((1 + h).log())
        slopes.append(h / (1 + h) * factor)
        most = family.part(least, d)[0]
        curve += 2 * most / (1 + most) * (d**4 + BALLS.number(Fraction(d * d, 16)))
    step = (-2 * least * (D + 1)).exp()
    beyond = (-least * (D * (D + 1))).exp()
    falls = 1 - BALLS.number(Fraction(D + 2, D + 1)) ** 4 * step
    if not falls > 0:
        raise ArithmeticError(f"rate {rate}: {D} terms are too few for a bound of the rest")
    curve += 4 * (D + 1) ** 4 * beyond / falls
    linear = BALLS.number(family.linear)
    coefficients, drift = _differences(g, linear * middle), _differences(slopes, linear)
    return Symbol(family, rate, rate.rad(), coefficients, drift, curve.upper(), (8 * beyond / (1 - step)).upper())


def _differences(g: list[arb], linear: arb) -> list[arb]:
    """2 g(d) - g(d+1) - g(d-1), g = 0 beyond the list, with `linear` added at 0."""
    longer = [*g, linear * 0, linear * 0]
    made = [2 * longer[d] - longer[d + 1] - longer[abs(d - 1)] for d in range(len(g) + 1)]
    made[0] += linear
    return made
