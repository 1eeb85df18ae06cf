"""Windows: the distance law derived, and the farthest input over all small tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from constructions.pointer.tables import RESIDUAL, AllTables, Gathering, path_counts, table_at
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.pointer.table_batches import TwoHops
from theory.pointer import distances as claims

Law = Callable[[int, int], int]


def window_law(layers: Any, w: Any) -> Any:
    """The farthest in L layers, of numbers or symbols."""
    return layers * w


@check(claims.window, "derived", covers=True, scope={"sizes": "all N, L, w", "method": "recursion in l and w"})
def a_layer_adds_w(law: Callable[[Any, Any], Any] = window_law) -> Evidence:
    """The law is 0 without layers and w more with each."""
    import sympy

    level, w = sympy.symbols("l w", positive=True)
    start, step = sympy.expand(law(0, w)), sympy.expand(law(level, w) - law(level - 1, w) - w)
    for name, residual in (("without layers", start), ("a layer more", step)):
        if residual != 0:
            return fails(f"{name}: the distance is off by {residual}", 0, residual)
    return holds(cases=2)


control(a_layer_adds_w, "doubling", "refuted", law=lambda level, w: 2**level * w, reason="that is pointer jumping")
control(a_layer_adds_w, "one-hop-more", "refuted", law=lambda level, w: (level + 1) * w, reason="no layer, no distance")
control(a_layer_adds_w, "w-added-l-times", "confirmed", law=lambda level, w: w * level, symmetry="l w = w l")


def _windows(run: Any) -> dict[str, Any]:
    sizes = [
        (1, 1, 2),
        (2, 1, 2),
        (3, 1, 1),
        (3, 2, 1),
        (4, 3, 1),
        (3, 1, 3),
        (4, 2, 2),
        (5, 1, 2),
        (6, 3, 1),
        (4, 1, 3),
    ]
    sizes += run.pick([], [(7, 3, 1), (5, 2, 2), (4, 1, 4)])
    return {"case": [(n, w, layers) for n, w, layers in sizes]}


@check(
    claims.window,
    "exhausted",
    given=_windows,
    scope={"sizes": "all tables with N <= 6, w <= 3, L <= 3 where few enough"},
)
def every_small_window(
    case: tuple[int, int, int], law: Law = window_law, layer: Gathering = RESIDUAL, ahead: bool = False, beyond: int = 0
) -> Evidence:
    """All tables with i - p_i in 0..w (-w..w if `ahead`): the greatest distance is min(N - 1, law); pointers `beyond` w too."""
    n, w, layers = case
    offsets = tuple(range(-w if ahead else 0, w + beyond + 1))
    targets = AllTables(n, layers, 1, offsets).targets
    counts = path_counts(targets, layer)
    distance = np.where(counts > 0, np.arange(n)[:, None] - np.arange(n), 0)
    wanted, found = min(n - 1, law(layers, w)), int(distance.max())
    if found != wanted:
        which = int(np.argwhere(distance == found)[0][0])
        words = f"{table_at(targets, which)}: a value comes from {found} away, with w = {w} the farthest is {wanted}"
        return fails(words, wanted, found)
    return holds(cases=len(targets))


control(every_small_window, "one-hop-more", "refuted", law=lambda level, w: (level + 1) * w, reason="L hops, not L + 1")
control(every_small_window, "doubling", "refuted", law=lambda level, w: 2**level * w, reason="that is pointer jumping")
control(every_small_window, "w-plus-one-allowed", "refuted", beyond=1, reason="offsets of w + 1 reach farther")
control(every_small_window, "both-ways", "confirmed", ahead=True, reason="hops ahead bring a value no farther")
control(every_small_window, "gathered-twice", "confirmed", layer=TwoHops(), reason="the same positions")
