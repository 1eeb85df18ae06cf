"""Random keys: the second moments expanded in symbols, the bound for every scale, and memories drawn and measured."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from flint import arb

from constructions.layers.infini_attention.features import ELU_PLUS_ONE
from empirics.checking import Evidence, Run, check, control, fails
from empirics.checks.deltaformer.retrieval import Case, compare, generator, interval
from empirics.checks.infini_attention.presentations import residue
from theory.infini_attention import random_key_laws as laws
from theory.infini_attention import random_keys as claims


@check(claims.law, "derived", covers=True, scope={"sizes": "all N, d", "method": "a feature of two values, d = 1, 2"})
def second_moments(law: Callable[..., Any] = laws.noise_over_signal, shift: int = 0) -> Evidence:
    """All features of two keys of d channels, a feature x with probability p and y otherwise."""
    import sympy

    p, x = sympy.symbols("p x", positive=True)
    y = sympy.Integer(1)  # both sides are homogeneous in the features
    chances = {x + shift: p, y + shift: 1 - p}
    mu = {k: sum(w * v**k for v, w in ((x, p), (y, 1 - p))) for k in (1, 2, 4)}
    found = {}
    for d in (1, 2):
        own, other = sympy.Integer(0), sympy.Integer(0)
        for first in product(chances, repeat=d):
            weight = sympy.prod(chances[v] for v in first)
            own += weight * sum(v * v for v in first) ** 2
            for second in product(chances, repeat=d):
                chance = weight * sympy.prod(chances[v] for v in second)
                other += chance * sum(v * w for v, w in zip(first, second, strict=True)) ** 2
        top, below = sympy.fraction(sympy.together(law(*(sympy.Symbol(f"mu{k}") for k in mu), d)))
        at: Any = {sympy.Symbol(f"mu{k}"): v for k, v in mu.items()}
        found[f"d = {d}"] = sympy.expand(other * below.subs(at) - own * top.subs(at))
    return residue(found)


control(
    second_moments,
    "d-squared",
    "refuted",
    law=lambda a, b, c, d: (b**2 + d * a**4) / (c + d * b**2),
    reason="d - 1 other channels",
)
control(
    second_moments,
    "linear-features",
    "refuted",
    law=lambda a, b, c, d: b**2 / (c + (d - 1) * b**2),
    reason="that is for features of mean 0",
)
control(
    second_moments,
    "times-d",
    "confirmed",
    law=lambda a, b, c, d: (d * b**2 + d * (d - 1) * a**4) / (d * c + d * (d - 1) * b**2),
    symmetry="numerator and denominator times d",
)


@check(claims.limit, "derived", covers=True, scope={"sizes": "all s, d, N", "method": "A, A2, A4, s, r symbols"})
def bound_for_every_scale(factor: Any = None, pairs: int = 11, narrow: int = 6) -> Evidence:
    """pi mu_1^2 - mu_2 and 6 mu_2^2 - mu_4 in their brackets; their signs; and the number of pairs."""
    import sympy

    a, a2, a4, s = sympy.symbols("A A2 A4 s", positive=True)
    pi = sympy.pi if factor is None else sympy.Integer(factor)
    r = 1 / sympy.sqrt(2 * sympy.pi)
    half = sympy.Rational(1, 2)
    mu_1, mu_2 = a + half + s * r, a2 + half + 2 * s * r + s**2 / 2
    brackets = (pi * a - a2) + (pi * a**2 + pi / 4 - half) + 2 * s * r * (pi * a + pi / 2 - 1)
    mu_4 = a4 + half + 4 * s * r + 3 * s**2 + 8 * r * s**3 + 3 * s**4 / 2
    one_channel = (1 - a4) + 6 * a2 * (a2 + 1 + 4 * s * r + s**2) + 8 * s * r + 24 * r**2 * s**2 + 4 * r * s**3
    evidence = residue(
        {
            "the brackets": sympy.expand(pi * mu_1**2 - mu_2 - brackets),
            "one channel": sympy.expand(narrow * mu_2**2 - mu_4 - one_channel),
        }
    )
    if evidence.words:
        return evidence
    if not (pi > 2 and pi**2 > narrow and pairs - 1 > pi**2):
        return fails(f"{pairs} pairs: noise over signal is more than {(pairs - 1) / pi**2}", 1, (pairs - 1) / pi**2)
    return evidence


control(bound_for_every_scale, "three", "refuted", factor=3, reason="s^2 / 2 is left: wide scales come up to pi")
control(bound_for_every_scale, "five", "refuted", narrow=5, reason="one channel of wide scale comes up to 6")
control(bound_for_every_scale, "ten-pairs", "refuted", pairs=10, reason="9 < pi^2")
control(bound_for_every_scale, "twelve-pairs", "confirmed", pairs=12, reason="a part of the claim")


def drawn(case: Case, run: Run, features: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Inner products of each memory's first key with all its keys, (memories, N)."""
    x = case.parameter * generator(run, case).standard_normal((case.memories, case.n, case.d))
    phi = features(x)
    return np.einsum("bc,bnc->bn", phi[:, 0], phi)


def _cases(run: Run) -> dict[str, Any]:
    sizes = ((1, 1, 40_000), (16, 1, 6000), (16, 4, 6000), (64, 1, 1500), (64, 4, 1500))
    return {"case": [Case(8, d, "normal", "elu + 1, scale", s, run.pick(1, 10) * count) for d, s, count in sizes]}


@check(
    claims.measured,
    "measured",
    given=_cases,
    scope={"sizes": "N = 8, d = 1, 16, 64, scales 1 and 4 (d = 1: 1)"},
)
def noise_measured(
    case: Case,
    law: Callable[[float, int], float] = laws.factor,
    features: Callable[[np.ndarray], np.ndarray] = ELU_PLUS_ONE.of,
    run: Run = Run(),
) -> Evidence:
    """The ratio of means over memories, beside the law."""
    inner = drawn(case, run, features)
    found = interval((inner[:, 1:] ** 2).sum(axis=1), inner[:, 0] ** 2)
    return compare(case, found, (case.n - 1) * law(case.parameter, case.d), run)


control(noise_measured, "as-for-mean-0", "refuted", law=lambda s, d: 1 / (d + 2), reason="features have a mean")
control(noise_measured, "of-wide-keys", "refuted", law=lambda s, d: laws.factor(s, 10**6), reason="d = 1 has less")
control(noise_measured, "identity", "refuted", features=lambda x: x, reason="keys of mean 0 are told apart by width")
control(
    noise_measured,
    "identity-by-its-law",
    "confirmed",
    features=lambda x: x,
    law=lambda s, d: 1 / (d + 2),
    reason="the law of <x, y> for normal keys",
)


@check(claims.mean, "derived", covers=True, scope={"sizes": "all N, k", "method": "N, k symbols"})
def cosine_with_the_mean(own: int = 1, power: int = 2, least: Fraction = Fraction(97, 100)) -> Evidence:
    """1 - 1 / (N W), the bound (k - 1)^2 / N, and 0.97 for every N at scale 1, in balls."""
    import sympy

    scale_1, lost = laws.kappa(1), 1 - arb(least.numerator) ** 2 / least.denominator**2
    away = (scale_1 - 1) ** 2
    if not 1.455 < scale_1 < 1.465:
        return fails(f"k = {scale_1}", 1.46, float(scale_1))
    if not (lost * (scale_1**2 - 1) - away) ** 2 < 4 * lost * away:
        return fails(f"k = {float(scale_1):.4f}: the cosine is not above {least} for every N", "no root", "a root in N")

    n, k = sympy.symbols("N k", positive=True)
    lacking = (n - own) * (k - 1) ** 2 / (n * (k**power + n - 1))
    return residue(
        {
            "1 - cos^2": 1 - 1 / laws.spread(k, n) - lacking,
            "below its bound by": (k - 1) ** 2 / n - lacking - (k - 1) ** 2 * k**2 / (n * (k**2 + n - 1)),
        }
    )


control(cosine_with_the_mean, "others-alone", "refuted", own=0, reason="N - 1 keys are others")
control(cosine_with_the_mean, "k-once", "refuted", power=1, reason="the own weight enters squared")
control(cosine_with_the_mean, "0.99", "refuted", least=Fraction(99, 100), reason="with 3 pairs it is 0.983")


@check(
    claims.mean,
    "measured",
    given=lambda run: {
        "case": [Case(n, 1024, "normal", "elu + 1, scale", 1, run.pick(60, 600) * 8 // n + 10) for n in (3, 16, 64)]
    },
    scope={"sizes": "N = 3, 16, 64, d = 1024, scale 1", "slack": "1 %, for finite d"},
)
def spread_measured(
    case: Case, law: Callable[[Any, int], Any] = laws.spread, least: float = 0.97, run: Run = Run()
) -> Evidence:
    """N times the sum of squared weights, over memories, beside the law; and the cosine."""
    inner = drawn(case, run, ELU_PLUS_ONE.of)
    weights = inner / inner.sum(axis=1, keepdims=True)
    found = interval(case.n * (weights**2).sum(axis=1), np.ones(case.memories))
    if found[0] ** -0.5 < least:
        return fails(f"{case}: the cosine is {found[0] ** -0.5:.4f}", least, found[0] ** -0.5)
    return compare(case, found, float(law(laws.kappa(1), case.n)), run, slack=0.01)


control(spread_measured, "own-alone", "refuted", law=lambda k, n: n * 1.0, reason="a read of its own value alone")
control(spread_measured, "nearer-still", "refuted", least=0.999, reason="with 3 pairs it is about 0.98")
