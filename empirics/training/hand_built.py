"""Constructions as weights of the models that train: positive controls, and where perturbed training begins.

Every norm of a block divides its input by a length. So embeddings are written twice, with both signs, which makes their mean zero, and
padded to one length, which makes the first norm one factor for all tokens; features are then read by difference. Behind later norms
only ratios of features are used.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from empirics.tasks import Reachability, SwapTracking, Task
from empirics.training.models import Architecture, TokenModel

__all__ = ["reachability", "swap_tracker"]

OPEN = 40.0
"""The logit of an open gate: its sigmoid is 1 - e^-40, which rounds to 1 in float32."""


def _twice(features: Tensor) -> Tensor:
    """Features `(rows, f)` with both signs, `(rows, 2 f)`."""
    return torch.cat([features, -features], 1)


class _Blank:
    """A model of one layer and one head, all weights zero but the norms', on embeddings of features `told`, which are all of one
    length. `seen[i]` reads feature i behind a norm but for its factor, `length` is the first norm's divisor."""

    def __init__(self, kind: str, told: Tensor, task: Task, hidden: int = 0) -> None:
        features = told.shape[1]
        self.model = TokenModel(Architecture(kind, 2 * features, 1, 1, hidden), task.vocabulary, task.classes)
        self.block: Any = self.model.blocks[0]
        self.mixer: Any = self.block.mixer
        self.units = torch.eye(features)
        self.seen = _twice(self.units) / 2
        self.length = math.sqrt(float(told[0].square().sum()) / features)
        with torch.no_grad():
            for p in self.model.parameters():
                p.zero_()
            for norm in (self.block.before, self.block.between, self.model.norm):
                if norm is not None:
                    norm.weight.fill_(1)
            self.model.embedding.weight.copy_(_twice(told))

    def project(self, **maps: slice) -> None:
        """Maps of the mixer that read features of n coordinates; values at their true size, the others are made unit anyway."""
        with torch.no_grad():
            for name, read in maps.items():
                made = self.seen[read] * (self.length if name == "value" else 1)
                getattr(self.mixer, name).weight[: len(made)] = made

    def answer(self, feature: slice) -> None:
        """What the mixer reads is added to these features."""
        with torch.no_grad():
            made = _twice(self.units[feature])
            self.mixer.out.weight[:, : len(made)] = made.T

    def gate(self, feature: int) -> None:
        """The gate is open where this feature is 1, and half open where it is 0."""
        with torch.no_grad():
            self.mixer.beta_gate.weight.copy_(OPEN * self.length * self.seen[feature : feature + 1])


def swap_tracker(task: SwapTracking) -> TokenModel:
    """One layer of "deltaformer-linear" that tracks n slots through swaps, of any number: no weight depends on the length.

    `constructions.deltaformer.swap_tracking` with unit keys: a swap writes and erases with (e_a - e_b) / sqrt 2 and beta = 2, which is
    the same reflection; slot j is written to with e_j, and nothing was there. beta is 2 where the gate is open, at swaps.
    """
    n = task.n
    key, query, value, answer = (slice(i * n, (i + 1) * n) for i in range(4))
    slots, pad = torch.eye(n), 4 * n
    told = torch.zeros(task.vocabulary, pad + 1)
    for j in range(n):
        for x in range(n):
            told[n * j + x, key], told[n * j + x, value] = slots[j], slots[x]
        told[task.first_read + j, query] = slots[j]
    for s, (a, b) in enumerate(task.pairs):
        told[task.first_swap + s, key] = (slots[a] - slots[b]) / math.sqrt(2)
    told[task.first_swap :, pad] = 1  # writes have two unit features, all others one and this
    made = _Blank("deltaformer-linear", told, task)
    made.project(key=key, query=query, value=value)
    made.answer(answer)
    made.gate(pad)
    with torch.no_grad():
        made.model.out.weight.copy_(OPEN * made.seen[answer])
    return made.model


def reachability(task: Reachability) -> TokenModel:
    """One layer of "deltaformer-linear-own" and an MLP that answer whether there is a path, in topological order.

    `constructions.deltaformer.edge_tokens` and `reachability`: coordinate s of what a question about y reads is a sum over the paths
    from s to y, each edge giving a factor 1, or 1 / sqrt 2 into a node told with two parents, as writes have unit length. So it
    is 0 or between `least` and `most`; neuron s opens beyond that, where the question is about s. ValueError for a shuffled order,
    and for random graphs of more names than float32 tells least and most apart for, 20.
    """
    n = task.names
    if task.order != "topological":
        raise ValueError(f"reachability: order = {task.order!r}; one layer reads a graph in topological order")
    if task.family == "random" and n > 20:
        raise ValueError(f"reachability: names = {n} of random graphs; give at most 20")
    branching = 2.0**n if task.family == "random" else 1.0
    least, most = (1.0, branching) if task.tokens == "edges" else (branching**-0.5, branching**0.5)
    key, writer, query, value, source, answer = (slice(i * n, (i + 1) * n) for i in range(6))
    names, (pad, gate, yes) = torch.eye(n), range(6 * n, 6 * n + 3)
    told = torch.zeros(task.vocabulary, 6 * n + 3)
    told[:, gate] = 1
    for token in range(1, task.first_question):
        if task.tokens == "edges":
            x, y = divmod(token - 1, n)
            parents, from_here = [x], x
        else:
            y, which = divmod(token - 1, task.parent_sets)
            parents, from_here = [p for p in task.parents(which) if p < n], y
        told[token, key], told[token, value] = names[y], names[from_here]
        if parents:
            told[token, writer] = -names[parents].sum(0) / math.sqrt(len(parents))
    for x in range(n):
        for y in range(n):
            question = task.first_question + n * x + y
            told[question, source], told[question, query], told[question, pad] = names[x], names[y], 1
    length = 2.0
    free = (length**2 - told.square().sum(1)).clamp(min=0).sqrt()
    told[:, pad] += free  # of padding and of nodes without parents: neither asks
    made = _Blank("deltaformer-linear-own", told, task, hidden=n)
    made.project(key=key, query=query, value=value, writer=writer)
    made.answer(answer)
    made.gate(gate)
    sharp = 12 * (length + most * math.sqrt(n)) / least  # so that half of `least` is 6 behind the longest norm
    opened = made.seen[answer] + most * made.seen[source] - (most + least / 2) * made.seen[pad]
    with torch.no_grad():
        made.block.inner.weight.copy_(sharp * opened)
        made.block.outer.weight.copy_(_twice(made.units[yes : yes + 1]).T.expand(-1, n))
        made.model.out.weight.copy_(torch.stack([made.seen[pad], made.seen[yes]]))
    return made.model
