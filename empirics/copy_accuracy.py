"""How often small models trained on copies copy right, by distance, with exact intervals.

Distances 8, 16, 24, 32 stand to each other as the printed 512, 1024, 1536, 2048 do; a model a distance, trained and tried at it. Items
are independent given the model: one next token of each new sequence. Source: derived here.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import torch

from empirics.pointer_training import Trained, accuracy, train
from empirics.tasks.copying import copy_tokens
from theory.exact_tests import interval
from theory.pointer.printed import COPY_PERCENT

__all__ = ["AFTER", "DISTANCES", "STEPS", "VOCABULARY", "Copied", "copied", "copier", "copies", "printed"]

DISTANCES = (8, 16, 24, 32)
AFTER = 24
"""Tokens of a sequence that are copies."""
ITEMS, GRID = 800, 10_000
STEPS, VOCABULARY = 800, 16


@dataclass(frozen=True)
class Copied:
    """`right` of `items`, and between which probabilities the model's own lies with 95 % confidence (Clopper and Pearson)."""

    model: str
    distance: int
    right: int
    items: int

    @property
    def interval(self) -> tuple[Fraction, Fraction]:
        return interval(self.right, self.items, Fraction(1, 20), GRID)


def printed() -> list[Copied]:
    """The printed percentages as counts of 800, which claim pointer/printed-copy/sample-size is about."""
    return [
        Copied(f"{model}, printed", distance, round(percent.value * ITEMS / 100), ITEMS)
        for model, row in COPY_PERCENT.items()
        for distance, percent in row.items()
    ]


def copied(trained: Trained, model: str, distance: int, items: int = ITEMS, seed: int = 1) -> Copied:
    """A model tried on `items` new sequences, of each on one of the next tokens that can be known, drawn from the seed."""
    generator = torch.Generator().manual_seed(seed)
    vocabulary = trained.model.embedding.num_embeddings
    tokens, known = copy_tokens(items, distance + AFTER, vocabulary, distance, generator)
    chosen = torch.rand(known.shape, generator=generator).masked_fill(~known, -1).argmax(1, keepdim=True)
    one = torch.zeros_like(known).scatter(1, chosen, True)
    return Copied(model, distance, round(accuracy(trained.model, tokens, one) * items), items)


def copier(training: str, distance: int, steps: int = STEPS, seed: int = 0) -> Trained:
    """Two layers of width 32 and one head over all earlier positions, scores scaled, trained to copy one of 16 tokens from a distance;
    some ten seconds."""
    return train(
        seed,
        steps,
        distance=distance,
        width=32,
        layers=2,
        training=training,
        length=distance + AFTER,
        vocabulary=VOCABULARY,
        score="scaled",
    )


def copies(trainings: tuple[str, ...], distances: tuple[int, ...] = DISTANCES, steps: int = STEPS) -> list[Copied]:
    """Such a model for each training, which names it, and distance, all from one seed: an interval says nothing of other seeds."""
    return [
        copied(copier(training, distance, steps), training, distance)
        for training in trainings
        for distance in distances
    ]
