"""Targets of a smoothness class given by their coefficients, exactly, and how they are laid out over tokens and channels.

A target is sum_l c_l psi_l, psi_l the product of sqrt(2) cos(2 pi |l_i| x_i) for l_i < 0 and sqrt(2) sin(2 pi l_i x_i) for l_i > 0. It
belongs to the unit ball for p = theta = 2 if sum_l 4^gamma(s(l)) c_l^2 <= 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, ctx
from jaxtyping import Float

from theory.takakura_suzuki.gadget_laws import PRECISION, lower
from theory.takakura_suzuki.indices import indices
from theory.takakura_suzuki.roots import ball
from theory.takakura_suzuki.smoothness import Smoothness, block_of, rational

Index = tuple[int, ...]


def trimmed(index: Sequence[int]) -> Index:
    """The index without trailing zeros, which say nothing."""
    values = [int(x) for x in index]
    while values and not values[-1]:
        values.pop()
    return tuple(values)


def support(index: Sequence[int]) -> int:
    """k: how many coordinates the basis function depends on."""
    return sum(1 for x in index if x)


def below(smoothness: Smoothness, T: int | Fraction) -> list[Index]:
    """The G(T) indices of order below T, trimmed."""
    return [trimmed(row) for row in indices(smoothness, T).tolist()]


@dataclass(frozen=True)
class Target:
    """coefficients: index to a rational; missing ones are 0. ValueError for floats, or outside the unit ball of the class."""

    smoothness: Smoothness
    coefficients: Mapping[tuple[Any, ...], Any]

    def __post_init__(self) -> None:
        total = arb(0)
        with ctx.workprec(PRECISION):
            for index, c in self.coefficients.items():
                if not all(isinstance(x, int) for x in index):
                    raise ValueError(f"index {index}: give a tuple of ints, l_1, l_2, ...")
                if index != trimmed(index):
                    raise ValueError(f"index {index}: leave trailing zeros out")
                total += (
                    arb(4) ** ball(self.smoothness.gamma(block_of(index)))
                    * ball(rational(c, f"the coefficient of {index}")) ** 2
                )
        if not total <= 1:
            norm = math.sqrt(float(total.mid()))
            raise ValueError(f"coefficients of norm {norm:.6g}: the class is the unit ball; divide them by their norm")

    def tail(self, T: int | Fraction) -> Fraction:
        """The squared L2 norm of what lies at orders of T and above: at most 4^-T."""
        left = [c for index, c in self.coefficients.items() if not self.smoothness.is_below(block_of(index), T)]
        return sum((Fraction(c) ** 2 for c in left), Fraction(0))

    def __call__(self, x: Float[np.ndarray, "n d"]) -> Float[np.ndarray, " n"]:
        """Values in float64."""
        total = np.zeros(len(x))
        for index, c in self.coefficients.items():
            if c:
                total += float(c) * basis(index, x)
        return total


def basis(index: Index, x: Float[np.ndarray, "n d"]) -> Float[np.ndarray, " n"]:
    """psi_l at n points, float64."""
    value = np.ones(len(x))
    for i, f in enumerate(index):
        if f:
            angle = 2 * np.pi * abs(f) * x[:, i]
            value *= math.sqrt(2) * (np.sin(angle) if f > 0 else np.cos(angle))
    return value


def spread(smoothness: Smoothness, T: int | Fraction, seed: int) -> Target:
    """A target of norm nearly 1 with all G(T) coefficients: +-2^-gamma / sqrt(N), rounded towards 0 to multiples of 2^-40."""
    kept = below(smoothness, T)
    signs = np.random.default_rng(seed).integers(0, 2, len(kept)) * 2 - 1
    made = {}
    with ctx.workprec(PRECISION):
        for index, sign in zip(kept, signs, strict=True):
            size = 2**40 * arb(2) ** -ball(smoothness.gamma(block_of(index))) / arb(len(kept)).sqrt()
            made[index] = Fraction(int(sign) * int(lower(size)), 2**40)
    return Target(smoothness, made)


@dataclass(frozen=True)
class Layout:
    """Coordinate i = 1, 2, ... is channel (i - 1) mod channels of the token at offset 0, -1, 1, -2, 2, ...: the nearest first."""

    channels: int = 1

    def __post_init__(self) -> None:
        if self.channels < 1:
            raise ValueError(f"channels = {self.channels}: give a token at least one")

    def place(self, coordinate: int) -> tuple[int, int]:
        """(offset, channel) of a coordinate, numbered from 0."""
        number, channel = divmod(coordinate, self.channels)
        return (-((number + 1) // 2) if number % 2 else number // 2), channel
