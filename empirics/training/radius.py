"""How far the weights of the swap tracker may be moved before an answer can change: proved by balls, and broken by attack.

The box of radius r: every entry of every parameter moved by at most r times the root mean square of its parameter, each as it likes;
biases of the norms and of the map to the classes, which are zero, stay. Proved is, in real arithmetic, that all answers to all words
that the task may draw (slots written in order, contents a permutation) of at most T tokens are right anywhere in the box (`proved`);
the argument is that of `training/basin/certified-radius`:

    s_t = S_t z, for z the direction in which class c beats class x, is a vector a token moves to M s + k (v . z), M = I - beta k k^T
    |k| = 1 and beta in (0, 2), wherever the weights are: M never lengthens, so errors add up and do not grow
    keys, betas and values depend on the token alone: a ball each over the box, and the error of one step at most over finitely many

`broken` looks for a point of the box and a word that is answered wrong, by gradients. Derived here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from typing import Any

import torch
from flint import arb, arb_mat
from torch import Tensor
from torch.func import functional_call

from empirics.tasks import IGNORE, SwapTracking, generator_of
from empirics.training.models import TokenModel
from theory.deltaformer.margins import ball, precise

__all__ = ["Broken", "broken", "corner", "first_wrong", "proved", "radius_of"]

F = Fraction
Balls = list[arb]
SHORTEST = 1e-9
"""Below, a key may be too short for the layer to make it unit, whose least length is 1e-12."""


class _NoDirectionError(Exception):
    """A key may vanish in the box."""


def _box(p: Tensor, radius: Fraction) -> arb_mat:
    """The entries, as rows, each a ball of radius times the root mean square of them all."""
    rows = [[arb(x) for x in row] for row in p.detach().double().reshape(-1, p.shape[-1]).tolist()]
    square = sum((x * x for row in rows for x in row), arb(0)) / p.numel()
    spread = (ball(radius) * square.sqrt()).upper()
    return arb_mat([[x + arb(0, spread) for x in row] for row in rows])


def _dot(x: Balls, y: Balls) -> arb:
    return sum((a * b for a, b in zip(x, y, strict=True)), arb(0))


def _length(x: Balls) -> arb:
    return sum((a * a for a in x), arb(0)).upper().sqrt().upper()


def _normed(x: Balls, gain: Balls, epsilon: float) -> Balls:
    mean = sum(x, arb(0)) / len(x)
    centred = [a - mean for a in x]
    deviation = (_dot(centred, centred) / len(x) + arb(epsilon)).sqrt()
    return [a * g / deviation for a, g in zip(centred, gain, strict=True)]


def _unit(x: Balls) -> Balls:
    length = _dot(x, x).sqrt()
    if not length > SHORTEST:
        raise _NoDirectionError
    return [a / length for a in x]


class _Tables:
    """Balls over the box of what each token has: key, query, beta, value, embedding; and what reads the answer."""

    def __init__(self, task: SwapTracking, model: TokenModel, radius: Fraction) -> None:
        block: Any = model.blocks[0]
        mixer = block.mixer
        embedded = _box(model.embedding.weight, radius)
        gain = [x for row in _box(block.before.weight, radius).tolist() for x in row]
        seen = arb_mat([_normed(row, gain, block.before.eps) for row in embedded.tolist()])
        self.embedded: list[Balls] = embedded.tolist()
        self.key = [_unit(row) for row in (seen * _box(mixer.key.weight, radius).transpose()).tolist()]
        queries = (seen * _box(mixer.query.weight, radius).transpose()).tolist()
        self.query = {token: _unit(queries[token]) for token in range(task.first_read, task.vocabulary)}
        self.value: list[Balls] = (seen * _box(mixer.value.weight, radius).transpose()).tolist()
        gates = (seen * _box(mixer.beta_gate.weight, radius).transpose()).tolist()
        self.beta = [2 / (1 + (-gate[0]).exp()) for gate in gates]
        self.into = _box(mixer.out.weight, radius)
        self.classes: list[Balls] = _box(model.out.weight, radius).tolist()
        self.gain: Balls = [x for row in _box(model.norm.weight, radius).tolist() for x in row]

    def direction(self, right: int, wrong: int) -> tuple[Balls, Balls]:
        """In which the wrong class gains on the right one: of the residual stream, and of what the mixer reads."""
        told = zip(self.classes[wrong], self.classes[right], self.gain, strict=True)
        lead = [(a - b) * g for a, b, g in told]
        mean = sum(lead, arb(0)) / len(lead)
        lead = [a - mean for a in lead]
        return lead, [x for row in (arb_mat([lead]) * self.into).tolist() for x in row]


def proved(task: SwapTracking, model: TokenModel, radius: Fraction, tokens: int) -> bool:
    """Whether balls prove every answer right for all words of the task of at most so many tokens and all weights of the box.

    False says nothing about the box; there is no proof where a key may vanish. Cost O(n! vocabulary width), n at most 4 or so.
    ValueError for a model that the argument is not about.
    """
    _check(model)
    with precise():
        try:
            tables = _Tables(task, model, radius)
        except _NoDirectionError:
            return False
        pairs = permutations(range(task.n), 2)
        return all(_settled(task, tables, right, wrong, tokens) for right, wrong in pairs)


def _check(model: TokenModel) -> None:
    a = model.architecture
    if (a.kind, a.heads, a.layers, a.hidden) != ("deltaformer-linear", 1, 1, 0):
        raise ValueError(f"proved: {a}; give one layer of deltaformer-linear with one head and no MLP")
    biases = [name for name, p in model.named_parameters() if name.endswith("bias") and p.any()]
    if biases:
        raise ValueError(f"proved: {biases[0]} is not zero; give a model whose biases are")


def _settled(task: SwapTracking, tables: _Tables, right: int, wrong: int, tokens: int) -> bool:
    """For one right and one wrong content: errors of the writes, of at most tokens - n other steps, and of the reading."""
    n, width = task.n, len(tables.key[0])
    lead, z = tables.direction(right, wrong)
    written = [_dot(value, z) for value in tables.value]
    unit = written[wrong].mid()  # token `wrong` writes that content into slot 0; any number will do, errors are from it

    def held(content: int) -> arb:
        return unit if content == wrong else -unit if content == right else arb(0)

    def state(contents: Sequence[int | None]) -> Balls:
        told = [arb(0) if x is None else held(x) for x in contents]
        return told + [arb(0)] * (width - n)

    def step(token: int, before: Balls, after: Balls) -> arb:
        """The length of M s + k (v . z) - s', where s and s' are exact."""
        key = tables.key[token]
        factor = written[token] - tables.beta[token] * _dot(key, before)
        return _length([s + k * factor - t for s, k, t in zip(before, key, after, strict=True)])

    start, others = arb(0), arb(0)
    for order in permutations(range(n)):
        error, empty = arb(0), [None] * n
        for slot, content in enumerate(order):
            before = state([*order[:slot], *empty[slot:]])
            error += step(n * slot + content, before, state([*order[: slot + 1], *empty[slot + 1 :]]))
        start = start.max(error.upper())
        here = state(order)
        for place, (a, b) in enumerate(task.pairs):
            swapped = list(order)
            swapped[a], swapped[b] = order[b], order[a]
            others = others.max(step(task.first_swap + place, here, state(swapped)))
        for slot in range(n):
            others = others.max(step(task.first_read + slot, here, here))
    error = start + max(tokens - n, 0) * others
    for order in permutations(range(n)):
        token = task.first_read + order.index(right)
        gained = _dot(lead, tables.embedded[token]) + _dot(tables.query[token], state(order)) + error
        if not gained < 0:
            return False
    return True


def radius_of(task: SwapTracking, model: TokenModel, tokens: int, digits: int = 6, least: int = 40) -> Fraction:
    """The greatest radius found that is proved, `digits` binary digits of it, by bisection; 0 below 2^-least."""
    low, high = F(0), F(1)
    while high - low > max(low / 2**digits, F(1, 2**least)):
        middle = (low + high) / 2 if low else high / 2
        low, high = (middle, high) if proved(task, model, middle, tokens) else (low, middle)
    return low


def corner(model: TokenModel, radius: float, signs: dict[str, Tensor]) -> dict[str, Tensor]:
    """The weights of that corner of the box, or of the point where `signs` are between -1 and 1, in float64."""
    named = {name: p.detach().double() for name, p in model.named_parameters()}
    return {name: p + radius * p.square().mean().sqrt() * signs[name] for name, p in named.items()}


def first_wrong(model: TokenModel, weights: dict[str, Tensor], task: SwapTracking, tokens: Tensor) -> int | None:
    """The first of the words, `(words, T)`, that is answered wrong somewhere; None where all are right."""
    targets = task.label(tokens).targets
    with torch.no_grad():
        answers = functional_call(model, weights, (tokens,)).argmax(-1)
    wrong = ((answers != targets) & (targets != IGNORE)).any(1).nonzero()
    return int(wrong[0]) if len(wrong) else None


@dataclass(frozen=True, eq=False)
class Broken:
    """A point of the box and a word it answers wrong."""

    signs: dict[str, Tensor]
    word: list[int]


def broken(
    task: SwapTracking,
    model: TokenModel,
    radius: float,
    tokens: int,
    *,
    words: int = 64,
    steps: int = 20,
    seed: int = 0,
) -> Broken | None:
    """A point of the box that answers one of the words wrong, by steps of signs up the mean margin of wrong answers; None if none
    was found, which proves nothing. In float64; words are drawn from the seed."""
    device = next(model.parameters()).device
    drawn = task.draw(words, tokens, generator_of(seed, tokens, device=device))
    targets = task.label(drawn).targets
    asked = targets != IGNORE
    signs = {name: torch.zeros_like(p, dtype=torch.float64) for name, p in model.named_parameters()}
    for step in range(steps):
        moved = {name: s.clone().requires_grad_() for name, s in signs.items()}
        logits = functional_call(model, corner(model, radius, moved), (drawn,))[asked]
        right = logits.gather(1, targets[asked][:, None])
        gained = (logits - right).scatter(1, targets[asked][:, None], -torch.inf).logsumexp(1)
        slopes = torch.autograd.grad(gained.mean(), list(moved.values()))
        size = 2.0 / (step + 1)
        signs = {name: (s + size * g.sign()).clamp(-1, 1) for (name, s), g in zip(signs.items(), slopes, strict=True)}
        found = first_wrong(model, corner(model, radius, signs), task, drawn)
        if found is not None:
            return Broken(signs, drawn[found].tolist())
    return None
