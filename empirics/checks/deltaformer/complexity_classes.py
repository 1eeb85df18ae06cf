"""Facts about S5 on which cited class memberships rest: four swaps suffice, and the group is not solvable."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from constructions.deltaformer.swap_tracking import OneHotSwaps
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.deltaformer.swap_edits import SignDropped
from theory.deltaformer import complexity_classes as claims
from theory.permutations import Permutation, all_swaps, as_transpositions, compose, identity, inverse
from theory.programs import SwapProgram


def _distances(n: int) -> dict[Permutation, int]:
    """The least number of swaps for every permutation, by breadth-first search."""
    known, level = {identity(n): 0}, [identity(n)]
    while level:
        grown = []
        for permutation in level:
            for a, b in all_swaps(n):
                swapped = list(permutation)
                swapped[a], swapped[b] = swapped[b], swapped[a]
                made = tuple(swapped)
                if made not in known:
                    known[made] = known[permutation] + 1
                    grown.append(made)
        level = grown
    return known


@check(
    claims.s5_in_four_swaps,
    "exhausted",
    covers=True,
    scope={"sizes": "all 120 elements", "method": "breadth-first search; each element's swaps run by the operator"},
)
def swaps_for_every_element(n: int = 5, most: int = 4, construction: OneHotSwaps = OneHotSwaps()) -> Evidence:
    """The greatest distance from the identity is `most`, and the layer makes every element from as many swaps as needed."""
    distances = _distances(n)
    farthest = max(distances, key=lambda p: distances[p])
    if distances[farthest] != most:
        return fails(f"{farthest} takes {distances[farthest]} swaps", most, distances[farthest])
    for distance in range(most + 1):
        made = [p for p, needed in distances.items() if needed == distance]
        programs = [as_transpositions(p) for p in made]
        longer = next((p for p, swaps in zip(made, programs, strict=True) if len(swaps) != distance), None)
        if longer is not None:
            return fails(f"{longer}: {len(as_transpositions(longer))} swaps where {distance} do", distance)
        tokens = construction.compile_batch(n, np.array(programs, dtype=np.int64).reshape(len(programs), distance, 2))
        read = tokens.read_out(tokens.first_stage())
        wrong = np.flatnonzero((read != np.eye(n, dtype=np.int64)[np.array(made)]).any(axis=(1, 2)))
        if wrong.size:
            return fails(f"{SwapProgram(n, programs[wrong[0]])} does not make {made[wrong[0]]}")
    return holds(cases=len(distances))


control(swaps_for_every_element, "three-swaps", "refuted", most=3, reason="a cycle of five takes four")
control(swaps_for_every_element, "six-things", "refuted", n=6, reason="a cycle of six takes five")
control(
    swaps_for_every_element,
    "sign-dropped",
    "refuted",
    construction=SignDropped(),
    reason="the layer must make what the swaps make",
)
control(swaps_for_every_element, "four-things", "confirmed", n=4, most=3, reason="n - 1 swaps for n things")


def _commutators(group: set[Permutation]) -> set[Permutation]:
    """The subgroup that the commutators of a group generate."""
    generators = {compose(compose(a, b), compose(inverse(a), inverse(b))) for a in group for b in group}
    made = set(generators)
    level = list(generators)
    while level:
        level = [p for p in {compose(a, g) for a in level for g in generators} if p not in made]
        made.update(level)
    return made


@check(
    claims.s5_not_solvable,
    "exhausted",
    covers=True,
    scope={"sizes": "S5", "method": "derived subgroups, all commutators written out"},
)
def derived_series_does_not_end(n: int = 5, depth: int = 1) -> Evidence:
    """The derived subgroups of S_n shrink `depth` times and then stay, with more than one element."""
    group = set(permutations(range(n)))
    for _ in range(depth):
        group = _commutators(group)
    smaller = _commutators(group)
    if len(group) == 1 or smaller != group:
        return fails(
            f"n = {n}: a derived subgroup of {len(group)} elements has one of {len(smaller)}", len(group), len(smaller)
        )
    return holds(cases=len(group))


control(derived_series_does_not_end, "four-things", "refuted", n=4, reason="S4, A4, the four-group, 1: solvable")
control(derived_series_does_not_end, "three-things", "refuted", n=3, reason="S3, A3, 1: solvable")
control(derived_series_does_not_end, "one-step-later", "confirmed", depth=2, reason="what stays once stays")
