"""Constructions for copy, recall and passkey as weights of the models that train: positive controls of distance and extrapolation.

    copier           copy at one distance, one layer of softmax attention: a query of position t + 1 - D, from a table of positions
    turned_copier    the same by rotary angles, which know no greatest length
    recaller         recall, two layers: a value learns which token came before it, a query finds the value that came after its key
    memory_finder    a passkey of one digit by Infini-attention: one head for the open segment, one for the memory of all before
    pointing_finder  the same by one Pointer layer

Embeddings are written twice, with both signs, and have one length, so that a norm is one factor; see `hand_built`. Scores are `SHARP`
apart, so that of n tokens those not meant weigh n e^-SHARP together, below a rounding of float32. Derived here.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from constructions.layers.pointer.candidates import Window
from constructions.layers.position_kernels import Rotary
from empirics.tasks import Copying, Passkey, Recall
from empirics.tasks.passkey import DIGITS
from empirics.training.models import Architecture, TokenModel

__all__ = ["OPEN", "SHARP", "copier", "memory_finder", "pointing_finder", "recaller", "turned_copier"]

SHARP = 60.0
OPEN = 40.0
"""A gate's logit: sigmoid(OPEN) is 1 in float32 and sigmoid(-OPEN) a factor below a rounding. Also what an answer is told by."""


def _twice(features: Tensor) -> Tensor:
    return torch.cat([features, -features], 1)


class _Written:
    """A model of all weights zero but the norms', on embeddings of features `told (vocabulary, f)`; `reading[i]` reads feature i and
    `units[i]` is a vector that writes it. A norm divides features of squared length n by `norm(n)`."""

    def __init__(self, kind: str, told: Tensor, classes: int, *, heads: int = 1, layers: int = 1, longest: int = 1):
        self.features = told.shape[1]
        shape = Architecture(kind, 2 * self.features, heads, layers, 0, longest)
        self.model = TokenModel(shape, len(told), classes)
        units = torch.eye(self.features)
        self.reading, self.units = _twice(units) / 2, _twice(units)
        with torch.no_grad():
            for part in self.model.modules():
                for p in part.parameters(recurse=False):
                    p.fill_(1.0 if isinstance(part, nn.LayerNorm) and p is part.weight else 0.0)
            self.model.embedding.weight.copy_(_twice(told))

    def norm(self, squared: float) -> float:
        return math.sqrt(squared / self.features)

    def mixer(self, layer: int = 0) -> Any:
        """The mixer of a layer, or its Pointer block."""
        block: Any = self.model.blocks[layer]
        return block.block if hasattr(block, "block") else block.mixer

    def answer(self, answers: slice) -> TokenModel:
        """The answer is the greatest of these features."""
        with torch.no_grad():
            self.model.out.weight.copy_(OPEN * self.reading[answers])
        return self.model

    def places(self, first: int) -> None:
        """The table of positions: position t has feature first + t."""
        assert self.model.positions is not None
        with torch.no_grad():
            count = len(self.model.positions.weight)
            self.model.positions.weight.copy_(self.units[first : first + count])


def _one_distance(task: Copying, longest: int) -> int:
    if task.low != task.high:
        raise ValueError(
            f"copier: distances {task.low} to {task.high}; by position one distance is copied, give low = high"
        )
    if longest < task.shortest:
        raise ValueError(f"copier: longest = {longest}; give more tokens than the distance {task.low}")
    return task.low


def copier(task: Copying, longest: int) -> TokenModel:
    """A "transformer-learned" of one layer that copies, on sequences up to `longest` tokens. ValueError for several distances, or one
    that no sequence is long enough for."""
    distance, n = _one_distance(task, longest), task.symbols
    token, answer, first = slice(0, n), slice(n, 2 * n), 2 * n
    made = _Written("transformer-learned", torch.eye(n, 2 * n + longest), n, longest=longest)
    made.places(first)
    mixer, norm = made.mixer(), made.norm(2)
    with torch.no_grad():
        sharp = SHARP * norm**2 * math.sqrt(2 * made.features)
        back = longest - distance + 1
        mixer.query.weight[:back] = sharp * made.reading[first + distance - 1 :]
        mixer.key.weight[:longest] = made.reading[first:]
        mixer.value.weight[:n] = norm * made.reading[token]
        mixer.out.weight[:, :n] = made.units[answer].T
    return made.answer(answer)


def turned_copier(task: Copying, longest: int) -> TokenModel:
    """A "transformer-rope" of one layer that copies. Its scores depend on the distance alone; `longest` says how sharp they must be.

    All tokens have one key, a 1 in the first coordinate of every pair, and one query, that key turned back by D - 1 positions. So the
    score of distance d is a sum of cos((d - D + 1) w) over the pairs' frequencies w, greatest at d = D - 1 alone.
    ValueError as `copier`.
    """
    distance, n = _one_distance(task, longest), task.symbols
    token, answer, one = slice(0, n), slice(n, 2 * n), 2 * n
    told = torch.eye(n, 2 * n + 1)
    told[:, one] = 1
    made = _Written("transformer-rope", told, n)
    mixer, norm, pairs = made.mixer(), made.norm(2), made.features
    keys = torch.zeros(1, 1, longest + 1, 2 * pairs, dtype=torch.float64)
    keys[..., :pairs] = 1
    turned = Rotary(1).turn(keys, 0)[0, 0]  # row p: the key at position p
    scores = turned[:longest] @ turned[distance - 1]
    best = scores.topk(2).values
    back = turned[distance - 1].clone()
    back[pairs:] *= -1  # the turn backwards
    with torch.no_grad():
        sharp = float(SHARP * norm**2 * math.sqrt(2 * pairs) / (best[0] - best[1]))
        mixer.query.weight.copy_(sharp * back.float()[:, None] * made.reading[one])
        mixer.key.weight[:pairs] = made.reading[one]
        mixer.value.weight[:n] = norm * made.reading[token]
        mixer.out.weight[:, :n] = made.units[answer].T
    return made.answer(answer)


def recaller(task: Recall, longest: int) -> TokenModel:
    """A "transformer-learned" of two layers that recalls, on sequences up to `longest` tokens. ValueError for less than 3.

    The first layer attends to the token before and writes it beside the token's own. In the second a key that is asked for scores 2 at
    the value it came before, 1 at other values, and at most 0 at keys, so that a key asked for twice is not found at itself.
    """
    if longest < task.shortest:
        raise ValueError(f"recaller: longest = {longest}; a recall has at least {task.shortest} tokens")
    n, keys = task.vocabulary, task.keys
    token, before, answer = slice(0, n), slice(n, 2 * n), slice(2 * n, 2 * n + task.values)
    kind, first = 2 * n + task.values, 2 * n + task.values + 1
    told = torch.eye(n, first + longest)
    told[:, kind] = torch.where(torch.arange(n) < keys, -1.0, 1.0)
    made = _Written("transformer-learned", told, task.classes, layers=2, longest=longest)
    made.places(first)
    scale = math.sqrt(2 * made.features)
    one, two = made.mixer(0), made.mixer(1)
    with torch.no_grad():
        norm = made.norm(3)  # token, kind, place
        one.query.weight[: longest - 1] = SHARP * norm**2 * scale * made.reading[first + 1 :]
        one.key.weight[:longest] = made.reading[first:]
        one.value.weight[:n] = norm * made.reading[token]
        one.out.weight[:, :n] = made.units[before].T
        norm = made.norm(4)  # and the token before
        two.query.weight[:keys] = SHARP * norm**2 * scale * made.reading[:keys]
        two.query.weight[keys] = -SHARP * norm**2 * scale * made.reading[kind]
        two.key.weight[:keys] = made.reading[before][:keys]
        two.key.weight[keys] = made.reading[kind]
        two.value.weight[: task.values] = norm * made.reading[keys:n]
        two.out.weight[:, : task.values] = made.units[answer].T
    return made.answer(answer)


def _one_digit(task: Passkey) -> Tensor:
    """Features of tokens: themselves; whether it is a digit, by the sign; room for the answer."""
    if task.size != 1:
        raise ValueError(f"passkey: size = {task.size}; these weights find one digit, give size 1")
    n = task.vocabulary
    told = torch.eye(n, n + 2 + DIGITS)
    told[:, n] = torch.where(torch.arange(n) < DIGITS, 1.0, -1.0)
    told[:, n + 1] = 1
    return told


def memory_finder(task: Passkey) -> TokenModel:
    """An "infini" of one layer and two heads, the gate of the first shut and that of the second open; no weight depends on the length.

    A key's first channel has pre-activation 0 at a digit and -2 OPEN elsewhere, so the feature 1 or e^-80, and a query's is 0 there
    and -2 OPEN in the others: what the memory is asked for is the digit, and what is no digit has value 0.
    ValueError for a key of several digits, whose order one layer does not know.
    """
    told = _one_digit(task)
    n, digits, one = task.vocabulary, slice(0, DIGITS), task.vocabulary + 1
    answer = slice(n + 2, n + 2 + DIGITS)
    made = _Written("infini", told, DIGITS, heads=2)
    mixer, norm, d = made.mixer(), made.norm(3), made.features
    digit, always = norm * made.reading[n], norm * made.reading[one]
    with torch.no_grad():
        mixer.beta.copy_(torch.tensor([-OPEN, OPEN]))
        mixer.query.weight[0] = SHARP * math.sqrt(d) * always
        mixer.key.weight[0] = digit
        mixer.query.weight[d + 1 :] = -2 * OPEN * always
        mixer.key.weight[d] = OPEN * (digit - always)
        for head in range(2):
            mixer.value.weight[head * d : head * d + DIGITS] = norm * made.reading[digits]
            mixer.out.weight[:, head * d : head * d + DIGITS] = made.units[answer].T
    return made.answer(answer)


def pointing_finder(task: Passkey, reach: int | None = None) -> TokenModel:
    """A "pointer" of one layer that points at the digit; reach: among how many of the last tokens, None for all.

    No position is encoded, and what is read is half of the row pointed at, beside the token's own, which is no digit.
    """
    told = _one_digit(task)
    n, one = task.vocabulary, task.vocabulary + 1
    made = _Written("pointer", told, DIGITS)
    block = made.mixer()
    with torch.no_grad():
        block.query.weight[0] = made.reading[one]
        block.key.weight[0] = made.reading[n]
    if reach is not None:
        block.candidates = Window(reach)
    return made.answer(slice(0, DIGITS))
