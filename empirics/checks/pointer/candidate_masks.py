"""Candidates as sets: of every causal rule, for every length up to a bound, all keys' buckets and all pointers that go back."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import torch
from torch import Tensor

from constructions.layers.pointer import (
    AllPositions,
    Buckets,
    Candidates,
    PreviousPointers,
    Strides,
    Window,
)
from constructions.layers.pointer.running import running_argmax, tiled_argmax
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.pointer.causality import CappedFirst
from theory.pointer import causality as claims

MOST, SIZES = 6, 7

RULES: dict[str, Callable[[int], Candidates]] = {
    "all": lambda size: AllPositions(),
    "window": Window,
    "strides": lambda size: Strides(tuple({1, size})),
    "buckets": lambda size: Buckets(size, 1),
    "buckets of two bits": lambda size: Buckets(size, 2),
    "previous": PreviousPointers,
}
SIGNS = {"buckets": 2, "buckets of two bits": 4}


def back(tokens: int) -> list[range]:
    """Pointers that are not later."""
    return [range(i + 1) for i in range(tokens)]


def _members(rule: Candidates, tokens: int, inputs: Tensor) -> Tensor:
    """Whether j is a candidate of i, `(cases, i, j)`: inputs `(cases, tokens)` are bucket numbers, and pointers."""
    keys = torch.stack([inputs % 2, inputs // 2], -1) * 2.0 - 1
    index, valid = rule.among(torch.arange(tokens), tokens, keys[:, None], inputs[:, None])
    index = index.expand(len(inputs), 1, *index.shape[-2:])[:, 0]
    valid = torch.ones_like(index) if valid is None else valid.expand(len(inputs), 1, *valid.shape[-2:])[:, 0].long()
    return torch.zeros(len(inputs), tokens, tokens, dtype=torch.long).scatter_add(-1, index, valid) > 0


@check(
    claims.by_candidates,
    "exhausted",
    given={"tokens": list(range(1, MOST + 1)), "size": list(range(1, SIZES + 1)), "name": list(RULES)},
    covers=True,
    scope={"sizes": f"1..{MOST} positions, sizes 1..{SIZES}, everything that may follow; all else by the argument"},
)
def candidates_are_not_later_nor_of_later(
    tokens: int,
    size: int,
    name: str,
    rules: dict[str, Callable[[int], Candidates]] = RULES,
    pointers: Callable[[int], list[range]] = back,
) -> Evidence:
    """The candidates of i, as a set, are at most i, and one set for all that agree up to i."""
    choices = [range(SIGNS[name])] * tokens if name in SIGNS else pointers(tokens)
    found = _members(rules[name](size), tokens, torch.tensor(list(itertools.product(*choices))))
    for i in range(tokens):
        alike = found[:, i].reshape(math.prod(map(len, choices[: i + 1])), -1, tokens)
        if (later := alike[..., i + 1 :].nonzero()).numel():
            return fails(
                f"{name} of size {size}, {tokens} tokens: position {i} may point at {i + 1 + int(later[0, 2])}"
            )
        if (wrong := (alike != alike[:, :1]).any(-1).nonzero()).numel():
            a, b = (alike[wrong[0, 0], r].nonzero()[:, 0].tolist() for r in (0, wrong[0, 1]))
            return fails(f"{name} of size {size}, {tokens} tokens: candidates of {i} are {a} or {b}", a, b)
    return holds(cases=len(found))


AHEAD: dict[str, Callable[[int], Candidates]] = {
    "all": lambda size: AllPositions(causal=False),
    "window": lambda size: Window(size, causal=False),
    "strides": lambda size: Strides((size,), causal=False),
    "buckets": lambda size: Buckets(size, 1, causal=False),
}
for _name, _rule in AHEAD.items():
    control(
        candidates_are_not_later_nor_of_later,
        f"{_name}-both-ways",
        "refuted",
        rules={**RULES, _name: _rule},
        reason="a later position is a candidate",
    )
control(
    candidates_are_not_later_nor_of_later,
    "capped-then-masked",
    "refuted",
    rules={**RULES, "buckets": lambda size: CappedFirst(size, 1)},
    reason="later ones of the bucket push earlier ones out",
)
control(
    candidates_are_not_later_nor_of_later,
    "pointers-ahead",
    "refuted",
    pointers=lambda tokens: [range(tokens)] * tokens,
    reason="a previous layer that looks ahead makes this one look ahead",
)
control(
    candidates_are_not_later_nor_of_later,
    "strides-of-twice",
    "confirmed",
    rules={**RULES, "strides": lambda size: Strides((2 * size,))},
    reason="any distance that is positive goes back",
)


@check(
    claims.by_candidates,
    "exhausted",
    given={"tokens": list(range(1, MOST + 1)), "tile": list(range(1, SIZES + 1)), "ties": ["first", "last"]},
    scope={
        "sizes": f"1..{MOST} positions, tiles of 1..{SIZES} and a running maximum, one score above or below all others"
    },
)
def programs_mask_for_themselves(tokens: int, tile: int, ties: str, causal: bool = True, lead: float = 1.0) -> Evidence:
    """Each position in turn has the best score: those before it do not see it, and those from it on point at it."""
    best = lead * torch.eye(tokens, dtype=torch.float64)
    ones = torch.ones(tokens, tokens, 1, dtype=torch.float64)
    programs = {
        f"tiles of {tile}": tiled_argmax(lambda q, k: q @ k.mT, ones, best[..., None], tile, causal=causal, ties=ties),
        "running": running_argmax(best, causal=causal, ties=ties),
    }
    at = torch.arange(tokens)
    before = torch.zeros_like(at) if ties == "first" else at
    wanted = torch.where(at >= at[:, None], at[:, None], before)
    for program, found in programs.items():
        if (wrong := (found != wanted).nonzero()).numel():
            j, i = (int(n) for n in wrong[0])
            a, b = int(wanted[j, i]), int(found[j, i])
            return fails(f"{program}, {tokens} tokens, ties {ties}, {j} the best: {i} points at {b}, not {a}", a, b)
    return holds(cases=2 * tokens)


control(programs_mask_for_themselves, "not-causal", "refuted", causal=False, reason="the best is later")
control(
    programs_mask_for_themselves,
    "by-very-little",
    "confirmed",
    lead=2.0**-1000,
    reason="scores are compared and nothing else",
)
