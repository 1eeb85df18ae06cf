"""Dynamic importance: a target smooth in the tokens sorted by importance, read sorted by rounds of attention, and in a fixed order.

A window holds W tokens, each an importance in [0, 1], any two at least `gap` apart, and a value. Importances have the law of
independent uniform ones on that condition; values are independent and uniform, so the sorted values are uniform on the cube too, and
the basis in them is orthonormal. Three readers fit the same functions, of order below T, to the same data:

    sorted        rounds of attention pick the most important tokens, then the explicit network makes the features
    least first   the same rounds on 1 - importance
    fixed order   the exact basis in the window's first tokens, whatever their importance

Risks are exact by Parseval for the fixed order and enclosed for the others; `fixed_order_laws` says what is left to a fixed order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from jaxtyping import Float

from constructions.takakura_suzuki.importance import ImportanceAttention
from constructions.takakura_suzuki.importance_module import ImportanceRounds
from constructions.takakura_suzuki.module import ReLUNetwork
from constructions.takakura_suzuki.target import Index, trimmed
from constructions.takakura_suzuki.transformer import Plan
from empirics.rates.basis import Basis
from empirics.rates.oracle import noise, samples
from empirics.rates.readout import ROWS, FinePlan, feature_errors, known, least_squares, matrix, scales
from empirics.rates.slopes import LEVEL, Interval, ratios
from empirics.rates.targets import RateTarget
from theory.takakura_suzuki import fixed_order_laws, importance_laws
from theory.takakura_suzuki.least_squares_laws import bracket
from theory.takakura_suzuki.smoothness import Rational

ORDERS = ("sorted", "least first", "fixed order")


@dataclass(frozen=True)
class Windows:
    """W tokens with importances at least `gap` apart. ValueError for W < 2, or where they do not fit into [0, 1]."""

    size: int
    gap: Fraction

    def __post_init__(self) -> None:
        if self.size < 2:
            raise ValueError(f"W = {self.size}: give a window of at least 2 tokens; one token has no order")
        if not 0 < (self.size - 1) * self.gap < 1:
            raise ValueError(f"gap = {self.gap}, W = {self.size}: give a gap above 0 and below 1 / (W - 1)")

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Float[np.ndarray, "n W"], Float[np.ndarray, "n W"]]:
        """Importances and values of n windows: sorted uniforms spread by the gap, then put into a random order."""
        gap = float(self.gap)
        spread = np.sort(rng.random((n, self.size)) * (1 - (self.size - 1) * gap), axis=1)
        importances = rng.permuted(spread + gap * np.arange(self.size), axis=1)
        return importances, rng.random((n, self.size))


def in_order(importances: Float[np.ndarray, "n W"], values: Float[np.ndarray, "n W"]) -> Float[np.ndarray, "n W"]:
    """The values from the most important to the least, exactly: what the target depends on."""
    return np.take_along_axis(values, np.argsort(-importances, axis=1), axis=1)


class SortedTransformer(torch.nn.Module):
    """Rounds of attention by importance, then the plan's network: importances and values `(batch, W)` to `(batch, N)` features.

    sqrt(2) factors are left to the read-out. Nothing is learned. ValueError for a plan of more coordinates than tokens.
    """

    def __init__(
        self, plan: Plan, windows: Windows, share: Fraction = Fraction(1), dtype: torch.dtype = torch.float64
    ) -> None:
        super().__init__()
        if plan.coordinates > windows.size:
            raise ValueError(
                f"{plan.coordinates} coordinates from W = {windows.size} tokens: lower T or widen the window"
            )
        chi = share * importance_laws.temperature(windows.size, windows.gap, plan.attention_error)
        self.rounds = ImportanceRounds(ImportanceAttention(windows.gap, chi), plan.coordinates, dtype)
        self.network = ReLUNetwork(plan.features, dtype)

    def forward(self, importances: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        return self.network(self.rounds(importances, values[..., None])[..., 0])


@dataclass(frozen=True, eq=False)
class Reading:
    """Risks of the replicates for one order, with what their roots may be off by, and the least risk possible with these functions.

    least: the least eigenvalue of each design in that order's exact coordinates; the bracket is about those of at least 1/2.
    """

    order: str
    n: int
    N: int
    bias: Fraction
    norm: Fraction
    sigma: Rational
    risks: Float[np.ndarray, " replicates"]
    slack: Float[np.ndarray, " replicates"]
    least: Float[np.ndarray, " replicates"]

    @property
    def bracket(self) -> tuple[float, float]:
        """Bounds of the mean risk known beforehand: N functions that leave `bias`, widened by the slack.

        What a fixed order leaves is orthogonal to every kept function, which is all that the bound asks of a tail.
        """
        low, high = bracket(self.n, self.N, self.bias, noise(self.sigma), self.norm)
        slack = float(self.slack.max())
        return max(math.sqrt(low) - slack, 0) ** 2, (math.sqrt(high) + slack) ** 2

    def mean(self, seed: int, level: Fraction = LEVEL) -> Interval:
        """The mean risk with a bootstrap interval over the replicates."""
        return ratios([self.risks], [1.0], seed, level)[0]


@dataclass(frozen=True, eq=False)
class Study:
    """A target of sorted tokens, the level and the window. ValueError where the target uses more tokens than the window has."""

    target: RateTarget
    T: Rational
    windows: Windows
    planner: Any = FinePlan
    coefficients: Mapping[Index, Fraction] = field(init=False)

    def __post_init__(self) -> None:
        used = self.target.index.shape[1]
        if used > self.windows.size:
            raise ValueError(f"a target of {used} tokens in a window of W = {self.windows.size}: widen the window")
        object.__setattr__(self, "coefficients", known(self.target))

    @property
    def plan(self) -> Plan:
        return self.planner(self.target.smoothness, self.T)

    @property
    def norm(self) -> Fraction:
        """The target's squared L2 norm: the risk of the zero function."""
        return sum((c**2 for c in self.coefficients.values()), Fraction(0))

    @property
    def floor(self) -> Fraction:
        """What every fixed order leaves, however many functions and data."""
        return fixed_order_laws.floor(self.coefficients, self.windows.size)

    def best(self, order: str, kept: Sequence[Index]) -> list[Fraction]:
        """The coefficients of the target's projection on the kept functions of that order's coordinates.

        The j-th least important token is the (W + 1 - j)-th most important, so least first an index is read backwards.
        """
        size = self.windows.size
        if order == "fixed order":
            return fixed_order_laws.projection(self.coefficients, kept, size)
        if order == "least first":
            kept = [trimmed((*index, *(0,) * (size - len(index)))[::-1]) for index in kept]
        return [self.coefficients.get(index, Fraction(0)) for index in kept]

    def bias(self, order: str) -> Fraction:
        """The least risk of the kept functions in that order's coordinates."""
        return self.norm - sum((b**2 for b in self.best(order, self.plan.kept)), Fraction(0))

    def read(
        self, order: str, n: int, sigma: Rational, replicates: int, seed: int, share: Fraction = Fraction(1)
    ) -> Reading:
        """Fit by one of `ORDERS`. share: of the temperature solved. ValueError for another order, n < N, replicates < 2."""
        if order not in ORDERS:
            raise ValueError(f"order {order!r}: one of {', '.join(ORDERS)}")
        if replicates < 2:
            raise ValueError(f"replicates = {replicates}: an interval needs at least 2")
        samples(n)
        noise(sigma)
        plan = self.plan
        model = SortedTransformer(plan, self.windows, share)
        target, exact = Basis(self.target.index), Basis(matrix(plan.kept, plan.coordinates))
        features, data, least = [], [], []
        for replicate in range(replicates):
            rng = np.random.default_rng([seed, n, replicate])
            importances, values = self.windows.draw(n, rng)
            signal = target(in_order(importances, values)) @ self.target.floats()
            data.append(signal + float(sigma) * rng.standard_normal(n))
            read = importances if order == "sorted" else 1 - importances
            phi = exact(values if order == "fixed order" else in_order(read, values))
            least.append(np.linalg.eigvalsh(phi.T @ phi / n)[0])
            if order == "fixed order":
                features.append(phi)
                continue
            parts = [
                model(torch.from_numpy(read[i : i + ROWS]), torch.from_numpy(values[i : i + ROWS]))
                for i in range(0, n, ROWS)
            ]
            features.append(torch.cat(parts).numpy() * scales(plan))
        fit = least_squares(torch.from_numpy(np.stack(features)), torch.from_numpy(np.stack(data)))
        best, bias = self.best(order, plan.kept), self.bias(order)
        risks = ((fit.coefficients - np.array([float(b) for b in best])) ** 2).sum(1) + float(bias)
        slack = np.zeros(replicates) if order == "fixed order" else np.abs(fit.coefficients) @ feature_errors(plan)
        return Reading(order, n, len(plan.kept), bias, self.norm, sigma, risks, slack, np.array(least))
