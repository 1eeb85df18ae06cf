"""Mixing among neighbours in sorted order: a token meets the one whose score comes just below its own.

    y_t = v_t + v_s, where s precedes t when the tokens are sorted by a learned score; the least token meets itself

Not causal. The order is constant almost everywhere, so the scores get no gradient through it: each value carries its score's sigmoid.

Source: derived here, as the smallest layer of the kind of Kitaev, Kaiser, Levskaya, arXiv 2001.04451, which sorts tokens by a hash
and attends among neighbours. Costs derived here.
"""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from constructions.layers.shapes import check_positive, check_tokens

__all__ = ["SortMixing", "sort_mixing"]


def sort_mixing(score: Tensor, v: Tensor) -> Shaped[Tensor, "*batch N m"]:
    """score `(*batch, N)`, v `(*batch, N, m)` of any dtype -> `(*batch, N, m)`; equal scores keep their order in time.

    Cost, batch 1: work 2 N L(N) + 4 N m: two sorts, two gathers, a shift, a sum.
    """
    if v.ndim < 2 or score.shape != v.shape[:-1]:
        raise ValueError(
            f"sort_mixing: the shapes do not fit together: score {tuple(score.shape)}, v {tuple(v.shape)}; "
            "expected score (*batch, N), v (*batch, N, m)"
        )
    order = score.argsort(dim=-1, stable=True)
    place = order.argsort(dim=-1)
    ordered = v.gather(-2, order[..., None].expand(v.shape))
    mixed = ordered + torch.cat([ordered[..., :1, :], ordered[..., :-1, :]], -2)
    return mixed.gather(-2, place[..., None].expand(v.shape))


class SortMixing(nn.Module):
    """`sort_mixing` of gated values between square maps; `x (batch, N, d)` -> the same shape.

    Cost, batch 1: work 4 N d^2 + 2 N L(N) + 7 N d + N, span 2 L(d) + L(N) (L(N) + 1) + 3 for N > 2.
    Has no step: a later token can come between two earlier ones.
    """

    def __init__(self, width: int, *, device: Any = None, dtype: torch.dtype | None = None) -> None:
        super().__init__()
        check_positive("SortMixing", width=width)
        self.width = width
        self.score = nn.Linear(width, 1, bias=False, device=device, dtype=dtype)
        self.value, self.out = (nn.Linear(width, width, bias=False, device=device, dtype=dtype) for _ in range(2))

    def forward(self, x: Tensor) -> Float[Tensor, "batch time width"]:
        check_tokens("SortMixing", x, self.score.weight)
        score = self.score(x)
        return self.out(sort_mixing(score[..., 0], score.sigmoid() * self.value(x)))
