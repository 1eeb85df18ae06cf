"""A position bias as the `score_mod` of torch's flex_attention, which adds it without a mask of all pairs.

    score_mod = flex_score_mod(bias, n, n, like=q)
    flex_attention(q, k, v, score_mod=score_mod)

A kernel's table `(heads, keys)` is looked up by the distance; FIRE's biases, which are not of the distance alone, by both positions.
Keys in the future get -inf; a causal block mask given besides saves their work.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from constructions.layers.position_kernels.bias import KernelBias, PositionBias
from constructions.layers.position_kernels.doors import check_lengths

__all__ = ["flex_score_mod"]

ScoreMod = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor], Tensor]


def flex_score_mod(bias: PositionBias, queries: int, keys: int, like: Tensor) -> ScoreMod:
    """The function (score, batch, head, query, key) -> score for the last `queries` of `keys` positions."""
    check_lengths("flex_score_mod", queries, keys)
    past = keys - queries
    if isinstance(bias, KernelBias):
        table = bias.table(keys, like)
        ahead = torch.cat(
            [table, torch.full_like(table, -torch.inf)], -1
        )  # the future, at negative distances d, is at d + 2 keys
        # functions that flex_attention traces are lambdas: checks of types at run time would stop it
        return lambda score, b, head, query, key: score + ahead[head, (query + past - key) % (2 * keys)]
    pairs = bias(queries, keys, like)
    return lambda score, b, head, query, key: score + pairs[head, query, key]
