"""Span by storage region: the depth of what a tensor shows is that of the writes its own elements came from.

Every operation is an event: its depth is the largest among the events it read, plus its span. A storage is a base event, which
made it as a whole, and later writes, each to a box: the addresses lo + sum_k i_k stride_k, 0 <= i_k < size_k, in bytes. A read
goes from the latest write back: a write that meets the box read counts, one that covers it ends the search. So a loop that writes
o[t] is not serialised, and reading row t sees row t's depth.

Meeting is decided exactly, by a bounded search for a common address (after `_STEPS` steps it is taken to meet). Covering is a
sufficient test, by one write alone: several writes over an older, deeper one do not hide it from a read across them. Either way
the span can only come out too long.

Nothing of a storage's size is allocated: a storage costs its boxes, and a box written again replaces the old one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from empirics.cost.rules.model import Terms
from theory.cost.amounts import ceil_log2

__all__ = ["SOURCE", "Box", "Depths", "box_of", "covers", "depth", "meets"]

SOURCE = 0  # the event of what was there before: depth 0
_STEPS = 4096


def depth(terms: Terms) -> int:
    """The number a span comes to."""
    total: Any = 0
    for coefficient, sizes in terms:
        for n in sizes:
            coefficient = coefficient * ceil_log2(n)
        total += coefficient
    return int(total)


class Box(NamedTuple):
    """Addresses lo + sum_k i_k stride_k; `dims` are (stride, size), largest stride first; `last` is the largest address."""

    lo: int
    last: int
    dims: tuple[tuple[int, int], ...]


@lru_cache(maxsize=4096)
def _dims(sizes: tuple[int, ...], strides: tuple[int, ...], width: int) -> tuple[tuple[int, int], ...]:
    """Dimensions in bytes, broadcast and single ones dropped, neighbours joined where they are one run."""
    inner = (1, width)
    joined: list[tuple[int, int]] = []
    for stride, size in [*sorted((s * width, n) for n, s in zip(sizes, strides, strict=True) if n > 1 and s > 0)]:
        if stride == inner[0] * inner[1]:
            inner = (inner[0], inner[1] * size)
        else:
            joined.append(inner)
            inner = (stride, size)
    joined.append(inner)
    return tuple(reversed(joined))


def box_of(x: Any) -> Box:
    """The box of a tensor with at least one element."""
    width = x.element_size()
    dims = _dims(tuple(x.shape), x.stride(), width)
    lo = x.storage_offset() * width
    return Box(lo, lo + sum(stride * (size - 1) for stride, size in dims), dims)


@lru_cache(maxsize=65536)
def _meet(a: tuple[tuple[int, int], ...], b: tuple[tuple[int, int], ...], between: int) -> bool:
    """Whether sum i_k a_k - sum j_k b_k = between has a solution."""
    ranges: dict[int, tuple[int, int]] = {}
    for stride, size in a:
        low, high = ranges.get(stride, (0, 0))
        ranges[stride] = low, high + size - 1
    for stride, size in b:
        low, high = ranges.get(stride, (0, 0))
        ranges[stride] = low - size + 1, high
    order = sorted(ranges, reverse=True)
    reach = [(0, 0)]
    for stride in reversed(order):
        low, high = ranges[stride]
        reach.append((reach[-1][0] + stride * low, reach[-1][1] + stride * high))
    reach.reverse()  # reach[i]: the sums that strides order[i:] can make lie between
    stack, steps = [(0, between)], 0
    while stack:
        i, left = stack.pop()
        steps += 1
        if steps > _STEPS:
            return True
        if i == len(order):
            if left == 0:
                return True
            continue
        stride, (low, high), (least, most) = order[i], ranges[order[i]], reach[i + 1]
        first = max(low, -((most - left) // stride))  # stride * x >= left - most
        last = min(high, (left - least) // stride)
        stack.extend((i + 1, left - stride * x) for x in range(first, min(last, first + _STEPS) + 1))
    return False


def meets(a: Box, b: Box) -> bool:
    """Whether two boxes share an address."""
    if a.last < b.lo or b.last < a.lo:
        return False
    if len(a.dims) == 1 and len(b.dims) == 1 and a.dims[0][0] == 1 and b.dims[0][0] == 1:
        return True
    return _meet(a.dims, b.dims, b.lo - a.lo)


def covers(a: Box, b: Box) -> bool:
    """Whether every address of b is one of a's; False also where that was not found out.

    Each stride of b is a multiple of the largest stride of a that is not longer; then the digits of b's addresses over a's strides
    stay within a's sizes.
    """
    if b.lo < a.lo or b.last > a.last:
        return False
    left, digits = b.lo - a.lo, []
    for stride, size in a.dims:
        digit = left // stride
        left -= digit * stride
        digits.append(size - 1 - digit)
    if left:
        return False
    for stride, size in b.dims:
        for k, (coarse, _) in enumerate(a.dims):
            if coarse <= stride:
                digits[k] -= (size - 1) * (stride // coarse)
                if stride % coarse:
                    return False
                break
        else:
            return False
    return all(digit >= 0 for digit in digits)


class Depths:
    """Events, and of every storage (by key) the writes that can still be seen, oldest first; a box of None is the whole."""

    def __init__(self) -> None:
        self._sites: list[Any] = [None]
        self._spans: list[tuple[Terms, Terms]] = [((), ())]
        self._depths: list[tuple[int, int]] = [(0, 0)]
        self._before: list[tuple[int, int]] = [(SOURCE, SOURCE)]
        self._writes: dict[int, int | list[tuple[Box | None, int]]] = {}

    def event(self, reads: list[int], site: Any, span: Terms, threshold: Terms, lengths: tuple[int, int]) -> int:
        """A new event that read these; span under v1 and under v1-threshold, and what they come to."""
        depths, first, second = self._depths, SOURCE, SOURCE
        deepest, deepest_threshold = 0, 0
        for e in reads:
            d, t = depths[e]
            if d > deepest:
                first, deepest = e, d
            if t > deepest_threshold:
                second, deepest_threshold = e, t
        depths.append((deepest + lengths[0], deepest_threshold + lengths[1]))
        self._before.append((first, second))
        self._sites.append(site)
        self._spans.append((span, threshold))
        return len(depths) - 1

    def made(self, key: int, event: int) -> None:
        """A storage came to be, as a whole."""
        self._writes[key] = event

    def forget(self, key: int) -> None:
        """A storage is gone."""
        self._writes.pop(key, None)

    def read(self, key: int, x: Any, into: list[int]) -> None:
        """Append the events that what x shows came from."""
        writes = self._writes.get(key, SOURCE)
        if isinstance(writes, int):
            if writes != SOURCE:
                into.append(writes)
            return
        if x.numel() == 0:
            return
        box = box_of(x)
        for written, event in reversed(writes):
            if written is None:
                into.append(event)
                return
            if meets(written, box):
                into.append(event)
                if covers(written, box):
                    return

    def write(self, key: int, x: Any, event: int) -> None:
        """The elements that x shows were written."""
        size = x.numel()
        if size == 0:
            return
        if size * x.element_size() == x.untyped_storage().nbytes() and x.is_contiguous():
            self._writes[key] = event
            return
        writes = self._writes.get(key, SOURCE)
        if isinstance(writes, int):
            writes = [(None, writes)]
        box = box_of(x)
        kept: list[tuple[Box | None, int]] = [w for w in writes if w[0] is None or not covers(box, w[0])]
        kept.append((box, event))
        self._writes[key] = kept

    def longest(self, events: list[int], threshold: bool) -> list[tuple[Any, Terms]]:
        """(site, span) of every event on one longest path to any of these, first to last; the first such event among equals."""
        model = int(threshold)
        at = SOURCE
        for e in events:
            if self._depths[e][model] > self._depths[at][model]:
                at = e
        path = []
        while at != SOURCE:
            path.append((self._sites[at], self._spans[at][model]))
            at = self._before[at][model]
        return path[::-1]
