"""Gadgets with one thing changed, for controls: a level, a step or a fold missing, a sign dropped, a factor left out."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from constructions.takakura_suzuki.gadgets import (
    HALF,
    folded,
    half_turn_cosine,
    logistic,
    product,
    square,
    wave,
    waves,
)
from constructions.takakura_suzuki.network import Gadget, together


def short_square(t: Any, levels: int) -> Gadget:
    """A sawtooth level missing."""
    return (yield from square(t, levels - 1)) if levels > 2 else (yield from _tooth(t))


def _tooth(t: Any) -> Gadget:
    low, high = yield [t, t - HALF]
    return HALF * low + high


def wrong_teeth(t: Any, levels: int) -> Gadget:
    """Powers of 1/3 in place of 1/4."""
    low, high = yield [t, t - HALF]
    total, tooth = low - (2 * low - 4 * high) * Fraction(1, 3), 2 * low - 4 * high
    for level in range(2, levels + 1):
        low, high, kept = yield [tooth, tooth - HALF, total]
        tooth = 2 * low - 4 * high
        total = kept - Fraction(1, 3**level) * tooth
    return total


def short_fold(t: Any, times: int) -> Gadget:
    """A fold missing."""
    return (yield from folded(t, times - 1))


def folded_early(t: Any, times: int) -> Gadget:
    """Twice the number, a fold less: beyond 1 it is not folded."""
    return (yield from folded(2 * t, times - 1))


def folded_deeper(t: Any, times: int) -> Gadget:
    """Half the number and a fold more."""
    return (yield from folded(HALF * t, times + 1))


def short_cosine(z: Any, steps: int, levels: int) -> Gadget:
    """A logistic step missing, with the constant that belongs to one fewer."""
    if steps > 1:
        return (yield from half_turn_cosine(z, steps - 1, levels))
    return 1 - Fraction(247, 50) * (yield from square(z, levels))


def coarse_cosine(z: Any, steps: int, levels: int) -> Gadget:
    """Two sawtooth levels missing in each squaring."""
    return (yield from half_turn_cosine(z, steps, max(levels - 2, 3)))


def rough_pi(z: Any, steps: int, levels: int) -> Gadget:
    """3 for pi."""
    w = Fraction(9, 4 ** (steps + 1)) * (yield from square(z, levels))
    for _ in range(steps):
        w = yield from logistic(w, levels)
    return 1 - 2 * w


def mirrored_cosine(z: Any, steps: int, levels: int) -> Gadget:
    """-cos(pi (1 - z))."""
    return -1 * (yield from half_turn_cosine(1 - z, steps, levels))


def always_cosine(x: Any, frequency: int, folds: int, steps: int, levels: int) -> Gadget:
    """Sines taken for cosines."""
    return (yield from wave(x, -abs(frequency), folds, steps, levels))


def short_wave(x: Any, frequency: int, folds: int, steps: int, levels: int) -> Gadget:
    """A logistic step missing."""
    return (yield from wave(x, frequency, folds, steps - 1, levels))


def thin_wave(x: Any, frequency: int, folds: int, steps: int, levels: int) -> Gadget:
    """A sawtooth level more than asked for."""
    return (yield from wave(x, frequency, folds, steps, levels + 1))


def deeper_wave(x: Any, frequency: int, folds: int, steps: int, levels: int) -> Gadget:
    """A fold more."""
    return (yield from wave(x, frequency, folds + 1, steps, levels))


def reflected_wave(x: Any, frequency: int, folds: int, steps: int, levels: int) -> Gadget:
    """Zero added to the input."""
    return (yield from wave(x + 0, frequency, folds, steps, levels))


def steep_wave(x: Any, frequency: int, folds: int, steps: int, levels: int) -> Gadget:
    """The last fold's two neurons scaled up by 8 and read scaled down: the same number, larger weights."""
    k, shift = abs(frequency), Fraction(3, 4) if frequency > 0 else Fraction(0)
    t = yield from folded(Fraction(k, 2**folds) * x + shift / 2**folds, folds)
    low, high = yield [8 * t, 8 * (t - HALF)]
    return (yield from half_turn_cosine(Fraction(1, 4) * low - HALF * high, steps, levels))


def short_product(u: Any, v: Any, levels: int) -> Gadget:
    """A sawtooth level missing in both squarings."""
    a, b, c, d = yield [HALF * (u + v), HALF * (-1 * u - v), HALF * (u - v), HALF * (v - u)]
    one, two = yield from together([short_square(a + b, levels), short_square(c + d, levels)])
    return one - two


def half_product(u: Any, v: Any, levels: int) -> Gadget:
    """The second square left out."""
    a, b = yield [HALF * (u + v), HALF * (-1 * u - v)]
    return (yield from square(a + b, levels))


def swapped_product(u: Any, v: Any, levels: int) -> Gadget:
    """v u."""
    return (yield from product(v, u, levels))


def factor_dropped(
    x: Sequence[Any], frequencies: Sequence[int], folds: int, steps: int, levels: int, product_levels: int
) -> Gadget:
    """Each factor's frequency taken to be the first's."""
    return (yield from waves(x, [frequencies[0]] * len(frequencies), folds, steps, levels, product_levels))


def short_tree(
    x: Sequence[Any], frequencies: Sequence[int], folds: int, steps: int, levels: int, product_levels: int
) -> Gadget:
    """A logistic step missing in every wave."""
    return (yield from waves(x, frequencies, folds, steps - 1, levels, product_levels))


def reversed_tree(
    x: Sequence[Any], frequencies: Sequence[int], folds: int, steps: int, levels: int, product_levels: int
) -> Gadget:
    """The factors from last to first."""
    return (yield from waves(list(x)[::-1], list(frequencies)[::-1], folds, steps, levels, product_levels))
