"""Scores of candidates, from a query and keys.

    pairwise   <q_i, k_j>          scaled   <q_i, k_j> / sqrt d          additive   a_i + b_j, q and k of one coordinate each

Source: Bahdanau, Cho, Bengio, arXiv 1409.0473 and Vaswani et al., arXiv 1706.03762, without their softmax.
"""

from __future__ import annotations

import math

from jaxtyping import Float
from torch import Tensor

__all__ = ["SCORES", "all_scores", "candidate_scores"]

SCORES = ("pairwise", "scaled", "additive")


def all_scores(kind: str, q: Tensor, k: Tensor) -> Float[Tensor, "*batch S T"]:
    """q `(*batch, S, d)`, k `(*batch, T, d)`. Work 2 S T d, scaled S d more; additive S T."""
    if kind == "additive":
        return q + k.mT
    return (q * (1 / math.sqrt(q.shape[-1])) if kind == "scaled" else q) @ k.mT


def candidate_scores(kind: str, q: Tensor, keys: Tensor) -> Float[Tensor, "*batch S K"]:
    """q `(*batch, S, d)`, the candidates' keys `(*batch, S, K, d)`. Work 2 S K d, scaled S d more; additive S K."""
    if kind == "additive":
        return q + keys[..., 0]
    q = q * (1 / math.sqrt(q.shape[-1])) if kind == "scaled" else q
    return (q[..., None, :] @ keys.mT)[..., 0, :]
