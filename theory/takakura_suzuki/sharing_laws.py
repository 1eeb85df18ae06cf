"""One network for all outputs against a network for each: parameters, and the ratio of risks. Derived here.

L outputs read overlapping windows of one sequence of independent uniform tokens, n sequences are seen, noise is independent. Kept are N
functions closed under signs, which hold the target. Given the designs the risk is sigma^2 tr(G^-1) / M, M = n for a network of one output
and M = n L for the shared one.

    tr G = N for every sample, so tr(G^-1) >= N                                     (Jensen), dependent rows or not
    tr(G^-1) <= N + |G - I|_F^2 / s,   s the least eigenvalue                       (G^-1 = I - E + E G^-1 E, tr E = 0)
    E |G - I|_F^2 <= K (N^2 - N) / M,   K = 1 for independent rows

Windows 2 U + 1 places apart share no token: the rows fall into K = 2 U + 1 classes of independent ones, G is the mean of the classes'
matrices, and the square is convex. With s >= 1/2 the ratio of mean risks, separate over shared, is L up to

    L / (1 + 2 K (N - 1) / (n L))  <=  ratio  <=  L (1 + 2 (N - 1) / n)
"""

from __future__ import annotations

from fractions import Fraction


def excess(samples: int, N: int, classes: int = 1) -> Fraction:
    """2 K (N - 1) / M: what dependence and chance may add to a variance of sigma^2 N / M."""
    if samples < 1 or N < 1 or classes < 1:
        raise ValueError(f"M = {samples} samples, N = {N} functions, K = {classes} classes: give at least 1 of each")
    return Fraction(2 * classes * (N - 1), samples)


def ratio(outputs: int, n: int, N: int, reach: int) -> tuple[Fraction, Fraction]:
    """Bounds of separate over shared mean risk for L = `outputs`, windows of 2 * reach + 1 tokens. ValueError for no output."""
    if outputs < 1:
        raise ValueError(f"L = {outputs}: give at least one output")
    return outputs / (1 + excess(n * outputs, N, 2 * reach + 1)), outputs * (1 + excess(n, N))


def parameters(outputs: int, nonzeros: int) -> tuple[int, int]:
    """Weights of the shared network, and of a network for each output."""
    return nonzeros, outputs * nonzeros
