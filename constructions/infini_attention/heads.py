"""A layer of several heads over exact arrays, with the switches on which causality and grouped queries hang.

`attended` takes queries, keys and values to be the rows themselves: split into heads, attended to and recalled, gated one
half each, merged. Features are rational, A_dot adds up <q, k> v of the segment: everything is exact in Q. By "retrieve-first"
it is the layer's own `streaming.advance`. Derived here.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from jaxtyping import Shaped

from constructions.layers.infini_attention.access import Access
from constructions.layers.infini_attention.features import RATIONAL
from constructions.layers.infini_attention.local import local_attention
from constructions.layers.infini_attention.streaming import advance, begin, close
from constructions.layers.kernels import LINEAR

__all__ = ["attended", "grouped", "interleaved", "tiled"]

HALF = Fraction(1, 2)


def _split(x: np.ndarray, heads: int, way: str) -> np.ndarray:
    """Rows `(batch, T, heads * d)` to `(batch, heads, T, d)`, by a transpose or by a reshape alone."""
    batch, tokens, width = x.shape
    if way == "transpose":
        return x.reshape(batch, tokens, heads, width // heads).swapaxes(1, 2)
    return x.reshape(batch, heads, tokens, width // heads)


def _merge(x: np.ndarray, way: str) -> np.ndarray:
    batch, heads, tokens, d = x.shape
    return (x.swapaxes(1, 2) if way == "transpose" else x).reshape(batch, tokens, heads * d)


def attended(
    x: Shaped[np.ndarray, "batch T width"],
    heads: int,
    segment: int,
    *,
    rule: str = "linear",
    order: str = "retrieve-first",
    split: str = "transpose",
    merge: str = "transpose",
) -> Shaped[np.ndarray, "batch T width"]:
    """The outputs. order: "retrieve-first" or "update-first"; split, merge: "transpose" or "reshape", segment by segment."""
    access = Access(rule, features=RATIONAL)
    d = x.shape[-1] // heads
    memory = access.empty((len(x), heads), d, d, x)
    rows = []
    for start in range(0, x.shape[1], segment):
        part = _split(x[:, start : start + segment], heads, split)
        if order == "retrieve-first":
            made, state = advance(
                begin(memory, x),
                part,
                part,
                part,
                HALF,
                access=access,
                segment=part.shape[-2],
                start="gated",
                kernel=LINEAR,
            )
            state = close(state, access)
            memory = type(memory)(state.matrix, state.normaliser)
        else:
            memory = access.write(memory, part, part)
            made = HALF * access.read(memory, part) + HALF * local_attention(part, part, part, LINEAR)
        rows.append(_merge(made, merge))
    return np.concatenate(rows, axis=1)


def interleaved(head: int, heads: int, groups: int) -> int:
    """The group of a query head by repeat_interleave: neighbours share one."""
    return head // (heads // groups)


def tiled(head: int, heads: int, groups: int) -> int:
    """The group of a query head by repeat: heads that are `groups` apart share one."""
    del heads
    return head % groups


def grouped(
    q: Shaped[np.ndarray, "heads T d"],
    k: Shaped[np.ndarray, "groups T d"],
    v: Shaped[np.ndarray, "groups T m"],
    segment: int,
    local: Any = interleaved,
    recalled: Any = interleaved,
    rule: str = "linear",
) -> Shaped[np.ndarray, "heads T m"]:
    """The outputs of query heads that attend with the keys of group `local` and recall from the memory of group `recalled`."""
    access = Access(rule, features=RATIONAL)
    heads, groups = len(q), len(k)
    to_local, to_memory = ([way(h, heads, groups) for h in range(heads)] for way in (local, recalled))
    memory = access.empty((groups,), k.shape[-1], v.shape[-1], k)
    rows = []
    for start in range(0, q.shape[1], segment):
        q_now, k_now, v_now = (x[:, start : start + segment] for x in (q, k, v))
        chosen = type(memory)(*(part[to_memory] for part in memory))
        made = HALF * access.read(chosen, q_now)
        rows.append(made + HALF * local_attention(q_now, k_now[to_local], v_now[to_local], LINEAR))
        memory = access.write(memory, k_now, v_now)
    return np.concatenate(rows, axis=1)
