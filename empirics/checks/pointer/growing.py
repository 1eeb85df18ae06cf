"""The two checks that a count stays within a bound, made for one claim after another."""

from __future__ import annotations

import sympy

from empirics.checking import Check, Evidence, check, fails
from empirics.checks.cost.bounding import followed, proved
from theory.cost.formulas import parse
from theory.pointer.work import CountClaim
from theory.verdict import Outcome

__all__ = ["certified_of", "growth_of"]


def growth_of(claim: CountClaim) -> Check:
    """A check that the claim's count is within its bound, for some constant."""
    scope = {"sizes": claim.quantifier.removeprefix("for "), "method": "growth along a family of sizes"}

    @check(claim, "derived", given={"bound": [claim.bound]}, covers=True, scope=scope)
    def growth(
        bound: str,
        count: str = claim.count,
        factor: str = "1",
        conditions: tuple[str, ...] = claim.conditions,
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
    """A check that the claim's count is within its constant times its bound, from size 1 on."""

    @check(claim, "certified", covers=True, scope={"sizes": "all sizes", "method": "growth proof"})
    def certified(count: str = claim.count, bound: str = claim.bound, constant: str = claim.constant) -> Evidence:
        """A proof of the inequality for all sizes is searched, and handed to the trusted checker."""
        return proved(claim.id, count, bound, constant, claim.conditions, claim.sizes)

    return certified
