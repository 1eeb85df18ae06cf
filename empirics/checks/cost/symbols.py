"""Layers without loops over a size: formulas by `derive`, from runs at numbers and from a run with symbols for the sizes, which agree.

The claimed formula less the one derived is exactly zero, for all sizes of at least 2.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache

import sympy

from empirics.checking import Check, Evidence, check, control, fails, holds, undecided
from empirics.checks.cost.counted import SMALL, at, sizes_of, subject, told
from empirics.checks.cost.layers import CLAIMS, EDITS, changed
from empirics.cost.cost import Cost, derive
from theory.cost.formulas import parse
from theory.cost.reference_layers import LayerClaim
from theory.verdict import Strength

STRAIGHT = {claim.layer for claim in CLAIMS.values() if claim.expected_strength is Strength.DERIVED} | {
    "fft_over_width_only"
}
"""The layers that have no loop over a size."""


@cache
def derived_cost(layer: str) -> Cost:
    return derive(subject(layer), symbolic=True)


def _smallest(layer: str, difference: sympy.Expr) -> dict[str, int]:
    """The smallest sizes at which a difference is not zero."""
    names = sizes_of(layer)
    grid = (dict(zip(names, sizes, strict=True)) for sizes in itertools.product(*(SMALL[x][1:] for x in names)))
    text = str(difference)
    return next(sizes for sizes in sorted(grid, key=lambda s: sum(s.values())) if at(text, sizes))


def _derived(claim: LayerClaim) -> Check:
    @check(
        claim,
        "derived",
        covers=True,
        scope={"sizes": "all of at least 2", "method": "symbolic shapes and exact recovery"},
    )
    def derived(
        layer: str = claim.layer, work: str = claim.costs.work, span: str | None = claim.costs.span
    ) -> Evidence:
        """Two routes to the formulas, which have to agree, compared with the claimed ones as identities."""
        cost = derived_cost(layer)
        for name, text in (("work", work), ("span", span)):
            found = cost.quantity(name)
            if text is None:
                continue
            if found.formula is None or found.level != "derived":
                return undecided(f"{name} is not derived: {found.reason or found.scope.get('symbolic route')}")
            residual = sympy.expand(parse(text) - found.formula)
            if residual != 0:
                sizes = _smallest(layer, residual)
                said, got = at(text, sizes), at(str(found.formula), sizes)
                return fails(f"{told(sizes)}: the {name} is {got}, the formula gives {said}", text, found.formula)
        return holds(cases=2)

    control(
        derived,
        "coefficient-off",
        "refuted",
        work=changed(claim.costs.work),
        reason="the first coefficient is one more",
    )
    control(derived, "span-longer", "refuted", span=f"{claim.costs.span} + 1", reason="a step that is not there")
    name, edited, reason = EDITS[claim.layer]
    if edited in STRAIGHT:
        control(derived, name, "refuted", layer=edited, reason=reason)
    control(
        derived,
        "doubled-and-halved",
        "confirmed",
        work=f"(2*({claim.costs.work}))/2",
        reason="the same formula in another form",
    )
    return derived


def _checks() -> Iterator[tuple[str, Check]]:
    for layer, claim in CLAIMS.items():
        if layer in STRAIGHT:
            yield f"{layer}_derived", _derived(claim)


CHECKS = dict(_checks())
globals().update(CHECKS)
