"""A mixing of tokens between four square maps, which the reference layers share."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from constructions.layers.shapes import check_positive, check_token, check_tokens

__all__ = ["Projected"]


class Projected(nn.Module):
    """y = W_out mix(W_query x, W_key x, W_value x), for a mixing of one head that a subclass writes.

    `x (batch, N, width)` -> y of the same shape; one dtype throughout, that of the weights. No biases.
    A subclass with a recurrent state also has `init_state(batch)` and `step(x_t, state)`, equal to forward.

    Cost with d = width, batch 1: work 8 N d^2 and span 2 L(d) + 2 besides the mixing.
    Raises ValueError for a width that is not positive and for inputs of the wrong shape or dtype.
    """

    def __init__(self, width: int, *, device: Any = None, dtype: torch.dtype | None = None) -> None:
        super().__init__()
        check_positive(type(self).__name__, width=width)
        self.width = width
        self.query, self.key, self.value, self.out = (
            nn.Linear(width, width, bias=False, device=device, dtype=dtype) for _ in range(4)
        )

    def mix(self, x: Tensor, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """The mixing: x and its queries, keys and values, each `(batch, N, width)` -> `(batch, N, width)`."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Float[Tensor, "batch time width"]:
        check_tokens(type(self).__name__, x, self.query.weight)
        return self.out(self.mix(x, self.query(x), self.key(x), self.value(x)))

    def _row(self, x_t: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """q, k, v of one token, each `(batch, 1, width)`."""
        check_token(type(self).__name__, x_t, self.query.weight)
        x = x_t[:, None]
        return self.query(x), self.key(x), self.value(x)

    def _empty(self, *shape: int) -> Tensor:
        return self.key.weight.new_zeros(shape)
