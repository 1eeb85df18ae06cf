"""Retrieval from an additive memory, linear kernel and powers: laws derived, and measured beside with intervals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.deltaformer.retrieval import Case, compare, noise_over_signal
from theory.deltaformer import capacity as claims
from theory.deltaformer import retrieval_laws as laws


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
    return compare(case, noise_over_signal(case, run), law(case), run)


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
