"""The explicit transformer as a torch module: tokens in, the target at every position with a complete window out."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from constructions.takakura_suzuki.module import ReLUNetwork
from constructions.takakura_suzuki.offsets import OffsetAttention, dyadic
from constructions.takakura_suzuki.target import Target, spread
from constructions.takakura_suzuki.transformer import Plan
from theory.takakura_suzuki.smoothness import Smoothness


class ExplicitTransformer(nn.Module):
    """Attention heads for the plan's offsets, then the network; nothing is learned.

    tokens `(batch, n, channels)` in [0, 1] to `(batch, n - 2 U)`, or `(batch, n - 2 U, N)` basis functions without their sqrt(2)
    factors where there is no target. Shift-equivariant up to rounding.
    """

    def __init__(self, plan: Plan, target: Target | None = None, dtype: torch.dtype | None = None) -> None:
        super().__init__()
        self.plan, self.single = plan, target is not None
        self.attention = OffsetAttention(dyadic(plan.reach), plan.reach, plan.offsets, plan.chi, dtype)
        self.network = ReLUNetwork(plan.network(target) if target is not None else plan.features, dtype)
        places = [plan.layout.place(i) for i in range(plan.coordinates)]
        self.heads = [plan.offsets.index(offset) for offset, _ in places]
        self.channels = [channel for _, channel in places]

    def forward(self, tokens: Float[Tensor, "batch n channels"]) -> Tensor:
        if tokens.shape[-1] != self.plan.layout.channels:
            raise ValueError(
                f"tokens of {tokens.shape[-1]} channels: the plan's layout has {self.plan.layout.channels}"
            )
        read = self.attention(tokens)[:, :, self.heads, self.channels]
        out = self.network(read)
        return out[..., 0] if self.single else out


def coordinates(plan: Plan, tokens: Float[np.ndarray, "batch n channels"]) -> Float[np.ndarray, "points d"]:
    """What the heads are to read, exactly: the coordinates of the target at every position with a complete window."""
    reach, n = plan.reach, tokens.shape[1]
    places = [plan.layout.place(i) for i in range(plan.coordinates)]
    columns = [tokens[:, reach + r : n - reach + r, channel] for r, channel in places]
    return np.stack(columns, -1).reshape(-1, plan.coordinates)


def explicit_row(smoothness: Smoothness, T: int | Fraction, seed: int = 0, points: int = 64) -> dict[str, Any]:
    """One line of the table: the transformer of a random target of level T, its sizes and formulas, errors seen and bounded.

    `sup` and `l2` are over `points` random windows in float64, bounds are over all of them. Includes the attention.
    """
    if points < 1:
        raise ValueError(f"points = {points}: give at least 1 window to try the transformer on")
    plan, target = Plan(smoothness, T), spread(smoothness, T, seed)
    network = plan.network(target)
    tokens = np.random.default_rng(seed).random((1, points + 2 * plan.reach, 1))
    out = ExplicitTransformer(plan, target, torch.float64)(torch.from_numpy(tokens))[0].numpy()
    error = out - target(coordinates(plan, tokens))
    law = plan.size
    return {
        "T": T,
        "N": len(plan.kept),
        "sup": float(np.abs(error).max()),
        "l2": float(np.sqrt(np.mean(error**2))),
        "bound": float(plan.error(target)),
        "accuracy": float(plan.accuracy),
        "depth": network.depth,
        "depth law": law.depth,
        "width": network.width,
        "width law": law.width,
        "nonzeros": plan.features.nonzeros,
        "nonzeros law": law.hidden + law.last,
        "largest inner weight": float(network.largest_inner),
        "largest last weight": float(network.largest_last),
        "last weight bound": float(plan.last_weight_bound),
        "temperature": float(plan.chi),
        "heads": len(plan.offsets),
        "nonzeros / (T^2 2^(T/a_1))": plan.features.nonzeros / (T**2 * 2 ** (float(T) / float(smoothness.value(1)))),
    }


def explicit_table(
    smoothness: Smoothness, levels: range = range(2, 8), seed: int = 0, points: int = 64
) -> list[dict[str, Any]]:
    """`explicit_row` for each level."""
    return [explicit_row(smoothness, T, seed, points) for T in levels]
