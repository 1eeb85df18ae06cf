"""Laws of retrieval: noise over signal when N pairs with random keys are added up in one memory. Derived here.

The memory holds pairs (k_j, v_j), v_j independent with mean 0 and one covariance, and is read at k_i by a kernel kappa:
    o_i = kappa(k_i, k_i) v_i + sum_{j != i} kappa(k_j, k_i) v_j.
The first term is signal, the rest noise. For keys independent of each other and of the values, products of different values
have mean 0, so E|noise|^2 / E|signal|^2 is exactly
    (N - 1) E kappa(k, k')^2 / E kappa(k, k)^2.
The *capacity* is the N at which that is 1. Every function here returns the factor of N - 1. Two key laws: "gaussian",
independent standard normal coordinates, and "sphere", uniform on the unit sphere of R^d.

    <x, y>^p              sphere    m_p = (1 3 ... (2p-1)) / (d (d+2) ... (d+2p-2)), the 2p-th moment of a coordinate
                          gaussian  (1 3 ... (2p-1)) / ((d+2p) (d+2p+2) ... (d+4p-2))
    max(<x, y>, 0)^p      half of that, as <k, k'> is symmetric about 0
    exp(lam (<x, y> - 1)) sphere    exp(-2 lam) 0F1(; d/2; lam^2), 0F1 the Bessel series sum_j lam^(2j) / (j! (d/2)_j)
                          gaussian  ((1 - 4 lam) / (1 - 4 lam^2))^(d/2), for lam < 1/4; beyond, E kappa(k, k)^2 is infinite
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

KEY_LAWS = ("gaussian", "sphere")


def _known(keys: str, d: int) -> None:
    if keys not in KEY_LAWS:
        raise ValueError(f"keys {keys!r}: one of {', '.join(KEY_LAWS)}")
    if d < 1:
        raise ValueError(f"d = {d}: keys have at least one coordinate")


def power_step(keys: str, d: Any, j: Any) -> Any:
    """The factor that takes the law of the power j to that of j + 1; numbers or symbols d, j.

    Sphere: (2j+1)/(d+2j), the step of the even moments of a coordinate. Gaussian: that times the steps of E|k|^(2j) for both
    keys, over two steps of E|k|^(4j).
    """
    if keys == "sphere":
        return (2 * j + 1) / (d + 2 * j)
    return (2 * j + 1) * (d + 2 * j) / ((d + 4 * j) * (d + 4 * j + 2))


def power_noise(keys: str, d: int, p: int, rectified: bool) -> Fraction:
    """E kappa(k, k')^2 / E kappa(k, k)^2 for kappa = <x, y>^p, or its positive part; p = 1 unrectified is the linear kernel."""
    _known(keys, d)
    if p < 1:
        raise ValueError(f"p = {p}: give a positive power")
    noise = math.prod((power_step(keys, Fraction(d), Fraction(j)) for j in range(p)), start=Fraction(1))
    return noise / 2 if rectified else noise


def bessel_step(d: Any, j: Any, x: Any) -> Any:
    """The factor from term j to term j + 1 of 0F1(; d/2; x); numbers or symbols."""
    return x / ((j + 1) * (d / 2 + j))


def exponential_moment(d: int, s: float) -> float:
    """E exp(s t), t a coordinate of a point uniform on the unit sphere of R^d: 0F1(; d/2; s^2/4), to float accuracy.

    All terms are positive, so the sum has the relative accuracy of its terms. Raises ValueError when it overflows.
    """
    _known("sphere", d)
    total = term = 1.0
    j = 0
    while term > total * 2.0**-60 or j * (d / 2 + j) < s * s / 4:
        term *= bessel_step(d, j, s * s / 4)
        total += term
        j += 1
        if math.isinf(total):
            raise ValueError(f"E exp({s} t) overflows for d = {d}; keep |s| below 700")
    return total


def exponential_noise(keys: str, d: int, temperature: float) -> float:
    """E kappa(k, k')^2 / E kappa(k, k)^2 for kappa = exp(temperature (<x, y> - 1)); 0 where the signal is infinite."""
    _known(keys, d)
    if keys == "sphere":
        return math.exp(-2 * temperature) * exponential_moment(d, 2 * temperature)
    if not 0 <= temperature < 0.5:
        raise ValueError(f"temperature {temperature}: with gaussian keys E kappa(k, k')^2 is finite below 1/2 only")
    return max(0.0, (1 - 4 * temperature) / (1 - 4 * temperature**2)) ** (d / 2)


def softmax_error(n: int, d: int, temperature: float) -> float:
    """E|o - v|^2 / E|v|^2 of softmax attention over n pairs with keys on the sphere, read at one of them: mean field.

    The approximation is to replace the n - 1 other weights' sum by its mean z = (n-1) E kappa and their squares' sum by its
    mean; then (z^2 + (n-1) E kappa^2) / (1 + z)^2. It is good when many keys share the noise, bad when few dominate it.
    """
    first = math.exp(-temperature) * exponential_moment(d, temperature)
    z = (n - 1) * first
    return (z * z + (n - 1) * exponential_noise("sphere", d, temperature)) / (1 + z) ** 2


def delta_error(age: int, earlier: int, d: int) -> Fraction:
    """E|o - v|^2 / E|v|^2 for the pair with `earlier` pairs before it and `age` after, by the delta rule, keys on the sphere:
    2 (1 - q^a) - (q^a - alpha_a) q^e with q = 1 - 1/d, alpha_a = q^a / d + (1 - 1/d) r^a, r = (d^2 - 2) / (d (d + 2))."""
    _known("sphere", d)
    if age < 0 or earlier < 0:
        raise ValueError(f"age {age}, earlier {earlier}: numbers of pairs are not negative")
    q, r = 1 - Fraction(1, d), Fraction(d * d - 2, d * (d + 2))
    alpha = q**age / d + q * r**age
    return 2 * (1 - q**age) - (q**age - alpha) * q**earlier
