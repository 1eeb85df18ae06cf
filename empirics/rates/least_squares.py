"""Random-design least squares on the first N basis functions, many replicates at once, with the risk exactly by Parseval.

    y = f(x) + sigma e,   x uniform on the cube, e standard normal,   c^ = G^-1 Phi^T y / n,   G = Phi^T Phi / n
    risk = |c^ - c|^2 + tail,   tail = the squared coefficients left out

No test set is drawn. A replicate is fitted where the least eigenvalue of G is at least 1/2, so that the condition of G is at most 2 N,
its greatest being at most tr G = N; elsewhere the estimate is the zero function, and that is counted. A design's coordinates come one
after another from its own stream, so the inputs of a class with more coordinates begin with the same ones: inactive coordinates need
not be drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from jaxtyping import Bool, Float

from empirics.rates.basis import MEMORY, Basis
from empirics.rates.oracle import noise, samples
from empirics.rates.targets import RateTarget
from theory.takakura_suzuki import refined
from theory.takakura_suzuki.counting import TooLarge
from theory.takakura_suzuki.least_squares_laws import DELTA, bracket, ideal
from theory.takakura_suzuki.smoothness import Rational

_CHUNK = 1 << 20  # bytes of basis values at once: few enough to stay near the processor


@dataclass(frozen=True, eq=False)
class Experiment:
    """`replicates` samples of size n of a target, N functions fitted to each; sigma rational, `seed` an int >= 0.

    ValueError for n < N, N < 1, sigma <= 0, fewer than 2 replicates, a negative seed.
    """

    target: RateTarget
    n: int
    N: int
    sigma: Rational
    replicates: int
    seed: int

    def __post_init__(self) -> None:
        samples(self.n)
        noise(self.sigma)
        if self.N < 1:
            raise ValueError(f"N = {self.N}: fit at least one basis function")
        if self.n < self.N:
            raise ValueError(
                f"n = {self.n} samples for N = {self.N} basis functions: least squares needs n >= N, and n well above N to be "
                "well conditioned"
            )
        if self.replicates < 2:
            raise ValueError(f"replicates = {self.replicates}: an interval needs at least 2")
        if self.seed < 0:
            raise ValueError(f"seed = {self.seed}: give 0 or more")

    @property
    def tail(self) -> Fraction:
        """The squared norm of what the N functions cannot represent."""
        return self.target.tail(self.N)

    @property
    def ideal(self) -> Fraction:
        """tail + sigma^2 N / n, what the risk would be if the Gram matrix were the identity."""
        return ideal(self.n, self.N, self.tail, noise(self.sigma))

    def bracket(self, good: Fraction = Fraction(1)) -> tuple[Fraction, Fraction]:
        """Bounds of the mean risk, known before anything is drawn but for the share of good designs.

        ValueError where N cuts a set of equal orders apart: the bounds need a set closed under signs.
        """
        if not closed(refined.first(self.target.smoothness, self.N)):
            raise ValueError(f"N = {self.N} cuts a set of signs apart: take an N of the oracle's ladder")
        return bracket(self.n, self.N, self.tail, noise(self.sigma), self.target.tail(0), good)


@dataclass(frozen=True, eq=False)
class Sample:
    """Of each replicate: the risk, its mean over the noise given the design, and the least eigenvalue of G."""

    experiment: Experiment
    risks: Float[np.ndarray, " replicates"]
    means: Float[np.ndarray, " replicates"]
    eigenvalues: Float[np.ndarray, " replicates"]

    @property
    def good(self) -> Fraction:
        """The share of the designs that were fitted."""
        return Fraction(int(fitted(self.eigenvalues).sum()), len(self.eigenvalues))


def closed(index: np.ndarray) -> bool:
    """Whether a set of indices holds, with every l, all changes of its signs."""
    sizes, counts = np.unique(np.abs(index), axis=0, return_counts=True)
    return bool((counts == 1 << (sizes != 0).sum(axis=1)).all())


def fitted(eigenvalues: Float[np.ndarray, " replicates"]) -> Bool[np.ndarray, " replicates"]:
    """Which designs are well conditioned."""
    return eigenvalues >= float(1 - DELTA)


def required(experiment: Experiment) -> int:
    """Bytes for one replicate: its inputs, its noise, values of the target, and matrices of its Gram matrix and eigenvectors."""
    n, N = experiment.n, experiment.N
    terms = max(N, len(experiment.target.index))
    return 8 * (n * (Basis(experiment.target.index).active + 3) + 6 * N * N) + min(_CHUNK, 24 * n * terms)


def sample(experiment: Experiment, memory: int = MEMORY) -> Sample:
    """Draw, fit and measure every replicate. O(replicates * n * N^2). The same experiment gives the same risks, whatever the memory.

    TooLarge, with the size, when one replicate alone would pass `memory` bytes.
    """
    need = required(experiment)
    if need > memory:
        raise TooLarge(
            f"n = {experiment.n} samples and N = {experiment.N} basis functions take {-(-need >> 20)} MiB a replicate, above memory "
            f"= {memory >> 20} MiB: lower n or N, or allow more memory"
        )
    together = max(1, min(_CHUNK // need, experiment.replicates))
    starts = range(0, experiment.replicates, together)
    parts = [_fit(experiment, range(s, min(s + together, experiment.replicates))) for s in starts]
    return Sample(experiment, *(np.concatenate(column) for column in zip(*parts, strict=True)))


def draw(
    n: int, d: int, replicates: range, seed: int
) -> tuple[Float[np.ndarray, "batch n d"], Float[np.ndarray, "batch n"]]:
    """Inputs and standard normal noise. The first coordinates, and the noise, are the same for every d."""
    x, e = np.empty((len(replicates), d, n)), np.empty((len(replicates), n))
    for row, replicate in enumerate(replicates):
        inputs, normal = np.random.SeedSequence([seed, n, replicate]).spawn(2)
        x[row] = np.random.default_rng(inputs).random((d, n))
        e[row] = np.random.default_rng(normal).standard_normal(n)
    return x.swapaxes(1, 2), e


def solve(
    gram: Float[np.ndarray, "batch N N"], moments: Float[np.ndarray, "batch N k"]
) -> tuple[Float[np.ndarray, "batch N k"], Float[np.ndarray, "batch N"]]:
    """gram^-1 moments, 0 where the least eigenvalue is below 1/2; and the eigenvalues, ascending. One factorisation does both."""
    values, vectors = np.linalg.eigh(gram)
    turned = vectors.swapaxes(1, 2) @ moments
    good = fitted(values[:, 0])
    safe = np.where(good[:, None], values, 1.0)
    return np.where(good[:, None, None], vectors @ (turned / safe[..., None]), 0.0), values


def _fit(experiment: Experiment, replicates: range) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    target, n, N = experiment.target, experiment.n, experiment.N
    terms = max(N, len(target.index))
    index = target.index if len(target.index) == terms else refined.first(target.smoothness, N)
    c = np.zeros(terms)
    c[: len(target.index)] = target.floats()
    left = np.flatnonzero(c[N:]) + N
    used = Basis(index[np.concatenate([np.arange(N), left])])
    x, e = draw(n, used.active, replicates, experiment.seed)
    gram, moments = np.zeros((len(replicates), N, N)), np.zeros((len(replicates), N, 2))
    for part, values in used.chunks(x, _CHUNK):
        phi, tail = values[..., :N], values[..., N:] @ c[left]
        y = phi @ c[:N] + tail + float(experiment.sigma) * e[:, part]
        turned = phi.swapaxes(1, 2)
        gram += turned @ phi
        moments += turned @ np.stack([y, tail], axis=2)
    found, values = solve(gram / n, moments / n)
    good, missed = fitted(values[:, 0]), float(experiment.tail)
    risks = ((found[..., 0] - c[:N]) ** 2).sum(axis=1) + missed
    spread = float(noise(experiment.sigma)) * (1 / np.where(good[:, None], values, 1.0)).sum(axis=1) / n
    whole = math.fsum(c**2)
    means = np.where(good, (found[..., 1] ** 2).sum(axis=1) + missed + spread, whole)
    return risks, means, values[:, 0]
