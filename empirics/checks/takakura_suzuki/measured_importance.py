"""Tokens by importance: sorted by rounds of attention against a fixed order, measured, and the floor of a fixed order, exactly."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from empirics.checking import Evidence, Run, check, control, fails, holds, undecided
from empirics.checks.takakura_suzuki.measured_transformer import hard
from empirics.rates.slopes import SURE
from theory.takakura_suzuki import fixed_order_laws
from theory.takakura_suzuki import measured_transformer as claims


def _study() -> Any:
    from empirics.rates.importance import Study, Windows

    return Study(hard(19, 0), 3, Windows(6, Fraction(1, 12)))


def _sizes(run: Run) -> list[tuple[int, int, int]]:
    return [(n, run.pick(16, 48), run.seed) for n in (256, 512)]


_MEASURED: dict[str, Any] = {
    "given": lambda run: {"case": _sizes(run)},
    "covers": True,
    "scope": lambda run: {"sizes": f"n = 256, 512, {run.pick(16, 48)} replicates", "level": "1 - 10^-5"},
}


def _compare(case: tuple[int, int, int], found: Any, low: float, high: float) -> Evidence:
    n, _, seed = case
    mean = found.mean(seed, SURE)
    if (found.least < 1 / 2).any():
        return undecided(f"n = {n}: a design has a least eigenvalue below 1/2")
    if not mean.meets(low, high):
        words = f"{found.order}, n = {n}: mean risk {mean.value:.4g}, interval {mean.low:.4g} to {mean.high:.4g}"
        return fails(words, f"{low:.4g} to {high:.4g}", mean.value)
    return holds(cases=len(found.risks))


@check(claims.sorted_tokens, "measured", **_MEASURED)
def sorted_by_rounds(
    case: tuple[int, int, int], order: str = "sorted", temperature: Fraction = Fraction(1)
) -> Evidence:
    """The mean risk's interval against the bounds for N functions in sorted coordinates."""
    n, replicates, seed = case
    study = _study()
    found = study.read(order, n, Fraction(1, 8), replicates, seed, temperature)
    low, high = replace(found, bias=study.bias("sorted")).bracket
    return _compare(case, found, low, high)


control(
    sorted_by_rounds,
    "fixed-order",
    "refuted",
    order="fixed order",
    reason="the floor of a fixed order is 20 times higher",
)
control(sorted_by_rounds, "least-first", "refuted", order="least first", reason="the target depends on the others")
control(
    sorted_by_rounds,
    "an-eighth-of-the-temperature",
    "refuted",
    temperature=Fraction(1, 8),
    reason="rounds then read mixtures of tokens",
)
control(sorted_by_rounds, "colder", "confirmed", temperature=Fraction(2), reason="the leak is squared")


@check(claims.fixed_order_measured, "measured", **_MEASURED)
def fixed_order_fails(
    case: tuple[int, int, int], order: str = "fixed order", share: Fraction = Fraction(1), later: int = 0
) -> Evidence:
    """The mean risk's interval against the floor and the bounds for the projection's bias; `later` is added to the seed."""
    n, replicates, seed = case
    seed += later
    study = _study()
    found = study.read(order, n, Fraction(1, 8), replicates, seed)
    bias = study.bias("fixed order") * share
    low, high = replace(found, bias=bias).bracket
    if bias < study.floor * share:
        return fails(f"the bias {float(bias):.4g} lies below the floor", f">= {float(study.floor):.4g}", float(bias))
    return _compare(case, found, low, high)


control(fixed_order_fails, "sorted", "refuted", order="sorted", reason="who sorts goes below the floor")
control(fixed_order_fails, "half-the-floor", "refuted", share=Fraction(1, 2), reason="nobody gets that low")
control(fixed_order_fails, "another-seed", "confirmed", later=1, reason="other windows and noises of the same law")


def _pairs(run: Run) -> list[tuple[int, tuple[tuple[int, ...], ...]]]:
    from constructions.takakura_suzuki.target import trimmed

    functions = sorted({trimmed(i) for i in itertools.product((-1, 0, 1), repeat=2)})
    return [
        (window, pair)
        for window in range(2, run.pick(5, 6))
        for pair in itertools.combinations_with_replacement(functions, 2)
    ]


@check(
    claims.fixed_order,
    "exhausted",
    given=lambda run: {"case": _pairs(run)},
    covers=True,
    scope=lambda run: {"sizes": f"W = 2..{run.pick(4, 5)}, every pair of functions of two tokens with |l_i| <= 1"},
)
def projection_is_the_mean_over_orders(
    case: tuple[int, Sequence[tuple[int, ...]]], law: Callable[..., Any] = fixed_order_laws.share
) -> Evidence:
    """b and the floor against the mean over all W! orders, written out."""
    from constructions.takakura_suzuki.target import trimmed

    window, functions = case
    coefficients = {index: Fraction(j + 1, 3) for j, index in enumerate(functions)}
    mean: dict[tuple[int, ...], Fraction] = {}
    orders = list(itertools.permutations(range(window)))
    for index, c in coefficients.items():
        for order in orders:
            moved = [0] * window
            for j, frequency in enumerate(index):
                moved[order[j]] = frequency
            seen = trimmed(moved)
            mean[seen] = mean.get(seen, Fraction(0)) + c / len(orders)
    kept = list(mean)
    sums = fixed_order_laws.projection(coefficients, kept, window)
    found = []
    for b, signature in zip(sums, map(fixed_order_laws.frequencies, kept), strict=True):
        found.append(b * law(signature, window) / fixed_order_laws.share(signature, window))
    for index, b in zip(kept, found, strict=True):
        if b != mean[index]:
            return fails(f"W = {window}, functions {functions}: b of {index} is {b}", mean[index], b)
    left = sum((c**2 for c in coefficients.values()), Fraction(0)) - sum((b**2 for b in mean.values()), Fraction(0))
    if left != fixed_order_laws.floor(coefficients, window):
        return fails(
            f"W = {window}, functions {functions}: the floor", left, fixed_order_laws.floor(coefficients, window)
        )
    return holds(cases=len(kept))


def _distinct(signature: tuple[int, ...], window: int) -> Fraction:
    """As if all frequencies were different."""
    return fixed_order_laws.share(tuple(range(1, len(signature) + 1)), window)


control(
    projection_is_the_mean_over_orders,
    "all-frequencies-distinct",
    "refuted",
    law=_distinct,
    reason="two equal frequencies are met in two ways",
)
control(
    projection_is_the_mean_over_orders,
    "one-token-more",
    "refuted",
    law=lambda signature, window: fixed_order_laws.share(signature, window + 1),
    reason="the shares are those of W tokens",
)
control(
    projection_is_the_mean_over_orders,
    "reversed",
    "confirmed",
    law=lambda signature, window: fixed_order_laws.share(signature[::-1], window),
    symmetry="the order of the frequencies",
)
