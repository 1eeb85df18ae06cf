"""Prefix products in logarithmically many batched steps, by Hillis and Steele's scan. Source of the scan: their 1986 article."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["prefixes", "swap_contents"]


def prefixes(x: Tensor, product: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """x_1 ... x_t for every t along axis 1, for an associative product of (earlier, later). ceil(log2 T) calls of it."""
    reach, time = 1, x.shape[1]
    while reach < time:
        x = torch.cat([x[:, :reach], product(x[:, :-reach], x[:, reach:])], 1)
        reach *= 2
    return x


def swap_contents(a: Tensor, b: Tensor, n: int) -> Tensor:
    """What slot j holds after each swap (a b), `(batch, time, n)`, from slot j holding j. a = b changes nothing.

    A permutation c after one d is j -> c[d[j]], as in `theory.permutations.compose`.
    """
    slots = torch.arange(n, device=a.device)
    a, b = a[..., None], b[..., None]
    each = torch.where(slots == a, b, torch.where(slots == b, a, slots))
    return prefixes(each, lambda first, then: first.gather(-1, then))
