"""A memory of key-value pairs, read at its keys: additive, by softmax, or by the delta rule. Batched draws for statistics.

    additive     o_i = sum_j kappa(k_j, k_i) v_j
    softmax      the same over sum_j kappa(k_j, k_i)
    delta rule   u_t = v_t - sum_{i<t} kappa(k_i, k_t) u_i,   o_i = sum_j kappa(k_j, k_i) u_j: the operator with w = k, beta = 1

All pairs are written before any is read. Derived here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from jaxtyping import Float

from constructions.arrays import Array
from constructions.layers import deltaformer as operator
from constructions.layers.kernels import LINEAR, Kernel
from theory.deltaformer.retrieval_laws import KEY_LAWS


@dataclass(frozen=True)
class Power(Kernel):
    """kappa(x, y) = <x, y>^p, or the positive part of <x, y> to the power p. Raises ValueError unless p >= 1."""

    p: int
    rectified: bool = True

    def __post_init__(self) -> None:
        if self.p < 1:
            raise ValueError(f"Power: p = {self.p}; give a positive power")

    def values(self, inner: Array) -> Array:
        return (np.maximum(inner, 0) if self.rectified else inner) ** self.p


@dataclass(frozen=True)
class Pairs:
    """Keys `(batch, N, d)` and values `(batch, N, m)` of independent memories."""

    keys: Float[np.ndarray, "batch N d"]
    values: Float[np.ndarray, "batch N m"]

    @staticmethod
    def draw(generator: np.random.Generator, batch: int, n: int, d: int, law: str, m: int = 8) -> Pairs:
        """Keys from `law`, values independent signs. Raises ValueError for an unknown law."""
        if law not in KEY_LAWS:
            raise ValueError(f"keys {law!r}: one of {', '.join(KEY_LAWS)}")
        keys = generator.standard_normal((batch, n, d))
        if law == "sphere":
            keys /= np.linalg.norm(keys, axis=-1, keepdims=True)
        return Pairs(keys, generator.integers(0, 2, (batch, n, m)) * 2.0 - 1.0)

    def signal_and_noise(self, kernel: Kernel) -> tuple[np.ndarray, np.ndarray]:
        """Mean squares of signal and noise over the pairs of each memory, `(batch,)` each; O(batch N^2 (d + m))."""
        weights = kernel.weights(self.keys, self.keys)
        own = np.einsum("bii->bi", weights)[..., None] * self.values
        noise = weights @ self.values - own
        return (own**2).mean(axis=(1, 2)), (noise**2).mean(axis=(1, 2))

    def read_errors(self, kernel: Kernel, delta: bool = False, beta: float = 1.0) -> Float[np.ndarray, "batch N"]:
        """Mean squares of o_i - v_i for each pair; with `delta` the operator stores u in place of v."""
        stored = self.values
        if delta:
            scale = np.full(self.keys.shape[:-1], beta)
            if kernel == LINEAR:
                stored = operator.recurrence(self.keys, None, self.values, scale)
            else:
                stored = operator.solve(self.keys, None, self.values, scale, kernel=kernel)
        return ((kernel.weights(self.keys, self.keys) @ stored - self.values) ** 2).mean(axis=2)


@dataclass(frozen=True)
class Halved(Kernel):
    """kappa(x, y) = ((1 + <x, y>) / 2)^p: 1 for equal unit vectors, exact over the rationals in object arrays, and positive
    definite on N different unit vectors of the plane for N <= 2p + 1. Raises ValueError unless p >= 1."""

    p: int

    def __post_init__(self) -> None:
        if self.p < 1:
            raise ValueError(f"Halved: p = {self.p}; give a positive power")

    def values(self, inner: Array) -> Array:
        half = Fraction(1, 2) if inner.dtype == object else 0.5
        return ((1 + inner) * half) ** self.p


def rational_circle(n: int) -> np.ndarray:
    """n different unit vectors of the plane `(n, 2)`, rational and nearly evenly spread: ((1 - s^2), 2 s) / (1 + s^2), s close
    to the tangent of half the angle. Raises ValueError beyond 16, where two of them could fall together."""
    if not 0 <= n <= 16:
        raise ValueError(f"rational_circle: n = {n}; give 0..16")
    made = np.empty((n, 2), dtype=object)
    for j in range(n):
        s = Fraction(math.tan(math.pi * (j - (n - 1) / 2) / n)).limit_denominator(16)
        made[j] = (1 - s * s) / (1 + s * s), 2 * s / (1 + s * s)
    return made
