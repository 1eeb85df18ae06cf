"""Scores of candidates, from a query and keys.

    pairwise   <q_i, k_j>          scaled   <q_i, k_j> / sqrt d          additive   a_i + b_j, q and k of one coordinate each

Source: Bahdanau, Cho, Bengio, arXiv 1409.0473 and Vaswani et al., arXiv 1706.03762, without their softmax.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor

from constructions.layers.pointer.selection import take

__all__ = ["SCORES", "Scored", "all_scores", "of_listed"]

SCORES = ("pairwise", "scaled", "additive")


class Scored(NamedTuple):
    """Scores `(*batch, S, K)`, the positions scored and which count; `listed`: whether each query has its own."""

    scores: Tensor
    positions: Tensor
    valid: Tensor | None
    listed: bool


def all_scores(kind: str, q: Tensor, k: Tensor) -> Float[Tensor, "*batch S T"]:
    """q `(*batch, S, d)`, k `(*batch, T, d)`. Work 2 S T d, scaled S d more; additive S T."""
    if kind == "additive":
        return q + k.mT
    return (q * (1 / math.sqrt(q.shape[-1])) if kind == "scaled" else q) @ k.mT


def of_listed(kind: str, q: Tensor, k: Tensor, index: Tensor, valid: Tensor | None) -> Scored:
    """q `(*batch, S, d)`, k `(*batch, T, d)`, candidates `index` of each query, which broadcast to `(*batch, S, K)`.

    Work S K d to gather their keys and 2 S K d, scaled S d more; additive S K each.
    """
    index = index.expand(*k.shape[:-2], *index.shape[-2:])
    keys = take(k, index.flatten(-2)).unflatten(-2, tuple(index.shape[-2:]))
    if kind == "additive":
        return Scored(q + keys[..., 0], index, valid, True)
    q = q * (1 / math.sqrt(q.shape[-1])) if kind == "scaled" else q
    return Scored((q[..., None, :] @ keys.mT)[..., 0, :], index, valid, True)
