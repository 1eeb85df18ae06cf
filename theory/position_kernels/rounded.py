"""Kernels in a number format, emulated exactly: where the mean of exponentials underflows when every operation is correctly rounded.

The exponential of a rounded exponent is rounded by enclosing it in balls until both ends round alike.
"""

from __future__ import annotations

from fractions import Fraction

from flint import ctx

from theory.formats import Format
from theory.position_kernels.arithmetic import BALLS

__all__ = ["collision", "exponential", "frontier", "mean_is_zero"]


def exponential(x: Fraction, fmt: Format) -> Fraction:
    """e^x for x <= 0, correctly rounded."""
    if x == 0:
        return Fraction(1)
    if x < -2 * fmt.min_subnormal.denominator.bit_length():
        return Fraction(0)  # e^x < 2^x, far below half of the least subnormal
    bits = 64
    while True:
        with ctx.workprec(bits):
            ball = BALLS.number(x).exp()
            scale = 2 ** (bits + 4096)
            low, high = ((end * scale).floor().unique_fmpz() for end in (ball.lower(), ball.upper()))
        ends = [fmt.round(Fraction(int(end), scale)) for end in (low, high + 1)]
        if ends[0] == ends[1]:
            return ends[0]
        bits *= 2


def _product(a: Fraction, b: Fraction, fmt: Format) -> Fraction | None:
    return None if fmt.overflows(a * b) else fmt.round(a * b)


def mean_is_zero(kernels: int, rate: Fraction, d: int, fmt: Format) -> bool:
    """Whether the mean of e^{-r d}, e^{-r d / 2} (three kernels) and e^{-r d^2} comes out as 0, hence its logarithm as -inf."""
    x = fmt.round(d)
    exponents = [_product(rate, x, fmt), *([_product(rate / 2, x, fmt)] if kernels == 3 else [])]
    square = _product(x, x, fmt)
    exponents.append(None if square is None else _product(rate, square, fmt))
    total = Fraction(0)
    for exponent in exponents:
        total = fmt.round(total + (Fraction(0) if exponent is None else exponential(-exponent, fmt)))
    return fmt.round(total / kernels) == 0


def frontier(kernels: int, rate: Fraction, fmt: Format) -> int:
    """The first d whose mean is 0; each operation is monotone in d, so bisection finds it."""
    high = 1
    while not mean_is_zero(kernels, rate, high, fmt):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        if mean_is_zero(kernels, rate, middle, fmt):
            high = middle
        else:
            low = middle
    return high


def collision(fmt: Format, most: int) -> int | None:
    """The first d <= most that rounds to the same number as d - 1; None if none does."""
    return next((d for d in range(1, most + 1) if fmt.round(d) == fmt.round(d - 1)), None)
