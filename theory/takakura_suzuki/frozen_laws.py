"""How far least squares on frozen features can end from least squares on the exact basis. Derived here.

A is the n x N matrix of the basis functions over sqrt(n), A' that of the features, each off by at most e_l in the sup norm; the data
b are divided by sqrt(n) too. c = A^+ b, r = b - A c, c' = A'^+ b, and s, s' are the least singular values.

    c' - c = A'^+ (b - A' c) = A'^+ (r - (A' - A) c)             A' has full column rank
    A'^+ r = (A'^T A')^-1 (A' - A)^T r                           A^T r = 0
    |(A' - A) c| <= sum |c_l| e_l = move,   |A' - A| <= (sum e_l^2)^(1/2) = delta,   s' >= s - delta (Weyl)

    |c' - c| <= move / (s - delta) + delta |r| / (s - delta)^2
    |f' - f_c| <= sum |c'_l| e_l + |c' - c| <= move + (1 + delta) |c' - c|             in L2, as the basis is orthonormal

So the two root risks differ by the last line at most. c, r, s and e are known before the features are.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

UNIT = 2.0**-53
"""Unit roundoff of float64, in which both systems are solved."""


def rounded(n: int, N: int) -> float:
    """What Householder's method adds to delta, relative to a column: 16 n N u, as both systems are solved in float64 and stably."""
    return 16 * n * N * UNIT


def coefficients_moved(
    coefficients: Float[np.ndarray, "*batch N"],
    residual: Float[np.ndarray, "*batch"],
    least: Float[np.ndarray, "*batch"],
    errors: Float[np.ndarray, " N"],
    n: int,
) -> Float[np.ndarray, "*batch"]:
    """The bound on |c' - c|; infinite where s <= delta, so that the features may be dependent.

    residual: |r|, root mean square over the n data. least: s. errors: e.
    """
    spare = rounded(n, len(errors))
    move = np.abs(coefficients) @ (errors + spare)
    delta = math.sqrt(float(np.sum((errors + spare) ** 2)))
    left = np.asarray(least) - delta
    safe = np.where(left > 0, left, 1.0)
    return np.where(left > 0, move / safe + delta * np.asarray(residual) / safe**2, np.inf)


def functions_apart(
    coefficients: Float[np.ndarray, "*batch N"], moved: Float[np.ndarray, "*batch"], errors: Float[np.ndarray, " N"]
) -> Float[np.ndarray, "*batch"]:
    """The bound on the L2 distance of the two fitted functions, hence on that of the two root risks; `moved` bounds |c' - c|."""
    delta = math.sqrt(float(np.sum(errors**2)))
    return np.abs(coefficients) @ errors + (1 + delta) * moved
