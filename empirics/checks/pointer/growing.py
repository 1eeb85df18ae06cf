"""The checks that a count stays within a bound, made for one claim after another: of the formula, and of the layer that has it."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping
from functools import cache

import sympy

from empirics.checking import Check, Evidence, Run, check, fails, holds
from empirics.checks.cost.bounding import followed, proved
from empirics.checks.cost.counted import Sizes, at, counted, met, numbers, sizes_of, told
from theory.cost.formulas import parse
from theory.pointer.work import CountClaim
from theory.verdict import Outcome, Strength

__all__ = ["certified_of", "drawn", "formula_of", "growth_of", "numbers_of"]

DRAWN, MOST = (4, 40), 40
EXTREMES = (1, 16)
"""In all combinations: a size of 1, candidates or tiles of more than N or d, and of as many."""


def drawn(run: Run, names: tuple[str, ...]) -> list[Sizes]:
    """Sizes fewest first: all extreme ones, and some up to `MOST` drawn from the seed."""
    draw = random.Random(run.seed)
    made = [dict(zip(names, each, strict=True)) for each in itertools.product(EXTREMES, repeat=len(names))]
    made += [{x: draw.randint(1, MOST) for x in names} for _ in range(run.pick(*DRAWN))]
    return sorted(made, key=lambda sizes: (sum(sizes.values()), *sizes.values()))


@cache
def _numbers(layer: str, sizes: tuple[tuple[str, int], ...]) -> dict[str, int]:
    return numbers(counted(layer, dict(sizes)))


def numbers_of(layer: str, sizes: Sizes) -> dict[str, int]:
    """Work and peak memory of the layer at these sizes, run once: controls that edit a formula alone count nothing anew."""
    return _numbers(layer, tuple(sorted(sizes.items())))


def _scope(claim: CountClaim, method: str) -> dict[str, str]:
    """A claim that rests on a tested formula says so in its row."""
    given = ", given the formula (tested)" if claim.strength is Strength.TESTED else ""
    if claim.strength is Strength.CERTIFIED:
        given = ", given the formula (derived from 2 on)"
    return {"sizes": claim.quantifier.removeprefix("for ") + given, "method": method}


def growth_of(claim: CountClaim) -> Check:
    """A check that the claim's count is within its bound, for some constant; as strong as the formula is known, at most."""
    known = claim.expected_strength
    scope = _scope(claim, "growth along a family of sizes")

    @check(claim, known, given={"bound": [claim.bound]}, covers=known is not Strength.TESTED, scope=scope)
    def growth(
        bound: str,
        count: str = claim.count,
        factor: str = "1",
        conditions: tuple[str, ...] = (),
        fixed: tuple[str, ...] = claim.fixed,
        sizes: tuple[str, ...] = claim.sizes,
    ) -> Evidence:
        """The layer's count is followed along families of growing sizes, exactly, against the bound times `factor`."""
        found = followed(count, bound if factor == "1" else f"({bound})*{factor}", conditions, sizes, fixed)
        if found.outcome is not Outcome.REFUTED:
            return found
        return fails(f"{sympy.expand(parse(count))}; {found.words}", found.expected, found.got)

    return growth


def certified_of(claim: CountClaim) -> Check:
    """A check that the claim's count is within its constant times its bound, from size 1 on: the formula's, for certain; the layer's,
    as strongly as it is known to have the formula."""
    known = claim.expected_strength

    @check(claim, known, covers=known is not Strength.TESTED, scope=_scope(claim, "growth proof"))
    def certified(count: str = claim.count, bound: str = claim.bound, constant: str = claim.constant) -> Evidence:
        """A proof of the inequality for all sizes is searched, and handed to the trusted checker."""
        return proved(claim.id, count, bound, constant, (), claim.sizes)

    return certified


def formula_of(claim: CountClaim, names: tuple[str, ...], **derived_sizes: Callable[[Sizes], int]) -> Check:
    """A check that the layer has the claim's formula, at sizes with 1 and on both sides of every comparison; sizes that the claim
    makes of others, such as K = ceil(log2 N), by name; where one is 0 there is no layer."""

    @check(
        claim,
        "tested",
        given=lambda run: {"sizes": [x for x in drawn(run, names) if all(size(x) for size in derived_sizes.values())]},
        scope={"sizes": f"{', '.join(names)} of 1, 16 and drawn up to 40"},
    )
    def layer_has_formula(
        sizes: Sizes,
        layer: str = claim.layer,
        count: str = claim.count,
        where: str = "",
        made: Mapping[str, Callable[[Sizes], int]] = derived_sizes,
    ) -> Evidence:
        """The layer is run once on tensors without data, and its work counted."""
        if not met(where, sizes):
            return holds(cases=0)
        whole = {**sizes, **{x: size(sizes) for x, size in made.items()}}
        found, said = numbers_of(layer, whole)["work"], at(count, sizes)
        if found != said:
            shown = told({x: whole[x] for x in sizes_of(layer)})
            return fails(f"{shown}: the work is {found}, the formula gives {said}", said, found)
        return holds()

    return layer_has_formula
