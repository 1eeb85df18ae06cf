"""Exact amounts of work, span or bytes, with their logarithms kept apart.

An amount is a sum of coefficient * L(n_1) ... L(n_k), where L(n) = ceil(log2 n) and the n_i are sizes that an operation reduced,
scanned or sorted over. It is kept as a map from the sorted tuple (n_1, ..., n_k) to the coefficient: {(): 12, (8,): 64} is
12 + 64 L(8). Kept apart, coefficients and sizes are polynomials where their product is not, so each can be recovered by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import prod

__all__ = ["Amount", "amount", "ceil_log2", "value"]

Amount = Mapping[tuple[int, ...], Fraction]


def ceil_log2(n: int) -> int:
    """L(n) = ceil(log2 n); 0 for n <= 1."""
    return max(int(n) - 1, 0).bit_length()


def amount(*terms: tuple[int | Fraction, tuple[int, ...]]) -> dict[tuple[int, ...], Fraction]:
    """The sum of coefficient * prod L(n) over (coefficient, sizes) pairs, without zeros; L(n) is dropped as 0 for n <= 1."""
    total: dict[tuple[int, ...], Fraction] = {}
    for coefficient, sizes in terms:
        if coefficient and all(n > 1 for n in sizes):
            key = tuple(sorted(sizes))
            total[key] = total.get(key, Fraction(0)) + coefficient
    return {key: c for key, c in total.items() if c}


def value(terms: Amount) -> Fraction:
    """The number: every L evaluated."""
    return sum((c * prod(map(ceil_log2, sizes)) for sizes, c in terms.items()), Fraction(0))
