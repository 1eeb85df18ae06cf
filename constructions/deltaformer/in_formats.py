"""The operator with every operation rounded to a number format: inner products, kernels, sums over tokens in time order.

An inner product is taken coordinate by coordinate in order, a sum over tokens in time order; every product, every addition, every
quotient and every exponential rounds once, to nearest even. Small sizes: O(T^2 d) rounded operations, vectorised over pairs.
Exponentials are of rationals: enclosed in balls and rounded, so that a result is the correctly rounded one. Derived here.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped

from theory.deltaformer import margins
from theory.formats import Format

__all__ = [
    "exponentials",
    "inner_products",
    "read",
    "rounded_kernel",
    "softmax_rows",
    "time_order",
    "vanishing_exponent",
]


def inner_products(
    fmt: Format, x: Shaped[np.ndarray, "*batch S d"], y: Shaped[np.ndarray, "*batch T d"]
) -> Float[np.ndarray, "*batch S T"]:
    """<x_s, y_t>, coordinate by coordinate, rounded after every product and addition."""
    x, y = x.astype(np.float64), y.astype(np.float64)
    total = np.zeros((*x.shape[:-1], y.shape[-2]))
    for c in range(x.shape[-1]):
        total = fmt.round_array(total + fmt.round_array(x[..., :, None, c] * y[..., None, :, c]))
    return total


def rounded_kernel(fmt: Format, x: Any, y: Any, norm: int) -> Float[np.ndarray, "S T"]:
    """<x, y> / norm in the format, then to the nearest integer, ties to even; norm is rounded to the format first."""
    inner = inner_products(fmt, x, y)
    divisor = fmt.round(norm)
    made = [[float(round(fmt.round(Fraction(value) / divisor))) for value in row] for row in inner.tolist()]
    return np.array(made).reshape(inner.shape)


def vanishing_exponent(fmt: Format) -> Fraction:
    """The least multiple of 1/64 whose negative has an exponential below half of the least subnormal: it rounds to 0."""
    with margins.precise():
        least = margins.upper(-(margins.ball(fmt.min_subnormal / 2)).log())
    return Fraction(int(least * margins.GRID) + 1, margins.GRID)


def exponentials(fmt: Format, exponents: Shaped[np.ndarray, "S T"]) -> Float[np.ndarray, "S T"]:
    """e^x correctly rounded, x <= 0 rationals. Raises ValueError where `margins.BITS` bits do not decide the rounding."""
    known: dict[Any, float] = {}
    for x in {Fraction(value) for value in exponents.ravel().tolist()}:
        with margins.precise():
            ball = margins.ball(x).exp()
            ends = [fmt.round(margins.upper(ball)), fmt.round(-margins.upper(-ball))]
        if ends[0] != ends[1]:
            raise ValueError(f"e^{float(x):.6g}: {margins.BITS} bits do not tell how it rounds in {fmt.name}")
        known[x] = float(ends[0])
    return np.array([known[Fraction(x)] for x in exponents.ravel().tolist()]).reshape(exponents.shape)


def softmax_rows(fmt: Format, scores: Shaped[np.ndarray, "S T"], strict: bool) -> Float[np.ndarray, "S T"]:
    """Softmax of exact scores in the format: e^(score - greatest) over its sum in time order; strict: over keys before the query.

    A row without keys is zero.
    """
    made = np.zeros(scores.shape)
    for t, row in enumerate(scores):
        seen = row[:t] if strict else row
        if not len(seen):
            continue
        terms = exponentials(fmt, (seen - max(seen))[None])[0]
        total = 0.0
        for term in terms.tolist():
            total = float(fmt.round_array(np.array([total + term]))[0])
        made[t, : len(seen)] = [float(fmt.round(Fraction(x) / Fraction(total))) for x in terms.tolist()]
    return made


def time_order(
    fmt: Format, weights: Shaped[np.ndarray, "*batch T T"], values: Shaped[np.ndarray, "*batch T m"]
) -> Float[np.ndarray, "*batch T m"]:
    """u_t = v_t - sum_{i<t} weights[t, i] u_i, rounded after every operation."""
    u = np.zeros(values.shape)
    for t in range(values.shape[-2]):
        u[..., t, :] = fmt.round_array(values[..., t, :] - weighted_sum(fmt, weights[..., t, :t], u[..., :t, :]))
    return u


def weighted_sum(
    fmt: Format, weights: Shaped[np.ndarray, "*batch T"], u: Shaped[np.ndarray, "*batch T m"]
) -> Float[np.ndarray, "*batch m"]:
    """sum_i weights[i] u_i in time order, rounded after every product and addition."""
    total = np.zeros((*u.shape[:-2], u.shape[-1]))
    for i in range(u.shape[-2]):
        total = fmt.round_array(total + fmt.round_array(weights[..., i, None] * u[..., i, :]))
    return total


def read(fmt: Format, weights: Shaped[np.ndarray, "R T"], u: Shaped[np.ndarray, "T m"]) -> Float[np.ndarray, "R m"]:
    """What readers with these weights return."""
    return np.array([weighted_sum(fmt, row, u) for row in weights])
