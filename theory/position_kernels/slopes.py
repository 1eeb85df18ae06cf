"""The head slopes that ALiBi releases, exactly, and T5's buckets as integer distances.

Slopes of n heads, n a power of two: 2^{-8 k / n}, k = 1..n. Otherwise those of the power of two below, m, then every second one of
2 m, k = 1, 3, 5, ..., until there are n. Source: Press et al. 2022, as their public code does it.

Buckets, causal, of `count` in all up to `farthest`: d itself below count / 2 = e; from there on
e + floor(log(d / e) / log(farthest / e) (count - e)), at most count - 1. In integers: bucket e + k begins at the least d with
(d / e)^(count - e) >= (farthest / e)^k, so no logarithm is rounded. Source: Raffel et al., arXiv 1910.10683, as public code does it.
"""

from __future__ import annotations

from fractions import Fraction

from theory.position_kernels.arithmetic import Root

__all__ = ["bucket_starts", "released_slopes"]


def released_slopes(heads: int) -> tuple[Root, ...]:
    """One slope a head. ValueError unless heads is a positive integer."""
    if isinstance(heads, bool) or not isinstance(heads, int) or heads < 1:
        raise ValueError(f"heads = {heads!r}; give a positive integer")
    below = 1 << (heads.bit_length() - 1)
    found = [Root(Fraction(8 * k, below)) for k in range(1, below + 1)]
    return tuple(found + [Root(Fraction(4 * k, below)) for k in range(1, 2 * (heads - below), 2)])


def bucket_starts(count: int = 32, farthest: int = 128) -> tuple[int, ...]:
    """The distance at which each bucket begins, that of the next where it is empty; O(count log farthest) comparisons.

    ValueError unless count is even, at least 2, and farthest > count / 2.
    """
    if count < 2 or count % 2 or farthest <= count // 2:
        raise ValueError(
            f"buckets: count = {count}, farthest = {farthest}; give an even count and farthest > count / 2"
        )
    exact = count // 2
    starts = list(range(exact))
    for k in range(exact):
        low, high = exact, farthest
        while low < high:
            middle = (low + high) // 2
            if middle**exact >= farthest**k * exact ** (exact - k):
                high = middle
            else:
                low = middle + 1
        starts.append(low)
    return tuple(starts)
