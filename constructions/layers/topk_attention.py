"""Softmax attention to the `keep` largest scores of each query; every score is still computed.

Source: Gupta, Dar, Goodman, Ciprut, Berant, arXiv 2106.06899. Costs derived here.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from constructions.layers.projections import Projected
from constructions.layers.shapes import check_heads, check_positive
from constructions.layers.softmax_attention import KeyValueCache

__all__ = ["TopKAttention", "topk_attention"]


def topk_attention(q: Tensor, k: Tensor, v: Tensor, keep: int, *, causal: bool = True) -> Float[Tensor, "*batch S m"]:
    """q `(*batch, S, d)`, k `(*batch, T, d)`, v `(*batch, T, m)` -> `(*batch, S, m)`; S = T where causal.

    The softmax is over the `keep` largest scores, all where there are fewer; which of equal scores is torch's choice, so the
    function jumps there, and elsewhere has the gradient of the chosen softmax.

    Cost, batch 1, S = T = N, m = d, K = min(keep, N), causal: work 2 N^2 d + N^2 L(K) + 2 N^2 + 3 N K d + 5 N K + N d + N, and
    not causal 2 N^2 + N less. Memory N^2 + N K d.
    """
    check_heads("topk_attention", q, k, v, same_time=causal)
    check_positive("topk_attention", keep=keep)
    scores = (q * (1 / math.sqrt(q.shape[-1]))) @ k.mT
    if causal:
        time = torch.arange(k.shape[-2], device=k.device)
        scores = scores.masked_fill(time > time[:, None], -torch.inf)
    best, where = scores.topk(min(keep, k.shape[-2]), -1)
    chosen = v.gather(-2, where.flatten(-2)[..., None].expand(*v.shape[:-2], -1, v.shape[-1]))
    return (best.softmax(-1)[..., None, :] @ chosen.unflatten(-2, where.shape[-2:]))[..., 0, :]


class TopKAttention(Projected):
    """Causal attention to the `keep` largest scores between four square maps; `x (batch, N, d)` -> the same shape.

    Cost, batch 1, K = min(keep, N): work 8 N d^2 + 2 N^2 d + N^2 L(K) + 2 N^2 + 3 N K d + 5 N K + N d + N, span
    3 L(d) + L(N) (L(N) + 1) / 2 + 3 L(K) + 9: still quadratic in N, since the scores are.
    A decoded token after t others, K = min(keep, t + 1): work 8 d^2 + 4 (t + 1) d + (t + 1) L(K) + 3 K d + 5 K + d, of
    which 2 (t + 1) d copy the cache to extend it.
    """

    def __init__(self, width: int, keep: int, *, device: Any = None, dtype: torch.dtype | None = None) -> None:
        super().__init__(width, device=device, dtype=dtype)
        check_positive("TopKAttention", keep=keep)
        self.keep = keep

    def mix(self, x: Tensor, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return topk_attention(q, k, v, self.keep)

    def init_state(self, batch: int) -> KeyValueCache:
        """No token yet."""
        return self._empty(batch, 0, self.width), self._empty(batch, 0, self.width)

    def step(self, x_t: Tensor, state: KeyValueCache) -> tuple[Float[Tensor, "batch width"], KeyValueCache]:
        """One token `(batch, width)` after those in `state`: its output, and the new state."""
        q, k, v = self._row(x_t)
        keys, values = torch.cat([state[0], k], -2), torch.cat([state[1], v], -2)
        return self.out(topk_attention(q, keys, values, self.keep, causal=False))[:, 0], (keys, values)
