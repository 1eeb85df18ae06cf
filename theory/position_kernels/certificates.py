"""Certificates about conditional positive definiteness for the trusted checker: integer witnesses against it, squares for it.

A witness is an integer vector c of sum 0 with sum c_i c_j b(|i - j|) < 0: the difference of the predictor of Levinson's recursion
(`properties.first_negative`), scaled to the least size at which rounding leaves the form negative.

Squares: a trigonometric polynomial that is positive is |sum_k q_k e^{ikw}|^2 (Fejer and Riesz). The factor q is found in floats, from
the logarithm of the symbol less half of its least value, and rounded; the checker adds up what rounding and the rest leave over.
Derived here.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import count, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.inequalities import plain
from theory.position_kernels.arithmetic import BALLS, EXPRESSIONS, half
from theory.position_kernels.kernels import Kernel
from theory.position_kernels.mixtures import Mixture
from theory.position_kernels.properties import first_negative, second_differences
from theory.position_kernels.symbols import Family

if TYPE_CHECKING:
    from flint import arb

__all__ = ["form", "negative_form", "positive_symbol", "witness"]

_GRID = 1 << 13
_BITS = 40


def form(bias: list[arb], vector: list[int]) -> arb:
    """sum_ij c_i c_j b(|i - j|), in balls."""
    n = len(vector)
    lags = [sum(vector[i] * vector[i + d] for i in range(n - d)) for d in range(n)]
    return lags[0] * bias[0] + 2 * sum((lag * b for lag, b in zip(lags[1:], bias[1:], strict=True)), bias[0] * 0)


def witness(kernel: Kernel, most: int) -> list[int] | None:
    """The integer vector of the fewest positions, up to `most`, that shows b is not conditionally positive definite; None if none."""
    found = first_negative(second_differences(kernel, most - 1))
    if found is None:
        return None
    size, u = found
    bias = [kernel(d) for d in range(size + 1)]
    largest = max(abs(float(x)) for x in u)
    for scale in count(1):
        rounded = [round(float(x) / largest * scale) for x in u]
        vector = [b - a for a, b in pairwise([0, *rounded, 0])]
        if any(vector) and form(bias, vector) < 0:
            return vector
    raise AssertionError


def _sequence(kernel: Kernel, length: int) -> list[Any]:
    return [plain(kernel.log(d, EXPRESSIONS).tree) for d in range(length)]


def negative_form(kernel: Kernel, vector: list[int], claim: str) -> dict[str, Any]:
    """The certificate that the vector is a witness."""
    data = {"vector": vector, "sequence": _sequence(kernel, len(vector))}
    return {"weightproof": 1, "kind": "negative-form", "claim": claim, "data": data}


def _rest(family: Family, rate: Any, D: int) -> Any:
    """An expression that is at least sum_{d > D} |a(d)|.

    The Gaussian's part: at most 4 sum_{d >= D} g(d) <= 4 e^{-r D (D - 1)} / (1 - e^{-2 r D}). That of the exponentials is negative
    beyond 0 and telescopes: log((1 + e^{-r D / 2}) / (1 + e^{-r (D + 1) / 2})) for three kernels, nothing for two.
    """
    ops, r, s = EXPRESSIONS, EXPRESSIONS.number(rate), EXPRESSIONS.number(half(rate))
    bound = 4 * ops.exp(-(r * (D * (D - 1)))) / (1 + -ops.exp(-(r * (2 * D))))
    if family.cosh:
        bound = bound + ops.log((1 + ops.exp(-(s * D))) / (1 + ops.exp(-(s * (D + 1)))))
    return plain(bound.tree)


def factor(symbol: np.ndarray, less: float) -> np.ndarray:
    """q of the length of `symbol` (a(0), a(1), ...) with correlations a, less `less` at 0. ValueError where that is not positive."""
    n = len(symbol)
    whole = np.zeros(_GRID)
    whole[:n], whole[_GRID - n + 1 :] = symbol, symbol[:0:-1]
    whole[0] -= less
    values = np.fft.fft(whole).real
    if not values.min() > 0:
        raise ValueError(f"the symbol falls to {values.min() + less:.3g}: it has no factor")
    cepstrum = np.fft.ifft(np.log(values)).real
    cepstrum[0] /= 2
    cepstrum[_GRID // 2] /= 2
    cepstrum[_GRID // 2 + 1 :] = 0
    return np.fft.ifft(np.exp(np.fft.fft(cepstrum))).real[:n]


def positive_symbol(family: Family, rate: Any, claim: str, mixture: Mixture | None = None) -> dict[str, Any]:
    """The certificate that the family's mixture of this rate is conditionally positive definite; ValueError where it seems not to be.

    `mixture` in its place, with the same rest, is for controls.
    """
    made = mixture or family.mixture(rate)
    r = float(BALLS.number(rate))
    D = int((30 / r) ** 0.5) + 2 + (int(8 / r) if family.cosh else 0)
    a = np.array([float(x) for x in second_differences(made, D + 1)])
    values = np.fft.rfft(np.pad(a, (0, _GRID - len(a)))).real * 2 - a[0]
    q = factor(a, float(values.min()) / 2)
    rounded = [plain(Fraction(round(float(x) * 2**_BITS), 2**_BITS)) for x in q]
    data = {"sequence": _sequence(made, D + 2), "rest": _rest(family, rate, D), "factor": rounded}
    return {"weightproof": 1, "kind": "positive-symbol", "claim": claim, "data": data}
