"""What is refused at the doors of position biases, and the positive numbers a head is given: fixed, or learned by their logarithm."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from constructions.layers.position_kernels.tensors import wide
from theory.position_kernels.arithmetic import FLOATS

__all__ = ["Positive", "check_lengths", "check_mask", "column"]


def check_lengths(where: str, queries: Any, keys: Any) -> None:
    """ValueError unless 0 <= queries <= keys: the queries are the last of the keys' positions."""
    for name, n in (("queries", queries), ("keys", keys)):
        if isinstance(n, bool) or not isinstance(n, int) or n < 0:
            raise ValueError(f"{where}: {name} = {n}; give a length >= 0")
    if queries > keys:
        raise ValueError(
            f"{where}: {queries} queries, {keys} keys: a query would come before the first position, at a negative distance; "
            "queries are the last positions of the keys, count the cached keys too"
        )


def check_mask(where: str, mask: Tensor, q: Tensor, k: Tensor) -> None:
    """ValueError unless mask is `(heads, S, T)` for q `(batch, heads, S, d)` and k `(batch, heads, T, d)`, or broadcasts over heads
    by a 1; on the same device, a floating dtype."""
    heads, queries, keys = q.shape[-3], q.shape[-2], k.shape[-2]
    fits = mask.ndim == 3 and mask.shape[0] in (1, heads) and mask.shape[1:] == (queries, keys)
    if not fits:
        raise ValueError(
            f"{where}: the mask has shape {tuple(mask.shape)}; expected (heads, queries, keys) = ({heads}, {queries}, {keys}), "
            "or 1 head for all"
        )
    if not mask.is_floating_point():
        raise ValueError(
            f"{where}: the mask has dtype {mask.dtype}; give biases, floats, with -inf where a key is not allowed"
        )
    if mask.device != q.device:
        raise ValueError(f"{where}: the mask is on {mask.device}, q on {q.device}; make it with like=q")


def column(values: Iterable[float], dtype: torch.dtype = torch.float32, device: Any = None) -> Float[Tensor, "heads 1"]:
    """Plain numbers as a tensor. Each is made by itself: `torch.tensor` of a list cannot be counted with sizes as symbols."""
    return torch.stack([torch.full((1,), x, dtype=dtype, device=device) for x in values])


class Positive(nn.Module):
    """A positive number a head. Fixed ones are kept as Python floats, so that converting the module to few bits leaves them
    alone; learned ones are parameters holding the logarithm, so that they stay positive.

    `forward(like)` -> `(heads, 1)` in at least float32, on the device of `like`. Parameters: heads where learned, else none.
    ValueError for another number of values than heads, or one that is not positive.
    """

    def __init__(self, where: str, name: str, values: Any, heads: int, *, learn: bool = False) -> None:
        super().__init__()
        given = list(values) if isinstance(values, Sequence) else [values] * heads
        if len(given) != heads:
            raise ValueError(f"{where}: {len(given)} {name} for {heads} heads; give one a head")
        self.values = [float(FLOATS.number(x)) for x in given]
        for h, x in enumerate(self.values):
            if not 0 < x < math.inf:
                raise ValueError(f"{where}: {name}[{h}] = {x}; give a positive number")
        self.log = nn.Parameter(column(map(math.log, self.values))[:, 0]) if learn else None

    def forward(self, like: Tensor) -> Float[Tensor, "heads 1"]:
        if self.log is None:
            return column(self.values, wide(like.dtype), like.device)
        return self.log.to(wide(like.dtype)).exp()[:, None]
