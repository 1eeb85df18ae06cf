"""Dot products: pointers in the plane from convex hulls, comparisons as they are made; orthogonal vectors through pointers."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from hypothesis import strategies as st

from constructions.pointer.plane_scores import Comparisons, plane_pointers
from constructions.pointer.score_tables import Shape, Table, pointers
from empirics.checking import Evidence, Run, check, control, fails, holds
from theory.cost.amounts import ceil_log2
from theory.pointer import dot_products as claims

Plane = tuple[tuple[int, int], ...]


@st.composite
def plane_cases(draw: Any) -> tuple[Plane, Plane]:
    """Up to eight queries and keys on a small grid, so that ties are common."""
    reach = draw(st.sampled_from((1, 2, 5)))
    points = st.lists(st.tuples(*[st.integers(-reach, reach)] * 2), min_size=1, max_size=8)
    keys = draw(points)
    queries = draw(st.lists(st.tuples(*[st.integers(-reach, reach)] * 2), min_size=len(keys), max_size=len(keys)))
    return tuple(queries), tuple(keys)


def plane_definition(queries: Plane, keys: Plane, causal: bool) -> list[int]:
    """The first of the largest q . k, by looking at all candidates."""
    score = [[q[0] * k[0] + q[1] * k[1] for k in keys] for q in queries]
    return [
        max(range(i + 1 if causal else len(keys)), key=lambda j, i=i: (score[i][j], -j)) for i in range(len(queries))
    ]


def _last(queries: Plane, keys: Plane, causal: bool) -> list[int]:
    """Not causal, the last of the best: the first of the keys in reverse."""
    found = plane_pointers(queries, keys[::-1] if not causal else keys, causal)
    return found if causal else [len(keys) - 1 - j for j in found]


def _most(run: Run) -> int:
    """The most keys whose comparisons are counted."""
    return run.pick(128, 256)


@check(
    claims.rank_two,
    "tested",
    given={"case": plane_cases()},
    first=({"case": (((0, 0),), ((0, 0),))}, {"case": (((0, 1), (0, 1)), ((0, 0), (1, 0)))}),
    scope=lambda run: {
        "sizes": f"pointers N <= 8 on grids with many ties, comparisons N <= {_most(run)}; causal or not"
    },
    examples=(60, 5000),
)
def plane_pointers_without_pairs(
    case: tuple[Plane, Plane], form: Callable[..., list[int]] = plane_pointers
) -> Evidence:
    """Pointers from hulls, against all dot products."""
    queries, keys = case
    for causal in (False, True):
        found, wanted = form(queries, keys, causal), plane_definition(queries, keys, causal)
        if found != wanted:
            words = f"q = {queries}, k = {keys}{', j <= i' if causal else ''}: points at {found}, not {wanted}"
            return fails(words, wanted, found)
    return holds(cases=2)


control(plane_pointers_without_pairs, "last-wins", "refuted", form=_last, reason="two equal keys")
control(
    plane_pointers_without_pairs,
    "upper-half",
    "refuted",
    form=lambda q, k, causal: plane_pointers([(x, abs(y)) for x, y in q], k, causal),
    reason="queries that look down are turned up",
)
control(
    plane_pointers_without_pairs,
    "queries-tripled",
    "confirmed",
    form=lambda q, k, causal: plane_pointers([(3 * x, 3 * y) for x, y in q], k, causal),
    symmetry="the direction of a query decides",
)


def _families(run: Run) -> Iterator[tuple[str, int]]:
    for n in (1, 2, 3, 4, 8, 16, 64, _most(run)):
        yield from (("parabola", n), ("drawn", n), ("line", n))


def _family(name: str, n: int, seed: int) -> tuple[Plane, Plane]:
    draw = random.Random(seed)
    reach = n * n
    queries = [(draw.randint(-reach, reach), draw.randint(-reach, reach)) for _ in range(n)]
    keys = {
        "parabola": [(j, j * j) for j in range(n)],
        "line": [(j, j) for j in range(n)],
        "drawn": [(draw.randint(-reach, reach), draw.randint(-reach, reach)) for _ in range(n)],
    }[name]
    draw.shuffle(keys)
    return tuple(queries), tuple(keys)


@check(
    claims.rank_two,
    "tested",
    given=lambda run: {"family": list(_families(run))},
    scope=lambda run: {"sizes": f"N <= {_most(run)}, keys on a parabola, on a line, drawn"},
)
def plane_comparisons(family: tuple[str, int], share: float = 1, causal_share: float = 1, run: Run = Run()) -> Evidence:
    """Comparisons are counted as they are made, and compared with the bounds."""
    queries, keys = _family(*family, run.seed)
    n, rounds = len(keys), ceil_log2(len(keys))
    bounds = {False: 3 * n * (rounds + 2) * share, True: 1.5 * n * rounds * (rounds + 2) * causal_share}
    for causal, most in bounds.items():
        counted = Comparisons()
        plane_pointers(queries, keys, causal, counted)
        if counted.made > most:
            words = f"N = {n}, keys {family[0]}{', j <= i' if causal else ''}: {counted.made} comparisons"
            return fails(words, f"at most {most}", counted.made)
    return holds(cases=2)


control(plane_comparisons, "a-sixth", "refuted", share=1 / 6, reason="sorting the keys alone is N log N")
control(plane_comparisons, "a-sixth-causal", "refuted", causal_share=1 / 6, reason="sorting the keys at every level")
control(plane_comparisons, "twice", "confirmed", share=2, causal_share=2, reason="a weaker bound")

Vectors = tuple[tuple[int, ...], ...]


def _pairs_of_sets(run: Run) -> Iterator[tuple[Vectors, Vectors]]:
    for n, d in ((1, 1), (1, 2), (2, 1), (1, 3), (2, 2), *run.pick([], [(2, 3), (3, 2)])):
        sets = list(product(product((0, 1), repeat=d), repeat=n))
        yield from product(sets, sets)


@check(
    claims.orthogonal_vectors,
    "exhausted",
    given=lambda run: {"sets": _pairs_of_sets(run)},
    scope=lambda run: {"sizes": run.pick("N, d <= 2 and N = 1, d = 3", "N, d <= 3 but for N = d = 3")},
)
def pointers_find_orthogonal_vectors(sets: tuple[Vectors, Vectors], tie: str = "first", sign: int = -1) -> Evidence:
    """Pointers by q = a, k = -b; the scores at the pointers tell whether some pair is orthogonal."""
    left, right = sets
    scores = tuple(tuple(sign * sum(x * y for x, y in zip(a, b, strict=True)) for b in right) for a in left)
    chosen = pointers(Table(Shape("all"), scores), tie)
    found = any(scores[i][j] == 0 for i, j in enumerate(chosen) if j is not None)
    wanted = any(all(x * y == 0 for x, y in zip(a, b, strict=True)) for a, b in product(left, right))
    if found != wanted:
        told = " and ".join("{" + ", ".join("".join(map(str, v)) for v in vectors) + "}" for vectors in sets)
        return fails(f"{told}: the pointers say {found}, an orthogonal pair is there: {wanted}", wanted, found)
    return holds()


control(
    pointers_find_orthogonal_vectors,
    "sign-dropped",
    "refuted",
    sign=1,
    reason="the largest product is chosen, not the least",
)
control(
    pointers_find_orthogonal_vectors, "doubled", "confirmed", sign=-2, symmetry="scores scaled by a positive number"
)
control(pointers_find_orthogonal_vectors, "last-wins", "confirmed", tie="last", reason="the score is that of the best")
