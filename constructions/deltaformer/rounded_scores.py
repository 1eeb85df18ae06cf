"""Positions and scores rounded to a number format: the kernel, numbers raised to it, and which integers it holds."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from jaxtyping import Shaped

from constructions.deltaformer.coded_tokens import as_balls
from constructions.deltaformer.temperatures import require_temperature
from constructions.layers.kernels import Kernel, Softmax
from theory.formats import Format

__all__ = ["RoundedScores", "holds_all", "raised", "rounded"]


@dataclass(frozen=True)
class RoundedScores(Kernel):
    """Softmax of scores rounded to a format; over float64, or over rationals, whose weights are balls.

    A score that overflows to minus infinity gets no weight. Over rationals any other overflow raises OverflowError.
    """

    fmt: Format
    normalised = True

    def weights(self, queries: Any, keys: Any, allowed: Any = None) -> Any:
        scores = queries @ keys.T
        if scores.dtype == object:
            lost = np.array([[x < 0 and self._infinite(x) for x in row] for row in scores], dtype=bool)
            kept = ~lost if allowed is None else allowed & ~lost
            made = as_balls(rounded(self.fmt, np.where(lost, 0, scores)))
            return Softmax().weights(made, as_balls(np.eye(len(keys), dtype=int)), kept)
        least = np.finfo(np.float64).min / 4  # its weight is 0 in float64, and it may be multiplied by 0
        return Softmax().weights(np.maximum(self.fmt.round_array(scores), least), np.eye(len(keys)), allowed)

    def _infinite(self, x: Any) -> bool:
        return self.fmt.overflow == "infinity" and self.fmt.overflows(x)


def rounded(fmt: Format, x: Any) -> Shaped[np.ndarray, ...]:
    """Every entry of an array of rationals rounded to the format, as Fractions."""
    made = np.empty(np.shape(x), dtype=object)
    for index, value in np.ndenumerate(x):
        made[index] = fmt.round(Fraction(value))
    return made


def raised(fmt: Format, x: Fraction) -> Fraction:
    """The least number of the format that is not below x > 0. Raises ValueError where there is none, naming the largest."""
    require_temperature(x, fmt)
    near = fmt.round(x)
    if near >= x or fmt.precision is None:
        return near
    exponent = near.numerator.bit_length() - near.denominator.bit_length()
    exponent -= near < Fraction(2) ** exponent
    return near + Fraction(2) ** (exponent - fmt.precision + 1)


def holds_all(fmt: Format, unit: Fraction, low: int, high: int) -> bool:
    """Whether the format holds unit * m for all integers m in low..high, unit a power of two not below 1.

    The two largest magnitudes decide: one of them is odd, and an odd number above 2^p needs more than p bits.
    """
    most = max(abs(low), abs(high))
    return all(fmt.holds(unit * m) for m in (most, max(most - 1, 0)))
