"""Small Pointer models trained on copying, so that a reading has something true to find.

The first `distance` tokens of a sequence are independent and uniform, every later one is the token `distance` before it: who has
seen i >= distance - 1 tokens knows the next, and points from i to i + 1 - distance. With one distance for all sequences a pointer may
go by position, from the second layer on, since the keys of the first hold none. With a distance drawn for each sequence from low..high
it must go by content: find the token before, then an earlier place whose token before was the same (induction), one layer more.

How the argmax is trained: "straight-through" and "soft" are the layer's own; "annealed" is soft with a temperature that falls
geometrically from 1 to 1/32 over the second half, so that the weights become those of the argmax before it replaces them. Whatever
the training, the accuracy that counts is the hard one. "attention" is trained like soft and keeps its weights: softmax attention of
the same scores with the same parameters, what hard pointers are measured against. Source: derived here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from constructions.layers.pointer import PointerBlock, PointerModel
from constructions.layers.shapes import check_positive, choose
from empirics.tasks.copying import copy_tokens
from empirics.threads import one_thread

__all__ = ["TRAININGS", "History", "Trained", "accuracy", "train"]

TRAININGS = ("straight-through", "soft", "annealed", "attention")
COLDEST = 1 / 32


@dataclass(frozen=True)
class History:
    """Loss of every step, in nats a token that can be known; the final accuracy on new sequences with hard pointers and with softmax
    weights, and that of guessing."""

    losses: tuple[float, ...]
    hard: float
    soft: float
    guess: float


@dataclass(frozen=True)
class Trained:
    """A model, set to point hard ("attention": softly), and what happened; `tokens` are new sequences to read it on."""

    model: PointerModel
    history: History
    tokens: Tensor


@one_thread()
def train(
    seed: int = 0,
    steps: int = 1000,
    candidates: Any = None,
    distance: int | tuple[int, int] = 4,
    width: int = 32,
    layers: int = 2,
    training: str = "straight-through",
    *,
    length: int = 24,
    batch: int = 32,
    vocabulary: int = 8,
    rate: float = 3e-3,
    **options: Any,
) -> Trained:
    """A `PointerModel` after so many steps of Adam, in one thread of the CPU, everything random from the seed, so that the same seed
    gives the same model. The loss is that of the next token.

    candidates and options: of the blocks, whose scores are scaled unless said: else the softmax is one weight before it has learnt
    where, and its gradient vanishes. ValueError for sizes that are not positive, an unknown training, and a distance that is none
    or leaves nothing to copy.
    """
    check_positive("train", steps=steps, length=length, batch=batch, vocabulary=vocabulary)
    choose("train", "training", training, TRAININGS)
    low, high = (distance, distance) if isinstance(distance, int) else distance
    if not 1 <= low <= high < length:
        raise ValueError(f"train: distance = {distance!r}; give one from 1 to {length - 1}, or two, the smaller first")
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        mode = "straight-through" if training == "straight-through" else "soft"
        model = PointerModel(vocabulary, width, layers, candidates, training=mode, **{"score": "scaled", **options})
    optimiser = torch.optim.Adam(model.parameters(), lr=rate)
    losses = []
    for step in range(steps):
        if training == "annealed":
            _temper(model, COLDEST ** max(0.0, 2 * step / steps - 1))
        tokens, known = copy_tokens(batch, length, vocabulary, distance, generator)
        loss = _loss(model(tokens), tokens, known)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        losses.append(loss.item())
    tokens, known = copy_tokens(8 * batch, length, vocabulary, distance, generator)
    soft = accuracy(_pointing(model, "soft"), tokens, known)
    hard = accuracy(_pointing(model, "hard"), tokens, known)
    if training == "attention":
        _pointing(model, "soft")
    return Trained(model, History(tuple(losses), hard, soft, 1 / vocabulary), tokens[:batch])


def accuracy(model: PointerModel, tokens: Tensor, known: Tensor) -> float:
    """The share of next tokens, among the known ones, that have the largest logit."""
    with torch.no_grad():
        right = model(tokens)[:, :-1].argmax(-1) == tokens[:, 1:]
    return float(right[known].double().mean())


def _loss(logits: Tensor, tokens: Tensor, known: Tensor) -> Tensor:
    return torch.nn.functional.cross_entropy(logits[:, :-1][known], tokens[:, 1:][known])


def _blocks(model: PointerModel) -> list[PointerBlock]:
    return [block for block in model.blocks if isinstance(block, PointerBlock)]


def _temper(model: PointerModel, temperature: float) -> None:
    for block in _blocks(model):
        block.temperature = temperature


def _pointing(model: PointerModel, mode: str) -> PointerModel:
    for block in _blocks(model):
        block.training_mode = mode
    return model
