"""Pointers for scores of a form that makes pairwise scoring needless: a_i + b_j, and q_i k_j with one number each.

Nothing here makes a pair. The best candidate so far is kept by running maxima; all functions act on the last axis, of any dtype
that orders (int64 is exact), and return int64 positions. `causal`: the candidates of i are j <= i, else all j. `tie`: the earliest
or the latest of the best. Work O(N).
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

__all__ = ["RankOnePointer", "additive_pointers", "rank_one_pointers", "running_best"]

Tie = Literal["earliest", "latest"]


def running_best(values: Tensor, tie: Tie) -> Tensor:
    """For every i the position of the largest of values[..., :i+1] `(..., N)`."""
    highest = values.cummax(-1).values
    if tie == "latest":
        taken = values == highest
    else:  # the first position needs no mark: 0 is where the positions start
        taken = torch.cat(
            [values.new_zeros(values[..., :1].shape, dtype=torch.bool), values[..., 1:] > highest[..., :-1]], -1
        )
    positions = torch.arange(values.shape[-1], device=values.device)
    return torch.where(taken, positions, 0).cummax(-1).values


def _seen(chosen: Tensor, causal: bool) -> Tensor:
    """What every position sees: the running choice, or the last one for all."""
    return chosen if causal else chosen[..., -1:].expand(chosen.shape)


def additive_pointers(a: Tensor, b: Tensor, causal: bool = True, tie: Tie = "earliest") -> Tensor:
    """argmax_j a_i + b_j `(..., N)`: a_i is the same for all candidates, so b decides."""
    return _seen(running_best(b, tie), causal).expand(torch.broadcast_shapes(a.shape, b.shape))


def rank_one_pointers(q: Tensor, k: Tensor, causal: bool = True, tie: Tie = "earliest") -> Tensor:
    """argmax_j q_i k_j `(..., N)`: the largest k for q_i > 0, the smallest for q_i < 0; for q_i = 0 all candidates tie."""
    largest, smallest = (_seen(running_best(v, tie), causal) for v in (k, -k))
    positions = torch.arange(k.shape[-1], device=k.device)
    tied = torch.zeros_like(positions) if tie == "earliest" else _seen(positions, causal)
    return torch.where(q > 0, largest, torch.where(q < 0, smallest, tied))


class RankOnePointer(nn.Module):
    """q_i and k_j are one number each, linear in the input; the row pointed at is returned `(batch, N, d)`."""

    def __init__(self, d: int, causal: bool = True, tie: Tie = "earliest") -> None:
        super().__init__()
        self.query, self.key = nn.Linear(d, 1, bias=False), nn.Linear(d, 1, bias=False)
        self.causal = causal
        self.tie: Tie = tie

    def forward(self, x: Tensor) -> Tensor:
        chosen = rank_one_pointers(self.query(x)[..., 0], self.key(x)[..., 0], self.causal, self.tie)
        return x.gather(-2, chosen[..., None].expand(x.shape))
