"""Candidates by hash: the K most recent positions whose keys fall into the same bucket, by sorting, with nothing decided by data.

The bucket of a position is written in the signs of the first `bits` coordinates of its key: keys come from a learned map, so other
planes would be no more general. Sorted by bucket, then by time, the candidates of a position are those just before it.

Source: the kind of hash is that of Charikar, STOC 2002, and Kitaev, Kaiser, Levskaya, arXiv 2001.04451; costs derived here.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Int
from torch import Tensor

from constructions.layers.pointer.candidates import Candidates, Positions
from constructions.layers.shapes import check_positive

__all__ = ["Buckets", "bucket"]


def bucket(keys: Tensor, bits: int) -> Int[Tensor, "*batch T"]:
    """Keys `(*batch, T, d)` -> numbers in 0 .. 2^bits - 1; zero counts as negative. Work 3 T bits + 2 bits.

    ValueError where keys have fewer coordinates than there are bits.
    """
    if bits > keys.shape[-1]:
        raise ValueError(f"Buckets: bits = {bits} of keys of {keys.shape[-1]} coordinates; give at most as many bits")
    weights = 2 ** torch.arange(bits, device=keys.device)
    return ((keys[..., :bits] > 0) * weights).sum(-1)


@dataclass(frozen=True)
class Buckets(Candidates):
    """At most `count` positions of the same bucket: itself and the most recent before it; not causal: those around it in time.

    Work of N positions, K = count, causal: N L(N) for the sort, 3 N bits + 2 bits for the hash, 7 N K + K + N for the list. The
    sort is not linear in N. A decoded token looks through all buckets before it: work (t + 1) L(K) and some multiples of t + 1.
    ValueError for a count or bits that are not positive.
    """

    count: int
    bits: int
    causal: bool = True

    def __post_init__(self) -> None:
        check_positive("Buckets", count=self.count, bits=self.bits)

    def among(self, times: Tensor, tokens: int, keys: Tensor, previous: Tensor) -> Positions:
        mine = bucket(keys, self.bits)
        order = mine.argsort(dim=-1, stable=True)
        place = torch.empty_like(order).scatter(-1, order, times.expand(order.shape))
        ahead = 0 if self.causal else (self.count - 1) // 2
        beside = place[..., None] - torch.arange(-ahead, self.count - ahead, device=keys.device)
        exists = beside >= 0 if self.causal else (beside >= 0) & (beside < tokens)
        index = order.gather(-1, beside.clamp(0, tokens - 1).flatten(-2))
        same = mine.gather(-1, index).unflatten(-1, beside.shape[-2:]) == mine[..., None]
        return index.unflatten(-1, beside.shape[-2:]), exists & same

    def newest(self, times: Tensor, keys: Tensor, previous: Tensor) -> Positions:
        mine, every = bucket(keys, self.bits), torch.arange(keys.shape[-2], device=keys.device)
        found = every.masked_fill(mine != mine[..., -1:], -1).topk(min(self.count, len(every)), -1).values[..., None, :]
        return found.clamp(min=0), found >= 0
