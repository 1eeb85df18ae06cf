"""Adam for many models at once: row s of every matrix belongs to model s, which moves or stands still by itself.

The optimisers of torch know no rows: a row that has stopped, diverged or overflowed must keep its weights, moments and count of steps
while the others go on. One row that always moves takes the steps of `torch.optim.AdamW`. Source: Kingma, Ba, arXiv 1412.6980; decay
apart from the gradient: Loshchilov, Hutter, arXiv 1711.05101.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["BETAS", "EPSILON", "Moments", "adam", "clipped"]

BETAS = (0.9, 0.999)
EPSILON = 1e-8


@dataclass(frozen=True, eq=False)
class Moments:
    """First and second moments `(seeds, parameters)` and how many steps each row took, int64 `(seeds,)`; changed in place."""

    first: Tensor
    second: Tensor
    count: Tensor

    @classmethod
    def zeros(cls, weights: Tensor) -> Moments:
        """Before the first step."""
        count = torch.zeros(len(weights), dtype=torch.long, device=weights.device)
        return cls(torch.zeros_like(weights), torch.zeros_like(weights), count)


def clipped(gradients: Tensor, most: float) -> tuple[Tensor, Tensor]:
    """Gradients no longer than `most` in each row, and how long they were, `(seeds,)`."""
    norms = gradients.norm(dim=1)
    return gradients * (most / norms.clamp(min=most))[:, None], norms


def adam(weights: Tensor, gradients: Tensor, moments: Moments, rate: float, decay: float, moving: Tensor) -> None:
    """One step, in place, of the rows that `moving` names; what the others' gradients hold is not looked at."""
    here = moving[:, None]
    moments.count.add_(moving)
    for held, new, beta in zip((moments.first, moments.second), (gradients, gradients.square()), BETAS, strict=True):
        held.copy_(torch.where(here, beta * held + (1 - beta) * new, held))
    steps = moments.count.clamp(min=1)[:, None].to(weights.dtype)
    first = moments.first / (1 - BETAS[0] ** steps)
    second = moments.second / (1 - BETAS[1] ** steps)
    moved = weights * (1 - rate * decay) - rate * first / (second.sqrt() + EPSILON)
    weights.copy_(torch.where(here, moved, weights))
