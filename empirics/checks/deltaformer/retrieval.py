"""What checks of retrieval measure: memories drawn at random, the ratio of two means with its interval, beside a law."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from constructions.deltaformer.memory import Pairs, Power
from constructions.layers.kernels import LINEAR, Exponential, Kernel, Softmax
from empirics.checking import Evidence, Run, fails, holds, undecided

DEVIATIONS = 5
"""Half the width of an interval in standard errors: a normal statistic lies outside once in 1.7 million."""
WIDEST = 0.1
"""The widest relative half width of an interval that is called a measurement."""


@dataclass(frozen=True)
class Case:
    """N pairs, head dimension, law of the keys, kernel and its parameter (power or temperature), how many memories."""

    n: int
    d: int
    keys: str
    kernel: str
    parameter: float = 1
    memories: int = 1000

    @property
    def made(self) -> Kernel:
        if self.kernel in ("power", "rectified"):
            return Power(int(self.parameter), self.kernel == "rectified")
        return {"linear": LINEAR, "exponential": Exponential(self.parameter), "softmax": Softmax(self.parameter)}[
            self.kernel
        ]

    def __str__(self) -> str:
        told = "linear" if self.kernel == "linear" else f"{self.kernel} {self.parameter:g}"
        return f"{told}, {self.keys} keys, d = {self.d}, N = {self.n}"


def generator(run: Run, case: Case) -> np.random.Generator:
    return np.random.default_rng([run.seed, *str(case).encode()])


def interval(above: np.ndarray, below: np.ndarray) -> tuple[float, float]:
    """The ratio of two means over independent memories, and half the width of its interval (by linearisation)."""
    ratio = above.mean() / below.mean()
    deviation = (above - ratio * below).std(ddof=1) / np.sqrt(len(above)) / below.mean()
    return float(ratio), DEVIATIONS * float(deviation)


def compare(case: Case, found: tuple[float, float], wanted: float, run: Run, slack: float = 0.0) -> Evidence:
    """Whether the interval, widened by `slack` of the law, holds the law; undecided when it does but is too wide to
    call that a measurement."""
    value, half = found
    if abs(value - wanted) > half + slack * wanted:
        return fails(
            f"{case}: measured {value:.4g} +- {half:.2g}, the law says {wanted:.4g}", f"{wanted:.6g}", f"{value:.6g}"
        )
    if half > WIDEST * value:
        return undecided(f"{case}: the interval {value:.4g} +- {half:.2g} is too wide; measure more memories")
    told = f"{value:.4g} +- {half:.2g}, law {wanted:.4g} ({case.memories} memories, {DEVIATIONS} standard errors)"
    return holds(**{f"measured ({case})": told, "seed": run.seed})


def noise_over_signal(case: Case, run: Run) -> tuple[float, float]:
    pairs = Pairs.draw(generator(run, case), case.memories, case.n, case.d, case.keys)
    signal, noise = pairs.signal_and_noise(case.made)
    return interval(noise, signal)
