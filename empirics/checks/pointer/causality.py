"""Causality, read in two ways: outputs as functions of all sequences of small integers, and derivatives at each of them.

Two layers of width 1 and integer weights, so that a hard layer is exact. The first has keys and queries x, the second -h and h; the
pointers of the first are encoded into the second by their distance.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import torch
from torch import Tensor

from constructions.layers.pointer import (
    AllPositions,
    Buckets,
    Candidates,
    PointerBlock,
    PreviousPointers,
    Strides,
    Window,
)
from constructions.layers.pointer.buckets import bucket
from constructions.layers.pointer.candidates import Positions
from constructions.layers.pointer.selection import TRAININGS
from empirics.checking import Check, Evidence, assume, check, control, fails, holds
from theory.claim import Claim
from theory.pointer import causality as claims

ALPHABET = (-1, 0, 1)


@dataclass(frozen=True)
class CappedFirst(Buckets):
    """Of the last `count` positions of the whole bucket those that are not later, and the position itself: capped, then masked."""

    def among(self, times: Tensor, tokens: int, keys: Tensor, previous: Tensor) -> Positions:
        mine = bucket(keys, self.bits)
        same = mine[..., :, None] == mine[..., None, :]
        kept = same.triu(1).sum(-1) < self.count  # fewer than `count` later ones
        valid = (same & kept[..., None, :] & (times <= times[:, None])) | (times == times[:, None])
        return times.expand(valid.shape), valid


def layers_of(
    first: Candidates,
    second: Candidates,
    training: str,
    ties: str,
    rounds: int,
    form: str = "written-out",
    score: str = "pairwise",
    tile: int = 1,
) -> list[PointerBlock]:
    made = []
    for rule, sign in ((first, 1), (second, -1)):
        layer = PointerBlock(
            1,
            rule,
            training=training,
            ties=ties,
            rounds=rounds,
            form=form,
            score=score,
            tile=tile,
            encode="offset",
            reach=4,
            gate="none",
            norm="none",
            expansion=0,
            dtype=torch.float64,
        )
        with torch.no_grad():
            layer.query.weight.fill_(sign)
            layer.key.weight.fill_(1)
            layer.encoding.gate.copy_(torch.arange(5)[None, :, None])
        made.append(layer)
    return made


def run_layers(layers: list[PointerBlock], x: Tensor) -> tuple[Tensor, Tensor]:
    pointers, every = None, []
    for layer in layers:
        x, pointers = layer.run(x, pointers)
        every.append(pointers[:, 0])
    return x, torch.stack(every, -1)


def sequences(tokens: int) -> Tensor:
    return torch.tensor(list(itertools.product(ALPHABET, repeat=tokens)), dtype=torch.float64)[..., None]


def _looks_ahead(found: Tensor, tokens: int) -> tuple[int, int, int] | None:
    """The first position whose value `(sequences, tokens, *)` differs between two sequences that agree up to it, and the two."""
    table = found.reshape(*(len(ALPHABET),) * tokens, tokens, -1)
    for i in range(tokens):
        at = table.select(tokens, i).reshape(len(ALPHABET) ** (i + 1), -1, table.shape[-1])
        wrong = (at != at[:, :1]).any(-1).nonzero()
        if len(wrong):
            prefix, rest = (int(n) for n in wrong[0])
            each = at.shape[1]
            return i, prefix * each, prefix * each + rest
    return None


def _derivative_ahead(layers: list[PointerBlock], x: Tensor) -> tuple[int, int, int] | None:
    """A sequence, a position and a later one with a derivative, if there is one."""
    x = x.clone().requires_grad_()
    output, _ = run_layers(layers, x)
    for i in range(x.shape[1]):
        (slope,) = torch.autograd.grad(output[:, i].sum(), x, retain_graph=True)
        wrong = slope[:, i + 1 :, 0].nonzero()
        if len(wrong):
            return int(wrong[0, 0]), i, i + 1 + int(wrong[0, 1])
    return None


def told(x: Tensor, at: int) -> str:
    return str(tuple(int(v) for v in x[at, :, 0]))


def looks_nowhere_ahead(tokens: int, layers: list[PointerBlock]) -> Evidence:
    x = sequences(tokens)
    with torch.no_grad():
        output, pointers = run_layers(layers, x)
    for what, found in (("pointer", pointers), ("output", output)):
        if (seen := _looks_ahead(found, tokens)) is not None:
            i, one, two = seen
            a, b = (found[n, i].tolist() for n in (one, two))
            return fails(f"tokens {told(x, one)} and {told(x, two)}: {what} {i} is {a} and {b}", a, b)
    if (sloped := _derivative_ahead(layers, x)) is not None:
        at, i, j = sloped
        return fails(f"tokens {told(x, at)}: output {i} has a derivative in token {j}", 0, "not 0")
    return holds(cases=len(x))


def _causal(claim: Claim, own: Candidates, own_rounds: int = 0) -> Check:
    def no_look_ahead(
        tokens: int,
        training: str,
        rule: Candidates = own,
        first: Candidates | None = None,
        ties: str = "first",
        rounds: int = own_rounds,
    ) -> Evidence:
        """Outputs and pointers of sequences that agree up to a position agree there; no derivative in a later token."""
        return looks_nowhere_ahead(tokens, layers_of(first or rule, rule, training, ties, rounds))

    made = check(
        claim,
        "exhausted",
        given={"tokens": [1, 2, 3, 4], "training": TRAININGS},
        covers=True,
        scope={"sizes": "1..4 tokens from -1, 0, 1, two layers, all trainings"},
    )(no_look_ahead)
    control(made, "ties-last", "confirmed", ties="last", reason="the other rule for ties looks no further")
    return made


all_positions = _causal(claims.all_positions, AllPositions())
window = _causal(claims.window, Window(2))
strides = _causal(claims.strides, Strides((1, 2)))
buckets = _causal(claims.buckets, Buckets(2, 1))
previous = _causal(claims.previous, PreviousPointers(4))
hierarchical = _causal(claims.hierarchical, Window(2), 2)

_AHEAD: tuple[tuple[Check, Candidates], ...] = (
    (all_positions, AllPositions(causal=False)),
    (window, Window(3, causal=False)),
    (strides, Strides((1, 2), causal=False)),
    (buckets, Buckets(3, 1, causal=False)),
    (hierarchical, Window(3, causal=False)),
)
for _check, _rule in _AHEAD:
    control(_check, "not-causal", "refuted", rule=_rule, reason="a later token is a candidate")
control(
    buckets,
    "capped-then-masked",
    "refuted",
    rule=CappedFirst(2, 1),
    reason="later tokens of the bucket push earlier ones out of the last two",
)
control(
    previous,
    "after-a-layer-that-looks-ahead",
    "refuted",
    first=AllPositions(causal=False),
    reason="its pointers are later positions, and candidates here",
)
control(previous, "after-a-window", "confirmed", first=Window(2), reason="a window's pointers are not later")
control(window, "longer-than-the-sequence", "confirmed", rule=Window(9), reason="what does not exist is no candidate")


@check(
    claims.by_values,
    "exhausted",
    given={"tokens": [1, 2, 3, 4]},
    scope={"sizes": "1..4 tokens from -1, 0, 1, two layers"},
)
def no_derivative_ahead_means_causal(
    tokens: int, rule: Candidates = CappedFirst(2, 1), training: str = "hard"
) -> Evidence:
    """Where no sequence has a derivative in a later token, sequences that agree up to a position must agree there."""
    layers = layers_of(rule, rule, training, "first", 0)
    assume(_derivative_ahead(layers, sequences(tokens)) is None)
    return looks_nowhere_ahead(tokens, layers)


control(
    no_derivative_ahead_means_causal,
    "soft",
    "refuted",
    training="soft",
    reason="which candidates there are changes by jumps, whatever the weights are",
)
control(
    no_derivative_ahead_means_causal,
    "masked-then-capped",
    "confirmed",
    rule=Buckets(2, 1),
    reason="the most recent of the bucket that are not later do not depend on what follows",
)
control(
    no_derivative_ahead_means_causal,
    "cap-of-all",
    "confirmed",
    rule=CappedFirst(4, 1),
    reason="a bucket of at most four tokens loses none",
)
