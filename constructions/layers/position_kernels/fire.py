"""FIRE: a learned function of the distance as a share of the query's position.

    b(i, j) = f(psi(i - j) / psi(max(L, i))),   psi(x) = log(1 + c x),   f: 1 -> hidden -> heads with ReLU

c > 0 and the threshold L > 0 are learned by their logarithms. It looks at the query's own position, so a cached step must know how
many tokens came before; no kernel of the distance says the same. Source: Li et al., arXiv 2310.04418.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from constructions.layers.position_kernels.bias import PositionBias, distances
from constructions.layers.position_kernels.tensors import wide
from constructions.layers.shapes import check_positive

__all__ = ["Fire"]


class Fire(PositionBias):
    """Parameters: 2 + 2 hidden + heads (hidden + 1). ValueError for a rate or threshold that is not positive."""

    def __init__(self, heads: int, hidden: int = 32, rate: float = 0.1, threshold: float = 512.0) -> None:
        super().__init__(heads)
        check_positive("Fire", hidden=hidden)
        for name, x in (("rate", rate), ("threshold", threshold)):
            if not 0 < x < math.inf:
                raise ValueError(f"Fire: {name} = {x}; give a positive number")
        self.log_rate = nn.Parameter(torch.full((), math.log(rate)))
        self.log_threshold = nn.Parameter(torch.full((), math.log(threshold)))
        self.first, self.last = nn.Linear(1, hidden), nn.Linear(hidden, heads)

    def share(self, far: Tensor, first: int, like: Tensor) -> Float[Tensor, "queries keys"]:
        """psi(i - j) / psi(max(L, i)), in [0, 1], for distances `(queries, keys)` of queries at first, first + 1, ..."""
        dtype = wide(like.dtype)
        rate, threshold = self.log_rate.to(dtype).exp(), self.log_threshold.to(dtype).exp()
        place = torch.arange(first, first + far.shape[0], device=far.device).to(dtype)[:, None]
        return (rate * far.clamp(min=0).to(dtype)).log1p() / (rate * place.maximum(threshold)).log1p()

    def mask(self, queries: int, keys: int, like: Tensor) -> Tensor:
        far = distances(queries, keys, like.device)
        shares = self.share(far, keys - queries, like)
        (w, b), (v, c) = ((x.weight.to(shares.dtype), x.bias.to(shares.dtype)) for x in (self.first, self.last))
        hidden = nn.functional.linear(shares[..., None], w, b).relu()
        return nn.functional.linear(hidden, v, c).movedim(-1, 0).masked_fill(far < 0, -torch.inf)
