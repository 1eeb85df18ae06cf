"""What a Pointer layer keeps of the tokens so far, so that the next one is decoded without them.

Keys and rows of the last reach + 1 tokens, or of all where the rule has no reach; the previous layer's pointers where the rule looks
at them; jump tables where hops are put together. Arguments are left alone: a state can be continued in two ways.

A step computes what the whole sequence does, from products of other shapes. Numbers agree up to rounding, and pointers wherever no
two scores are as close as that. Equal keys are: over all positions a step may point at another of several equal tokens than the
whole sequence does, and rows there differ by what encodes their positions. Exact sums agree exactly. See `scoring`.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from constructions.layers.pointer.hierarchical import all_but_one
from constructions.layers.pointer.selection import take

__all__ = ["PointerState", "append", "farther", "first_cached"]


class PointerState(NamedTuple):
    """keys `(batch, heads, s, d)` and rows `(batch, heads or 1, s, m)` of the last s tokens; previous `(batch, heads, t)` or of no
    token; time `()`, the t tokens so far; far, the rows that hops put together lead to, and tables `(rounds, batch, heads, t)`."""

    keys: Tensor
    rows: Tensor
    previous: Tensor
    time: Tensor
    far: Tensor
    tables: Tensor

    def last(self, tokens: int) -> PointerState:
        """Only so many of the tokens."""
        first = max(0, self.keys.shape[-2] - tokens)
        return self._replace(keys=self.keys[..., first:, :], rows=self.rows[..., first:, :])


def append(state: PointerState, key: Tensor, row: Tensor, previous: Tensor | None) -> PointerState:
    """The state with one token more."""
    return state._replace(
        keys=torch.cat([state.keys.to(key.dtype), key], -2),  # under autocast keys are narrower than an empty state
        rows=torch.cat([state.rows, row], -2),
        previous=state.previous if previous is None else torch.cat([state.previous, previous], -1),
        time=state.time + 1,
    )


def first_cached(state: PointerState) -> Tensor:
    """The position of the first token that is kept."""
    return state.time - state.keys.shape[-2]


def farther(state: PointerState, first: Tensor) -> tuple[Tensor, Tensor, PointerState]:
    """The rows that a first hop leads to when hops are put together, where the newest token's hop `first (batch, heads, 1)` leads
    in the end, and the tables with it. Without tables the rows themselves and `first`."""
    if not len(state.tables):
        return state.rows, first, state
    tables, hop = [], first
    for s, table in enumerate(state.tables):
        hop = hop if s == 0 else tables[-1].gather(-1, hop)
        tables.append(torch.cat([table, hop], -1))
    far = torch.cat([state.far, take(state.rows, all_but_one(tables, first))], -2)
    return far, tables[-1].gather(-1, hop), state._replace(far=far, tables=torch.stack(tables))
