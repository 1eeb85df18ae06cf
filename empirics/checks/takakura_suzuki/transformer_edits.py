"""Plans, laws and targets with one thing changed, for controls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from constructions.takakura_suzuki.target import Index, Target, below, spread
from constructions.takakura_suzuki.transformer import Plan
from theory.takakura_suzuki import network_laws
from theory.takakura_suzuki.smoothness import Smoothness


class Inclusive(Plan):
    """Orders up to T included."""

    @cached_property
    def kept(self) -> list[Index]:
        return below(self.smoothness, self.T + Fraction(1, 1000))


class ShortPlan(Plan):
    """A logistic step missing."""

    @cached_property
    def depths(self) -> network_laws.Depths:
        made = Plan(self.smoothness, self.T).depths
        return replace(made, steps=made.steps - 1)


class DeepPlan(Plan):
    """A logistic step and four levels more."""

    @cached_property
    def depths(self) -> network_laws.Depths:
        made = Plan(self.smoothness, self.T).depths
        return replace(made, steps=made.steps + 1, levels=made.levels + 4)


class FoldedPlan(Plan):
    """A fold more."""

    @cached_property
    def depths(self) -> network_laws.Depths:
        made = Plan(self.smoothness, self.T).depths
        return replace(made, folds=made.folds + 1)


class HotPlan(Plan):
    """Sixteen times the share of the attention left to wrong offsets."""

    @cached_property
    def attention_error(self) -> Fraction:
        return 16 * Plan(self.smoothness, self.T).attention_error


def products_for_free(indices: Iterable[Sequence[int]], depths: network_laws.Depths) -> network_laws.Size:
    """The law without the stages of products."""
    return network_laws.size(indices, replace(depths, stages=0))


def narrow(indices: Iterable[Sequence[int]], depths: network_laws.Depths) -> network_laws.Size:
    """Two neurons for a wave in place of three."""
    made = network_laws.size(indices, depths)
    return made._replace(width=made.width * 2 // 3)


def reordered(indices: Iterable[Sequence[int]], depths: network_laws.Depths) -> network_laws.Size:
    """The same law on the indices backwards."""
    return network_laws.size(list(indices)[::-1], depths)


class _Scaled:
    """Coefficients without the check at the door."""

    def __init__(self, smoothness: Smoothness, coefficients: dict[Index, Any]) -> None:
        self.smoothness, self.coefficients = smoothness, coefficients


def too_large(smoothness: Smoothness, T: int, seed: int) -> Any:
    """Eight times a target of the sphere."""
    return _Scaled(smoothness, {index: 8 * c for index, c in spread(smoothness, T, seed).coefficients.items()})


def negated(smoothness: Smoothness, T: int, seed: int) -> Target:
    """-f."""
    return Target(smoothness, {index: -c for index, c in spread(smoothness, T, seed).coefficients.items()})
