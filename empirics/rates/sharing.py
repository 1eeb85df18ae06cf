"""Parameter sharing: one read-out for all L outputs of a shift-equivariant map, against a read-out for each output.

Each of n sequences holds L + 2 U independent uniform tokens and gives L noisy outputs, output i a function of the window of 2 U + 1
tokens around position U + i, nearest first. The target lies in the span of the N functions fitted, so the risk is variance alone, exact
by Parseval and averaged over the outputs. `sharing_laws` says beforehand what the ratio must be.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from jaxtyping import Float

from constructions.takakura_suzuki.target import Layout
from empirics.rates.basis import MEMORY, Basis
from empirics.rates.least_squares import closed, fitted, solve
from empirics.rates.oracle import noise, samples
from empirics.rates.slopes import LEVEL, RESAMPLES, Interval, interval, resampled
from empirics.rates.targets import RateTarget
from theory.takakura_suzuki import sharing_laws
from theory.takakura_suzuki.counting import TooLarge
from theory.takakura_suzuki.smoothness import Rational


@dataclass(frozen=True, eq=False)
class Sharing:
    """Risks of the replicates, averaged over outputs, of the shared read-out and of one for each output; and how many designs failed.

    floor: what sharing costs because the outputs differ, 0 for a shift-equivariant map.
    """

    outputs: int
    n: int
    N: int
    reach: int
    floor: float
    shared: Float[np.ndarray, " replicates"]
    separate: Float[np.ndarray, " replicates"]
    failed: int

    @property
    def bracket(self) -> tuple[Fraction, Fraction]:
        """Bounds of separate over shared mean risk for a shift-equivariant map, known before anything is drawn."""
        return sharing_laws.ratio(self.outputs, self.n, self.N, self.reach)

    def ratio(self, seed: int, level: Fraction = LEVEL) -> Interval:
        """Separate over shared mean risk, with its interval over the replicates."""
        drawn = resampled([self.separate, self.shared], seed, RESAMPLES)
        value = float(self.separate.mean() / self.shared.mean())
        return interval(value, drawn[:, 0] / drawn[:, 1], len(self.separate), level)


def reach_of(coordinates: int) -> int:
    """U: the farthest offset among the first coordinates, at least 1."""
    return max(1, *(abs(Layout().place(i)[0]) for i in range(max(coordinates, 1))))


def windows(tokens: Float[np.ndarray, "n length"], coordinates: int, reach: int) -> Float[np.ndarray, "n outputs d"]:
    """The coordinates of every output: tokens at offsets 0, -1, 1, -2, ..."""
    length = tokens.shape[1]
    columns = [
        tokens[:, reach + r : length - reach + r] for r in (Layout().place(i)[0] for i in range(max(coordinates, 1)))
    ]
    return np.stack(columns, -1)


def share(
    target: RateTarget,
    outputs: int,
    n: int,
    sigma: Rational,
    replicates: int,
    seed: int,
    turn: float = 0.0,
    memory: int = MEMORY,
) -> Sharing:
    """Measure both. O(replicates * n * L * N^2).

    target: all of its functions are fitted, N of them. turn: 0 for a shift-equivariant map; else output i has its coefficients
    multiplied by 1 + turn * (-1)^i, a map that no shared network can be. Designs whose least eigenvalue is below 1/2 give the zero
    function.
    ValueError for n <= N, L < 1, fewer than 2 replicates, functions not closed under signs; TooLarge beyond `memory` bytes.
    """
    N, d = target.index.shape
    if samples(n) <= N or outputs < 1 or replicates < 2:
        raise ValueError(
            f"n = {n}, L = {outputs}, replicates = {replicates}: give n > N = {N}, L >= 1, replicates >= 2"
        )
    if not closed(target.index):
        raise ValueError(f"the target's {N} functions are not closed under signs: take N of the oracle's ladder")
    need = 8 * n * outputs * (3 * N + 2 * d)
    if need > memory:
        raise TooLarge(
            f"n = {n}, L = {outputs}, N = {N} take {need >> 20} MiB, above memory = {memory >> 20} MiB: lower n or L"
        )
    noise(sigma)
    reach, basis, c = reach_of(d), Basis(target.index), target.floats()
    factors = 1 + turn * (-1.0) ** np.arange(outputs)
    wanted = factors[:, None] * c
    together, apart, failed = np.empty(replicates), np.empty(replicates), 0
    for replicate in range(replicates):
        rng = np.random.default_rng([seed, n, outputs, replicate])
        tokens = rng.random((n, outputs + 2 * reach))
        phi = basis(windows(tokens, d, reach)).swapaxes(0, 1)  # (outputs, n, N)
        y = np.einsum("lnk,lk->ln", phi, wanted) + float(sigma) * rng.standard_normal((outputs, n))
        grams = phi.swapaxes(1, 2) @ phi / n
        moments = phi.swapaxes(1, 2) @ y[..., None] / n
        own, spectra = solve(grams, moments)
        one, spectrum = solve(grams.mean(0, keepdims=True), moments.mean(0, keepdims=True))
        apart[replicate] = ((own[..., 0] - wanted) ** 2).sum(1).mean()
        together[replicate] = ((one[0, :, 0] - wanted) ** 2).sum(1).mean()
        failed += int((~fitted(spectra[:, 0])).sum() + (~fitted(spectrum[:, 0])).sum())
    floor = float(np.var(factors) * (c @ c))
    return Sharing(outputs, n, N, reach, floor, together, apart, failed)
