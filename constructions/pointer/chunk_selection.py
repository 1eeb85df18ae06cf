"""The best key by way of chunks: by the chunks' mean keys, which can miss it, and by bounds from boxes, which cannot.

A box of a chunk is the smallest and the largest value of every coordinate of its keys. For a query q no key k of the chunk has
q . k above the sum over coordinates of max(q_t low_t, q_t high_t). Numbers are whole numbers or fractions; nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["BoxSelection", "Found", "alternating_keys", "compositions", "mean_choice", "split"]

Vector = tuple[int, ...]


def split(n: int, chunk: int) -> list[range]:
    """Positions 0 .. n - 1 in chunks of this length, the last one shorter where it must be."""
    return [range(s, min(s + chunk, n)) for s in range(0, n, chunk)]


def compositions(n: int) -> Iterator[tuple[int, ...]]:
    """All ways to split n keys into chunks, by their lengths."""
    if n == 0:
        yield ()
    for length in range(1, n + 1):
        for rest in compositions(n - length):
            yield length, *rest


def mean_choice(scores: Sequence[int], lengths: Sequence[int]) -> int:
    """The largest score in the chunks of the largest mean, several when they tie: the most this choice of a chunk can find.

    By linearity the mean of the scores of a chunk is the score of its mean key.
    """
    chunks, start = [], 0
    for length in lengths:
        chunks.append(scores[start : start + length])
        start += length
    means = [Fraction(sum(chunk), len(chunk)) for chunk in chunks]
    return max(max(chunk) for chunk, mean in zip(chunks, means, strict=True) if mean == max(means))


@dataclass(frozen=True)
class Found:
    """A pointer, how many keys were scored for it and how many bounds were formed."""

    pointer: int
    keys: int
    bounds: int


@dataclass(frozen=True)
class BoxSelection:
    """The largest q . k by boxes, the first or the last of the best, exactly.

    Chunks are opened from the largest bound on; a chunk is left closed when its bound is below the best score so far, or equal to it
    and the tie rule prefers what was found. Keys read: at most all; work 4 d a bound and 2 d a key.
    """

    chunk: int
    ties: str = "first"

    def bound(self, query: Vector, keys: Sequence[Vector]) -> int:
        """No key of these has a larger product with the query."""
        return sum(
            max(q * min(values), q * max(values)) for q, values in zip(query, zip(*keys, strict=True), strict=True)
        )

    def closed(self, bound: int, positions: range, best: int, where: int) -> bool:
        """Whether a chunk with this bound cannot hold the answer."""
        later = positions[0] > where if self.ties == "first" else positions[-1] < where
        return bound < best or (bound == best and later)

    def __call__(self, query: Vector, keys: Sequence[Vector]) -> Found:
        chunks = split(len(keys), self.chunk)
        bounds = [self.bound(query, [keys[j] for j in positions]) for positions in chunks]
        best = where = None
        read = 0
        for c in sorted(range(len(chunks)), key=lambda c: -bounds[c]):
            if best is not None and where is not None and self.closed(bounds[c], chunks[c], best, where):
                continue
            read += len(chunks[c])
            for j in chunks[c]:
                score = sum(q * x for q, x in zip(query, keys[j], strict=True))
                nearer = where is not None and (j < where) == (self.ties == "first")
                if best is None or score > best or (score == best and nearer):
                    best, where = score, j
        if where is None:
            raise ValueError("BoxSelection: no keys; give one or more")
        return Found(where, read, len(bounds))


def alternating_keys(n: int) -> list[Vector]:
    """(1, 0), (0, 1), (1, 0), ...: every box of two neighbours holds (1, 1), which no key is, so for q = (1, 1) all bounds are 2
    and all scores 1."""
    return [(1, 0) if j % 2 == 0 else (0, 1) for j in range(n)]
