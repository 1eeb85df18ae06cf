"""Copy accuracy counts one known token a sequence: all right for a model that copies, chance for one that copies from elsewhere."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from empirics import copy_accuracy
from theory.exact_tests import rejects
from theory.pointer.printed import COPY_PERCENT


class CopiesFrom(nn.Module):
    """Says that the next token is the one `distance` before it; the first ones are said to be 0."""

    def __init__(self, distance: int, vocabulary: int = copy_accuracy.VOCABULARY) -> None:
        super().__init__()
        self.distance, self.embedding = distance, nn.Embedding(vocabulary, 1)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        said = (torch.arange(tokens.shape[1]) + 1 - self.distance).clamp(min=0)
        return nn.functional.one_hot(tokens[:, said], self.embedding.num_embeddings).double()


def _tried(distance: int) -> copy_accuracy.Copied:
    model: Any = SimpleNamespace(model=CopiesFrom(distance))
    return copy_accuracy.copied(model, "by hand", 8)


def test_a_model_that_copies_is_right_always():
    found = _tried(8)
    assert (found.right, found.items, found.distance) == (800, 800, 8)
    assert found.interval[1] == 1


@pytest.mark.parametrize("distance", [7, 9])
def test_one_token_off_is_a_guess(distance: int):
    found, chance = _tried(distance), Fraction(1, copy_accuracy.VOCABULARY)
    assert not rejects(found.right, found.items, 2 * chance, Fraction(1, 2)), "not more than twice chance"
    low, high = found.interval
    assert low <= Fraction(found.right, found.items) <= high


def test_the_printed_percentages_print_again():
    for item in copy_accuracy.printed():
        percent = COPY_PERCENT[item.model.removesuffix(", printed")][item.distance]
        assert percent.may_be(Fraction(100 * item.right, item.items))


def test_little_training_is_little_better_than_guessing():
    (found,) = copy_accuracy.copies(("straight-through",), (3,), steps=2)
    assert found.items == 800
    assert found.right < 400
