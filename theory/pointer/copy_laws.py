"""How many positions one pointer layer copies, as functions of a format's precision p. Derived in `copy` and `copy_codes`.

r is the integer part of 2^(p/2). All counts are N - D, the rows that point back, when nothing overflows.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from theory.formats import Format

__all__ = ["capped", "centred", "digits", "finite_numbers", "floats", "one_coordinate", "parabola", "signs"]


def _least(precision: int, parity: int) -> int:
    """The least integer of that parity whose square exceeds 2^p."""
    least = isqrt(2**precision) + 1
    return least + (least % 2 != parity)


def parabola(precision: int, path: str, tie: str) -> int:
    """Positions from 0, distance at least 1.

    last: o - 1, with o the least odd number beyond 2^(p/2): o^2 is stored as o^2 - 1, so row o - 1 ties with its right neighbour.
    first, wide: o + 1, the first row whose left neighbour is o.
    first, fused or returned: the least even m beyond 2^(p/2): m^2 - 1, halfway, is rounded to m^2.
    first, separate: r + 1.
    """
    if tie == "last":
        return _least(precision, 1) - 1
    if path == "wide":
        return _least(precision, 1) + 1
    return _least(precision, 0) if path in ("fused", "returned") else isqrt(2**precision) + 1


def centred(precision: int, path: str, tie: str) -> int:
    """Positions on both sides of the best centre: a mirror image exchanges the tie rules.

    first: the row as far to the left as the last index would fail is the outermost, so that its left neighbour is missing.
    last: it fails there by its right neighbour, and is left out.
    """
    both = sum(parabola(precision, path, rule) for rule in ("first", "last"))
    return both - (tie == "last")


def capped(fmt: Format, path: str, tie: str, distance: int) -> int:
    """The parabola's count at any distance: the first row in which a score is not a number, or infinite, ends it.

    A square that overflows to infinity only loses, unless a product overflows too; one that overflows to NaN ends every row
    that sees it.
    """
    assert fmt.precision is not None, "Q has no frontier"
    count = parabola(fmt.precision, path, tie)
    for m in range(count):
        last = m + distance
        place, square = fmt.overflows(last), fmt.overflows(last**2)
        product = path == "separate" and not place and fmt.overflows(fmt.round(2 * m) * fmt.round(last))
        if place or product or (square and fmt.overflow == "nan"):
            return m
    return count


def digits(precision: int) -> tuple[int, int]:
    """A and B with A^2 + 2 B^2 <= 2^p and (2 A + 1)(2 B + 1) greatest: bounds of two digits, all of whose scores are exact."""
    room = 2**precision
    pairs = [(isqrt(room - 2 * low * low), low) for low in range(1, isqrt(room // 2) + 1)]
    return max(pairs, key=lambda pair: (2 * pair[0] + 1) * (2 * pair[1] + 1))


def floats(fmt: Format) -> int:
    """Numbers M 2^e, |M| < 2^h, h = p / 2 rounded down, with 4^e in the format and 2 M^2 4^e not beyond its end."""
    assert fmt.precision is not None, "Q has no frontier"
    half, least = fmt.precision // 2, 0
    while fmt.holds(Fraction(4) ** (least - 1)):
        least -= 1
    most = least
    while 2 * (2**half - 1) ** 2 * Fraction(4) ** (most + 1) <= fmt.max_finite:
        most += 1
    return 2**half * (most - least + 1) + 2 * (2 ** (half - 1) - 1) + 1


def signs(precision: int) -> int:
    """The most coordinates: sums of d signs, in order, are exact up to 2^p; one more stays at 2^p, and 2^p - 1 is another number."""
    return 2**precision + 1


def one_coordinate(distance: int, tie: str) -> int:
    """Positions N at distance 2 or more: the greatest key, the least, and where ties go to the first index also key 0."""
    return distance + (3 if tie == "first" else 2)


def finite_numbers(fmt: Format) -> int:
    """How many finite numbers a format has, 0 and -0 being one: 2^(p-1) a binade, and 2^(p-1) - 1 below the least, of each sign."""
    assert fmt.precision is not None, "Q has infinitely many"
    assert fmt.emin is not None and fmt.emax is not None, "Q has infinitely many"  # noqa: PT018
    binade = 2 ** (fmt.precision - 1)
    missing = int(
        ((2 - 2 * fmt.unit_roundoff) * Fraction(2) ** fmt.emax - fmt.max_finite)
        / Fraction(2) ** (fmt.emax + 1 - fmt.precision)
    )
    return 2 * (binade * (fmt.emax - fmt.emin + 1) + binade - 1 - missing) + 1
