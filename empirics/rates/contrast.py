"""Isotropic smoothness a = (1, ..., 1) in d dimensions: the exponent 2 / (2 + d) falls to nothing, and so does the risk's decay.

For a = 1 the refined order has levels 2 k of (2 k + 1)^d - (2 k - 1)^d functions, so the oracle is a minimum over k of
1 / (4 k^2) + sigma^2 (2 k - 1)^d / n, exact for any n and d; least squares is run where N is small enough to fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from empirics.rates.curves import Curve, Plan, measure
from empirics.rates.oracle import local_slopes, oracle
from empirics.store import Progress, Store
from theory.takakura_suzuki.smoothness import Smoothness, anisotropic

DIMENSIONS = (1, 2, 4, 8)


@dataclass(frozen=True, eq=False)
class Contrast:
    """Curves of isotropic smoothness by d, and beside them `escape`, a class with infinitely many coordinates.

    `exact`: for each d the n of a longer range and the exact oracle's risk there.
    """

    curves: dict[int, Curve]
    escape: Curve
    exact: dict[int, tuple[list[int], list[float]]]

    def settled(self) -> dict[int, float]:
        """The exact oracle's last local slope, beside which the exponent is -2 / (2 + d)."""
        return {d: local_slopes(n, risks)[-1] for d, (n, risks) in self.exact.items()}


def isotropic(d: int) -> Smoothness:
    """a = (1, ..., 1). ValueError for d < 1."""
    if d < 1:
        raise ValueError(f"d = {d}: give at least one dimension")
    return anisotropic(*[1] * d)


def measure_contrast(
    plan: Plan,
    dimensions: Sequence[int] = DIMENSIONS,
    last: int = 40,
    store: Store | None = None,
    progress: Progress | None = None,
) -> Contrast:
    """The plan itself as the escape, and its n and noise for every d; exact oracles up to n = 2^last, every fourth power."""
    curves = {d: measure(replace(plan, smoothness=isotropic(d)), store, progress) for d in dimensions}
    n = [2**k for k in range(6, last + 1, 2)]
    exact = {d: (n, [float(oracle(isotropic(d), m, plan.sigma).risk) for m in n]) for d in dimensions}
    return Contrast(curves, measure(plan, store, progress), exact)
