"""Which temperatures a number format can hold: scores are the temperature times a span, and must stay finite."""

from __future__ import annotations

from fractions import Fraction

from theory.formats import Format

__all__ = ["largest_temperature", "require_temperature"]


def largest_temperature(fmt: Format, span: Fraction | int = 1) -> Fraction | float:
    """The largest number of the format that, times `span`, does not overflow it; infinity for Q.

    span: the greatest absolute value of a score at temperature 1. ValueError unless it is positive.
    """
    if span <= 0:
        raise ValueError(f"span = {span}: the greatest score at temperature 1 is positive")
    if fmt.precision is None or fmt.emin is None:
        return fmt.max_finite
    found = fmt.round(min(Fraction(fmt.max_finite), Fraction(fmt.max_finite) / Fraction(span)))
    while found and fmt.overflows(found * span):
        exponent = found.numerator.bit_length() - found.denominator.bit_length()
        exponent -= found < Fraction(2) ** exponent
        at_power = found == Fraction(2) ** exponent
        found -= Fraction(2) ** (max(exponent - at_power, fmt.emin) - fmt.precision + 1)
    return found


def require_temperature(temperature: Fraction, fmt: Format, span: Fraction | int = 1) -> None:
    """Raise ValueError, naming the largest temperature that does not, when a score overflows the format."""
    if temperature <= 0:
        raise ValueError(f"temperature {temperature}: it must be positive")
    if fmt.overflows(temperature) or fmt.overflows(temperature * span):
        most = largest_temperature(fmt, span)
        raise ValueError(
            f"temperature {float(temperature):.6g}: scores up to {float(temperature * span):.6g} overflow {fmt.name}, whose "
            f"greatest number is {float(fmt.max_finite):.6g}; the largest temperature that does not is {float(most):.6g}; "
            "take fewer tokens, a code with a larger gap, or a wider format"
        )
