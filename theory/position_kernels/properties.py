"""What a position kernel can be, and how a finite piece of it is looked at in ball arithmetic.

K(d) > 0 at distances d = 0, 1, 2, ..., read on all integers as K(|d|); b = log K is the bias.

    positive-definite     sum_ij c_i c_j K(|i - j|) >= 0 for all finitely many positions and all c
    conditionally         the same of b for all c of sum 0 (KERPLE's hypothesis)
    log-convex            2 b(d) <= b(d-1) + b(d+1), d >= 1
    monotone              K(d+1) <= K(d)
    summable              sum_d K(d) < infinity
    bounded               sup_d K(d) < infinity

b is conditionally positive definite on positions 0..n exactly when the second differences a(d) = 2 b(d) - b(d+1) - b(|d-1|) are
positive definite on positions 0..n-1: c has sum 0 exactly when it is the difference c_i = u_{i-1} - u_i of some u, and then
sum c_i c_j b = sum u_i u_j a. Derived here; the theorem behind it is Schoenberg's.

A kernel declares each property as True, False or None: not known, or not decided by the closure rules. `broken` searches a finite
piece for a place where a property fails; summability and boundedness are about all distances and are not searched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flint import arb

__all__ = ["Declared", "Property", "broken", "first_negative", "second_differences"]


class Property(StrEnum):
    """A property a kernel declares."""

    POSITIVE_DEFINITE = "positive-definite"
    CONDITIONALLY = "conditionally"
    LOG_CONVEX = "log-convex"
    MONOTONE = "monotone"
    SUMMABLE = "summable"
    BOUNDED = "bounded"


Declared = Mapping[Property, bool | None]
Bias = Callable[[int], Any]
"""b(d) as a ball, for integers d >= 0."""


def second_differences(bias: Bias, count: int) -> list[arb]:
    """a(0), ..., a(count - 1), a(0) = 2 b(0) - 2 b(1), as balls; count + 1 biases."""
    b = [bias(d) for d in range(count + 1)]
    return [2 * b[d] - b[d + 1] - b[abs(d - 1)] for d in range(count)]


def first_negative(sequence: list[arb]) -> tuple[int, list[arb]] | None:
    """The least n whose Toeplitz matrix (sequence[|i - j|]) of n rows is not positive definite, and u of length n with u^T A u < 0.

    None if no size up to len(sequence) has a negative direction. Levinson's recursion: the error E_n, quotient of the minors of
    n + 1 and n rows, is u^T A u for the predictor u. Where it is exactly 0, u predicts all that follows if nothing is negative.
    O(n^2) operations on balls. ArithmeticError when a sign is not decided: more precision is needed.
    """
    if not sequence:
        return None
    error, u = sequence[0], [sequence[0] * 0 + 1]
    for n in range(1, len(sequence) + 1):
        if error < 0:
            return n, u
        if error == 0 and all(sum(x * sequence[m - i] for i, x in enumerate(u)) == 0 for m in range(n, len(sequence))):
            return None
        if not error > 0:
            raise ArithmeticError(f"the sign of the minor of {n} rows is not decided: {error}; work with more bits")
        if n < len(sequence):
            reflection = sum((u[i] * sequence[n - i] for i in range(n)), sequence[0] * 0) / error
            longer = [*u, sequence[0] * 0]
            u = [x - reflection * y for x, y in zip(longer, reversed(longer), strict=True)]
            error *= 1 - reflection * reflection
    return None


def broken(bias: Bias, which: Property, most: int) -> int | None:
    """Where a property fails first, among distances up to `most`: a distance d, or for the two definite ones a number of positions.

    Equality is no failure: a place counts only when the balls are apart; a degenerate minor raises ArithmeticError. ValueError for
    summable and bounded.
    """
    if which is Property.MONOTONE:
        b = [bias(d) for d in range(most + 1)]
        return next((d for d in range(most) if b[d + 1] > b[d]), None)
    if which is Property.LOG_CONVEX:
        b = [bias(d) for d in range(most + 1)]
        return next((d for d in range(1, most) if 2 * b[d] > b[d - 1] + b[d + 1]), None)
    if which is Property.POSITIVE_DEFINITE:
        found = first_negative([bias(d).exp() for d in range(most)])
        return found and found[0]
    if which is Property.CONDITIONALLY:
        found = first_negative(second_differences(bias, most - 1))
        return found and found[0] + 1
    raise ValueError(f"{which} is about all distances: no finite piece shows that it fails")
