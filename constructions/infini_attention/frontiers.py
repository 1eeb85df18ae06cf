"""Where a function of one number is rounded to a constant in a format: the two numbers of the format on either side.

    exp(x) -> 0         x < log T, T half the least positive number (flushed: what rounds below the least normal one)
    exp(x) - 1 -> -1    x < -(p + 1) log 2: half the spacing below 1; so elu(x) + 1, correctly rounded twice, is 0 from there
    sigmoid(x) -> 1     x > log(2^(p+1) - 1): the complement is less than half the spacing below 1

At none of them is a tie, as exp of a rational other than 0 is transcendental. Derived here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from constructions.pointer.gates import limit
from theory.deltaformer import margins
from theory.formats import Format, Underflow

__all__ = ["ELU_LOST", "FRONTIERS", "GATE_OPEN", "SIGMA_LOST", "Frontier", "around"]


@dataclass(frozen=True)
class Frontier:
    """factor * log(argument), as a function of the format: what the checker reads, and what is enclosed here."""

    name: str
    factor: Callable[[Format], int]
    argument: Callable[[Format, Underflow], Fraction]

    def expression(self, fmt: Format, underflow: Underflow = "gradual") -> list[Any]:
        """As certificates write it."""
        return ["*", self.factor(fmt), ["log", self.argument(fmt, underflow)]]

    def sides(self, fmt: Format, underflow: Underflow = "gradual") -> tuple[Fraction, Fraction]:
        """The last number of the format below, and the next, which is above."""
        with margins.precise():
            real = self.factor(fmt) * margins.ball(self.argument(fmt, underflow)).log()
            return around(fmt, -margins.upper(-real), margins.upper(real))


def _precision(fmt: Format) -> int:
    if fmt.precision is None:
        raise ValueError("Q rounds nothing; name a format with a precision")
    return fmt.precision


def around(fmt: Format, low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
    """Neighbours in the format with low and high, two bounds of one number, between them. ValueError if the bounds are too far apart,
    or the number below the least normal one."""
    size = min(abs(low), abs(high))
    if size < fmt.min_normal:
        raise ValueError(f"{float(low)} is below the least normal number of {fmt.name}")
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    exponent -= Fraction(2) ** exponent > size
    spacing = Fraction(2) ** (exponent - _precision(fmt) + 1)
    below = low // spacing * spacing
    if not below < low <= high < below + spacing:
        raise ValueError(f"a number of {fmt.name} lies between {float(low)} and {float(high)}: more bits are needed")
    return below, below + spacing


SIGMA_LOST = Frontier("exp(x) is 0", lambda _: 1, limit)
ELU_LOST = Frontier("exp(x) - 1 is -1", lambda fmt: -(_precision(fmt) + 1), lambda _, __: Fraction(2))
GATE_OPEN = Frontier("sigmoid(x) is 1", lambda _: 1, lambda fmt, _: Fraction(2 ** (_precision(fmt) + 1) - 1))

FRONTIERS = (SIGMA_LOST, ELU_LOST, GATE_OPEN)
