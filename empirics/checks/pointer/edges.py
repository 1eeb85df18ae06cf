"""What the doubled hops reach near the left edge, by what a hop beyond the edge does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from constructions.pointer.shifts import shifted
from constructions.pointer.tables import path_counts
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.pointer.reach import doubling
from theory.pointer import reach as claims


def _cases(run: Run) -> dict[str, Any]:
    most = run.pick(5, 7)
    return {"case": [(layers, n) for layers in range(most) for n in range(1, 2**layers + 2)]}


def edge_law(edge: str, layers: int, n: int, i: int) -> tuple[set[int], int]:
    """The inputs of output i, and its number of paths, as the claim has them."""
    if edge == "wrap":
        return {(i - m) % n for m in range(min(n, 2**layers))}, 2**layers
    inputs = set(range(max(i - 2**layers + 1, 0), i + 1))
    return inputs, len(inputs) if edge == "none" else 2**layers


@check(
    claims.left_edge,
    "exhausted",
    given=_cases,
    scope=lambda run: {"sizes": f"L <= {run.pick(4, 6)}, N <= 2^L + 1, all i, three edges"},
)
def each_edge_as_claimed(
    case: tuple[int, int],
    offset: Callable[[int], int] = doubling,
    edges: tuple[str, str, str] = ("none", "clamp", "wrap"),
    law: Callable[[str, int, int, int], tuple[set[int], int]] = edge_law,
) -> Evidence:
    """For each edge the inputs of every output and the number of its paths. `edges`: which edge is taken for which."""
    layers, n = case
    for named, taken in zip(("none", "clamp", "wrap"), edges, strict=True):
        counts = path_counts(shifted(n, [[offset(level)] for level in range(1, layers + 1)], taken).targets)[0]
        for i in range(n):
            inputs, paths = set(np.flatnonzero(counts[i]).tolist()), int(counts[i].sum())
            if (inputs, paths) != law(named, layers, n, i):
                told = f"{n} positions, {layers} layers, edge {named}: output {i}"
                wanted = law(named, layers, n, i)
                return fails(f"{told} has inputs {sorted(inputs)} by {paths} paths", wanted, (inputs, paths))
    return holds(cases=3 * n)


def _paths_everywhere(edge: str, layers: int, n: int, i: int) -> tuple[set[int], int]:
    return edge_law(edge, layers, n, i)[0], 2**layers


def _lost_from_the_start(edge: str, layers: int, n: int, i: int) -> tuple[set[int], int]:
    """Outputs before 2^L - 1 miss input 0."""
    inputs, paths = edge_law(edge, layers, n, i)
    return (inputs - {0} if edge == "none" and 0 < i < 2**layers - 1 else inputs), paths


control(each_edge_as_claimed, "none-clamps", "refuted", edges=("clamp", "clamp", "wrap"), reason="one path more")
control(
    each_edge_as_claimed, "clamp-wraps", "refuted", edges=("none", "wrap", "wrap"), reason="inputs after the output"
)
control(
    each_edge_as_claimed, "no-path-lost", "refuted", law=_paths_everywhere, reason="nothing gathered is a path fewer"
)
control(each_edge_as_claimed, "input-0-lost", "refuted", law=_lost_from_the_start, reason="output 1 has it by one hop")
control(each_edge_as_claimed, "linear-offsets", "refuted", offset=lambda level: level, reason="distance 3 in two ways")
control(
    each_edge_as_claimed,
    "written-otherwise",
    "confirmed",
    offset=lambda level: 1 << (level - 1),
    symmetry="a shift of bits is a power of two",
)
