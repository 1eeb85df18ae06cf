"""Constructions as weights of the models that train: positive controls, and where perturbed training begins.

Every norm of a block divides its input by a length. So embeddings are written twice, with both signs, which makes their mean zero, and
padded to one length, which makes the norm one factor for all tokens; features are then read by difference. The features of a token, n
coordinates each: key, query, value, answer; and one that pads and opens gates.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from empirics.tasks import SwapTracking
from empirics.training.models import Architecture, TokenModel

__all__ = ["swap_tracker"]

OPEN = 40.0
"""The logit of an open gate: its sigmoid is 1 - e^-40, which rounds to 1 in float32."""


def _twice(features: Tensor) -> Tensor:
    """Features `(rows, f)` with both signs, `(rows, 2 f)`."""
    return torch.cat([features, -features], 1)


def swap_tracker(task: SwapTracking) -> TokenModel:
    """One layer of "deltaformer-linear" that tracks n slots through swaps, of any number: no weight depends on the length.

    `constructions.deltaformer.swap_tracking` with unit keys: a swap writes and erases with (e_a - e_b) / sqrt 2 and beta = 2, which is
    the same reflection; slot j is written to with e_j, and nothing was there. beta is 2 where the gate is open, at swaps, and 1
    where its logit is 0.
    """
    n = task.n
    slots, features = torch.eye(n), 4 * n + 1
    key, query, value, answer, pad = (slice(i * n, (i + 1) * n) for i in range(5))
    told = torch.zeros(task.vocabulary, features)
    for j in range(n):
        for x in range(n):
            told[n * j + x, key], told[n * j + x, value] = slots[j], slots[x]
        told[task.first_read + j, query] = slots[j]
    for s, (a, b) in enumerate(task.pairs):
        told[task.first_swap + s, key] = (slots[a] - slots[b]) / math.sqrt(2)
    told[task.first_swap :, pad] = 1  # writes have two unit features, all others one and this
    model = TokenModel(Architecture("deltaformer-linear", 2 * features, 1, 1, 0), task.vocabulary, task.classes)
    block: Any = model.blocks[0]
    with torch.no_grad():
        for p in model.parameters():
            p.zero_()
        for norm in (block.before, model.norm):
            norm.weight.fill_(1)
        model.embedding.weight.copy_(_twice(told))
        seen = _twice(torch.eye(features)) / 2  # from a feature written twice to the feature
        length = math.sqrt(
            2 * 2 / (2 * features)
        )  # what the norm divides by: the root of the mean square, 2 * 2 of 2 f
        mixer = block.mixer
        mixer.key.weight[:n], mixer.query.weight[:n] = seen[key], seen[query]
        mixer.value.weight[:n] = length * seen[value]
        mixer.beta_gate.weight.copy_(OPEN * length * seen[pad])
        mixer.out.weight[:, :n] = _twice(torch.eye(features)[answer]).T
        model.out.weight.copy_(OPEN * seen[answer])
    return model
