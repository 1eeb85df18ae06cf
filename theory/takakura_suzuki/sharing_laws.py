"""One network for all outputs against a network for each: parameters, and the ratio of risks. Derived here.

L outputs read overlapping windows of one sequence of independent uniform tokens, n sequences are seen, noise is independent. Kept are
N functions closed under signs, which hold the target. Given the designs the risk is sigma^2 tr(G^-1) / M, M = n for a network of one
output and M = n L for the shared one.

    tr G = N for every sample, so tr(G^-1) >= N                                     (Jensen), dependent rows or not
    tr(G^-1) <= N + |G - I|_F^2 / s,   s the least eigenvalue                       (G^-1 = I - E + E G^-1 E, tr E = 0)
    E |G - I|_F^2 <= K (N^2 - N) / M,   K = 1 for independent rows

Windows 2 U + 1 places apart share no token: the rows fall into K = 2 U + 1 classes of independent ones, G is the mean of the classes'
matrices, and the square is convex. Good is a run in which s >= 1/2 for each of the L outputs; then it is so for the shared G, their
mean, as the least eigenvalue is concave. Good has probability P >= 1 - L N exp(-(n / N) (1 - log 2) / 2) (Tropp), and a mean over good
runs of what is positive is at most the mean over all over P. Separate over shared, the ratio of mean risks over good runs is L up to

    L / (1 + 2 K (N - 1) / (n L P))  <=  ratio  <=  L (1 + 2 (N - 1) / (n P))
"""

from __future__ import annotations

import math
from fractions import Fraction


def bad(n: int, N: int) -> Fraction:
    """Tropp's matrix Chernoff bound of P(s < 1/2) for n independent rows of squared norm N, at most 1, rounded up."""
    return min(Fraction(1), Fraction(N * math.exp(-(1 - math.log(2)) / 2 * n / N)) * (1 + Fraction(1, 2**40)))


def excess(samples: int, N: int, good: Fraction, classes: int = 1) -> Fraction:
    """2 K (N - 1) / (M P): what dependence and chance may add to a variance of sigma^2 N / M."""
    return Fraction(2 * classes * (N - 1), samples) / good


def ratio(outputs: int, n: int, N: int, reach: int) -> tuple[Fraction, Fraction]:
    """Bounds of separate over shared mean risk over good runs, L = `outputs`, windows of 2 * reach + 1 tokens.

    ValueError where some number is below 1, or n so small that no run might be good.
    """
    if min(outputs, n, N, reach) < 1:
        raise ValueError(f"L = {outputs}, n = {n}, N = {N}, U = {reach}: give at least 1 of each")
    good = 1 - outputs * bad(n, N)
    if good <= 0:
        raise ValueError(
            f"n = {n} samples for N = {N} functions and L = {outputs} outputs: perhaps no design is well conditioned; "
            f"give more samples, {100 * N} say"
        )
    return outputs / (1 + excess(n * outputs, N, good, 2 * reach + 1)), outputs * (1 + excess(n, N, good))


def parameters(outputs: int, nonzeros: int) -> tuple[int, int]:
    """Weights of the shared network, and of a network for each output."""
    return nonzeros, outputs * nonzeros
