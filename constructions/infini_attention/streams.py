"""Streams of tokens as plain numbers, and the memory they leave: what exact checks write, and what a counterexample names.

A token is a pair (features, value), each a tuple of integers, fractions or symbols; a segment is a tuple of tokens, a stream a tuple
of segments. Nothing is rounded. Derived here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from constructions.layers.infini_attention.memory import Memory, empty, retrieve, update

__all__ = ["Segment", "Stream", "Token", "arrays", "column", "cuts", "read", "rows", "told", "written"]

Token = tuple[tuple[Any, ...], tuple[Any, ...]]
Segment = tuple[Token, ...]
Stream = tuple[Segment, ...]


def rows(vectors: Iterable[Sequence[Any]]) -> np.ndarray:
    """Object array `(n, d)` of the vectors, integers as fractions so that quotients stay exact."""
    made = [[Fraction(x) if isinstance(x, int) else x for x in vector] for vector in vectors]
    out = np.empty((len(made), len(made[0]) if made else 0), dtype=object)
    for i, vector in enumerate(made):
        out[i] = vector
    return out


def arrays(segment: Segment) -> tuple[np.ndarray, np.ndarray]:
    """Features `(n, d)` and values `(n, m)` of a segment of n > 0 tokens."""
    return rows(features for features, _ in segment), rows(value for _, value in segment)


def written(
    stream: Stream,
    rule: str = "linear",
    *,
    constant: Any = 0,
    start: Memory | None = None,
    nothing: str = "zero",
    known: Sequence[Sequence[bool]] | None = None,
) -> Memory:
    """The memory after the stream's segments, from `start`, or else from M = 0 and z = constant. known: by segment and token."""
    memory = start
    for s, segment in enumerate(stream):
        phi, v = arrays(segment)
        if memory is None:
            memory = empty(rule, (), phi.shape[-1], v.shape[-1], phi, constant)
        flags = None if known is None else np.array(known[s])
        memory = update(memory, phi, v, rule, known=flags, nothing=nothing)
    if memory is None:
        raise ValueError("a stream without segments and no memory to start from; give one of them")
    return memory


def read(memory: Memory, query: Sequence[Any], nothing: str = "zero") -> tuple[Any, ...]:
    """What a query with these features reads, `(m,)`."""
    return tuple(retrieve(memory, rows([query]), nothing=nothing)[0])


def cuts(tokens: Segment) -> Iterator[Stream]:
    """Every way to cut tokens into segments, fewest segments first: 2^(n-1) of them."""
    places = range(1, len(tokens))
    for count in range(len(tokens)):
        for chosen in combinations(places, count):
            ends = (0, *chosen, len(tokens))
            yield tuple(tokens[a:b] for a, b in pairwise(ends))


def column(features: Sequence[Any], values: Sequence[Any]) -> Segment:
    """Tokens of one feature and one value each."""
    return tuple(((f,), (v,)) for f, v in zip(features, values, strict=True))


def told(stream: Stream) -> str:
    """A stream in words: segments between bars, tokens as features:value."""

    def shown(vector: Sequence[Any]) -> str:
        return str(vector[0]) if len(vector) == 1 else f"({', '.join(map(str, vector))})"

    return " | ".join(" ".join(f"{shown(f)}:{shown(v)}" for f, v in segment) for segment in stream)
