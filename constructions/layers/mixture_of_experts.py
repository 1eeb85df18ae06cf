"""Top-1 mixture of experts with a capacity: each expert gathers at most so many tokens, in the order of time; static shapes.

    y_t = p_{t,e} expert_e(x_t) for e the most probable expert of token t, if fewer than `capacity` earlier tokens chose e; else 0

Nothing is decided by data but which rows are gathered: there are experts x capacity slots, filled or not.

Source: Fedus, Zoph, Shazeer, arXiv 2101.03961; Lepikhin et al., arXiv 2006.16668. Costs derived here.
"""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from constructions.layers.shapes import check_positive, check_tokens

__all__ = ["MixtureOfExperts", "slots"]


def slots(expert: Tensor, experts: int, capacity: int) -> tuple[Int[Tensor, " T"], Int[Tensor, " S"]]:
    """Which slot each token gets, and which token each slot gets.

    expert `(T,)`, integers in 0 .. experts - 1 -> slot `(T,)`, where expert e has slots e capacity .. (e + 1) capacity - 1 and a
    token without one gets S = experts capacity; token `(S,)`, where an empty slot gets T.

    Cost, E experts: work 3 T E + 8 T + E + S + 1.
    """
    check_positive("slots", experts=experts)
    tokens = expert.shape[-1]
    chosen = expert[:, None] == torch.arange(experts, device=expert.device)
    place = chosen.cumsum(0).gather(1, expert[:, None])[:, 0] - 1
    slot = (expert * capacity + place).masked_fill(place >= capacity, experts * capacity)
    token = expert.new_full((experts * capacity + 1,), tokens).scatter(
        0, slot, torch.arange(tokens, device=expert.device)
    )
    return slot, token[:-1]


class MixtureOfExperts(nn.Module):
    """Experts x -> W2_e relu(W1_e x), the chosen one's output times its probability; `x (batch, N, d)` -> the same shape.

    All tokens of a batch share the experts' capacity, ceil(batch N / experts) unless given.

    Cost, T = batch N tokens, E experts, h hidden, S = E capacity slots: work 4 S d h + S h + 2 S d + S + 2 T d E + 9 T E + 3 T d +
    8 T + E + 4 d + 1, span 2 L(d) + L(h) + 3 L(E) + 3 L(T) + 17. Parameters 2 E d h + E d.
    Has no step: what a token gets depends on how many tokens are to come, through the capacity.
    """

    def __init__(
        self,
        width: int,
        experts: int,
        hidden: int,
        *,
        capacity: int | None = None,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        check_positive("MixtureOfExperts", width=width, experts=experts, hidden=hidden)
        if capacity is not None:
            check_positive("MixtureOfExperts", capacity=capacity)
        self.width, self.experts, self.capacity = width, experts, capacity
        self.router = nn.Linear(width, experts, bias=False, device=device, dtype=dtype)
        self.inner, self.outer = (
            nn.Parameter(torch.randn(experts, rows, columns, device=device, dtype=dtype) / rows**0.5)
            for rows, columns in ((width, hidden), (hidden, width))
        )

    def forward(self, x: Tensor) -> Float[Tensor, "batch time width"]:
        check_tokens("MixtureOfExperts", x, self.router.weight)
        tokens = x.flatten(0, 1)
        probability, expert = self.router(tokens).softmax(-1).max(-1)
        capacity = -(-len(tokens) // self.experts) if self.capacity is None else self.capacity
        slot, token = slots(expert, self.experts, capacity)
        gathered = _with_zero_row(tokens)[token].unflatten(0, (self.experts, capacity))
        answers = (gathered @ self.inner).relu() @ self.outer
        return (_with_zero_row(answers.flatten(0, 1))[slot] * probability[:, None]).unflatten(0, x.shape[:2])


def _with_zero_row(x: Tensor) -> Tensor:
    return torch.cat([x, x.new_zeros((1, x.shape[-1]))])
