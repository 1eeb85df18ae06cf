"""Targets inside the unit ball, checked exactly: the worst one for N functions, and a fixed one that is hard at every n of a window.

    worst    c = d_N on the first function left out: its bias is the width, and no target of the ball has a larger one
    fixed    c_j = +-2**-lambda_j / sqrt(h j), j = 1..terms, h = 1 + 1/2 + ... + 1/terms: on the boundary of the ball

The fixed target gives equal shares of the ball to ranks 1, 2..3, 4..7, ...: a lighter tail would be estimated at a better exponent
than the class's, and a heavier one lies in no ball. For a_1 alone its bias after N << terms is about d_N^2 / (2 a_1 h), the class's
exponent. The coefficients are rounded towards zero to multiples of 2**-52, which float64 holds exactly. Derived here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int

from theory.takakura_suzuki import refined
from theory.takakura_suzuki.smoothness import Smoothness, rational

GRID = 2**52


@dataclass(frozen=True, eq=False)
class RateTarget:
    """sum_j c_j psi_(l_j), rows l_j of `index` in refined order; coefficients are multiples of 2**-52.

    ValueError for rows that are not the first in refined order, for another number of coefficients, for coefficients off that grid, and
    outside sum 4**lambda(l_j) c_j^2 <= 1, decided exactly.
    """

    smoothness: Smoothness
    index: Int[np.ndarray, "terms d"]
    coefficients: tuple[Fraction, ...]

    def __post_init__(self) -> None:
        if not np.array_equal(self.index, refined.first(self.smoothness, len(self.index))):
            raise ValueError("index: give the rows of refined.first, the least orders first")
        if len(self.index) != len(self.coefficients):
            raise ValueError(
                f"{len(self.coefficients)} coefficients for {len(self.index)} basis functions: give one each"
            )
        for j, c in enumerate(self.coefficients):
            if (rational(c, f"coefficient {j}") * GRID).denominator != 1 or abs(c) > 1:
                raise ValueError(
                    f"coefficient {j} = {c}: give a multiple of 2**-52 of size at most 1, which a float64 holds"
                )
        if self.norm > 1:
            raise ValueError(
                f"coefficients of norm {math.sqrt(self.norm):.6g} in the ball of {self.smoothness}: the class is the unit "
                "ball; divide them by their norm"
            )

    @cached_property
    def norm(self) -> Fraction:
        """sum 4**lambda(l_j) c_j^2, exactly: the square of the norm in the class."""
        squares = order_squares(self.smoothness, self.index)
        return sum((w * Fraction(c) ** 2 for w, c in zip(squares, self.coefficients, strict=True)), Fraction(0))

    def tail(self, N: int) -> Fraction:
        """The squared norm of what the first N functions of the target leave. ValueError for N < 0."""
        if N < 0:
            raise ValueError(f"N = {N}: keep 0 functions or more")
        return sum((c**2 for c in self.coefficients[N:]), Fraction(0))

    def floats(self) -> Float[np.ndarray, " terms"]:
        """The coefficients in float64, without rounding."""
        return np.array([float(c) for c in self.coefficients])


def order_squares(smoothness: Smoothness, index: Int[np.ndarray, "count d"]) -> list[Fraction]:
    """4**lambda of each row, exactly. ValueError where it is irrational: a needs integers or multiples of 1/2."""
    used = np.flatnonzero(index.any(axis=0))
    values = [smoothness.exact(i) for i in range(1, int(used[-1]) + 2 if len(used) else 1)]
    D = math.lcm(1, *(x.denominator for x in values))
    if D > 2:
        raise ValueError(
            f"a has the common denominator {D}: 4**lambda is irrational then; give integers or multiples of 1/2"
        )
    keys = refined.keys(smoothness, index[:, : len(values)], [int(x * D) for x in values])
    return [Fraction(int(key) if D == 2 else int(key) ** 2) for key in keys]


def _rounded(square: Fraction) -> Fraction:
    """The largest multiple of 2**-52 whose square is at most `square`."""
    return Fraction(math.isqrt(math.floor(square * GRID**2)), GRID)


def worst(smoothness: Smoothness, N: int) -> RateTarget:
    """All of the ball's unit norm on the function number N + 1: the ellipsoid's worst point for the first N functions."""
    index = refined.first(smoothness, N + 1)
    sizes = order_squares(smoothness, index[-1:])
    return RateTarget(smoothness, index, (Fraction(0),) * N + (_rounded(1 / sizes[0]),))


def fixed(smoothness: Smoothness, terms: int, seed: int) -> RateTarget:
    """The target of `terms` functions with equal shares in every octave of the rank; signs from the seed. ValueError for terms < 1."""
    index = refined.first(smoothness, terms)
    harmonic = sum((Fraction(1, j) for j in range(1, terms + 1)), Fraction(0))
    signs = np.random.default_rng(seed).integers(0, 2, terms) * 2 - 1
    made = [
        int(sign) * _rounded(1 / (square * harmonic * j))
        for j, (square, sign) in enumerate(zip(order_squares(smoothness, index), signs, strict=True), start=1)
    ]
    return RateTarget(smoothness, index, tuple(made))
