"""Tokens by importance: overlaps of hats, and the rounds in every order of a window."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

from constructions.takakura_suzuki.importance import ImportanceAttention
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.takakura_suzuki import attention_edits as edits
from empirics.checks.takakura_suzuki.attention import NEAR
from theory.takakura_suzuki import attention as claims
from theory.takakura_suzuki import importance_laws


@check(claims.hats, "derived", covers=True, scope={"sizes": "all mu, mu', h", "method": "a, b, d symbols"})
def overlap_identities(loss: int = 2, mirrored: bool = False) -> Evidence:
    """Within a cell and across a node; `mirrored` reads the cell from its other end, 1 - a and 1 - b."""
    import sympy

    a, b, d = sympy.symbols("a b d")
    residuals = {
        "within": ((1 - a) * (1 - b) + a * b - (1 - (a - b) ** 2 + (a + b - 1) ** 2) / loss).subs(
            {a: 1 - a, b: 1 - b} if mirrored else {}, simultaneous=True
        ),
        "across": (1 + b - d) * (1 - b) - (1 - d) - b * (d - b),
    }
    for name, residual in residuals.items():
        if sympy.expand(residual) != 0:
            return fails(f"{name}: {sympy.expand(residual)} is left", 0, sympy.expand(residual))
    return holds(cases=2)


control(overlap_identities, "thirds", "refuted", loss=3, reason="a code overlaps itself by half at least")
control(overlap_identities, "mirrored", "confirmed", mirrored=True, symmetry="the cell read from its other end")


@check(
    claims.hats,
    "exhausted",
    given=lambda run: {"parts": [1, 2, 3, *run.pick((), (4, 5))]},
    scope=lambda run: {"sizes": f"1 / h = 4..{run.pick(12, 20)}, grids of h / 8"},
)
def overlap_on_a_grid(
    parts: int, least: Fraction = importance_laws.OVERLAP, tolerance: Fraction = Fraction(1, 2), turned: bool = False
) -> Evidence:
    """The hats themselves, exactly: at least 3/8 near, 0 far, 3/8 reached; `turned` takes the code of 1 - mu for that of mu."""
    made = ImportanceAttention(Fraction(1, parts), Fraction(1))
    step = made.width / 8
    grid = [step * k for k in range(int(1 / step) + 1)]
    codes = [made.code(1 - mu if turned else mu) for mu in grid]
    lowest = Fraction(1)
    for (mu, first), (nu, second) in itertools.combinations(zip(grid, codes, strict=True), 2):
        overlap = sum((x * y for x, y in zip(first, second, strict=True) if x and y), Fraction(0))
        if nu - mu <= tolerance * made.width:
            lowest = min(lowest, overlap)
            if overlap < least:
                return fails(f"h = {made.width}: {mu} and {nu} overlap by {overlap}", f">= {least}", overlap)
        if nu - mu >= 2 * made.width and overlap:
            return fails(f"h = {made.width}: {mu} and {nu} overlap by {overlap}", 0, overlap)
    if lowest != least:
        return fails(f"h = {made.width}: the least overlap near is {lowest}", least, lowest)
    return holds(cases=len(grid) ** 2 // 2)


control(overlap_on_a_grid, "turned", "confirmed", turned=True, symmetry="distances of 1 - mu are those of mu")
control(overlap_on_a_grid, "half", "refuted", least=Fraction(1, 2), reason="(1/2 - 1/8) at half a half-width")
control(
    overlap_on_a_grid, "a-whole-width", "refuted", tolerance=Fraction(1), reason="a node away the overlap may vanish"
)


def _windows(run: Run) -> list[tuple[Fraction, ...]]:
    grid = [Fraction(k, 4) for k in range(5)]
    fine = [Fraction(k, 8) for k in (0, 2, 3, 5, 8)]
    sets = [c for size in range(2, run.pick(4, 6)) for c in itertools.combinations(grid, size)]
    return [
        p
        for chosen in (*sets, tuple(fine))
        for p in ([chosen, chosen[::-1]] if len(chosen) > 3 else itertools.permutations(chosen))
    ]


@check(
    claims.rounds,
    "exhausted",
    given=lambda run: {"window": _windows(run)},
    covers=True,
    scope=lambda run: {
        "sizes": f"windows of up to {run.pick(3, 5)} importances on quarters in every order, and five on eighths"
    },
)
def rounds_pick_in_order(
    window: tuple[Fraction, ...], made: Any = ImportanceAttention, share: Fraction = Fraction(1)
) -> Evidence:
    """Each round's attention against the order of the importances and the bound."""
    ordered = sorted(window, reverse=True)
    gap = min(a - b for a, b in itertools.pairwise(ordered))
    chi = importance_laws.temperature(len(window), gap, Fraction(1, 100))
    allowed = importance_laws.leak(len(window), gap, chi)
    attention = made(gap, share * chi).rounds([float(mu) for mu in window], len(window))
    slack = 2.0**-40  # a float64 softmax of scores below 2^12 is off by less
    for number, (row, wanted) in enumerate(zip(attention, ordered, strict=True), start=1):
        leaked = 1 - row[window.index(wanted)]
        if leaked > float(allowed) + slack:
            words = (
                f"importances {', '.join(map(str, window))}: round {number} leaves {leaked:.3g} to others than {wanted}"
            )
            return fails(words, f"<= {float(allowed):.3g}", leaked)
    if len(window) == 2 and made is ImportanceAttention and 1 - max(attention[0]) < NEAR * allowed:
        words = f"importances {', '.join(map(str, window))}: round 1 leaks {1 - max(attention[0]):.3g}"
        return fails(words, f">= {NEAR} of {float(allowed):.3g}", 1 - max(attention[0]))
    return holds(cases=len(window))


control(
    rounds_pick_in_order, "few-hats", "refuted", made=edits.few_hats, reason="hats as wide as the gap mask neighbours"
)
control(rounds_pick_in_order, "weak-mask", "refuted", made=edits.weak_mask, reason="a picked token wins again")
control(
    rounds_pick_in_order, "temperature-halved", "refuted", share=Fraction(1, 2), reason="the leak is the square root"
)
control(rounds_pick_in_order, "more-hats", "confirmed", made=edits.more_hats, reason="narrower hats tell more apart")
