"""Retrieval from an additive memory, exponential and softmax kernels: laws derived, and measured beside with intervals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from constructions.deltaformer.memory import Pairs
from constructions.layers.kernels import Exponential, Softmax
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.deltaformer.retrieval import Case, compare, generator, interval, noise_over_signal
from theory.deltaformer import capacity as claims
from theory.deltaformer import retrieval_laws as laws


@check(
    claims.exponential_sphere,
    "derived",
    covers=True,
    scope={"sizes": "all N, d, lam", "method": "series, term by term"},
)
def bessel_series_lies_between(step: Callable[[Any, Any, Any], Any] = laws.bessel_step, growth: int = 2) -> Evidence:
    """Steps of three series: E e^(s t), 0F1, e^(growth lam^2 / d); and the exponent at lam = d/2."""
    import sympy

    d, p, s, lam = sympy.symbols("d p s lam", positive=True)
    moment = laws.power_step("sphere", d, p)
    residual = sympy.cancel(sympy.together(step(d, p, s**2 / 4) - s**2 * moment / ((2 * p + 1) * (2 * p + 2))))
    if residual != 0:
        return fails(f"the step of 0F1 misses that of E e^(s t) by {residual}", 0, residual)
    # The bound's step over the series': at least 1 for all p >= 0, d > 0, as a polynomial with no negative coefficient.
    gap = sympy.cancel(sympy.together(growth * lam**2 / d / (p + 1) / step(d, p, lam**2) - 1))
    above, _ = sympy.fraction(gap)
    if any(coefficient < 0 for coefficient in sympy.Poly(above, d, p).coeffs()):
        return fails(f"the step of the bound over that of 0F1, less 1, is {gap}", ">= 0", gap)
    exponent = sympy.expand((-2 * lam + growth * lam**2 / d).subs(lam, d / 2))
    if sympy.expand(exponent + d / 2) != 0:
        return fails(f"the exponent at lam = d/2 is {exponent}, not -d/2", -d / 2, exponent)
    return holds(cases=3)


control(
    bessel_series_lies_between,
    "half-the-growth",
    "refuted",
    growth=1,
    reason="e^(lam^2/d) has a smaller second term than the series",
)
control(
    bessel_series_lies_between,
    "dimension-doubled",
    "refuted",
    step=lambda d, p, x: laws.bessel_step(2 * d, p, x),
    reason="0F1(; d; .) is another series",
)
control(
    bessel_series_lies_between,
    "series-rearranged",
    "confirmed",
    step=lambda d, p, x: 2 * x / ((p + 1) * (d + 2 * p)),
    symmetry="numerator and denominator doubled",
)

_TEMPERATURES = [(4, 2.0), (8, 4.0), (16, 2.0), (16, 4.0)]


def _exponential_law(case: Case) -> float:
    return (case.n - 1) * laws.exponential_noise(case.keys, case.d, case.parameter)


@check(
    claims.exponential_sphere,
    "measured",
    given={"case": [Case(24, d, "sphere", "exponential", lam) for d, lam in _TEMPERATURES]},
    scope={"sizes": "N = 24, (d, lam) = (4, 2), (8, 4), (16, 2), (16, 4)"},
)
def exponential_on_the_sphere_measured(
    case: Case, law: Callable[[Case], float] = _exponential_law, run: Run = Run()
) -> Evidence:
    """Noise over signal of memories drawn at random beside the Bessel law."""
    return compare(case, noise_over_signal(case, run), law(case), run)


control(
    exponential_on_the_sphere_measured,
    "orthogonal-keys",
    "refuted",
    law=lambda case: (case.n - 1) * float(np.exp(-2 * case.parameter)),
    reason="as if every other key were orthogonal: the lower bound alone",
)
control(
    exponential_on_the_sphere_measured,
    "upper-bound",
    "refuted",
    law=lambda case: (case.n - 1) * float(np.exp(-2 * case.parameter + 2 * case.parameter**2 / case.d)),
    reason="the bound is not the law",
)
control(
    exponential_on_the_sphere_measured,
    "by-its-moment",
    "confirmed",
    law=lambda case: (
        (case.n - 1) * float(np.exp(-2 * case.parameter)) * laws.exponential_moment(case.d, -2 * case.parameter)
    ),
    symmetry="a coordinate of the sphere is symmetric: E e^(-s t) = E e^(s t)",
)


@check(claims.exponential_gaussian, "derived", covers=True, scope={"sizes": "all N, d, lam < 1/4", "method": "squares"})
def squares_are_completed(own: int = 4, cross: int = 4, scale: int = 1) -> Evidence:
    """Two completed squares, and the exponents 1 - own lam and 1 - cross lam^2 that they lead to."""
    import sympy

    x, y, a, s, lam = sympy.symbols("x y a s lam")
    own_exponent, cross_exponent = 2 * scale * lam, (s**2 / 2).subs(s, 2 * scale * lam)
    identities = (
        ("the square in x", -(x**2) / 2 + a * x**2, -(1 - 2 * a) * x**2 / 2),
        ("the square in x - s y", -(x**2) / 2 + s * x * y, -((x - s * y) ** 2) / 2 + s**2 * y**2 / 2),
        ("a key with itself", 1 - 2 * own_exponent, 1 - own * lam),
        ("a key with another", 1 - 2 * cross_exponent, 1 - cross * lam**2),
    )
    for name, found, wanted in identities:
        residual = sympy.expand(found - wanted)
        if residual != 0:
            return fails(f"{name}: off by {residual}", wanted, found)
    return holds(cases=len(identities))


control(squares_are_completed, "own-weight-not-squared", "refuted", own=2, reason="the signal is kappa squared")
control(squares_are_completed, "cross-weight-not-squared", "refuted", cross=1, reason="the noise is kappa squared")
control(
    squares_are_completed,
    "temperature-doubled",
    "confirmed",
    own=8,
    cross=16,
    scale=2,
    reason="2 lam in place of lam throughout",
)


@check(
    claims.exponential_gaussian,
    "measured",
    given={"case": [Case(24, d, "gaussian", "exponential", 1 / 16, 2000) for d in (4, 8, 16)]},
    scope={"sizes": "N = 24, lam = 1/16, d = 4, 8, 16"},
)
def exponential_with_gaussian_keys_measured(
    case: Case, law: Callable[[Case], float] = _exponential_law, run: Run = Run()
) -> Evidence:
    """Noise over signal of memories drawn at random beside the law; lam is where the signal has a fourth moment too."""
    return compare(case, noise_over_signal(case, run), law(case), run)


control(
    exponential_with_gaussian_keys_measured,
    "own-weight-forgotten",
    "refuted",
    law=lambda case: (case.n - 1) * (1 - 4 * case.parameter**2) ** (-case.d / 2),
    reason="long keys have a large signal",
)
control(
    exponential_with_gaussian_keys_measured,
    "exponent-d",
    "refuted",
    law=lambda case: _exponential_law(case) * laws.exponential_noise("gaussian", case.d, case.parameter),
    reason="the exponent is d/2, not d",
)
control(
    exponential_with_gaussian_keys_measured,
    "coordinate-by-coordinate",
    "confirmed",
    law=lambda case: (case.n - 1) * laws.exponential_noise("gaussian", 1, case.parameter) ** case.d,
    symmetry="the law is a product over coordinates",
)

_CROWDS = [(32, 8, 2.0), (128, 16, 4.0), (128, 16, 8.0), (256, 8, 4.0)]
SLACK = 0.05


def _others(n: int, d: int, lam: float) -> float:
    """z: the mean of what the other keys weigh together, the own key weighing 1."""
    return (n - 1) * np.exp(-lam) * laws.exponential_moment(d, lam)


def _over_one_denominator(n: int, d: int, lam: float) -> float:
    others, squares = _others(n, d, lam), (n - 1) * laws.exponential_noise("sphere", d, lam)
    return 1 - (1 + 2 * others - squares) / (1 + others) ** 2


@check(
    claims.softmax,
    "measured",
    given={"case": [Case(n, d, "sphere", "softmax", lam, 12800 // n) for n, d, lam in _CROWDS]},
    covers=True,
    scope={
        "sizes": "(N, d, lam) = (32, 8, 2), (128, 16, 4), (128, 16, 8), (256, 8, 4)",
        "method": "mean field within 5 %",
    },
)
def softmax_errors_measured(
    case: Case,
    law: Callable[[int, int, float], float] = laws.softmax_error,
    normalised: bool = True,
    instead: Case | None = None,
    run: Run = Run(),
) -> Evidence:
    """Softmax and exponential weights have one ratio of noise to signal, key by key; the error lies near mean field."""
    case = instead or case
    pairs = Pairs.draw(generator(run, case), case.memories, case.n, case.d, case.keys, m=4)
    few = pairs.keys[:4]
    weights = Softmax(case.parameter).weights(few, few)
    plain = Exponential(case.parameter).weights(few, few)
    own, own_plain = (np.einsum("bii->bi", x)[..., None] for x in (weights, plain))
    # In units of half an eps: 14 lam + 12 for scores, their differences, two exponentials and the divisions.
    rounding = (7 * case.parameter + 6) * np.finfo(np.float64).eps
    if (abs(weights / own - plain / own_plain) > rounding * (plain / own_plain)).any():
        return fails(f"{case}: weights over their own weight differ between softmax and the exponential kernel")
    errors = pairs.read_errors(Softmax(case.parameter) if normalised else Exponential(case.parameter)).mean(axis=1)
    found = interval(errors, np.ones_like(errors))
    return compare(case, found, law(case.n, case.d, case.parameter), run, SLACK)


control(
    softmax_errors_measured,
    "not-normalised",
    "refuted",
    normalised=False,
    reason="without the normaliser the error is noise over signal alone",
)
control(
    softmax_errors_measured,
    "signal-undiminished",
    "refuted",
    law=lambda n, d, lam: (n - 1) * laws.exponential_noise("sphere", d, lam),
    reason="a softmax shrinks its signal by the weight of the others",
)
control(
    softmax_errors_measured,
    "few-keys-dominate",
    "refuted",
    instead=Case(32, 4, "sphere", "softmax", 8.0, 400),
    reason="in few dimensions and at a high temperature the sum of weights is far from its mean",
)
control(
    softmax_errors_measured,
    "written-out",
    "confirmed",
    law=_over_one_denominator,
    symmetry="1 - 2 / (1 + z) + (1 + (N - 1) mu_2) / (1 + z)^2, put over one denominator",
)
