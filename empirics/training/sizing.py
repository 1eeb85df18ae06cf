"""Equal parameters: the widths for which a kind of model spends a number of parameters, solved by counting and not by formulas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import torch

from constructions.layers.shapes import check_positive
from empirics.training.models import MODELS, Architecture, TokenModel

__all__ = ["parameters", "sized"]


@cache
def parameters(architecture: Architecture, vocabulary: int, classes: int) -> int:
    """How many there are, counted on a model without storage."""
    with torch.device("meta"):
        return sum(p.numel() for p in TokenModel(architecture, vocabulary, classes).parameters())


def _greatest(fits: Callable[[int], bool]) -> int:
    """The greatest n >= 0 that fits, for a property that ends somewhere; -1 where 0 does not."""
    if not fits(0):
        return -1
    high = 1
    while fits(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def sized(
    kind: str,
    budget: int,
    vocabulary: int,
    classes: int,
    *,
    layers: int = 1,
    heads: int = 2,
    longest: int = 256,
    expansion: int = 2,
) -> Architecture:
    """The architecture of at most `budget` parameters: the greatest width, a multiple of 2 heads, with MLPs `expansion` times as wide;
    then the widest MLPs that still fit. Pointer layers, whose MLPs are multiples of the width: of expansions up to four times this
    one, each with its greatest width, the one that spends most.

    Otherwise what is left over is less than one more neuron in every MLP costs. ValueError for a budget that not even the least
    width fits.
    """
    check_positive("sized", budget=budget, layers=layers, heads=heads, longest=longest, expansion=expansion)
    step = 2 * heads
    least = Architecture(kind, step, heads, layers, expansion * step, longest)

    def wide(more: int, times: int) -> Architecture:
        width = step * (1 + more)
        return replace(least, width=width, hidden=times * width)

    def spent(architecture: Architecture) -> int:
        return parameters(architecture, vocabulary, classes)

    def greatest(times: int) -> Architecture:
        return wide(max(_greatest(lambda more: spent(wide(more, times)) <= budget), 0), times)

    if spent(least) > budget:
        raise ValueError(f"sized: budget = {budget}; the least {kind} here has {spent(least)} parameters, give as many")
    best = greatest(expansion)
    if MODELS[kind].whole:
        every = [best, *map(greatest, range(1, 4 * expansion + 1))]
        return max((made for made in every if spent(made) <= budget), key=spent)
    more = _greatest(lambda n: spent(replace(best, hidden=best.hidden + n)) <= budget)
    return replace(best, hidden=best.hidden + more)
