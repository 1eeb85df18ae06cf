"""Retrieval from an additive memory: laws derived, and measured beside with intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from constructions.deltaformer.memory import Pairs, Power
from constructions.layers.kernels import LINEAR, Exponential, Kernel, Softmax
from empirics.checking import Evidence, Run, check, control, fails, holds, undecided
from theory.deltaformer import capacity as claims
from theory.deltaformer import retrieval_laws as laws

DEVIATIONS = 5
"""Half the width of an interval in standard errors: a normal statistic lies outside once in 1.7 million."""
WIDEST = 0.1
"""The widest relative half width of an interval that is called a measurement."""


@dataclass(frozen=True)
class Case:
    """N pairs, head dimension, law of the keys, kernel and its parameter (power or temperature), how many memories."""

    n: int
    d: int
    keys: str
    kernel: str
    parameter: float = 1
    memories: int = 1000

    @property
    def made(self) -> Kernel:
        if self.kernel in ("power", "rectified"):
            return Power(int(self.parameter), self.kernel == "rectified")
        return {"linear": LINEAR, "exponential": Exponential(self.parameter), "softmax": Softmax(self.parameter)}[
            self.kernel
        ]

    def __str__(self) -> str:
        told = "linear" if self.kernel == "linear" else f"{self.kernel} {self.parameter:g}"
        return f"{told}, {self.keys} keys, d = {self.d}, N = {self.n}"


def _generator(run: Run, case: Case) -> np.random.Generator:
    return np.random.default_rng([run.seed, *str(case).encode()])


def interval(above: np.ndarray, below: np.ndarray) -> tuple[float, float]:
    """The ratio of two means over independent memories, and half the width of its interval (by linearisation)."""
    ratio = above.mean() / below.mean()
    deviation = (above - ratio * below).std(ddof=1) / np.sqrt(len(above)) / below.mean()
    return float(ratio), DEVIATIONS * float(deviation)


def compare(case: Case, found: tuple[float, float], wanted: float, run: Run, slack: float = 0.0) -> Evidence:
    """Whether the interval, widened by `slack` of the law, holds the law; undecided when it does but is too wide to
    call that a measurement."""
    value, half = found
    if abs(value - wanted) > half + slack * wanted:
        return fails(
            f"{case}: measured {value:.4g} +- {half:.2g}, the law says {wanted:.4g}", f"{wanted:.6g}", f"{value:.6g}"
        )
    if half > WIDEST * value:
        return undecided(f"{case}: the interval {value:.4g} +- {half:.2g} is too wide; measure more memories")
    told = f"{value:.4g} +- {half:.2g}, law {wanted:.4g} ({case.memories} memories, {DEVIATIONS} standard errors)"
    return holds(**{f"measured ({case})": told, "seed": run.seed})


def _noise_over_signal(case: Case, run: Run) -> tuple[float, float]:
    pairs = Pairs.draw(_generator(run, case), case.memories, case.n, case.d, case.keys)
    signal, noise = pairs.signal_and_noise(case.made)
    return interval(noise, signal)


@check(claims.linear_and_powers, "derived", covers=True, scope={"sizes": "all N, d and p", "method": "derivatives"})
def moments_follow_from_one_another(step: Callable[[str, Any, Any], Any] = laws.power_step) -> Evidence:
    """Two derivatives give the steps of the moments; the law's step is made of them; p = 1 is 1/(d+2) and 1/d."""
    import sympy

    t, r, d, p = sympy.symbols("t r d p", positive=True)
    # Divided by the density and by the power of t or r, both sides are rational functions.
    sphere = _logarithmic(t ** (2 * p + 1) * (1 - t**2) ** ((d - 1) / 2), t) * t * (1 - t**2)
    gaussian = _logarithmic(r ** (d + 2 * p) * sympy.exp(-(r**2) / 2), r) * r
    coordinate, length = (2 * p + 1) / (d + 2 * p), d + 2 * p
    identities = (
        ("coordinate moments", sphere, (2 * p + 1) - (d + 2 * p) * t**2),
        ("length moments", gaussian, length - r**2),
        ("the law on the sphere", step("sphere", d, p), coordinate),
        (
            "the law for gaussian keys",
            step("gaussian", d, p),
            length**2 * coordinate / (length.subs(p, 2 * p) * length.subs(p, 2 * p + 1)),
        ),
        ("the linear kernel, gaussian keys", step("gaussian", d, sympy.Integer(0)), 1 / (d + 2)),
    )
    for name, found, wanted in identities:
        residual = sympy.cancel(sympy.together(found - wanted))
        if residual != 0:
            return fails(f"{name}: off by {residual}", wanted, found)
    return holds(cases=len(identities))


def _logarithmic(expression: Any, x: Any) -> Any:
    """The derivative over the expression itself, as a rational function of x."""
    import sympy

    return sympy.diff(sympy.expand_log(sympy.log(expression), force=True), x)


control(
    moments_follow_from_one_another,
    "n-over-d-for-gaussian-keys",
    "refuted",
    step=lambda keys, d, p: (2 * p + 1) / (d + 2 * p),
    reason="the length of a gaussian key is random too: d + 2, not d",
)
control(
    moments_follow_from_one_another,
    "moments-of-a-normal-number",
    "refuted",
    step=lambda keys, d, p: (2 * p + 1) / d,
    reason="a coordinate on the sphere is normal in the limit only",
)
control(
    moments_follow_from_one_another,
    "written-otherwise",
    "confirmed",
    step=lambda keys, d, p: (4 * p + 2) / (2 * d + 4 * p) if keys == "sphere" else laws.power_step(keys, d, p),
    symmetry="(2p+1)/(d+2p) with numerator and denominator doubled",
)

_POWERS = [
    *(Case(24, d, keys, "linear") for keys in laws.KEY_LAWS for d in (4, 16)),
    *(Case(24, d, "sphere", "rectified", p) for p in (2, 3) for d in (4, 8, 16)),
    Case(24, 8, "sphere", "power", 2),
    Case(24, 8, "gaussian", "rectified", 2, 2000),
]


def _power_law(case: Case) -> float:
    return (case.n - 1) * float(laws.power_noise(case.keys, case.d, int(case.parameter), case.kernel == "rectified"))


@check(
    claims.linear_and_powers,
    "measured",
    given={"case": _POWERS},
    scope={"sizes": "N = 24, d = 4, 8, 16, p = 1, 2, 3"},
)
def powers_measured(case: Case, law: Callable[[Case], float] = _power_law, run: Run = Run()) -> Evidence:
    """Noise over signal of memories drawn at random, values and all, beside the law."""
    return compare(case, _noise_over_signal(case, run), law(case), run)


def _per_pair(case: Case) -> float:
    """N in place of N - 1."""
    return _power_law(case) * case.n / (case.n - 1)


control(
    powers_measured,
    "exponent-one-less",
    "refuted",
    law=lambda case: _power_law(case) * (case.d if case.parameter > 1 or case.keys == "gaussian" else 1),
    reason="capacity grows as d^p, not as d^(p-1)",
)
control(
    powers_measured,
    "n-over-d-for-gaussian-keys",
    "refuted",
    law=lambda case: case.n / case.d if case.kernel == "linear" else _power_law(case),
    reason="24 / 4 is not 23 / 6",
)
control(
    powers_measured,
    "half-forgotten",
    "refuted",
    law=lambda case: _power_law(case) * (2 if case.kernel == "rectified" else 1),
    reason="half of the keys have a negative inner product",
)
control(
    powers_measured,
    "linear-as-a-power",
    "confirmed",
    law=lambda case: (
        (case.n - 1) / (case.d + 2 * (case.keys == "gaussian")) if case.kernel == "linear" else _power_law(case)
    ),
    symmetry="the linear kernel is the first power",
)


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
    return compare(case, _noise_over_signal(case, run), law(case), run)


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
    return compare(case, _noise_over_signal(case, run), law(case), run)


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
    pairs = Pairs.draw(_generator(run, case), case.memories, case.n, case.d, case.keys, m=4)
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
