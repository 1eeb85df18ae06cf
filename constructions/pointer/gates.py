"""Gates on a gathered row, z = h_p * Gate(h_i): exact ones, and from which input on a sigmoid is zero in a number format.

The sigmoid 1 / (1 + e^-x) of a real number is never 0. Rounded to nearest in a format it is 0 exactly when it is below a limit T,
half the least subnormal (with flushing: what still rounds below the least normal), so when 1 + e^-x > 1/T: for all x at or below

    -log(1/T - 1),  about -(p - emin) log 2.

Computed as 1 / (1 + e^-x) with every operation rounded it is 0 already when e^-x overflows to infinity, or NaN in a format that has
no infinity. Neither is a tie, as e^x is transcendental for rational x other than 0. Derived here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from theory.deltaformer import margins
from theory.formats import Format, Underflow

Number = Fraction | int


def relu(x: Number) -> Number:
    """max(x, 0)."""
    return max(x, 0)


def hard_sigmoid(x: Number) -> Number:
    """x / 6 + 1/2, kept within 0 and 1."""
    return min(max(Fraction(x) / 6 + Fraction(1, 2), Fraction(0)), Fraction(1))


def gated_layer(
    rows: Sequence[Sequence[Number]],
    pointers: Sequence[int],
    weight: Sequence[Sequence[Number]],
    bias: Sequence[Number],
    gate: Callable[[Number], Number],
) -> list[list[Number]]:
    """h_i + h_{p_i} * gate(weight h_i + bias), coordinate by coordinate, exactly. rows (N, d), weight (d, d), bias (d)."""
    made = []
    for row, target in zip(rows, pointers, strict=True):
        before = [sum((w * x for w, x in zip(line, row, strict=True)), b) for line, b in zip(weight, bias, strict=True)]
        made.append([x + y * gate(g) for x, y, g in zip(row, rows[target], before, strict=True)])
    return made


@dataclass(frozen=True)
class ContentFilter:
    """Two layers with hard-sigmoid gates and one pointer that add a gathered integer v to a row if v > 0, and 0 if not.

    Rows hold a value and a copy of it; the reader begins with zeros. Layer 1 gathers the copy alone (biases -3 and 3: gates 0 and
    1). In layer 2 the gate of the value is hard_sigmoid(6 m - 3), which is m kept within 0 and 1, of the copy m = v in the own row.
    """

    def layers(self) -> list[tuple[list[list[int]], list[int]]]:
        """(weight, bias) of each layer's gate."""
        return [([[0, 0], [0, 0]], [-3, 3]), ([[0, 6], [0, 0]], [-3, -3])]

    def run(self, value: int, own: int = 0) -> Number:
        """The reader's value after both layers; it is at position 1 and points at position 0, which points at itself."""
        rows: list[list[Number]] = [[value, value], [own, 0]]
        for weight, bias in self.layers():
            rows = gated_layer(rows, (0, 0), weight, bias, hard_sigmoid)
        return rows[1][0]


def limit(fmt: Format, underflow: Underflow = "gradual") -> Fraction:
    """T: a positive real number below T rounds to 0 and one above it does not. Raises ValueError for Q, where none does."""
    if fmt.exact:
        raise ValueError("Q has no least positive number, so nothing rounds to 0; name a format with a precision")
    return fmt.min_subnormal / 2 if underflow == "gradual" else fmt.min_normal - fmt.min_subnormal / 2


def overflow_limit(fmt: Format) -> Fraction:
    """From here on a number rounds to no finite one: half a spacing beyond the greatest. Raises ValueError for Q."""
    if fmt.precision is None or fmt.emax is None:
        raise ValueError("Q has no greatest number, so nothing overflows; name a format with a precision")
    return Fraction(fmt.max_finite) + Fraction(2) ** (fmt.emax - fmt.precision)


def _grid_at_least(fmt: Format, logarithm_of: Fraction) -> tuple[Fraction, Fraction]:
    """The least number of the format that is at least log of this, and the spacing below it; the argument exceeds e."""
    with margins.precise():
        high = margins.upper(margins.ball(logarithm_of).log())
    assert fmt.precision is not None
    exponent = (high.numerator // high.denominator).bit_length() - 1
    spacing = Fraction(2) ** (exponent - fmt.precision + 1)
    return -(-high // spacing) * spacing, spacing


def vanishing_input(fmt: Format, underflow: Underflow = "gradual") -> tuple[Fraction, Fraction]:
    """The largest x of the format at which the sigmoid, correctly rounded, is 0, and the next number of the format, where it is not."""
    size, spacing = _grid_at_least(fmt, 1 / limit(fmt, underflow) - 1)
    return -size, spacing - size


def overflowing_input(fmt: Format) -> tuple[Fraction, Fraction]:
    """The largest x of the format at which e^-x is infinity or NaN, and the next number of the format, where it is not."""
    size, spacing = _grid_at_least(fmt, overflow_limit(fmt))
    return -size, spacing - size


def rounded_sigmoid(fmt: Format, x: Number, underflow: Underflow = "gradual") -> Fraction:
    """1 / (1 + e^-x) correctly rounded. Raises ValueError where `margins.BITS` bits do not decide the rounding."""
    with margins.precise():
        ball = 1 / (1 + margins.ball(-x).exp())
        ends = [fmt.round(margins.upper(ball), underflow), fmt.round(-margins.upper(-ball), underflow)]
    if ends[0] != ends[1]:
        raise ValueError(f"sigmoid({float(x):.6g}): {margins.BITS} bits do not tell how it rounds in {fmt.name}")
    return ends[0]


def every_half() -> np.ndarray:
    """All fp16 numbers, infinities and NaN among them, as float16 (65536): finite ones by size, then the others."""
    every = np.arange(2**16, dtype=np.uint32).astype(np.uint16).view(np.float16)
    key: Any = np.where(np.isnan(every), np.inf, np.abs(every.astype(np.float64)))
    return every[np.lexsort((np.isnan(every), key))]
