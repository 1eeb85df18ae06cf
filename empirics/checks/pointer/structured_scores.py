"""Sums, products and plane dot products: pointers without pairs against the definition, on all small inputs and random ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor

from constructions.pointer.plane_scores import Comparisons, plane_pointers
from constructions.pointer.structured_scores import (
    RankOnePointer,
    additive_pointers,
    rank_one_pointers,
    running_best,
)
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.cost.counted import Sizes, at, told
from empirics.cost.counting import count
from theory.cost.amounts import ceil_log2, value
from theory.pointer import structured_scores as claims


def by_definition(scores: Tensor, causal: bool, tie: str) -> Tensor:
    """Pointers `(..., N)` of scores `(..., N, N)`, by looking at all candidates."""
    n = scores.shape[-1]
    i, j = torch.arange(n)[:, None], torch.arange(n)
    allowed = (j <= i) if causal else torch.ones(n, n, dtype=torch.bool)
    top = torch.where(allowed, scores, scores.min() - 1).amax(-1, keepdim=True)
    best = (scores == top) & allowed
    return torch.where(best, j, n).amin(-1) if tie == "earliest" else torch.where(best, j, -1).amax(-1)


def _rows(values: range, n: int) -> Tensor:
    return torch.tensor(list(product(values, repeat=n)))


def _compared(
    found: Tensor, wanted: Tensor, left: Tensor, right: Tensor, names: tuple[str, str], causal: bool
) -> Evidence:
    """The first of many cases `(cases, N)` that differs, in words."""
    wrong = (found != wanted).any(-1).nonzero()
    if not len(wrong):
        return holds(cases=len(found))
    case = int(wrong[0])
    i = int((found[case] != wanted[case]).nonzero()[0])
    one, other = (tuple(x[case].tolist()) for x in (left, right))
    words = f"{names[0]} = {one}, {names[1]} = {other}{', j <= i' if causal else ''}: position {i} points at"
    return fails(
        f"{words} {int(wanted[case, i])}, not {int(found[case, i])}", wanted[case].tolist(), found[case].tolist()
    )


@check(
    claims.additive,
    "exhausted",
    given={"n": [1, 2, 3, 4], "causal": [False, True]},
    scope={"sizes": "N <= 4, all orders", "evaluation": "64-bit integers"},
)
def sums_by_one_number(
    n: int, causal: bool, form: Callable[..., Tensor] = additive_pointers, tie: Any = "earliest", rule: Any = None
) -> Evidence:
    """All b in 0 .. N - 1, which has all orders and ties, with a = 0 and a falling."""
    b = _rows(range(n), n).repeat(2, 1)
    a = torch.cat([torch.zeros_like(b[::2]), -torch.arange(n).expand(len(b) // 2, n)])
    wanted = by_definition(a[..., None] + b[..., None, :], causal, tie)
    return _compared(form(a, b, causal, rule or tie), wanted, a, b, ("a", "b"), causal)


control(sums_by_one_number, "latest-wins", "confirmed", tie="latest", reason="the other tie rule")
control(
    sums_by_one_number,
    "other-tie-rule",
    "refuted",
    rule="latest",
    reason="the latest of two equals is not the earliest",
)
control(
    sums_by_one_number,
    "never-causal",
    "refuted",
    form=lambda a, b, causal, tie: additive_pointers(a, b, False, tie),
    reason="a later key is seen",
)
control(
    sums_by_one_number,
    "subtracted",
    "refuted",
    form=lambda a, b, causal, tie: additive_pointers(a, -b, causal, tie),
    reason="the smallest, not the largest",
)
control(
    sums_by_one_number,
    "a-doubled",
    "confirmed",
    form=lambda a, b, causal, tie: additive_pointers(2 * a, b, causal, tie),
    symmetry="a is not looked at",
)

FORMATS = ("bfloat16", "float16", "float32", "float64")
"""By torch's names, fewest bits of precision first: 8, 11, 24, 53."""


@check(
    claims.additive_rounded,
    "exhausted",
    given={"dtype": list(FORMATS), "power": list(range(54))},
    scope={"sizes": "a = 2^m with m < 54, b = (0, 1)"},
)
def rounded_sums_by_one_number(
    dtype: str, power: int, most: int = 53, step: int = 1, tie: Any = "earliest"
) -> Evidence:
    """Sums in a format, with a a power of two, against the choice by b alone."""
    kept = getattr(torch, dtype)
    if power > most or 2.0**power > torch.finfo(kept).max:
        return holds(cases=0)
    a, b = torch.tensor(2.0**power, dtype=kept), torch.tensor([0, step], dtype=kept)
    wanted, found = (int(running_best(values.double(), tie)[-1]) for values in (a + b, b))
    if wanted != found:
        words = f"{dtype}, a = 2^{power}, b = (0, {step}): the sums tie and {wanted} is chosen, by b alone {found}"
        return fails(words, wanted, found)
    return holds()


control(rounded_sums_by_one_number, "b-doubled", "refuted", step=2, reason="one power of two later the sums tie again")
control(
    rounded_sums_by_one_number,
    "small-sums",
    "confirmed",
    most=7,
    reason="whole numbers up to 2^8 are in every one of these formats",
)
control(
    rounded_sums_by_one_number,
    "latest-wins",
    "confirmed",
    tie="latest",
    reason="the larger b comes later here, and wins the tie",
)


@check(
    claims.rank_one,
    "exhausted",
    given={"n": [1, 2, 3, 4], "causal": [False, True]},
    scope={"sizes": "N <= 4, all orders and signs", "evaluation": "64-bit integers"},
)
def products_by_running_extremes(
    n: int, causal: bool, form: Callable[..., Tensor] = rank_one_pointers, tie: Any = "earliest", rule: Any = None
) -> Evidence:
    """All k in 0 .. N - 1, which has all orders and ties, with all q in -1, 0, 1."""
    keys, queries = _rows(range(n), n), _rows(range(-1, 2), n)
    k, q = keys.repeat_interleave(len(queries), 0), queries.repeat(len(keys), 1)
    wanted = by_definition(q[..., None] * k[..., None, :], causal, tie)
    return _compared(form(q, k, causal, rule or tie), wanted, q, k, ("q", "k"), causal)


def _largest_alone(q: Tensor, k: Tensor, causal: bool, tie: Any) -> Tensor:
    """Takes the largest key whatever the sign."""
    return rank_one_pointers(torch.ones_like(q), k, causal, tie)


def _zero_as_positive(q: Tensor, k: Tensor, causal: bool, tie: Any) -> Tensor:
    return rank_one_pointers(torch.where(q == 0, 1, q), k, causal, tie)


def _zero_as_self(q: Tensor, k: Tensor, causal: bool, tie: Any) -> Tensor:
    return torch.where(q == 0, torch.arange(q.shape[-1]), rank_one_pointers(q, k, causal, tie))


control(products_by_running_extremes, "latest-wins", "confirmed", tie="latest", reason="the other tie rule")
control(products_by_running_extremes, "other-tie-rule", "refuted", rule="latest", reason="two equal keys")
control(
    products_by_running_extremes, "largest-alone", "refuted", form=_largest_alone, reason="q < 0 wants the smallest"
)
control(products_by_running_extremes, "zero-as-positive", "refuted", form=_zero_as_positive, reason="for q = 0 all tie")
control(
    products_by_running_extremes, "zero-as-self", "refuted", form=_zero_as_self, reason="that is the latest one's rule"
)
control(
    products_by_running_extremes,
    "tripled",
    "confirmed",
    form=lambda q, k, causal, tie: rank_one_pointers(3 * q, k, causal, tie),
    symmetry="only the sign of q counts",
)
control(
    products_by_running_extremes,
    "both-signs-turned",
    "confirmed",
    form=lambda q, k, causal, tie: rank_one_pointers(-q, -k, causal, tie),
    symmetry="(-q)(-k) = q k",
)


class _AllPairs(RankOnePointer):
    """The same pointers from a table of all products."""

    def forward(self, x: Tensor) -> Tensor:
        scores = self.query(x) * self.key(x).mT
        n = x.shape[-2]
        later = torch.ones(n, n, dtype=torch.bool, device=x.device).triu(1)
        chosen = scores.masked_fill(later, -torch.inf).argmax(-1)
        return x.gather(-2, chosen[..., None].expand(x.shape))


@check(
    claims.rank_one_work,
    "tested",
    given={"sizes": [{"N": n, "d": d} for n, d in ((2, 2), (2, 3), (3, 2), (16, 8), (1000, 2), (2**20, 64))]},
    scope={"sizes": "N <= 2^20, d <= 64"},
)
def linear_work(
    sizes: Sizes, layer: type = RankOnePointer, formula: str = "5*N*d + 24*N - 2", tie: Any = "earliest"
) -> Evidence:
    """The layer is run once on tensors without data, and every operation counted by its rule."""
    with torch.device("meta"), torch.no_grad():
        tally = count(layer(sizes["d"], tie=tie), (torch.empty(1, sizes["N"], sizes["d"]),))
    found, said = int(sum(map(value, tally.work.values()))), at(formula, sizes)
    if found != said:
        return fails(f"{told(sizes)}: the work is {found}, the formula gives {said}", said, found)
    return holds()


control(linear_work, "all-pairs", "refuted", layer=_AllPairs, reason="a table of N^2 products")
control(linear_work, "one-more", "refuted", formula="5*N*d + 25*N - 2", reason="an operation that is not there")
control(linear_work, "taken-out", "confirmed", formula="N*(5*d + 24) - 2", reason="the same formula in another form")


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
    """The earliest of the largest q . k, by looking at all candidates."""
    score = [[q[0] * k[0] + q[1] * k[1] for k in keys] for q in queries]
    return [
        max(range(i + 1 if causal else len(keys)), key=lambda j, i=i: (score[i][j], -j)) for i in range(len(queries))
    ]


def _latest(queries: Plane, keys: Plane, causal: bool) -> list[int]:
    """The latest of the best: from behind, which is another question."""
    n = len(keys)
    return (
        [n - 1 - j for j in plane_pointers(queries, keys[::-1])] if not causal else plane_pointers(queries, keys, True)
    )


@check(
    claims.rank_two,
    "tested",
    given={"case": plane_cases()},
    first=({"case": (((0, 0),), ((0, 0),))}, {"case": (((0, 1), (0, 1)), ((0, 0), (1, 0)))}),
    scope={"sizes": "N <= 8 on grids of 3, 5 and 11, where ties are common; causal or not"},
    examples=(150, 5000),
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


control(plane_pointers_without_pairs, "latest-wins", "refuted", form=_latest, reason="two equal keys")
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
    for n in (1, 2, 3, 4, 8, 16, 64, run.pick(128, 256)):
        yield from (("parabola", n), ("drawn", n), ("line", n))


def _family(name: str, n: int, seed: int) -> tuple[Plane, Plane]:
    import random

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
    scope=lambda run: {"sizes": f"N <= {run.pick(128, 256)}, keys on a parabola, on a line, drawn"},
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
