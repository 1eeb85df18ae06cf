"""Pointers for scores q_i k_j, one number each, without a score for any pair.

The largest and the smallest key so far are kept as time runs, and the sign of q_i chooses. (For a_i + b_j the layer's own running
form is enough.) All functions act on the last axis. `causal`: the candidates of i are j <= i, else all j. `ties`: the first or the
last of the best. Work O(N). Derived here.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from constructions.layers.pointer.running import running_argmax

__all__ = ["RankOnePointer", "rank_one_pointers"]


def rank_one_pointers(
    q: Float[Tensor, "*batch N"], k: Float[Tensor, "*batch N"], *, causal: bool = True, ties: str = "first"
) -> Int[Tensor, "*batch N"]:
    """argmax_j q_i k_j: the largest k for q_i > 0, the smallest for q_i < 0; for q_i = 0 all candidates tie."""
    largest, smallest = (running_argmax(values, causal=causal, ties=ties) for values in (k, -k))
    times = torch.arange(k.shape[-1], device=k.device)
    if ties == "first":
        tied = torch.zeros_like(times)
    else:
        tied = times if causal else times[-1:].expand(times.shape)
    return torch.where(q > 0, largest, torch.where(q < 0, smallest, tied))


class RankOnePointer(nn.Module):
    """q_i and k_j are one number each, linear in the row; the row pointed at is returned, `(batch, N, d)` -> `(batch, N, d)`.

    Work 5 N d + 23 N + 2, causal with the first of the best.
    """

    def __init__(self, d: int, causal: bool = True, ties: str = "first") -> None:
        super().__init__()
        self.query, self.key = nn.Linear(d, 1, bias=False), nn.Linear(d, 1, bias=False)
        self.causal, self.ties = causal, ties

    def forward(self, x: Float[Tensor, "batch N d"]) -> Float[Tensor, "batch N d"]:
        q, k = self.query(x)[..., 0], self.key(x)[..., 0]
        chosen = rank_one_pointers(q, k, causal=self.causal, ties=self.ties)
        return x.gather(-2, chosen[..., None].expand(x.shape))
