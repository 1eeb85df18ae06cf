"""How far swap tracking stays exact when a sum is taken in another order than time. Derived here.

Fix the reader w (a swap's e_a - e_b, or e_j) and one content x. With f(s) in {-1, 0, 1} the entry of w at the slot that
holds x, the term that token i adds to the sum <w, sum_i k_i u_i>[x] is f after token i minus f before it: the sum
telescopes along the walk of x. Hence a sum over an interval of time is a difference of two values of f, in {-2..2},
and every order whose partial sums are intervals is exact in any format that holds -2..2, for every number of swaps.

Interleaved accumulators sum every L-th term and do not telescope: x can go up where a lane looks and down where it does
not. `Reach` computes the largest partial sum of either parity that any walk can produce, by max-plus matrices over the
states (f, parity), so that a length of 2^53 costs some fifty products of 6 x 6 matrices. Walks allow every move between the
three values of f, which programs on n >= 4 slots realise; for fewer slots the result is an upper bound.

With precision p every odd number up to 2^p and every even one up to 2^(p+1) is representable. So long as no partial sum
can exceed these, no addition rounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from jaxtyping import Int

NEVER = -(1 << 61)
_VALUES = (-1, 0, 1)
_STATES = tuple(product(_VALUES, (0, 1)))
_Matrix = Int[np.ndarray, "_ 6"]


def _times(a: Int[np.ndarray, "rows 6"], b: Int[np.ndarray, "6 6"]) -> Int[np.ndarray, "rows 6"]:
    """Max-plus product: first a, then b. int64; sums of interest stay below 2**55, far from NEVER."""
    return np.maximum((a[:, :, None] + b[None]).max(axis=1), NEVER)


@cache
def _move(counted: bool, optional: bool = False) -> _Matrix:
    """One swap: f moves anywhere; the change is added when the window counts this step (or may, when optional)."""

    def gain(before: tuple[int, int], after: tuple[int, int]) -> int:
        change = after[0] - before[0]
        added = counted and (before[1] + change) % 2 == after[1]
        left_out = (optional or not counted) and before[1] == after[1]
        return max(change if added else NEVER, 0 if left_out else NEVER)

    moves = np.array([[gain(before, after) for after in _STATES] for before in _STATES], dtype=np.int64)
    moves.flags.writeable = False  # one array for all callers
    return moves


@dataclass(frozen=True)
class Reach:
    """The largest odd and even partial sums over all walks of `swaps` swaps, for one window of lanes."""

    odd: int
    even: int

    def fits(self, precision: int) -> bool:
        """Whether all of them are representable with that precision."""
        return self.odd <= 2**precision and self.even <= 2 ** (precision + 1)


def _reach(start: Sequence[int], cycle: Sequence[_Matrix], swaps: int) -> Reach:
    """From a start vector over the states, `swaps` moves that go through the cycle again and again."""
    vector: _Matrix = np.array([start], dtype=np.int64)
    whole = cycle[0]
    for step in cycle[1:]:
        whole = _times(whole, step)
    laps, rest = divmod(swaps, len(cycle))
    while laps:
        if laps & 1:
            vector = _times(vector, whole)
        whole, laps = _times(whole, whole), laps >> 1
    for step in cycle[:rest]:
        vector = _times(vector, step)
    ends = list(zip(_STATES, vector[0].tolist(), strict=True))
    return Reach(max(v for (_, parity), v in ends if parity), max(v for (_, parity), v in ends if not parity))


def _starts(in_window: bool) -> list[int]:
    """After the write of x: f is any value, and the partial sum is f or, outside the window, 0."""
    return [
        (f if in_window and f % 2 == parity else 0 if not in_window and parity == 0 else NEVER) for f, parity in _STATES
    ]


def reaches(lanes: int, swaps: int) -> Iterable[Reach]:
    """For `lanes` interleaved accumulators: one `Reach` a window, lane of the write of x, and lane of the first swap.

    Windows are the first 1, 2, ... lanes, as lanes are combined left to right; a single other lane is the first one
    after turning the count of lanes. Sums change sign with f, so the most negative ones are as large.
    """
    for last, written, first in product(range(1, max(lanes, 2)), range(lanes), range(lanes)):
        cycle = [_move((first + step) % lanes < last) for step in range(lanes)]
        yield _reach(_starts(written < last), cycle, swaps)


def any_order_reach(swaps: int) -> Reach:
    """The largest partial sums over any set of terms at all, so of any summation tree: each term counted or not."""
    either = [max(a, b) for a, b in zip(_starts(True), _starts(False), strict=True)]
    return _reach(either, [_move(True, optional=True)], swaps)


def certified_swaps(precision: int, lanes: int | None) -> int:
    """The largest S such that no addition rounds in any program of S swaps; `lanes=None` is any order whatever.

    The last of S swaps sums over the S - 1 before it. Doubling, then bisection; reach grows with the number of swaps
    since f may stay where it is.
    """

    def fits(swaps: int) -> bool:
        found = [any_order_reach(swaps - 1)] if lanes is None else reaches(lanes, swaps - 1)
        return all(reach.fits(precision) for reach in found)

    good, bad = 1, 2
    while fits(bad):
        good, bad = bad, bad * 2
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if fits(middle) else (good, middle)
    return good
