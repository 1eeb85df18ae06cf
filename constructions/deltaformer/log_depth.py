"""The triangular inverse in logarithmic depth: (I + A)^{-1} = prod over j < ceil(log2 T) of (I + (-A)^{2^j}).

Why: (I - Y)(I + Y) = I - Y^2 telescopes, and a strictly lower triangular T x T matrix has A^T = 0. With A = -N, N the
adjacency matrix of a graph, factor j doubles the longest path counted so far. 2 ceil(log2 T) - 2 matrix products, the
longest chain of them ceil(log2 T): work O(T^3 log T), span O(log^2 T), against work O(T^3) and span O(T log T) of
substitution. Derived here.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from constructions.arrays import Array, product, strict_lower

__all__ = ["factors_needed", "inverse"]


def factors_needed(n: int) -> int:
    """ceil(log2 n), the least J with 2^J >= n; 0 for n <= 1."""
    return max(n - 1, 0).bit_length()


def inverse(
    strict: Array,
    *,
    factors: int | None = None,
    multiply: Callable[[Array, Array], Array] = product,
) -> Array:
    """(I + A)^{-1} for A `(*batch, T, T)` strictly lower triangular; numpy (object arrays too) or torch.

    factors: how many, `factors_needed(T)` when None; fewer give the sum of the powers below 2^factors.
    multiply: the matrix product, to count or to round it.

    Raises ValueError when A is not square, has an entry on or above the diagonal, or `factors` is negative.
    """
    size = strict.shape[-1]
    if strict.shape[-2] != size:
        raise ValueError(f"log_depth.inverse: A has shape {tuple(strict.shape)}; its last two sizes must be equal")
    if bool((strict - strict_lower(strict) != 0).any()):
        raise ValueError("log_depth.inverse: A has an entry on or above the diagonal; give strict_lower(A)")
    if factors is not None and factors < 0:
        raise ValueError(
            f"log_depth.inverse: factors = {factors}; give a number >= 0, or None for {factors_needed(size)}"
        )
    wanted = factors_needed(size) if factors is None else factors
    identity = _identity(strict)
    if wanted == 0:
        return identity
    power = -strict
    total = identity + power
    for _ in range(wanted - 1):
        power = multiply(power, power)
        total = multiply(total, identity + power)
    return total


def _identity(like: Array) -> Array:
    """I of the shape, dtype and device of `like`."""
    made = like * 0
    index = np.arange(like.shape[-1])
    made[..., index, index] = 1
    return made
