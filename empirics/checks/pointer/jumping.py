"""Pointer jumping: the exponent derived, all small tables against hops one by one, and distances under a window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from constructions.pointer.jumping import Jumping, compose, hops
from constructions.pointer.shifts import shifted
from constructions.pointer.tables import AllTables
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.pointer.table_batches import Tables
from theory.pointer import distances as claims
from theory.pointer.tables import PointerTable


class FirstHopAdded(Jumping):
    """p <- p[p_0]: one hop more a round."""

    def round(self, pointers: Any, first: Any) -> Any:
        return compose(pointers, first)


class InPlace(Jumping):
    """p_i <- p[p_i] for i = 0, 1, ..., reading entries that this round has already written."""

    def round(self, pointers: Any, first: Any) -> Any:
        made = pointers.copy()
        for i in range(made.shape[1]):
            made[:, i] = np.take_along_axis(made, made[:, i, None] % (made.shape[1]), axis=1)[:, 0]
        return made


class TwoStepsTaken(Jumping):
    """p[p] spelled as two walks from every position."""

    def round(self, pointers: Any, first: Any) -> Any:
        return hops(pointers, 2)


def _doubled(level: Any) -> Any:
    return 2**level


@check(claims.jumping, "derived", covers=True, scope={"sizes": "all N, l and tables", "method": "exponents in l"})
def exponents_double(law: Callable[[Any], Any] = _doubled) -> Evidence:
    """law(l) + law(l) = law(l + 1), and law(0) = 1."""
    import sympy

    level = sympy.Symbol("l", integer=True, nonnegative=True)
    residual = sympy.powsimp(sympy.expand(law(level + 1) - law(level) - law(level)))
    if residual != 0:
        return fails(f"a round more: the exponent is off by {residual}", 0, residual)
    return holds(cases=2) if law(0) == 1 else fails(f"no round: the exponent is {law(0)}, not 1", 1, law(0))


control(exponents_double, "one-more-a-round", "refuted", law=lambda level: level + 1, reason="p[p] is not p[p_0]")
control(exponents_double, "squared", "refuted", law=lambda level: (level + 1) ** 2, reason="4 hops after one round: 2")
control(
    exponents_double,
    "written-otherwise",
    "confirmed",
    law=lambda level: 2 ** (level + 1) / 2,
    symmetry="2^(l+1)/2 = 2^l",
)


@check(
    claims.jumping,
    "exhausted",
    given=lambda run: {"tables": [AllTables(n, 1) for n in range(1, run.pick(6, 7))]},
    scope={"sizes": "all tables with N <= 5, l <= 3"},
)
def every_small_table_jumped(tables: Tables, jumping: Jumping = Jumping()) -> Evidence:
    """Every table: after l = 0..3 rounds the pointers are 2^l hops, walked one by one."""
    first = tables.targets[:, 0, 0]
    for count in range(4):
        found, wanted = jumping.rounds(first, count), hops(first, 2**count)
        wrong = np.argwhere(found != wanted)
        if wrong.size:
            b, i = (int(x) for x in wrong[0])
            table = PointerTable(tables.n, [[first[b].tolist()]])
            words = f"{table}: after {count} rounds {i} points at {found[b, i]}, {2**count} hops lead to {wanted[b, i]}"
            return fails(words, wanted[b, i], found[b, i], {"tables": table})
    return holds(cases=4 * len(first))


control(
    every_small_table_jumped,
    "first-hop-added",
    "refuted",
    jumping=FirstHopAdded(),
    reason="three hops after two rounds",
)
control(every_small_table_jumped, "in-place", "refuted", jumping=InPlace(), reason="reads what the round has written")
control(every_small_table_jumped, "two-steps", "confirmed", jumping=TwoStepsTaken(), symmetry="p[p] is two hops of p")


@check(
    claims.jumping,
    "exhausted",
    given=lambda run: {"case": [(n, w, count) for n, w in ((5, 1), (9, 1), (9, 2), (6, 3)) for count in range(4)]},
    scope={"sizes": "all tables with i - p_i <= w: N <= 9, w <= 3, l <= 3"},
)
def distances_double(case: tuple[int, int, int], jumping: Jumping = Jumping(), factor: int = 2) -> Evidence:
    """Over all tables the greatest distance is min(N - 1, 2^l w), and p_i = max(i - w, 0) has it at each position."""
    n, w, count = case
    first = AllTables(n, 1, 1, tuple(range(w + 1))).targets[:, 0, 0]
    shift = shifted(n, [[w]], "clamp").targets[:, 0, 0]
    far = int((np.arange(n) - jumping.rounds(first, count)).max())
    each = (np.arange(n) - jumping.rounds(shift, count)[0]).tolist()
    wanted = [min(i, factor**count * w) for i in range(n)]
    if each != wanted or far != wanted[-1]:
        words = f"N = {n}, w = {w}, {count} rounds: distances {each} by p_i = max(i - w, 0), at most {far} by any table"
        return fails(words, wanted, (each, far))
    return holds(cases=len(first) * n)


control(distances_double, "first-hop-added", "refuted", jumping=FirstHopAdded(), reason="(l + 1) w, not 2^l w")
control(distances_double, "three-times", "refuted", factor=3, reason="p[p] is two hops")
control(distances_double, "two-steps", "confirmed", jumping=TwoStepsTaken(), symmetry="p[p] is two hops of p")
