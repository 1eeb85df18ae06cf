"""Ties: two programs that find a largest score and disagree; the rules that make them agree, in every program of the layer."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np
import torch

from constructions.layers.pointer.running import running_argmax, tiled_argmax
from constructions.layers.pointer.selection import select
from empirics.checking import Evidence, check, control, fails, holds
from theory.pointer import ties as claims
from theory.pointer.ties import TIES

Table = tuple[float, ...]
Pair = tuple[int, int]


def _tables(most: int, levels: int = 3) -> list[Table]:
    """Rows of scores from 0 .. levels - 1, shortest first."""
    return [row for n in range(1, most + 1) for row in itertools.product(range(levels), repeat=n)]


def first(scores: Table) -> int:
    return max(range(len(scores)), key=lambda j: (scores[j], -j))


def last(scores: Table) -> int:
    return max(range(len(scores)), key=lambda j: (scores[j], j))


def by_torch_argmax(scores: Table) -> int:
    return int(torch.tensor(scores).argmax())


def by_torch_cummax(scores: Table) -> int:
    return int(torch.tensor(scores).cummax(0).indices[-1])


Program = Callable[[Table], int]


@check(claims.as_printed, "exhausted", given={"scores": _tables(4)})
def all_programs_agree(scores: Table, programs: tuple[Program, Program] = (first, last)) -> Evidence:
    """Each program returns a position whose score is the largest; do they return the same one?"""
    found = [program(scores) for program in programs]
    if any(scores[j] != max(scores) for j in found):
        return fails(f"scores {scores}: position {found} has no largest score", max(scores), found)
    if found[0] != found[1]:
        return fails(f"scores {scores}: both {found[0]} and {found[1]} are argmax", found[0], found[1])
    return holds()


control(
    all_programs_agree,
    "torch-argmax-and-cummax",
    "refuted",
    programs=(by_torch_argmax, by_torch_cummax),
    reason="torch's running maximum keeps the newest of equal numbers, its argmax on this device the oldest",
)
control(
    all_programs_agree,
    "numpy-and-first",
    "confirmed",
    programs=(lambda scores: int(np.argmax(scores)), first),
    reason="numpy documents that the first occurrence is returned",
)
control(
    all_programs_agree,
    "ties-broken-by-position",
    "confirmed",
    programs=tuple(
        lambda scores, of=of: of(tuple(len(scores) * s - j for j, s in enumerate(scores))) for of in (first, last)
    ),
    reason="scores that differ pairwise have one largest",
)


def better(ties: str, x: Pair, y: Pair) -> Pair:
    """Of two pairs (score, position) the better one."""
    if x[0] != y[0]:
        return x if x[0] > y[0] else y
    return min(x, y) if ties == "first" else max(x, y)


def scores_alone(ties: str, x: Pair, y: Pair) -> Pair:
    """The older candidate stays unless the newer is larger, or as large: no look at the positions."""
    return y if y[0] > x[0] or (ties == "last" and y[0] == x[0]) else x


PATTERNS = list(itertools.product(range(3), repeat=6))
"""Three scores and three positions in every order."""


@check(
    claims.named_rule,
    "derived",
    covers=True,
    scope={"sizes": "all tables", "method": "three laws, decided in every order of three scores and three positions"},
)
def one_value_in_any_order(combine: Callable[[str, Pair, Pair], Pair] = better) -> Evidence:
    """The better of two pairs is idempotent, commutative and associative, in every pattern of order."""
    for ties in TIES:
        for a, b, c, i, j, k in PATTERNS:
            x, y, z = (a, i), (b, j), (c, k)
            laws = {
                "x, x": (combine(ties, x, x), x),
                "x, y and y, x": (combine(ties, x, y), combine(ties, y, x)),
                "(x, y), z and x, (y, z)": (
                    combine(ties, combine(ties, x, y), z),
                    combine(ties, x, combine(ties, y, z)),
                ),
            }
            for law, (left, right) in laws.items():
                if left != right:
                    return fails(f"ties {ties}, x = {x}, y = {y}, z = {z}: the better of {law}: {left} and {right}")
    return holds(cases=len(TIES) * len(PATTERNS) * 3)


control(one_value_in_any_order, "positions-forgotten", "refuted", combine=scores_alone, reason="x, y is not y, x")
control(
    one_value_in_any_order,
    "reversed-rules",
    "confirmed",
    combine=lambda ties, x, y: better("last" if ties == "first" else "first", x, y),
    symmetry="positions counted backwards exchange the two rules",
)


RULES: dict[str, Program] = {"first": first, "last": last}


def _product(q: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
    return q @ k.mT


def _positions(n: int) -> Iterator[tuple[str, list[int]]]:
    yield "in order", list(range(n))
    yield "reversed", list(range(n))[::-1]
    yield "each twice", [j for j in range(n) for _ in range(2)]


@check(
    claims.named_rule,
    "exhausted",
    given={"candidates": [1, 2, 3, 4, 5]},
    scope={"sizes": "up to 5 candidates, scores 0, 1, 2, every mask", "evaluation": "the layer's programs"},
)
def programs_of_the_layer(candidates: int, rules: tuple[str, ...] = TIES, ties: Callable[[str], str] = str) -> Evidence:
    """Selection from lists in any order, masked; tiles of every size; a running maximum: all against the rule itself."""
    rows = list(itertools.product(range(3), repeat=candidates))
    table = torch.tensor(rows, dtype=torch.float64)
    for name in rules:
        rule, used = RULES[name], ties(name)
        masks = torch.tensor(list(itertools.product((False, True), repeat=candidates))[1:])
        for how, order in _positions(candidates):
            at = torch.tensor(order)
            chosen = select(table[:, None, at], at, masks[None][..., at], ties=used).pointers
            for m, mask in enumerate(masks.tolist()):
                wanted = [rule(tuple(s if on else -1 for s, on in zip(row, mask, strict=True))) for row in rows]
                if (wrong := _where(chosen[:, m], wanted)) is not None:
                    return _told(rows[wrong], name, f"listed {how}, mask {mask}", wanted[wrong], chosen[wrong, m])
        wanted = [[rule(row[: i + 1]) for i in range(candidates)] for row in rows]
        runs = {"running": running_argmax(table, ties=used)}
        ones = torch.ones_like(table)[..., None]
        for tile in range(1, candidates + 1):
            runs[f"tiles of {tile}"] = tiled_argmax(_product, ones, table[..., None], tile, ties=used)
        for how, found in runs.items():
            if (wrong := _where(found, wanted)) is not None:
                return _told(rows[wrong], name, how, wanted[wrong], found[wrong].tolist())
    return holds(cases=len(rules) * len(rows) * (3 * (2**candidates - 1) + candidates + 1))


def _where(found: torch.Tensor, wanted: list) -> int | None:
    wrong = (found != torch.tensor(wanted)).reshape(len(wanted), -1).any(1).nonzero()
    return int(wrong[0]) if len(wrong) else None


def _told(row: Table, rule: str, how: str, wanted: object, got: object) -> Evidence:
    return fails(f"scores {row}, ties {rule}, {how}: {got}, not {wanted}", wanted, got)


control(
    programs_of_the_layer,
    "rules-exchanged",
    "refuted",
    ties=lambda name: "last" if name == "first" else "first",
    reason="two equal scores tell the rules apart",
)
control(
    programs_of_the_layer,
    "one-rule",
    "confirmed",
    rules=("last",),
    reason="each of the rules holds by itself",
)
