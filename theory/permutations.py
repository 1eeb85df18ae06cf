"""Permutations as the contents of n slots, and the swaps that make them.

One convention throughout. A permutation of n things is the tuple (or the integer array) c with c[j] = the thing that
lies in slot j; slots and things are 0..n-1. Contents start as the identity (0, 1, ..., n-1). The swap (a, b) exchanges
c[a] and c[b], that is, c becomes c o (a b): slots are swapped, wherever the things came from. Swaps act in the order
of time, so

    contents_after(n, first + then) == compose(contents_after(n, first), contents_after(n, then)),
    compose(first, then)[j] == first[then[j]].

A swap of a slot with itself does nothing and is allowed. Everything here is finite and exact; derived here.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, islice, product

import numpy as np
from jaxtyping import Int

Permutation = tuple[int, ...]
Swap = tuple[int, int]


def _check_size(n: int) -> None:
    if n < 1:
        raise ValueError(f"n = {n} slots: give at least 1")


def _check_permutation(permutation: Sequence[int]) -> None:
    if sorted(permutation) != list(range(len(permutation))):
        raise ValueError(
            f"{tuple(permutation)} is no permutation: each of 0..{len(permutation) - 1} must occur exactly once"
        )


def _check_slot(slot: int, n: int, token: int) -> None:
    if not 0 <= slot < n:
        raise ValueError(f"slot {slot} in the swap at token {token} is out of range: slots are 0..{n - 1}")


def identity(n: int) -> Permutation:
    """(0, 1, ..., n-1)."""
    _check_size(n)
    return tuple(range(n))


def transposition(n: int, a: int, b: int) -> Permutation:
    """The contents after the one swap (a, b)."""
    return contents_after(n, [(a, b)])


def compose(first: Sequence[int], then: Sequence[int]) -> Permutation:
    """Contents after the swaps of `first` followed by those of `then`: j -> first[then[j]]; O(n)."""
    _check_permutation(first)
    _check_permutation(then)
    if len(first) != len(then):
        raise ValueError(f"permutations of {len(first)} and of {len(then)} things do not compose: give equal lengths")
    return tuple(first[j] for j in then)


def inverse(permutation: Sequence[int]) -> Permutation:
    """The permutation that composes with this one to the identity, on either side: thing -> its slot; O(n)."""
    _check_permutation(permutation)
    slots = [0] * len(permutation)
    for slot, thing in enumerate(permutation):
        slots[thing] = slot
    return tuple(slots)


def sign(permutation: Sequence[int]) -> int:
    """+1 or -1, the determinant of the permutation matrix: (-1) to the number of swaps that make it; O(n)."""
    return -1 if len(as_transpositions(permutation)) % 2 else 1


def contents_after(n: int, swaps: Iterable[Sequence[int]]) -> Permutation:
    """Contents of n slots after the swaps, in order of time; ValueError names the slot and the token out of range."""
    contents = list(identity(n))
    for token, (a, b) in enumerate(swaps):
        _check_slot(a, n, token)
        _check_slot(b, n, token)
        contents[a], contents[b] = contents[b], contents[a]
    return tuple(contents)


def contents_after_batch(n: int, swaps: Int[np.ndarray, "..."]) -> Int[np.ndarray, "batch n"]:
    """Contents after each of many sequences of swaps of one length; int64.

    swaps: integers of shape (batch, length, 2). ValueError for another shape, and for a slot out of range, which names
    the slot, the token and the sequence. O(batch * (length + n)), vectorised over batch.
    """
    _check_size(n)
    swaps = np.asarray(swaps)
    if swaps.ndim != 3 or swaps.shape[2] != 2 or swaps.dtype.kind not in "iu":
        raise ValueError(
            f"swaps of shape {swaps.shape}, dtype {swaps.dtype}: give integers of shape (batch, length, 2)"
        )
    outside = np.argwhere((swaps < 0) | (swaps >= n))
    if len(outside):
        batch, token, side = (int(i) for i in outside[0])
        raise ValueError(
            f"slot {int(swaps[batch, token, side])} in the swap at token {token} of sequence {batch} is out of range: "
            f"slots are 0..{n - 1}"
        )
    contents = np.tile(np.arange(n, dtype=np.int64), (len(swaps), 1))
    for token in range(swaps.shape[1]):
        swap_columns(contents, swaps[:, token, 0], swaps[:, token, 1])
    return contents


def swap_columns(
    contents: Int[np.ndarray, "batch n"], a: Int[np.ndarray, "batch"], b: Int[np.ndarray, "batch"]
) -> None:
    """Exchange, in place, the entries a[r] and b[r] of every row r; O(batch). Slots must be in range."""
    rows = np.arange(len(contents))
    at_a = contents[rows, a].copy()
    contents[rows, a] = contents[rows, b]
    contents[rows, b] = at_a


def all_swaps(n: int) -> tuple[Swap, ...]:
    """The n(n-1)/2 swaps (a, b) with a < b, in lexicographic order."""
    _check_size(n)
    return tuple(combinations(range(n), 2))


def swap_sequences(n: int, length: int, batch: int = 4096) -> Iterator[Int[np.ndarray, "batch length 2"]]:
    """Every sequence of `length` proper swaps of n slots, once, in lexicographic order, as int64 arrays.

    (n(n-1)/2)**length sequences in arrays of at most `batch`; memory O(batch * length). None when n = 1 < length + 1;
    the single empty sequence when length = 0.
    """
    if length < 0 or batch < 1:
        raise ValueError(f"length = {length}, batch = {batch}: give length >= 0 and batch >= 1")
    sequences = product(all_swaps(n), repeat=length)

    def batches() -> Iterator[np.ndarray]:
        while some := list(islice(sequences, batch)):
            yield np.array(some, dtype=np.int64).reshape(len(some), length, 2)

    return batches()


def as_transpositions(permutation: Sequence[int]) -> tuple[Swap, ...]:
    """Proper swaps that make the permutation: contents_after(n, result) == permutation.

    Slots are filled from the left, each by one swap at most, so there are at most n - 1; each swap splits a cycle off,
    so there are n - (number of cycles), the fewest possible, as one swap changes the number of cycles by one. In S_5:
    at most 4. O(n).
    """
    _check_permutation(permutation)
    contents = list(range(len(permutation)))
    slot_of = list(contents)
    swaps: list[Swap] = []
    for a, wanted in enumerate(permutation):
        b = slot_of[wanted]
        if a != b:
            swaps.append((a, b))
            contents[a], contents[b] = contents[b], contents[a]
            slot_of[contents[a]], slot_of[contents[b]] = a, b
    return tuple(swaps)
