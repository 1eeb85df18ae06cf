"""Whether a symmetric rational matrix is positive semidefinite, decided exactly by elimination.

A symmetric matrix is positive semidefinite exactly when its first diagonal entry a is positive and the rest, less the
outer product of the first column with itself over a, is positive semidefinite; or a = 0, its column is 0, and the rest
is. O(d^3) operations. Standard.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from jaxtyping import Shaped

__all__ = ["is_semidefinite", "scalar", "symmetric"]


def scalar(number: Fraction | int, d: int) -> Shaped[np.ndarray, "d d"]:
    """The number times the identity."""
    made = np.full((d, d), Fraction(0), dtype=object)
    np.fill_diagonal(made, Fraction(number))
    return made


def symmetric(matrix: Shaped[np.ndarray, "d d"]) -> bool:
    return bool((matrix == matrix.T).all())


def is_semidefinite(matrix: Shaped[np.ndarray, "d d"]) -> bool:
    """For objects that compute exactly, `Fraction` for example. ValueError for a matrix that is not symmetric."""
    if matrix.ndim != 2 or not symmetric(matrix):
        raise ValueError(f"a matrix of shape {matrix.shape} that is not symmetric has no sign; give (M + M^T) / 2")
    rest = matrix
    while len(rest):
        first, others = rest[0, 0], rest[1:, 0]
        if first < 0 or (first == 0 and others.any()):
            return False
        rest = rest[1:, 1:] if first == 0 else rest[1:, 1:] - np.outer(others, others) / first
    return True
