"""Causality of the layer's programs: tiles and running maxima, which mask for themselves; decoding, which knows no later token."""

from __future__ import annotations

import torch
from torch import Tensor

from constructions.layers.pointer import AllPositions, Buckets, Candidates, PreviousPointers, Strides, Window
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.pointer.causality import layers_of, looks_nowhere_ahead, run_layers, sequences, told
from theory.pointer import causality as claims


@check(
    claims.tiled,
    "exhausted",
    given={"tokens": [1, 2, 3, 4], "tile": [1, 2, 3, 5]},
    covers=True,
    scope={"sizes": "1..4 tokens from -1, 0, 1, two layers, tiles of 1, 2, 3, 5", "training": "hard"},
)
def tiles_look_nowhere_ahead(
    tokens: int, tile: int, causal: bool = True, ties: str = "first", score: str = "pairwise"
) -> Evidence:
    """The same in tiles: outputs and pointers of sequences that agree up to a position agree there."""
    rule = AllPositions(causal)
    return looks_nowhere_ahead(tokens, layers_of(rule, rule, "hard", ties, 0, "tiled", score, tile))


@check(
    claims.running,
    "exhausted",
    given={"tokens": [1, 2, 3, 4], "ties": ["first", "last"]},
    covers=True,
    scope={"sizes": "1..4 tokens from -1, 0, 1, two layers, both rules for ties", "training": "hard"},
)
def running_maxima_look_nowhere_ahead(
    tokens: int, ties: str, causal: bool = True, form: str = "running", rounds: int = 0
) -> Evidence:
    """The same by a running maximum of additive scores."""
    rule = AllPositions(causal)
    return looks_nowhere_ahead(tokens, layers_of(rule, rule, "hard", ties, rounds, form, "additive"))


for _check in (tiles_look_nowhere_ahead, running_maxima_look_nowhere_ahead):
    control(_check, "not-causal", "refuted", causal=False, reason="a later token is a candidate")
control(
    tiles_look_nowhere_ahead, "ties-last", "confirmed", ties="last", reason="the other rule for ties looks no further"
)
control(tiles_look_nowhere_ahead, "additive", "confirmed", score="additive", reason="the mask is the same")
control(
    running_maxima_look_nowhere_ahead,
    "in-tiles",
    "confirmed",
    form="tiled",
    reason="another program of the same scores",
)
control(running_maxima_look_nowhere_ahead, "two-rounds", "confirmed", rounds=2, reason="hops that go back go back")


RULES: dict[str, Candidates] = {
    "all": AllPositions(),
    "window": Window(2),
    "strides": Strides((1, 2)),
    "buckets": Buckets(2, 1),
    "previous": PreviousPointers(4),
}


def _decoded(x: Tensor, rule: Candidates, training: str, ties: str, rounds: int) -> tuple[Tensor, Tensor]:
    layers = layers_of(rule, rule, training, ties, rounds)
    states, rows, every = [layer.init_state(len(x)) for layer in layers], [], []
    for t in range(x.shape[1]):
        h, pointers, found = x[:, t], None, []
        for n, layer in enumerate(layers):
            (h, pointers), states[n] = layer.step_point(h, states[n], pointers)
            found.append(pointers[:, 0])
        rows.append(h)
        every.append(torch.stack(found, -1))
    return torch.stack(rows, 1), torch.stack(every, 1)


@check(
    claims.decoding,
    "exhausted",
    given={
        "tokens": [1, 2, 3, 4],
        "name": list(RULES),
        "training": ["hard", "straight-through"],
        "ties": ["first", "last"],
    },
    covers=True,
    scope={
        "sizes": "1..4 tokens from -1, 0, 1, two layers",
        "candidates": "window 2, strides 1 and 2, buckets of 2, 4 hops, all",
    },
)
def steps_are_the_whole(
    tokens: int,
    name: str,
    training: str,
    ties: str,
    rounds: int = 0,
    form: str = "written-out",
    whole: dict[str, Candidates] = RULES,
) -> Evidence:
    """All sequences are decoded, and run in one; outputs and pointers are the same numbers."""
    x, rule = sequences(tokens), whole[name]
    form = form if isinstance(rule, AllPositions) and training == "hard" else "written-out"
    with torch.no_grad():
        wanted = run_layers(layers_of(rule, rule, training, ties, rounds, form, tile=2), x)
        found = _decoded(x, RULES[name], training, ties, rounds)
    for what, one, two in (("pointers", wanted[1], found[1]), ("output", wanted[0], found[0])):
        wrong = (one != two).reshape(len(x), tokens, -1).any(-1).nonzero()
        if len(wrong):
            at, i = (int(n) for n in wrong[0])
            a, b = (each[at, i].tolist() for each in (one, two))
            return fails(f"{name}, tokens {told(x, at)}: {what} {i} is {a} in the whole, {b} decoded", a, b)
    return holds(cases=len(x))


control(
    steps_are_the_whole,
    "whole-looks-ahead",
    "refuted",
    whole={**RULES, "all": AllPositions(causal=False)},
    reason="the whole sequence sees a later token, the step does not",
)
control(
    steps_are_the_whole,
    "window-one-longer",
    "refuted",
    whole={**RULES, "window": Window(3)},
    reason="the token that decoding has dropped is a candidate",
)
control(
    steps_are_the_whole,
    "window-of-all",
    "confirmed",
    whole={**RULES, "all": Window(4)},
    reason="four positions are all of four",
)
control(steps_are_the_whole, "hops-together", "confirmed", rounds=2, reason="jump tables are kept")
control(steps_are_the_whole, "whole-in-tiles", "confirmed", form="tiled", reason="tiles choose the same targets")
