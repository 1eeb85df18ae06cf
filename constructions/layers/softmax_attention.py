"""Softmax attention, written out and through torch's fused function.

    o_t = sum_i p_ti v_i,   p_t = softmax over i of <q_t, k_i> / sqrt(d),   over i <= t where causal

Source: Bahdanau, Cho, Bengio, arXiv 1409.0473; in this form Vaswani et al., arXiv 1706.03762. Costs derived here.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from constructions.layers.projections import Projected
from constructions.layers.shapes import check_heads, choose

__all__ = ["KeyValueCache", "SoftmaxAttention", "softmax_attention"]

KeyValueCache = tuple[Tensor, Tensor]
"""The keys and the values of the tokens so far, each `(batch, t, width)`."""


def softmax_attention(q: Tensor, k: Tensor, v: Tensor, *, causal: bool = True) -> Float[Tensor, "*batch S m"]:
    """q `(*batch, S, d)`, k `(*batch, T, d)`, v `(*batch, T, m)` -> `(*batch, S, m)`; S = T where causal.

    Cost, batch 1, S = T = N, m = d: work 4 N^2 d + 7 N^2 + N d + N, of which the mask N^2 + N (comparing) and N^2 (filling);
    not causal 4 N^2 d + 5 N^2 + N d. Memory N^2.
    """
    check_heads("softmax_attention", q, k, v, same_time=causal)
    scores = (q * (1 / math.sqrt(q.shape[-1]))) @ k.mT
    if causal:
        time = torch.arange(k.shape[-2], device=k.device)
        scores = scores.masked_fill(time > time[:, None], -torch.inf)
    return scores.softmax(-1) @ v


class SoftmaxAttention(Projected):
    """Softmax attention of one head between four square maps; `x (batch, N, d)` -> the same shape.

    causal: whether a token attends to no later one. form: "written-out", as `softmax_attention`; "fused", through
    `torch.nn.functional.scaled_dot_product_attention`.

    Cost, batch 1. Written out, causal: work 8 N d^2 + 4 N^2 d + 7 N^2 + N d + N, span 3 L(d) + 3 L(N) + 9. Not causal: work
    8 N d^2 + 4 N^2 d + 5 N^2 + N d, span 3 L(d) + 3 L(N) + 8. Fused, causal, as torch writes it out on meta tensors (both q and
    k scaled; a mask of ones, its triangle, `where` of two scalars, added): work 8 N d^2 + 4 N^2 d + 9 N^2 + 2 N d + 2, span
    3 L(d) + 3 L(N) + 9; not causal: work 8 N d^2 + 4 N^2 d + 5 N^2 + 2 N d, span 3 L(d) + 3 L(N) + 8.
    A decoded token after t others: work 8 d^2 + 6 (t + 1) d + 5 (t + 1) + d, of which 2 (t + 1) d copy the cache to extend it.
    """

    def __init__(
        self,
        width: int,
        *,
        causal: bool = True,
        form: Literal["written-out", "fused"] | str = "written-out",
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(width, device=device, dtype=dtype)
        self.causal = causal
        self.form = choose("SoftmaxAttention", "form", form, ("written-out", "fused"))

    def mix(self, x: Tensor, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        if self.form == "fused":
            return nn.functional.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        return softmax_attention(q, k, v, causal=self.causal)

    def init_state(self, batch: int) -> KeyValueCache:
        """No token yet. ValueError unless causal: a later token would change the earlier outputs."""
        if not self.causal:
            raise ValueError("SoftmaxAttention.init_state: causal = False has no step; set causal=True to decode")
        return self._empty(batch, 0, self.width), self._empty(batch, 0, self.width)

    def step(self, x_t: Tensor, state: KeyValueCache) -> tuple[Float[Tensor, "batch width"], KeyValueCache]:
        """One token `(batch, width)` after those in `state`: its output, and the new state."""
        q, k, v = self._row(x_t)
        keys, values = torch.cat([state[0], k], -2), torch.cat([state[1], v], -2)
        return self.out(softmax_attention(q, keys, values, causal=False))[:, 0], (keys, values)
