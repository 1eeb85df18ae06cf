"""Cosines, waves and products of waves: networks against balls, piece by piece over whole intervals; their sizes."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

from constructions.takakura_suzuki import gadgets
from constructions.takakura_suzuki.network import Network, compiled
from constructions.takakura_suzuki.pieces import distance
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.takakura_suzuki import gadget_edits as edits
from empirics.checks.takakura_suzuki.gadgets import along
from empirics.checks.takakura_suzuki.gadgets import frequencies as both_signs
from theory.inequalities import certificate
from theory.takakura_suzuki import gadget_laws as laws
from theory.takakura_suzuki import gadgets as claims

NEAR = Fraction(3, 4)
"""What share of the cosine's bound must be reached where J = 2 m + 2 and m >= 3: z^3 sin(pi z) reaches 0.87 of its bound, and the
squarings' part of the bound, which is not reached there, is a twelfth of it."""


def _cosine_sizes(run: Run) -> list[tuple[int, int]]:
    return [(1, 3), (1, 6), (2, 4), (2, 6), (3, 6), (3, 8), *run.pick((), ((4, 8), (4, 10), (5, 12)))]


@check(
    claims.cosine,
    "exhausted",
    given=lambda run: {"size": _cosine_sizes(run)},
    covers=True,
    scope=lambda run: {"sizes": f"m <= {run.pick(3, 5)}, all of [0, 1]", "demanded": f"observed / bound >= {NEAR}"},
)
def every_cosine_piece(
    size: tuple[int, int], cosine: Any = gadgets.half_turn_cosine, bound: Any = laws.cosine_error
) -> Evidence:
    """The network's pieces against balls around cos(pi z), by both ends and the curvature: the whole interval."""
    from flint import arb

    steps, levels = size
    found = distance(along(lambda z: cosine(z[0], *size), [0], [1]), lambda t: t.cos_pi(), arb.pi() ** 2)
    allowed = bound(*size)
    words = f"m = {steps}, J = {levels}: off by {float(found.seen):.4g} at z = {found.at}, the bound is {float(allowed):.4g}"
    if found.most > allowed:
        return fails(words, float(allowed), float(found.seen))
    if levels >= 2 * steps + 2 and steps >= 3 and found.seen < NEAR * allowed:
        return fails(f"{words}: not near", f">= {NEAR}", float(found.seen / allowed))
    return holds(cases=found.pieces)


control(every_cosine_piece, "step-missing", "refuted", cosine=edits.short_cosine, reason="four times the angle's error")
control(
    every_cosine_piece, "levels-missing", "refuted", cosine=edits.coarse_cosine, reason="sixteen times the squarings'"
)
control(every_cosine_piece, "pi-is-3", "refuted", cosine=edits.rough_pi, reason="cos(3) is not -1")
control(
    every_cosine_piece,
    "double-bound",
    "refuted",
    bound=lambda m, j: 2 * laws.cosine_error(m, j),
    reason="holds, and is not near",
)
control(every_cosine_piece, "backwards", "confirmed", cosine=edits.mirrored_cosine, symmetry="cos(pi - a) = -cos(a)")


@check(
    claims.small_cosine,
    "certified",
    given={"size": [(2, 4)]},
    covers=True,
    scope={"sizes": "m = 2, J = 4, all of [0, 1]"},
)
def corners_by_the_checker(
    size: tuple[int, int], cosine: Any = gadgets.half_turn_cosine, most: Fraction = Fraction(1, 25)
) -> Evidence:
    """Two inequalities at every corner, and two that place pi between rationals: the checker's cosine, not FLINT's."""
    name, low, high = claims.small_cosine.id, Fraction(355, 113) - Fraction(1, 10**6), Fraction(355, 113)
    corners = along(lambda z: cosine(z[0], *size), [0], [1]).fractions()
    places = [z for z, _ in corners]
    made = [certificate(0, "<", ["cos", low / 2], claim=name), certificate(["cos", high / 2], "<", 0, claim=name)]
    for k, (z, (value,)) in enumerate(corners):
        longest = max(b - a for a, b in itertools.pairwise(places[max(k - 1, 0) : k + 2]))
        allowed = most - (high - low) - (high * longest) ** 2 / 8
        off = float(value) - math.cos(math.pi * z)
        if abs(off) > allowed:
            return fails(
                f"m = {size[0]}, J = {size[1]}: off by {abs(off):.4g} at z = {z}", f"<= {float(allowed):.4g}", abs(off)
            )
        turn = ["cos", low * z]
        made += [
            certificate(["-", value, turn], "<=", allowed, claim=name),
            certificate(["-", turn, value], "<=", allowed, claim=name),
        ]
    return holds(cases=len(corners) - 1, certificates=made)


control(
    corners_by_the_checker, "step-missing", "refuted", cosine=edits.short_cosine, reason="four times the angle's error"
)
control(corners_by_the_checker, "pi-is-3", "refuted", cosine=edits.rough_pi, reason="cos(3) is not -1")
control(
    corners_by_the_checker,
    "tighter",
    "refuted",
    most=Fraction(1, 50),
    reason="the angle alone errs by 2 d sin(pi z) z^3, 0.025",
)
control(corners_by_the_checker, "looser", "confirmed", most=Fraction(1, 20), reason="a weaker bound")


@check(
    claims.wave,
    "exhausted",
    given=lambda run: {"frequency": both_signs(run)},
    covers=True,
    scope=lambda run: {"sizes": f"|k| <= {run.pick(3, 15)}, m = 2, J = 4, all of [0, 1]"},
)
def every_wave(frequency: int, wave: Any = gadgets.wave, size: tuple[int, int] = (2, 4)) -> Evidence:
    """Folding and cosine together on all of [0, 1]."""
    from flint import arb

    k, folds = abs(frequency), abs(frequency).bit_length()
    found = along(lambda x: wave(x[0], frequency, folds, *size), [0], [1])
    exact: Any = (lambda t: (2 * k * t).sin_pi()) if frequency > 0 else (lambda t: (2 * k * t).cos_pi())
    seen = distance(found, exact, (2 * k * arb.pi()) ** 2)
    allowed = laws.cosine_error(*size)
    if seen.most > allowed:
        words = (
            f"frequency {frequency}: off by {float(seen.seen):.4g} at x = {seen.at}, the bound is {float(allowed):.4g}"
        )
        return fails(words, float(allowed), float(seen.seen))
    return holds(cases=seen.pieces)


control(every_wave, "sign-dropped", "refuted", wave=edits.always_cosine, reason="a sine is no cosine")
control(every_wave, "step-missing", "refuted", wave=edits.short_wave, reason="four times the angle's error")
control(every_wave, "deeper", "confirmed", wave=edits.deeper_wave, symmetry="half the number, folded once more")


@check(
    claims.basis,
    "exhausted",
    given=lambda run: {"frequencies": [(-1,), (1, -1), (1, 2), *run.pick((), ((-1, 2, 1), (1, 1, 1, -1)))]},
    scope=lambda run: {"sizes": f"k <= {run.pick(2, 4)}, m = 2, J = J' = 4, the whole diagonal of the cube"},
)
def basis_on_the_diagonal(
    frequencies: tuple[int, ...], tree: Any = gadgets.waves, size: tuple[int, int, int] = (2, 4, 4)
) -> Evidence:
    """The compiled product of waves along the diagonal, every piece, against balls."""
    from flint import arb

    k, folds = len(frequencies), max(map(abs, frequencies)).bit_length()
    found = along(lambda x: tree(x, frequencies, folds, *size), [0] * k, [1] * k)

    def exact(t: Any) -> Any:
        value = arb(1)
        for f in frequencies:
            value *= (2 * f * t).sin_pi() if f > 0 else (2 * f * t).cos_pi()
        return value

    seen = distance(found, exact, (2 * arb.pi() * sum(map(abs, frequencies))) ** 2)
    allowed = laws.basis_error(k, laws.cosine_error(*size[:2]), laws.product_error(size[2]))
    if seen.most > allowed:
        words = (
            f"frequencies {frequencies}: off by {float(seen.seen):.4g} at {seen.at}, the bound is {float(allowed):.4g}"
        )
        return fails(words, float(allowed), float(seen.seen))
    return holds(cases=seen.pieces)


control(basis_on_the_diagonal, "factor-dropped", "refuted", tree=edits.factor_dropped, reason="another function")
control(
    basis_on_the_diagonal, "step-missing", "refuted", tree=edits.short_tree, reason="the waves err four times as much"
)
control(basis_on_the_diagonal, "reversed", "confirmed", tree=edits.reversed_tree, symmetry="products commute")


def _wave_sizes(run: Run) -> list[tuple[int, int, int, int]]:
    return [
        (k * sign, k.bit_length(), m, j)
        for k in (1, 2, 3, *run.pick((), range(4, 32)))
        for sign in (-1, 1)
        for m in range(1, 5)
        for j in run.pick((3, 4, 10), range(3, 11))
    ]


@check(
    claims.weights,
    "exhausted",
    given=lambda run: {"size": _wave_sizes(run)},
    covers=True,
    scope=lambda run: {"sizes": f"|k| <= {run.pick(3, 31)}, m <= 4, 3 <= J <= 10"},
)
def wave_is_as_large_as_the_law(
    size: tuple[int, int, int, int], wave: Any = gadgets.wave, largest: int = 4
) -> Evidence:
    """Depth, width, count and largest weight of the compiled wave."""
    network = compiled(lambda x: wave(x[0], *size), 1)
    frequency, folds, steps, levels = size
    hidden = Network(network.layers[:-1])
    found = (network.depth, network.width, hidden.nonzeros, network.largest_inner)
    wanted = (*laws.wave_size(frequency, folds, steps, levels), largest)
    names = ("hidden layers", "neurons wide", "weights and biases", "as the largest weight")
    for name, seen, law in zip(names, found, wanted, strict=True):
        if seen != law:
            return fails(f"frequency {frequency}, C = {folds}, m = {steps}, J = {levels}: {seen} {name}", law, seen)
    return holds()


control(
    wave_is_as_large_as_the_law, "unscaled-frequency", "refuted", wave=edits.steep_wave, reason="2 k at once is above 4"
)
control(wave_is_as_large_as_the_law, "below-four", "refuted", largest=3, reason="the tent map's second weight is 4")
control(wave_is_as_large_as_the_law, "level-missing", "refuted", wave=edits.thin_wave, reason="fewer layers")
control(wave_is_as_large_as_the_law, "other-sign-of-zero", "confirmed", wave=edits.reflected_wave, symmetry="x + 0")
