"""Closure rules: declared properties looked for in balls, identities, and what breaks them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from flint import ctx

from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.position_kernels.edits import minus_one, rising_t5, steps_in_t5, with_sandwich
from theory.position_kernels import closure as claims
from theory.position_kernels.arithmetic import Root
from theory.position_kernels.kernels import (
    Buckets,
    Cosines,
    Exponential,
    Gaussian,
    Kernel,
    Logarithmic,
    Power,
    Tanh,
)
from theory.position_kernels.mixtures import Mixture, alibi, four_kernels, three_kernels, two_kernels
from theory.position_kernels.properties import Property, broken
from theory.position_kernels.slopes import released_slopes

F = Fraction
PRECISION = 300
Make = Callable[[Any], Mixture]
SEARCHED = (Property.MONOTONE, Property.LOG_CONVEX, Property.POSITIVE_DEFINITE, Property.CONDITIONALLY)
KERNELS: tuple[Kernel, ...] = (
    Exponential(F(1)),
    Exponential(Root(F(1, 2))),
    Gaussian(F(1, 2)),
    Tanh(F(1, 2)),
    Logarithmic(F(1), F(1, 2)),
    Logarithmic(F(1, 2), F(3)),
    Power(F(1), F(1, 2)),
    Power(F(1, 2), F(3, 2)),
    Cosines(4, 100),
    Buckets((F(1), F(0), F(-3)), (0, 2, 5)),
    Buckets((F(0), F(1)), (0, 2)),
    two_kernels(F(1, 2)),
    three_kernels(F(1, 4)),
    four_kernels(F(1, 4), Buckets((F(1), F(0)), (0, 4)), Logarithmic(F(1), F(2))),
    Mixture((Exponential(F(1, 2)), Logarithmic(F(1), F(1))), (F(1, 3), F(2, 3))),
    Mixture((Tanh(F(1)), Gaussian(F(1)), Power(F(1), F(3, 2)))),
)


def as_declared(kernel: Kernel) -> Mapping[Property, bool | None]:
    return kernel.declared


def convex_gaussian(kernel: Kernel) -> Mapping[Property, bool | None]:
    return {**kernel.declared, Property.LOG_CONVEX: True} if isinstance(kernel, Gaussian) else kernel.declared


def monotone_sandwich(kernel: Kernel) -> Mapping[Property, bool | None]:
    return {**kernel.declared, Property.MONOTONE: True} if isinstance(kernel, Cosines) else kernel.declared


def concave_exponential(kernel: Kernel) -> Mapping[Property, bool | None]:
    return {**kernel.declared, Property.LOG_CONVEX: False} if isinstance(kernel, Exponential) else kernel.declared


def silent_mixtures(kernel: Kernel) -> Mapping[Property, bool | None]:
    return dict.fromkeys(Property) if isinstance(kernel, Mixture) else kernel.declared


@check(
    claims.declared, "exhausted", given={"kernel": KERNELS}, covers=True, scope={"sizes": "16 kernels, distances < 24"}
)
def has_what_it_declares(
    kernel: Kernel, told: Callable[[Kernel], Mapping[Property, bool | None]] = as_declared
) -> Evidence:
    """A declared property is broken nowhere, a denied one somewhere. A minor that is 0 shows nothing."""
    decided = 0
    with ctx.workprec(PRECISION):
        for which in SEARCHED:
            said = told(kernel)[which]
            if said is None:
                continue
            if isinstance(kernel, Cosines) and which is Property.CONDITIONALLY:
                most = 6  # beyond, minors vanish: eight frequencies
            else:
                most = 24
            found = broken(kernel, which, most)
            if said and found is not None:
                return fails(f"{kernel}: declared {which}, broken at {found}", "nowhere", found)
            if not said and found is None:
                return fails(f"{kernel}: denies {which}, broken nowhere up to {most}", "somewhere", "nowhere")
            decided += 1
    return holds(cases=decided)


control(has_what_it_declares, "convex-gaussian", "refuted", told=convex_gaussian, reason="it is log-concave")
control(has_what_it_declares, "monotone-sandwich", "refuted", told=monotone_sandwich, reason="cosines come back")
control(has_what_it_declares, "concave-exponential", "refuted", told=concave_exponential, reason="log-linear is convex")
control(has_what_it_declares, "silent-mixtures", "confirmed", told=silent_mixtures, reason="saying less is no error")


@check(
    claims.monotone, "derived", covers=True, scope={"sizes": "all kernels and weights", "method": "values as symbols"}
)
def linear_in_kernels(cross: int = 0, count: int = 2) -> Evidence:
    """The difference of the mixture against that of its parts."""
    import sympy

    w, x, p = (sympy.symbols(f"{name}0:{count}", positive=True) for name in "wxp")  # weights; K_i at d; K_i at d + 1

    def mixed(kernels: Any) -> Any:
        return sum(share * k for share, k in zip(w, kernels, strict=True))

    left = mixed(x) - mixed(p) - mixed([a - b for a, b in zip(x, p, strict=True)]) + cross * w[0] * w[1]
    return holds() if sympy.expand(left) == 0 else fails(f"{sympy.expand(left)} is left", 0, left)


control(linear_in_kernels, "a-product", "refuted", cross=1, reason="a mixture has no product of weights")
control(linear_in_kernels, "three-kernels", "confirmed", count=3, reason="a sum of three")

RATES = (F(1), *released_slopes(8))


@check(
    claims.non_monotone,
    "exhausted",
    given={"kernels": (2, 3)},
    covers=True,
    scope={"sizes": "slopes 1 and released, d up to 100"},
)
def rises_somewhere(kernels: int, edit: Make | None = None, rates: tuple[Any, ...] = RATES) -> Evidence:
    """Looks for a slope and a distance where the bias rises."""
    make = edit or (two_kernels if kernels == 2 else three_kernels)
    with ctx.workprec(PRECISION):
        for rate in rates:
            if broken(make(rate), Property.MONOTONE, 100) is not None:
                return holds()
    return fails(f"{kernels} kernels: b falls at every d < 100 for all slopes tried", "a rise", "none")


control(
    rises_somewhere, "negative-weight", "confirmed", edit=minus_one, rates=(F(1),), reason="7/4 e^{-d/4} - 3/4 e^{-d}"
)
control(rises_somewhere, "t5", "confirmed", edit=rising_t5, rates=(F(1),), reason="the second bucket is higher")
control(rises_somewhere, "sandwich", "confirmed", edit=with_sandwich, rates=(F(1),), reason="cosines come back")
control(rises_somewhere, "alibi", "refuted", edit=alibi, reason="one exponential falls")


@check(
    claims.positive_definite,
    "derived",
    covers=True,
    scope={"sizes": "all kernels, weights, positions", "method": "values as symbols"},
)
def linear_in_matrices(power: int = 1) -> Evidence:
    """The form of the mixture against the mixture of the forms."""
    import sympy

    c, (w, v) = sympy.symbols("c0:3", real=True), sympy.symbols("w v", positive=True)
    K, M = sympy.symbols("K0:3", positive=True), sympy.symbols("M0:3", positive=True)

    def form(values: Any) -> Any:
        return sum(c[i] * c[j] * values[abs(i - j)] for i in range(3) for j in range(3))

    left = form([(w * x + v * y) ** power for x, y in zip(K, M, strict=True)]) - w * form(K) - v * form(M)
    return holds() if sympy.expand(left) == 0 else fails(f"{sympy.expand(left)} is left", 0, left)


control(linear_in_matrices, "squares", "refuted", power=2, reason="the square of a mixture is no mixture")
control(linear_in_matrices, "three-less-two", "confirmed", power=3 - 2, symmetry="3 - 2 = 1")


@check(
    claims.t5_definite,
    "exhausted",
    given={"values": ("rising", "falling"), "rate": (F(1), F(1, 4))},
    covers=True,
    scope={"sizes": "two T5 terms, two slopes, 12 positions"},
)
def definite_with_t5(values: str, rate: Fraction, edit: Make | None = None) -> Evidence | None:
    """The least number of positions whose matrix of e^b has a negative minor."""
    make = edit or (rising_t5 if values == "rising" else steps_in_t5)
    with ctx.workprec(PRECISION):
        found = broken(make(rate), Property.POSITIVE_DEFINITE, 12)
    return (
        None
        if found is None
        else fails(f"{values} values, slope {rate}: e^b fails on {found} positions", "none", found)
    )


def convex_t5(rate: Fraction) -> Mixture:
    """A T5 term whose e^v is convex: 1, 1/2 from d = 1 on."""
    return Mixture((Exponential(rate), Buckets((F(0), F(-1, 2)), (0, 1))))


control(definite_with_t5, "no-t5", "confirmed", edit=three_kernels, reason="theorem closure/positive-definite")
control(
    definite_with_t5,
    "convex",
    "confirmed",
    edit=convex_t5,
    reason="e^v is convex and non-increasing, so Polya's theorem holds",
)
control(
    definite_with_t5,
    "sandwich-alone",
    "confirmed",
    edit=lambda r: Mixture((Cosines(4, 100),)),
    reason="Schur's products",
)
