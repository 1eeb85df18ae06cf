"""Codes: n vectors that stand for slots, with their dimension, squared norm and coherence, all exact.

    one_hot(n)           e_j                                    d = n               inner products 0
    random_sign(n, d)    +-1, drawn again until the Gram check passes               |<r_i, r_j>| < bound * d
    reed_solomon(q, k)   polynomials of degree < k over F_q, their values one-hot   d = q^2, N = q, <r_i, r_j> <= k - 1
    binary_sign(n)       the bits of j as signs                 d = ceil(log2 n)    <r_i, r_j> <= d - 2
    circle(n)            rational points of the unit circle     d = 2               <r_i, r_j> <= 1 - 8 / n^2

Two numbers say how far a code is from orthogonal. `coherence` is the greatest |<r_i, r_j>| / N over i != j: a rounded
kernel wants it below 1/8. `likeness` is the greatest <r_i, r_j> / N, which may be much smaller: an exponential kernel is
not troubled by opposite vectors. Both are computed from all pairs of vectors at hand, in exact arithmetic, and not
from a formula.

Why the formulas hold. Reed-Solomon: two polynomials of degree < k that agree at k places are equal, so distinct codes
share at most k - 1 of their q ones. Signs: the codes of i != j differ in a coordinate at least, which takes 2 from d.
Circle: neighbours are 2 pi / n apart and 1 - cos(2 pi / n) = 2 sin(pi / n)^2 >= 8 / n^2, as sin x >= 2 x / pi up to pi / 2;
the points (1 - s^2, 2 s) / (1 + s^2) with rational s near tan(angle / 2) are exact, and are refined until the same holds.
Random signs: by Hoeffding a pair has |<r_i, r_j>| >= b d with probability at most 2 exp(-b^2 d / 2), so a draw passes with
probability at least 1 - n (n-1) exp(-b^2 d / 2). Derived here; Reed and Solomon, J. SIAM 8(2), 1960; Hoeffding, JASA
58(301), 1963.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Shaped

__all__ = ["Code", "binary_sign", "circle", "one_hot", "random_sign", "random_sign_dimension", "reed_solomon"]

BLOCK = 1024
ROUNDED_BOUND = Fraction(1, 8)
"""The coherence below which a rounded kernel tells swap tokens apart."""


@dataclass(frozen=True, eq=False)
class Code:
    """n vectors `(n, d)` of one squared norm N: integers (int64), or Fractions in an object array.

    Raises ValueError when a vector has another squared norm, naming it.
    """

    name: str
    vectors: Shaped[np.ndarray, "n d"]
    norm: int | Fraction

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or 0 in self.vectors.shape:
            raise ValueError(f"code {self.name}: vectors of shape {self.vectors.shape}; give at least one (n, d)")
        squares = (self.vectors * self.vectors).sum(axis=1)
        wrong = np.flatnonzero(squares != self.norm)
        if wrong.size:
            j = int(wrong[0])
            raise ValueError(f"code {self.name}: vector {j} has squared norm {squares[j]}, not {self.norm}")

    @property
    def size(self) -> int:
        """How many vectors there are."""
        return int(self.vectors.shape[0])

    @property
    def dimension(self) -> int:
        """How many coordinates a vector has."""
        return int(self.vectors.shape[1])

    @cached_property
    def _extremes(self) -> tuple[Any, Any]:
        """The least and the greatest inner product of two different vectors; 0, 0 for a single vector."""
        return extreme_inner_products(self.vectors)

    @property
    def coherence(self) -> Fraction:
        """max over i != j of |<r_i, r_j>| / N; 0 for a single vector. All pairs, exactly, once."""
        least, greatest = self._extremes
        return Fraction(max(abs(least), abs(greatest))) / Fraction(self.norm)

    @property
    def likeness(self) -> Fraction:
        """max over i != j of <r_i, r_j> / N, with its sign; -1 for a single vector, the least it could be."""
        return Fraction(-1) if self.size == 1 else Fraction(self._extremes[1]) / Fraction(self.norm)

    @property
    def gap(self) -> Fraction:
        """1 - likeness: by how much a vector prefers itself to every other."""
        return 1 - self.likeness

    def first(self, n: int) -> Code:
        """The code of the first n vectors. Raises ValueError when there are fewer."""
        if not 1 <= n <= self.size:
            raise ValueError(f"code {self.name}: {n} of its {self.size} vectors; take 1..{self.size}")
        return Code(self.name, self.vectors[:n], self.norm)

    @property
    def unit(self) -> Shaped[np.ndarray, "n d"]:
        """r_j / N as Fractions: <unit_i, r_j> is the cosine, so that (unit, vectors) serve as keys and writes."""
        scaled = np.empty(self.vectors.shape, dtype=object)
        for index, x in np.ndenumerate(self.vectors):
            scaled[index] = Fraction(int(x) if isinstance(x, np.integer) else x) / Fraction(self.norm)
        return scaled


def extreme_inner_products(vectors: Shaped[np.ndarray, "n d"]) -> tuple[Any, Any]:
    """The least and greatest <r_i, r_j> over i != j for vectors of one length, exact; 0, 0 for a single vector.

    O(n^2 d) work and O(n BLOCK) memory. Integers are multiplied in float32 while d max^2 < 2^24, as it holds all sums
    then, else as Python integers.
    """
    if len(vectors) < 2:
        return 0, 0
    exact = vectors.dtype == object
    largest = 0 if exact else int(np.abs(vectors).max())
    in_floats = not exact and vectors.shape[1] * largest * largest < 2**24
    table = vectors.astype(np.float32) if in_floats else vectors.astype(object)
    square = table[0] @ table[0]  # no inner product exceeds it, nor falls below its negative
    least, greatest = square, -square
    for start in range(0, len(table), BLOCK):
        gram = table[start : start + BLOCK] @ table[start:].T
        others = ~np.eye(*gram.shape, dtype=bool)
        least = min(least, gram.min(initial=square, where=others))
        greatest = max(greatest, gram.max(initial=-square, where=others))
    return (int(least), int(greatest)) if in_floats else (least, greatest)


def one_hot(n: int) -> Code:
    """e_0 .. e_{n-1}: d = n, N = 1, every other inner product 0. Raises ValueError for n < 1."""
    _at_least_one(n, "one_hot")
    return Code("one-hot", np.eye(n, dtype=np.int64), 1)


def random_sign_dimension(n: int, bound: Fraction = ROUNDED_BOUND) -> int:
    """The least d for which Hoeffding and a union bound promise a code: n (n-1) exp(-bound^2 d / 2) < 1.

    For bound = 1/8 this is d > 128 ln(n (n-1)), below 256 ln n. The logarithm is bracketed by its float64 value and
    raised, never lowered.
    """
    _at_least_one(n, "random_sign")
    if n == 1:
        return 1
    needed = 2 * math.log(n * (n - 1)) / float(bound) ** 2
    return math.floor(needed * (1 + 2**-40)) + 1


def random_sign(
    n: int, dimension: int | None = None, *, seed: int, bound: Fraction = ROUNDED_BOUND, draws: int = 100
) -> Code:
    """n random sign vectors with coherence below `bound`, checked on all pairs and drawn again until it is.

    dimension: `random_sign_dimension(n, bound)` when None. The same seed gives the same code.
    Raises ValueError when the dimension is below that number, so that no code is promised, and when `draws` draws fail.
    """
    least = random_sign_dimension(n, bound)
    dimension = least if dimension is None else dimension
    if dimension < least:
        raise ValueError(
            f"random_sign: d = {dimension} for n = {n} and coherence below {bound}: a draw is promised to pass only if "
            f"n (n-1) exp(-bound^2 d / 2) < 1; take d >= {least}"
        )
    draw = np.random.default_rng(seed)
    for _ in range(draws):
        made = Code("random sign", 2 * draw.integers(0, 2, (n, dimension)) - 1, dimension)
        if made.coherence < bound:
            return made
    raise ValueError(f"random_sign: {draws} draws of n = {n}, d = {dimension} all have coherence >= {bound}; raise d")


def reed_solomon(q: int, k: int, n: int | None = None) -> Code:
    """The first n (all q^k when None) polynomials of degree < k over F_q, each as q blocks of q coordinates with a one.

    Raises ValueError unless q is prime, k >= 1, q >= 8 (k-1) + 1 (coherence below 1/8) and 1 <= n <= q^k.
    """
    if q < 2 or any(q % p == 0 for p in range(2, math.isqrt(q) + 1)):
        raise ValueError(f"reed_solomon: q = {q} is not prime; two polynomials may then agree more often")
    if k < 1 or q < 8 * (k - 1) + 1:
        raise ValueError(
            f"reed_solomon: q = {q}, k = {k}: coherence (k-1)/q is below 1/8 only for 1 <= k <= {(q - 1) // 8 + 1} at this q; "
            f"take a prime q >= {8 * (max(k, 1) - 1) + 1}"
        )
    return evaluation_code(q, k, q**k if n is None else n)


def evaluation_code(q: int, k: int, n: int) -> Code:
    """`reed_solomon` without its hypothesis on q: for codes that are to fail. Raises ValueError unless 1 <= n <= q^k."""
    if not 1 <= n <= q**k:
        raise ValueError(f"reed_solomon: n = {n} codes, there are q^k = {q}^{k} = {q**k}; take 1 <= n <= {q**k}")
    coefficients = np.arange(n)[:, None] // q ** np.arange(k) % q
    powers = np.array([[pow(x, e, q) for x in range(q)] for e in range(k)], dtype=np.int64)
    values = coefficients @ powers % q
    vectors = np.zeros((n, q, q), dtype=np.int64)
    np.put_along_axis(vectors, values[:, :, None], 1, axis=2)
    return Code(f"Reed-Solomon q = {q}, k = {k}", vectors.reshape(n, q * q), q)


def binary_sign(n: int, dimension: int | None = None) -> Code:
    """The binary digits of 0 .. n-1 as signs: d = ceil(log2 n), at least 1, N = d, likeness 1 - 2/d.

    Raises ValueError when n vectors of `dimension` signs cannot all be different.
    """
    _at_least_one(n, "binary_sign")
    least = max(1, (n - 1).bit_length())
    dimension = least if dimension is None else dimension
    if dimension < least:
        raise ValueError(
            f"binary_sign: {n} codes of {dimension} signs: only {2 ** max(dimension, 0)} differ; take {least} signs"
        )
    return Code("binary sign", 2 * (np.arange(n)[:, None] >> np.arange(dimension) & 1) - 1, dimension)


def circle(n: int) -> Code:
    """n rational points of the unit circle, nearly equidistant: d = 2, N = 1, likeness at most 1 - 8 / n^2.

    Point j is at the angle -pi + 2 pi (j + 1/2) / n, as (1 - s^2, 2 s) / (1 + s^2) with s the tangent of half of it,
    rounded to a multiple of 1 / (8 n^2) or finer. Raises ValueError for n < 1.
    """
    _at_least_one(n, "circle")
    scale = 8 * n * n
    while True:
        tangents = [Fraction(round(math.tan(math.pi * ((2 * j + 1) / n - 1) / 2) * scale), scale) for j in range(n)]
        vectors = np.empty((n, 2), dtype=object)
        for j, s in enumerate(tangents):
            vectors[j] = [(1 - s * s) / (1 + s * s), 2 * s / (1 + s * s)]
        made = Code("circle", vectors, Fraction(1))
        if n == 1 or made.gap * n * n >= 8:
            return made
        scale *= 16


def _at_least_one(n: int, what: str) -> None:
    if n < 1:
        raise ValueError(f"{what}: n = {n} codes; give at least 1")
