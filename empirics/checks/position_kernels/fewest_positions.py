"""The fewest positions that show a bias is not conditionally positive definite, with witnesses for the trusted checker."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import ctx

from empirics.checking import Evidence, check, control, fails, holds
from theory.position_kernels import definiteness as claims
from theory.position_kernels.arithmetic import Root
from theory.position_kernels.certificates import negative_form, witness
from theory.position_kernels.kernels import Exponential, Gaussian
from theory.position_kernels.mixtures import Mixture, three_kernels, two_kernels

F = Fraction
PRECISION = 300
Make = Callable[[Any], Mixture]
FEWEST = {4: 75, 5: 34, 6: 33, 7: 37, 8: 40}
FEWEST_THREE = {9: 164, 10: 134}


def fewest(mixture: Mixture, exponent: int, wanted: int, claim: str) -> Evidence:
    """The search finds the number wanted; its witness goes to the checker, one position fewer has positive minors."""
    with ctx.workprec(PRECISION):
        vector = witness(mixture, wanted + 20)
        found = len(vector) if vector else 0
        if not vector or found != wanted:
            return fails(f"slope 2^-{exponent}: {found or 'no'} positions show it", wanted, found)
        return holds(certificates=[negative_form(mixture, vector, claim)])


@check(claims.fewest, "certified", given={"exponent": tuple(FEWEST)}, covers=True, scope={"sizes": "2^-4 to 2^-8"})
def fewest_positions(exponent: int, more: int = 0, mixture: Make = two_kernels) -> Evidence:
    """Two kernels at the released slopes that fail."""
    return fewest(mixture(Root(F(exponent))), exponent, FEWEST[exponent] + more, claims.fewest.id)


@check(
    claims.fewest_three,
    "certified",
    given={"exponent": tuple(FEWEST_THREE)},
    covers=True,
    scope={"sizes": "2^-9, 2^-10"},
)
def fewest_positions_of_three(exponent: int, more: int = 0, mixture: Make = three_kernels) -> Evidence:
    """Three kernels at slopes below the released ones."""
    return fewest(mixture(Root(F(exponent))), exponent, FEWEST_THREE[exponent] + more, claims.fewest_three.id)


control(fewest_positions, "one-more", "refuted", more=1, reason="the search stops earlier")
control(fewest_positions, "one-fewer", "refuted", more=-1, reason="its minors are positive")
control(fewest_positions, "three-kernels", "refuted", mixture=three_kernels, reason="definite at these slopes")
control(
    fewest_positions,
    "reordered",
    "confirmed",
    mixture=lambda r: Mixture((Gaussian(r), Exponential(r))),
    symmetry="a sum",
)
control(fewest_positions_of_three, "one-fewer", "refuted", more=-1, reason="its minors are positive")
control(fewest_positions_of_three, "two-kernels", "refuted", mixture=two_kernels, reason="fewer do")
control(
    fewest_positions_of_three,
    "reordered",
    "confirmed",
    mixture=lambda r: Mixture(three_kernels(r).kernels[::-1]),
    symmetry="a sum",
)
