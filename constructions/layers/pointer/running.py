"""Hard selection among all positions without a table of all scores: a maximum that runs over tiles of keys, or over time.

    pairwise scores    quadratic work, memory of N tile scores
    additive a_i + b_j  the target does not depend on a_i: linear work, the running maximum of b

Equal to the written-out selection wherever both compute the same scores: a product over a tile may be rounded in another order, and
a_i + b_j may be rounded to a tie that b_j does not have. Scores that are NaN: see `selection`. Source: derived here.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from constructions.layers.pointer.selection import TIES, largest
from constructions.layers.shapes import check_positive, choose

__all__ = ["running_argmax", "tiled_argmax"]


def tiled_argmax(
    score: Callable[[Tensor, Tensor], Tensor],
    q: Float[Tensor, "*batch N d"],
    k: Float[Tensor, "*batch N d"],
    tile: int,
    *,
    causal: bool = True,
    ties: str = "first",
) -> Int[Tensor, "*batch N"]:
    """The positions of the largest of `score(q, k)`, `(*batch, S, d)` and `(*batch, c, d)` -> `(*batch, S, c)`.

    Tiles of `tile` keys one after another, each against the queries that may point at it: the largest score so far and where.
    Work besides the scores, n tiles of C keys, Q the sum of their squares, causal: 4 (N^2 + Q) + N + 5 N (n - 1) - 3 C n (n - 1) / 2;
    memory of N C numbers.
    """
    choose("tiled_argmax", "ties", ties, TIES)
    check_positive("tiled_argmax", tile=tile)
    tokens = q.shape[-2]
    times = torch.arange(tokens, device=q.device)
    best = where = None
    for s in range(0, tokens, tile):
        first = s if causal else 0  # earlier queries may not point here
        here, asking = times[s : s + tile], times[first:]
        scores = score(q[..., first:, :], k[..., s : s + tile, :])
        later = here > asking[:, None] if causal else None
        scores = scores if later is None else scores.masked_fill(later, -torch.inf)
        found, top = largest(scores, here.expand(len(asking), -1), later, ties), scores.amax(-1)
        if best is None or where is None:
            best, where = top, found
            continue
        old = best[..., first:]
        newer = top > old if ties == "first" else top >= old
        where = torch.cat([where[..., :first], found.where(newer, where[..., first:])], -1)
        best = torch.cat([best[..., :first], top.where(newer, old)], -1)
    return q.new_zeros(q.shape[:-1], dtype=torch.long) if where is None else where


def running_argmax(
    score: Float[Tensor, "*batch N"], *, causal: bool = True, ties: str = "first"
) -> Int[Tensor, "*batch N"]:
    """Where the largest of the scores up to each position is, or of all scores: the target of every position when the score of
    j is the same for every i, up to a term without j.

    Work 8 N + 1 with ties "first" and 7 N with "last"; not causal 5 N. Memory O(N).
    """
    choose("running_argmax", "ties", ties, TIES)
    times = torch.arange(score.shape[-1], device=score.device)
    if not causal:
        return largest(score[..., None, :], times[None], None, ties).expand(score.shape)
    best = score.cummax(-1).values
    if ties == "last":
        lost = score < best
    else:  # a first maximum is above all before it; the first position is one in any case
        lost = score <= torch.cat([score.new_full((*score.shape[:-1], 1), -torch.inf), best[..., :-1]], -1)
    return times.masked_fill(lost, 0).cummax(-1).values
