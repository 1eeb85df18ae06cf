"""Widths and the oracle risk, exactly: what the best number of basis functions would cost if its bias and variance just added up.

    d_N^2   = 4**-lambda_(N+1), lambda_(1) <= lambda_(2) <= ... the refined orders; the dyadic widths have gamma for lambda
    risk(n) = min over N of d_N^2 + sigma^2 N / n

All are rational: a has integer or half-integer entries here. Within a level of equal order d_N stays and N grows, so the minimum lies
at an N that completes all orders below a level; such a set is closed under changes of sign, l_i to -l_i. Derived here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate, pairwise

from theory.takakura_suzuki import refined
from theory.takakura_suzuki.counting import width_levels
from theory.takakura_suzuki.smoothness import Rational, Smoothness, rational

_CLOSE = 1 + 2.0**-48  # a float of a bias plus a variance has four roundings of 2**-53 at most


@dataclass(frozen=True)
class Oracle:
    """N basis functions, their squared bias d_N^2 and variance sigma^2 N / n, for n samples. N = 0 is the zero function."""

    n: int
    N: int
    bias: Fraction
    variance: Fraction

    @property
    def risk(self) -> Fraction:
        return self.bias + self.variance


def noise(sigma: object) -> Fraction:
    """sigma^2 as a Fraction. ValueError unless sigma is a positive rational."""
    value = rational(sigma, "sigma")
    if value <= 0:
        raise ValueError(f"sigma = {value}: the noise needs a positive standard deviation, such as Fraction(1, 2)")
    return value**2


def samples(n: object) -> int:
    """n as an int. ValueError unless n >= 1."""
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ValueError(f"n = {n!r}: give the number of samples, an int of at least 1")
    return n


@lru_cache(maxsize=256)
def _ladder(smoothness: Smoothness, T: Fraction) -> tuple[list[int], list[Fraction]]:
    """(N, d_N^2) for every N that completes the orders below a level lambda < T, ascending."""
    keys, counts, D = refined.levels(smoothness, T)
    if D > 2:
        raise ValueError(
            f"a has the common denominator {D}: 4**-lambda is irrational then; give integers or multiples of 1/2"
        )
    sizes = [0, *accumulate(counts)][: len(keys)]
    return sizes, [Fraction(1, key if D == 2 else key**2) for key in keys]


def ladder(smoothness: Smoothness, N: int) -> tuple[list[int], list[Fraction]]:
    """(sizes, squares): d_M^2 = squares[i] for sizes[i] <= M < sizes[i + 1], up to a last size that is at least N. Cached.

    ValueError for N < 0 and for a whose widths are irrational.
    """
    if N < 0:
        raise ValueError(f"N = {N}: a subspace has dimension 0 or more")
    T = smoothness.exact(1) + 1
    while True:
        sizes, squares = _ladder(smoothness, T)
        if sizes[-1] >= N:
            return sizes, squares
        T += smoothness.exact(1)


def width_squares(smoothness: Smoothness, N: int) -> list[Fraction]:
    """d_0^2, ..., d_N^2 in refined order."""
    sizes, squares = ladder(smoothness, N + 1)
    found: list[Fraction] = []
    for size, following, square in zip(sizes, sizes[1:], squares, strict=False):
        found += [square] * (following - size)
    return found[: N + 1]


def dyadic_width_squares(smoothness: Smoothness, N: int) -> list[Fraction]:
    """4**-gamma of the (M+1)-th function in ascending gamma, M = 0..N: the widths with dyadic stairs. Same errors."""
    exponents = [2 * level for level in width_levels(smoothness, list(range(N + 1)))]
    whole = [e.numerator for e in exponents if isinstance(e, Fraction) and e.denominator == 1]
    if len(whole) < len(exponents):
        raise ValueError("4**-gamma is irrational: give a with integers or multiples of 1/2")
    return [Fraction(1, 2**e) for e in whole]


@lru_cache(maxsize=4096)
def oracle(smoothness: Smoothness, n: int, sigma: Rational, most: int | None = None) -> Oracle:
    """The exact minimum over all N >= 0, or over N <= most; of equal ones the smallest N.

    More levels are taken until the variance of the last N alone reaches the least risk found. ValueError as `noise`, `samples`,
    `ladder`, and for most < 0.
    """
    if most is not None and most < 0:
        raise ValueError(f"most = {most}: allow at least 0 functions")
    share = noise(sigma) / samples(n)
    N = 1
    while True:
        sizes, squares = ladder(smoothness, N)
        rough = [float(d) + float(share) * M for M, d in zip(sizes, squares, strict=True) if most is None or most >= M]
        limit = min(rough) * _CLOSE
        near = [i for i, risk in enumerate(rough) if risk <= limit]
        best = min(near, key=lambda i: squares[i] + share * sizes[i])
        found = Oracle(n, sizes[best], squares[best], share * sizes[best])
        if share * sizes[-1] >= found.risk:
            return found
        N = 2 * sizes[-1] + 1


def local_slopes(n: list[int], risks: list[float]) -> list[float]:
    """log risk between neighbours over log n between them. ValueError for fewer than two n, or n that do not grow."""
    if len(n) < 2 or len(n) != len(risks) or any(b <= a for a, b in pairwise(n)):
        raise ValueError(f"n = {n} with {len(risks)} risks: local slopes need at least two growing n, a risk each")
    return [math.log(risks[i + 1] / risks[i]) / math.log(n[i + 1] / n[i]) for i in range(len(n) - 1)]


def exponent(effective: Rational) -> Fraction:
    """-2 a+ / (2 a+ + 1). ValueError unless a+ > 0."""
    a = rational(effective, "a+")
    if a <= 0:
        raise ValueError(f"a+ = {a}: the rate needs it positive")
    return -2 * a / (2 * a + 1)


def line(n: list[int], slope: float, through: tuple[int, float]) -> list[float]:
    """risk0 * (n / n0)**slope through the point (n0, risk0): the asymptotic line of a figure."""
    n0, risk0 = through
    return [risk0 * (m / n0) ** slope for m in n]
