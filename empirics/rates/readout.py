"""Through the transformer: the explicit transformer's features are frozen, its read-out alone is fitted, in torch, on any device.

The same data are fitted on the exact basis. Both risks are exact by Parseval, that of the transformer up to sum |c'_l| e_l, e_l the
a-priori error of a feature: it is enclosed, no test set is drawn. `frozen_laws` bounds how far the two fits may be apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from constructions.takakura_suzuki.explicit_module import ExplicitTransformer
from constructions.takakura_suzuki.target import Index, support, trimmed
from constructions.takakura_suzuki.transformer import Plan
from empirics.rates.basis import Basis
from empirics.rates.least_squares import draw
from empirics.rates.oracle import noise
from empirics.rates.targets import RateTarget
from theory.takakura_suzuki import frozen_laws, network_laws
from theory.takakura_suzuki.counting import count, next_level
from theory.takakura_suzuki.smoothness import Rational, Smoothness

ROWS = 4096
"""Points that go through the network at once."""


@dataclass(frozen=True)
class FinePlan(Plan):
    """A plan whose features are 2^-bits times as far off: for read-outs, whose N coefficients carry noise."""

    bits: int = 4

    @property
    def accuracy(self) -> Fraction:
        return super().accuracy / 2**self.bits


@dataclass(frozen=True, eq=False)
class ReadOuts:
    """Of each replicate: the exact fit's risk, the transformer's with half its enclosure of the root, and how far the fits are apart.

    risks, frozen: squared L2 distances from the target; `frozen` is that of the coefficients. slack: its root is off by at most this.
    moved <= allowed: |c' - c| and its bound. apart: the bound on the distance of the two functions.
    """

    n: int
    T: Rational
    N: int
    tail: float
    risks: Float[np.ndarray, " replicates"]
    frozen: Float[np.ndarray, " replicates"]
    slack: Float[np.ndarray, " replicates"]
    moved: Float[np.ndarray, " replicates"]
    allowed: Float[np.ndarray, " replicates"]
    apart: Float[np.ndarray, " replicates"]

    @property
    def enclosure(self) -> tuple[Float[np.ndarray, " replicates"], Float[np.ndarray, " replicates"]]:
        """The transformer's risk, from below and above."""
        root = np.sqrt(self.frozen)
        return np.maximum(root - self.slack, 0) ** 2, (root + self.slack) ** 2


@dataclass(frozen=True, eq=False)
class Fit:
    """Least squares: coefficients, root mean square of the residual, least singular value over sqrt(n); float64."""

    coefficients: Float[np.ndarray, "batch N"]
    residual: Float[np.ndarray, " batch"]
    least: Float[np.ndarray, " batch"]


def matrix(kept: Sequence[Index], width: int) -> np.ndarray:
    """Trimmed indices as rows."""
    return np.array([list(index) + [0] * (width - len(index)) for index in kept], dtype=np.int64)


def known(target: RateTarget) -> dict[Index, Fraction]:
    """The coefficients by trimmed index."""
    rows = target.index.tolist()
    return {trimmed(row): Fraction(c) for row, c in zip(rows, target.coefficients, strict=True)}


def scales(plan: Plan) -> Float[np.ndarray, " N"]:
    """2^(k/2): the sqrt(2) factors that the network leaves to its read-out."""
    return np.array([math.sqrt(2) ** support(index) for index in plan.kept])


def feature_errors(plan: Plan, unit: float = frozen_laws.UNIT) -> Float[np.ndarray, " N"]:
    """e: how far each feature is from its basis function at most, with rounding in a format of unit roundoff `unit`."""
    circles = max(1, (2 * plan.reach).bit_length())
    # scores of at most chi * circles are off by chi (2 circles + 4) u a circle, weights by that relatively, and 2 U + 1 are added up
    head = 2 * (float(plan.chi) * circles * (2 * circles + 8) + 2 * plan.reach + 5) * unit
    found = []
    for index, scale in zip(plan.kept, scales(plan), strict=True):
        rounding = float(network_laws.rounding_error(plan.depths, support(index), Fraction(unit)))
        turns = 2 * math.pi * sum(map(abs, index)) * head
        found.append(float(plan.feature_error(index)) + scale * (rounding + turns))
    return np.array(found)


def frozen_features(
    plan: Plan, x: Float[np.ndarray, "n d"], device: str = "cpu", dtype: torch.dtype = torch.float64
) -> Float[Tensor, "n N"]:
    """The transformer's features, sqrt(2) factors included, float64 on the device; computed in `dtype`.

    x: the coordinates 1, 2, ... of each point, a window's tokens nearest first; at least 2 * reach + 1 of them. ValueError for fewer.
    """
    width = 2 * plan.reach + 1
    if x.shape[1] < width:
        raise ValueError(f"points of {x.shape[1]} coordinates: the windows of this plan hold {width}")
    places = [plan.layout.place(i)[0] + plan.reach for i in range(width)]
    tokens = np.empty((len(x), width, 1))
    tokens[:, places, 0] = x[:, :width]
    made = ExplicitTransformer(plan, None, dtype).to(device)
    given = torch.from_numpy(tokens)
    parts = [made(given[i : i + ROWS].to(device))[:, 0].double() for i in range(0, len(given), ROWS)]
    return torch.cat(parts) * torch.from_numpy(scales(plan)).to(device)


def least_squares(features: Float[Tensor, "batch n N"], y: Float[Tensor, "batch n"]) -> Fit:
    """By Householder's method in float64. ValueError for fewer data than features."""
    n, N = features.shape[-2:]
    if n < N:
        raise ValueError(f"n = {n} data for N = {N} features: give at least as many")
    q, r = torch.linalg.qr(features.double() / math.sqrt(n))
    b = y.double()[..., None] / math.sqrt(n)
    projected = q.mT @ b
    c = torch.linalg.solve_triangular(r, projected, upper=True)[..., 0]
    residual = torch.linalg.vector_norm((b - q @ projected)[..., 0], dim=-1)
    least = torch.linalg.svdvals(r)[..., -1]
    return Fit(*(value.cpu().numpy() for value in (c, residual, least)))


def best_level(smoothness: Smoothness, n: int, sigma: Rational, most: int = 6) -> int:
    """The integer T in 2..most with the least 4^-(next level) + sigma^2 G(T) / n and G(T) <= n / 2. ValueError where there is none."""
    share = noise(sigma) / n
    able = [T for T in range(2, most + 1) if 2 * count(smoothness, T) <= n and smoothness.active(T)]
    if not able:
        raise ValueError(f"n = {n}: no level from 2 to {most} has at most n / 2 basis functions")
    return min(able, key=lambda T: 4.0 ** -float(next_level(smoothness, T)) + share * count(smoothness, T))


def read_outs(
    target: RateTarget,
    T: Rational,
    n: int,
    sigma: Rational,
    replicates: int,
    seed: int,
    *,
    planner: Any = FinePlan,
    promised: Any = None,
    device: str = "cpu",
    dtype: torch.dtype = torch.float64,
) -> ReadOuts:
    """Fit the read-out of the transformer of level T, and the exact basis, to the same data. O(replicates * n * (weights + N^2)).

    planner: the transformer that runs. promised: the plan whose bound is used, the same one unless given. ValueError for n < G(T), no
    replicate, a negative seed.
    """
    if replicates < 1 or seed < 0:
        raise ValueError(f"replicates = {replicates}, seed = {seed}: give at least 1 replicate and a seed of 0 or more")
    plan = planner(target.smoothness, T)
    bound = (promised or planner)(target.smoothness, T)
    width = max(2 * plan.reach + 1, target.index.shape[1])
    x, e = draw(n, width, range(replicates), seed)
    exact = Basis(matrix(plan.kept, plan.coordinates))
    signal = Basis(target.index)(x) @ target.floats()
    y = torch.from_numpy(signal + float(sigma) * e)
    through = torch.stack([frozen_features(plan, points, device, dtype) for points in x])
    first = least_squares(torch.from_numpy(exact(x)), y)
    second = least_squares(through, y.to(device))
    coefficients = known(target)
    wanted = np.array([float(coefficients.get(index, 0)) for index in plan.kept])
    kept = set(plan.kept)
    tail = float(sum((c**2 for index, c in coefficients.items() if index not in kept), Fraction(0)))
    errors = feature_errors(bound, torch.finfo(dtype).eps / 2)
    allowed = frozen_laws.coefficients_moved(first.coefficients, first.residual, first.least, errors, n)
    return ReadOuts(
        n=n,
        T=T,
        N=len(plan.kept),
        tail=tail,
        risks=((first.coefficients - wanted) ** 2).sum(1) + tail,
        frozen=((second.coefficients - wanted) ** 2).sum(1) + tail,
        slack=np.abs(second.coefficients) @ errors,
        moved=np.linalg.norm(second.coefficients - first.coefficients, axis=1),
        allowed=allowed,
        apart=frozen_laws.functions_apart(first.coefficients, allowed, errors),
    )


def curve(
    target: RateTarget, sizes: Sequence[int], sigma: Rational, replicates: int, seed: int, most: int = 6, **options: Any
) -> list[ReadOuts]:
    """`read_outs` at each n with the level that balances there."""
    return [
        read_outs(target, best_level(target.smoothness, n, sigma, most), n, sigma, replicates, seed, **options)
        for n in sizes
    ]
