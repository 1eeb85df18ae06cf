"""Scores of candidates, from a query and keys.

    pairwise   <q_i, k_j>          scaled   <q_i, k_j> / sqrt d          additive   a_i + b_j, q and k of one coordinate each

Equal keys need not get equal scores. Over all positions the scores are a matrix product, whose library may add the products of one
column in another order than those of the next, and of another shape in another order again. So a rule for ties may see none among
repeated tokens, and point at another of them; which one can differ between forms, batches and decoding. Rows that are read are then
equal up to what encodes their positions. Sums that are exact, of small integers for example, have no order. Among listed candidates
each score is a sum along its own row, all in one order where the library has one for all rows: torch on the CPU has, other devices
promise nothing. See `pointer/ties/equal-keys` and `pointer/ties/fixed-order`.

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
    """q `(*batch, S, d)`, k `(*batch, T, d)`. Work 2 S T d, scaled S d more; additive S T.

    A matrix product: equal keys get the same score up to rounding, not to the last bit.
    """
    if kind == "additive":
        return q + k.mT
    return (q * (1 / math.sqrt(q.shape[-1])) if kind == "scaled" else q) @ k.mT


def of_listed(kind: str, q: Tensor, k: Tensor, index: Tensor, valid: Tensor | None) -> Scored:
    """q `(*batch, S, d)`, k `(*batch, T, d)`, candidates `index` of each query, which broadcast to `(*batch, S, K)`.

    Work S K d to gather their keys and 2 S K d, scaled S d more; additive S K each. Memory 2 S K d. Each product is rounded to the
    dtype, their sum once more; equal keys of a query get equal scores wherever rows are summed in one order.
    """
    index = index.expand(*k.shape[:-2], *index.shape[-2:])
    keys = take(k, index.flatten(-2)).unflatten(-2, tuple(index.shape[-2:]))
    if kind == "additive":
        return Scored(q + keys[..., 0], index, valid, True)
    q = q * (1 / math.sqrt(q.shape[-1])) if kind == "scaled" else q
    return Scored((keys * q[..., None, :]).sum(-1), index, valid, True)  # a product of matrices has no order of its own
