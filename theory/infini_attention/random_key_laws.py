"""Noise over signal for random keys under ELU + 1, exactly, and what a read then is. Derived here.

Pre-activations are independent normal numbers of mean 0 and scale s; phi = sigma of them; mu_k = E phi^k. With X standard normal

    mu_k = e^(k^2 s^2 / 2) P(X < -k s) + sum_j C(k, j) s^j h_j,   h_j = E X^j over X > 0 = 1/2, 1/sqrt(2 pi), 1/2, 2/sqrt(2 pi), 3/2.

Two keys have a_ij = sum_c phi_ic phi_jc, so E a_ij^2 = d mu_2^2 + d (d - 1) mu_1^4 and E a_ii^2 = d mu_4 + d (d - 1) mu_2^2.
"""

from __future__ import annotations

from math import comb
from typing import Any

from flint import arb, ctx

BITS = 120


def _half_moments() -> list[arb]:
    """E X^j over X > 0, j = 0 .. 4."""
    root = 1 / (2 * arb.pi()).sqrt()
    return [arb(1) / 2, root, arb(1) / 2, 2 * root, arb(3) / 2]


def moments(scale: Any) -> dict[int, arb]:
    """mu_1, mu_2 and mu_4 as balls; `scale` an integer, or a float taken for what it is."""
    with ctx.workprec(BITS):
        s = arb(scale)
        found = {}
        for k in (1, 2, 4):
            below = (k * k * s * s / 2).exp() * (k * s / arb(2).sqrt()).erfc() / 2
            above = sum((comb(k, j) * s**j * h for j, h in enumerate(_half_moments()[: k + 1])), arb(0))
            found[k] = below + above
        return found


def noise_over_signal(mu_1: Any, mu_2: Any, mu_4: Any, d: Any) -> Any:
    """E a_ij^2 / E a_ii^2, the factor of N - 1; numbers, balls or symbols."""
    return (mu_2**2 + (d - 1) * mu_1**4) / (mu_4 + (d - 1) * mu_2**2)


def factor(scale: Any, d: int) -> float:
    """The same for ELU + 1, to float accuracy."""
    mu = moments(scale)
    with ctx.workprec(BITS):
        return float(noise_over_signal(mu[1], mu[2], mu[4], d))


def spread(kappa: Any, n: Any) -> Any:
    """N times the sum of the squares of the weights of a read as d grows, kappa = mu_2 / mu_1^2: 1 over the squared cosine
    between the read and the mean of the values."""
    return n * (kappa**2 + n - 1) / (kappa + n - 1) ** 2


def kappa(scale: Any) -> arb:
    """mu_2 / mu_1^2."""
    mu = moments(scale)
    with ctx.workprec(BITS):
        return mu[2] / mu[1] ** 2
