"""Between which bounds the risk of random-design least squares lies, for an orthonormal basis that is closed under signs.

Kept are N functions closed under l_i -> -l_i, inputs are uniform on the cube, G = Phi^T Phi / n is their Gram matrix on n points, sigma
the noise, r what of the target is left out and tail its squared norm. The estimator is least squares where the least eigenvalue of G is
at least 1 - delta, a good design, and the zero function elsewhere.

    sum over kept l of psi_l(x)^2 = N for every x, as sin^2 + cos^2 = 1: so tr G = N always
    given the design, the variance is sigma^2 tr(G^-1) / n >= sigma^2 N / n, by Jensen on the eigenvalues
    with E = G - I: G^-1 = I - E + E G^-1 E, tr E = 0 and mean |E|_F^2 = (N^2 - N) / n, so the variance on good designs has
        mean <= sigma^2 (N / n) (1 + (N - 1) / (n (1 - delta)))
    the squared bias is tail + |G^-1 Phi^T r / n|^2, and mean |Phi^T r / n|^2 = (1/n) int (sum psi^2) r^2 = tail N / n, so it has
        mean <= tail (1 + N / (n (1 - delta)^2))

The conditioned estimator is that of Cohen, Davenport and Leviatan (2013); the bounds are derived here. All values are exact.
"""

from __future__ import annotations

from fractions import Fraction

DELTA = Fraction(1, 2)
"""delta of the estimator that is measured: it fits where the least eigenvalue is at least 1/2."""
SAMPLES_PER_TERM = 24
"""n / N from which designs are expected good: Marchenko and Pastur's edge (1 - sqrt(N/n))^2 is then 0.63, above 1/2. It is a rule for
choosing N, not a bound; bad designs are counted."""


def ideal(n: int, N: int, tail: Fraction, noise: Fraction) -> Fraction:
    """tail + sigma^2 N / n: the risk if G were the identity; `noise` is sigma^2."""
    return tail + noise * Fraction(N, n)


def fitted_at_most(n: int, N: int, tail: Fraction, noise: Fraction, delta: Fraction = DELTA) -> Fraction:
    """An upper bound of the mean over all designs of the risk on good ones, counted 0 on the others."""
    kept = 1 - delta
    variance = noise * Fraction(N, n) * (1 + Fraction(max(N - 1, 0), n) / kept)
    return tail * (1 + Fraction(N, n) / kept**2) + variance


def bracket(
    n: int, N: int, tail: Fraction, noise: Fraction, norm: Fraction, good: Fraction = Fraction(1)
) -> tuple[Fraction, Fraction]:
    """Bounds of the mean risk, of which the share 1 - `good` of bad designs costs `norm` each, the target's squared L2 norm.

    The lower one holds for the mean over the noise given the designs, the upper one for the mean over designs of the risk on good ones.
    """
    zero = (1 - good) * norm
    return good * ideal(n, N, tail, noise) + zero, fitted_at_most(n, N, tail, noise) + zero
