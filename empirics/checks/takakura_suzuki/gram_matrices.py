"""Gram matrices of sets closed under signs: every trace, and the mean squared distance from the identity."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.takakura_suzuki.oracle_bounds import LINEAR
from empirics.rates import basis
from empirics.rates.contrast import isotropic
from empirics.rates.least_squares import draw
from empirics.rates.slopes import SURE, ratios
from theory.takakura_suzuki import measured_rates as claims
from theory.takakura_suzuki import refined
from theory.takakura_suzuki.smoothness import Smoothness


def _matrices(index: np.ndarray, n: int, count: int, seed: int) -> tuple[np.ndarray, float]:
    """Gram matrices of `count` designs and how far their trace may be from exact."""
    made = basis.Basis(index)
    phi = made(draw(n, made.active, range(count), seed)[0])
    N, k, f = len(index), int((index != 0).sum(axis=1).max()), int(np.abs(index).max())
    size = math.sqrt(2) ** k
    each = 2 * size * basis.error(k, f) + basis.error(k, f) ** 2 + size**2 * (n + N) * 2.0**-53
    return phi.swapaxes(1, 2) @ phi / n, N * each


@check(
    claims.gram,
    "tested",
    given=lambda run: {
        "case": [(s, N, n) for s, N in ((LINEAR, 9), (isotropic(2), 25), (LINEAR, 23)) for n in (64, 256)]
    },
    scope=lambda run: {
        "sizes": f"three sets, n = 64, 256, {run.pick(400, 1500)} designs each",
        "interval": "1 - 10^-5",
    },
)
def traces_and_distances(
    case: tuple[Smoothness, int, int],
    run: Run,
    kept: Callable[[np.ndarray], np.ndarray] = lambda index: index,
    law: Callable[[int, int], float] = lambda N, n: (N * N - N) / n,
) -> Evidence:
    """Every trace within rounding; the mean squared distance by an interval over designs."""
    smoothness, N, n = case
    index = kept(refined.first(smoothness, N))
    found, allowed = _matrices(index, n, run.pick(400, 1500), run.seed)
    traces = np.trace(found, axis1=1, axis2=2)
    where = f"N = {N}, n = {n}"
    if (off := float(np.abs(traces - N).max())) > allowed:
        return fails(f"{where}: a trace is {off:.3g} from N", N, float(traces[np.abs(traces - N).argmax()]))
    distances = ((found - np.eye(N)) ** 2).sum(axis=(1, 2))
    interval = ratios([distances], [law(N, n)], run.seed, SURE)[0]
    if not interval.meets(1, 1):
        return fails(f"{where}: mean squared distance over the law is {interval}", "1", f"{interval}")
    return holds(cases=len(found))


def _cut_apart(index: np.ndarray) -> np.ndarray:
    """A sine of the last pair becomes the next frequency's."""
    changed = index.copy()
    changed[-1] *= 2
    return changed


control(
    traces_and_distances, "not-closed", "refuted", kept=_cut_apart, reason="sin^2 without its cos^2 is not constant"
)
control(
    traces_and_distances, "square", "refuted", law=lambda N, n: N * N / n, reason="the identity's own norm is left out"
)
control(
    traces_and_distances,
    "reordered",
    "confirmed",
    kept=lambda index: index[::-1],
    symmetry="the order of the functions",
)
