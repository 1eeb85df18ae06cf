"""A count formula against a bound: proved with a constant and a certificate, or followed along families of growing sizes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from empirics.checking import Evidence, fails, holds, undecided
from empirics.checks.cost.counted import at, met, told
from theory.bounds import read_bound
from theory.cost.formulas import parse
from theory.growth import Decision, decide
from theory.growth.checked import in_checker_words, value

__all__ = ["followed", "proved"]

TRIED = (1, 2, 3, 4, 8, 16, 64, 256, 1024, 2**20)


def _outgrown(count: str, bound: str, decision: Decision) -> Evidence:
    return fails(f"{decision.witness}: the count is beyond every multiple of {bound}", f"O({bound})", count)


def _beyond(count: str, bound: str, constant: Fraction, conditions: Sequence[str], sizes: Sequence[str]) -> Any:
    """The smallest sizes tried where the count is more than constant * bound, with both numbers; None."""
    tree = in_checker_words(read_bound(bound).tree)
    grid = (dict(zip(sizes, each, strict=True)) for each in itertools.product(TRIED, repeat=len(sizes)))
    for each in sorted(grid, key=lambda each: (sum(each.values()), *each.values())):
        most = constant * value(tree, each)[1]
        if all(met(condition, each) for condition in conditions) and (found := at(count, each)) > most:
            return each, found, most
    return None


def proved(
    claim: str, count: str, bound: str, constant: str, conditions: Sequence[str], sizes: Sequence[str]
) -> Evidence:
    """count <= constant * bound for all sizes from 1 on that meet the conditions: with a certificate of the claim of that id, or
    the smallest sizes tried that are beyond; undecided when no proof was found."""
    decision = decide(parse(count), bound, where=conditions, symbols=sizes, explicit=True)
    if decision.outcome == "exceeds":
        return _outgrown(count, bound, decision)
    found = decision.constant
    if decision.outcome == "undecided" or found is None or found.start > 1:
        return undecided(decision.reason or "no proof of a constant from size 1 on was found")
    if found.value > Fraction(constant):
        beyond = _beyond(count, bound, Fraction(constant), conditions, sizes)
        if beyond is None:
            return undecided(f"a constant of {found.value} is proved, not {constant}")
        where, number, most = beyond
        words = f"{told(where)}: the count is {number}, {constant} ({bound}) is {float(most):.6g}"
        return fails(words, most, number)
    return holds(certificates=[{**found.certificate, "claim": claim}], constant=str(found.value))


def followed(
    count: str, bound: str, conditions: Sequence[str], sizes: Sequence[str], fixed: Sequence[str] = ()
) -> Evidence:
    """Whether the count is O(bound), exactly; sizes in `fixed` are constants."""
    decision = decide(parse(count), bound, where=conditions, fixed=fixed, symbols=sizes)
    if decision.outcome == "exceeds":
        return _outgrown(count, bound, decision)
    return holds() if decision.outcome == "within" else undecided(decision.reason)
