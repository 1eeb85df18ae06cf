"""Constructions as weights of the models that train: positive controls, and where perturbed training begins.

Every norm of a block divides its input by a length. So embeddings are written twice, with both signs, which makes their mean zero, and
padded to one length, which makes the first norm one factor for all tokens; features are then read by difference. Behind later norms
only ratios of features are used. Keys and writes are made unit by the layer, so none is zero, where the least noise would decide its
direction: tokens that write nothing have a key of their own, at right angles to all others.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from empirics.tasks import Reachability, SwapTracking, Task
from empirics.training.models import Architecture, TokenModel

__all__ = ["constructed", "perturbed", "reachability", "swap_tracker"]

OPEN = 40.0
"""The logit of an open gate: its sigmoid is 1 - e^-40, which rounds to 1 in float32."""


def _twice(features: Tensor) -> Tensor:
    """Features `(rows, f)` with both signs, `(rows, 2 f)`."""
    return torch.cat([features, -features], 1)


def _places(features: slice) -> list[int | None]:
    return list(range(features.start, features.stop))


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

    def project(self, **maps: list[int | None]) -> None:
        """Maps of the mixer: which feature each coordinate is, None for none. Values at their true size, others become unit anyway."""
        with torch.no_grad():
            for name, read in maps.items():
                for coordinate, feature in enumerate(read):
                    if feature is not None:
                        made = self.seen[feature] * (self.length if name == "value" else 1)
                        getattr(self.mixer, name).weight[coordinate] = made

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
    slots, swapping, reading = torch.eye(n), 4 * n, 4 * n + 1
    told = torch.zeros(task.vocabulary, 4 * n + 2)
    for j in range(n):
        for x in range(n):
            told[n * j + x, key], told[n * j + x, value] = slots[j], slots[x]
        told[task.first_read + j, query], told[task.first_read + j, reading] = slots[j], 1
    for s, (a, b) in enumerate(task.pairs):
        told[task.first_swap + s, key], told[task.first_swap + s, swapping] = (slots[a] - slots[b]) / math.sqrt(2), 1
    made = _Blank("deltaformer-linear", told, task)
    made.project(key=[*_places(key), reading], query=_places(query), value=_places(value))
    made.answer(answer)
    made.gate(swapping)
    with torch.no_grad():
        made.model.out.weight.copy_(OPEN * made.seen[answer])
    return made.model


def reachability(task: Reachability) -> TokenModel:
    """One layer of "deltaformer-linear-own" and an MLP that answer whether there is a path, in topological order.

    `constructions.deltaformer.edge_tokens` and `reachability`: coordinate s of what a question about y reads is a sum over the paths
    from s to y, each edge giving a factor 1, or 1 / sqrt 2 into a node told with two parents, as writes have unit length. So it is
    0 or between `least` and `most`; neuron s opens beyond that, where the question is about s. In random graphs the two are 2^n
    apart, so that little noise hides a single path behind many of others; in chains and trees they are 1.

    ValueError for a shuffled order, and for random graphs of more than 20 names, beyond which float32 does not tell the two apart.
    """
    n = task.names
    if task.order != "topological":
        raise ValueError(f"reachability: order = {task.order!r}; one layer reads a graph in topological order")
    if task.family == "random" and n > 20:
        raise ValueError(f"reachability: names = {n} of random graphs; give at most 20")
    branching = 2.0**n if task.family == "random" else 1.0
    least, most = (1.0, branching) if task.tokens == "edges" else (branching**-0.5, branching**0.5)
    key, writer, query, value, source, answer = (slice(i * n, (i + 1) * n) for i in range(6))
    names, (pad, gate, yes, no_key, no_writer) = torch.eye(n), range(6 * n, 6 * n + 5)
    told = torch.zeros(task.vocabulary, 6 * n + 5)
    told[:, gate] = told[:, no_key] = told[:, no_writer] = 1
    for token in range(1, task.first_question):
        if task.tokens == "edges":
            x, y = divmod(token - 1, n)
            parents, from_here = [x], x
        else:
            y, which = divmod(token - 1, task.parent_sets)
            parents, from_here = [p for p in task.parents(which) if p < n], y
        told[token, key], told[token, value], told[token, no_key] = names[y], names[from_here], 0
        if parents:
            told[token, writer], told[token, no_writer] = -names[parents].sum(0) / math.sqrt(len(parents)), 0
    for x in range(n):
        for y in range(n):
            question = task.first_question + n * x + y
            told[question, source], told[question, query], told[question, pad] = names[x], names[y], 1
    length = told[-1].norm().item()  # a question's, the longest
    told[: task.first_question, pad] = (length**2 - told[: task.first_question].square().sum(1)).sqrt()
    made = _Blank("deltaformer-linear-own", told, task, hidden=n)
    made.project(
        key=[*_places(key), no_key],
        writer=[*_places(writer), None, no_writer],
        query=_places(query),
        value=_places(value),
    )
    made.answer(answer)
    made.gate(gate)
    sharp = 12 * (length + most * math.sqrt(n)) / least  # so that half of `least` is 6 behind the longest norm
    opened = made.seen[answer] + most * made.seen[source] - (most + least / 2) * made.seen[pad]
    with torch.no_grad():
        made.block.inner.weight.copy_(sharp * opened)
        made.block.outer.weight.copy_(_twice(made.units[yes : yes + 1]).T.expand(-1, n))
        made.model.out.weight.copy_(torch.stack([made.seen[pad], made.seen[yes]]))
    return made.model


def constructed(task: Task) -> TokenModel:
    """The construction for a task. ValueError where there is none."""
    if isinstance(task, SwapTracking):
        return swap_tracker(task)
    if isinstance(task, Reachability):
        return reachability(task)
    raise ValueError(
        f"constructed: no weights are written for {type(task).__name__}; give swap tracking or reachability"
    )


def perturbed(model: TokenModel, noise: float, seed: int) -> TokenModel:
    """The model with Gaussian noise on its weights, in place: `noise` times the root mean square of the parameter it is added to."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in model.parameters():
            p += noise * p.square().mean().sqrt() * torch.randn(p.shape, generator=generator)
    return model
