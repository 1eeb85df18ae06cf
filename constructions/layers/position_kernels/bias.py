"""Biases of the distance as modules: what is added to the scores before softmax, with -inf where a key is in the future.

A bias of the distance alone is a table of `length` numbers a head; the mask of all pairs reads it by i - j, so that a kernel is
evaluated once a distance and not once a pair.
"""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from constructions.layers.position_kernels.doors import check_lengths
from constructions.layers.position_kernels.tensors import Tensors, wide
from constructions.layers.shapes import check_positive
from theory.position_kernels.kernels import Constant, Kernel

__all__ = ["KernelBias", "NoPosition", "PositionBias", "distances"]


def distances(queries: int, keys: int, device: torch.device) -> Tensor:
    """i - j `(queries, keys)` for the last `queries` positions i and all positions j, integers; negative for the future.
    Work 2 keys + queries keys."""
    places = torch.arange(keys, device=device)
    return places[keys - queries :, None] - places


class PositionBias(nn.Module):
    """b `(heads, queries, keys)` of the last `queries` of `keys` positions, -inf for keys after their query.

    `bias(n, n)` is a whole sequence, `bias(1, t + 1)` the step after t cached tokens: rows of one function, so decoding equals the
    whole. In float64 where `like` is float64, else in float32, on the device of `like`. `turn` is what a rotary encoding does to
    queries and keys instead; others leave them alone.
    """

    def __init__(self, heads: int) -> None:
        super().__init__()
        check_positive(type(self).__name__, heads=heads)
        self.heads = heads

    def turn(self, x: Tensor, first: int) -> Tensor:
        """Queries or keys `(batch, heads, T, d)` of the positions first, first + 1, ...; themselves."""
        return x

    def mask(self, queries: int, keys: int, like: Tensor) -> Float[Tensor, "heads queries keys"]:
        """What `forward` gives, lengths not looked at."""
        raise NotImplementedError

    def forward(
        self, queries: int | Any, keys: int | Any, like: Tensor | None = None
    ) -> Float[Tensor, "heads queries keys"]:
        check_lengths(type(self).__name__, queries, keys)
        return self.mask(queries, keys, torch.empty(()) if like is None else like)


class KernelBias(PositionBias):
    """The bias of a kernel; subclasses say which, with tensors `(heads, 1)` as its parameters."""

    def kernel(self, like: Tensor) -> Kernel:
        """The kernel, its numbers as tensors in the dtype and on the device that `like` asks for."""
        raise NotImplementedError

    def table(self, length: int, like: Tensor) -> Float[Tensor, "heads length"]:
        """b(0), ..., b(length - 1)."""
        dtype = wide(like.dtype)
        made = self.kernel(like).log(torch.arange(length, device=like.device), Tensors(dtype))
        return made.to(dtype).expand(self.heads, length)

    def mask(self, queries: int, keys: int, like: Tensor) -> Tensor:
        """The table followed by -inf, read by i - j: the future, at negative indices, is read from the end. Work 2 queries keys."""
        table = self.table(keys, like)
        ahead = torch.cat([table, torch.full_like(table, -torch.inf)], -1)
        return ahead[:, distances(queries, keys, like.device)]


class NoPosition(KernelBias):
    """No bias: causal attention that is told no position. No parameters."""

    def kernel(self, like: Tensor) -> Kernel:
        return Constant()
