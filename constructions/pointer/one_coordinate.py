"""Keys of a single number each, with which causal rows point D back: searched over every order of the keys, ties included.

Only the order of the keys matters, and whether a row's query is positive, negative or 0: it points at the greatest key it sees, at the
least, or at what the tie rule says. So orders with ties, built key by key and dropped at the first row that no query serves, exhaust
all real keys and queries. Exponential in D; derived here.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from constructions.pointer.copy_arithmetic import TIES

__all__ = ["orders_pointing_back"]

_Keys = tuple[Fraction, ...]


def orders_pointing_back(distance: int, n: int, tie: str) -> Iterator[_Keys]:
    """Every order of n keys, as one example of numbers, whose rows `distance`..n-1 all have a query that points back exactly."""
    if tie not in TIES:
        raise ValueError(
            f"tie = {tie!r}: a hard argmax is a function only with a tie rule; give one of {', '.join(TIES)}"
        )
    yield from _extended((), distance, n, tie)


def _extended(keys: _Keys, distance: int, n: int, tie: str) -> Iterator[_Keys]:
    if len(keys) == n:
        yield keys
        return
    for value in _places(keys):
        longer = (*keys, value)
        row = len(keys)
        if row < distance or any(_pointer(longer, sign, tie) == row - distance for sign in (1, -1, 0)):
            yield from _extended(longer, distance, n, tie)


def _places(keys: _Keys) -> Iterator[Fraction]:
    """A value for each place a new key can have among these: equal to one of them, between two, outside."""
    known = sorted(set(keys))
    if not known:
        yield Fraction(0)
        return
    yield known[-1] + 1
    yield known[0] - 1
    for low, high in pairwise(known):
        yield (low + high) / 2
    yield from known


def _pointer(keys: _Keys, sign: int, tie: str) -> int:
    """argmax of sign * key by the tie rule."""
    scores = [sign * key for key in keys]
    best = max(scores)
    return scores.index(best) if tie == "first" else len(scores) - 1 - scores[::-1].index(best)
