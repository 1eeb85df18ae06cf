"""Sums and products of two numbers: pointers without pairs against the definition, on all small inputs; and the work."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import torch
from torch import Tensor

from constructions.layers.pointer.running import running_argmax
from constructions.pointer.structured_scores import RankOnePointer, rank_one_pointers
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.cost.counted import Sizes, at, told
from empirics.cost.counting import count
from theory.cost.amounts import value
from theory.pointer import structured_scores as claims


def by_definition(scores: Tensor, causal: bool, tie: str) -> Tensor:
    """Pointers `(..., N)` of scores `(..., N, N)`, by looking at all candidates."""
    n = scores.shape[-1]
    i, j = torch.arange(n)[:, None], torch.arange(n)
    allowed = (j <= i) if causal else torch.ones(n, n, dtype=torch.bool)
    top = torch.where(allowed, scores, scores.min() - 1).amax(-1, keepdim=True)
    best = (scores == top) & allowed
    return torch.where(best, j, n).amin(-1) if tie == "first" else torch.where(best, j, -1).amax(-1)


def _rows(values: range, n: int) -> Tensor:
    """All rows of n of these values `(cases, n)`, fp64."""
    return torch.tensor(list(product(values, repeat=n)), dtype=torch.float64)


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
    scope={"sizes": "N <= 4, all orders", "evaluation": "whole numbers in fp64, exact"},
)
def sums_by_one_number(
    n: int,
    causal: bool,
    form: Callable[..., Tensor] = running_argmax,
    tie: str = "first",
    rule: str = "",
    scale: int = 1,
) -> Evidence:
    """All b in 0 .. N - 1, which has all orders and ties, with a = 0 and a falling; chosen by the layer's running maximum of b."""
    b = _rows(range(n), n).repeat(2, 1)
    a = scale * torch.arange(n) * -torch.ones(len(b), 1).double()
    a[::2] = 0
    wanted = by_definition(a[..., None] + b[..., None, :], causal, tie)
    return _compared(form(b, causal=causal, ties=rule or tie), wanted, a, b, ("a", "b"), causal)


control(sums_by_one_number, "last-wins", "confirmed", tie="last", reason="the other tie rule")
control(sums_by_one_number, "other-tie-rule", "refuted", rule="last", reason="the last of two equals is not the first")
control(
    sums_by_one_number,
    "never-causal",
    "refuted",
    form=lambda b, causal, ties: running_argmax(b, causal=False, ties=ties),
    reason="a later key is seen",
)
control(
    sums_by_one_number,
    "subtracted",
    "refuted",
    form=lambda b, causal, ties: running_argmax(-b, causal=causal, ties=ties),
    reason="the smallest, not the largest",
)
control(sums_by_one_number, "other-a", "confirmed", scale=-7, symmetry="a moves all scores of a position alike")

FORMATS = ("bfloat16", "float16", "float32", "float64")
"""By torch's names, fewest bits of precision first: 8, 11, 24, 53."""


@check(
    claims.additive_rounded,
    "exhausted",
    given={"dtype": list(FORMATS), "power": list(range(54))},
    scope={"sizes": "a = 2^m with m < 54, b = (0, 1)"},
)
def rounded_sums_by_one_number(dtype: str, power: int, most: int = 53, step: int = 1, tie: str = "first") -> Evidence:
    """Sums in a format, with a a power of two, against the choice by b alone."""
    kept = getattr(torch, dtype)
    if power > most or 2.0**power > torch.finfo(kept).max:
        return holds(cases=0)
    a, b = torch.tensor(2.0**power, dtype=kept), torch.tensor([0, step], dtype=kept)
    wanted, found = (int(running_argmax(values, ties=tie)[-1]) for values in (a + b, b))
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
    "last-wins",
    "confirmed",
    tie="last",
    reason="the larger b comes later here, and wins the tie",
)


@check(
    claims.rank_one,
    "exhausted",
    given={"n": [1, 2, 3, 4], "causal": [False, True]},
    scope={"sizes": "N <= 4, all orders and signs", "evaluation": "whole numbers in fp64, exact"},
)
def products_by_running_extremes(
    n: int, causal: bool, form: Callable[..., Tensor] = rank_one_pointers, tie: str = "first", rule: str = ""
) -> Evidence:
    """All k in 0 .. N - 1, which has all orders and ties, with all q in -1, 0, 1."""
    keys, queries = _rows(range(n), n), _rows(range(-1, 2), n)
    k, q = keys.repeat_interleave(len(queries), 0), queries.repeat(len(keys), 1)
    wanted = by_definition(q[..., None] * k[..., None, :], causal, tie)
    return _compared(form(q, k, causal=causal, ties=rule or tie), wanted, q, k, ("q", "k"), causal)


def _largest_alone(q: Tensor, k: Tensor, **how: Any) -> Tensor:
    """Takes the largest key whatever the sign."""
    return rank_one_pointers(torch.ones_like(q), k, **how)


def _zero_as_positive(q: Tensor, k: Tensor, **how: Any) -> Tensor:
    return rank_one_pointers(torch.where(q == 0, 1, q), k, **how)


def _zero_as_self(q: Tensor, k: Tensor, **how: Any) -> Tensor:
    return torch.where(q == 0, torch.arange(q.shape[-1]), rank_one_pointers(q, k, **how))


control(products_by_running_extremes, "last-wins", "confirmed", tie="last", reason="the other tie rule")
control(products_by_running_extremes, "other-tie-rule", "refuted", rule="last", reason="two equal keys")
control(
    products_by_running_extremes, "largest-alone", "refuted", form=_largest_alone, reason="q < 0 wants the smallest"
)
control(products_by_running_extremes, "zero-as-positive", "refuted", form=_zero_as_positive, reason="for q = 0 all tie")
control(
    products_by_running_extremes, "zero-as-self", "refuted", form=_zero_as_self, reason="that is the last one's rule"
)
control(
    products_by_running_extremes,
    "tripled",
    "confirmed",
    form=lambda q, k, **how: rank_one_pointers(3 * q, k, **how),
    symmetry="only the sign of q counts",
)
control(
    products_by_running_extremes,
    "both-signs-turned",
    "confirmed",
    form=lambda q, k, **how: rank_one_pointers(-q, -k, **how),
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
    sizes: Sizes, layer: type = RankOnePointer, formula: str = "5*N*d + 23*N + 2", tie: str = "first"
) -> Evidence:
    """The layer is run once on tensors without data, and every operation counted by its rule."""
    with torch.device("meta"), torch.no_grad():
        tally = count(layer(sizes["d"], ties=tie), (torch.empty(1, sizes["N"], sizes["d"]),))
    found, said = int(sum(map(value, tally.work.values()))), at(formula, sizes)
    if found != said:
        return fails(f"{told(sizes)}: the work is {found}, the formula gives {said}", said, found)
    return holds()


control(linear_work, "all-pairs", "refuted", layer=_AllPairs, reason="a table of N^2 products")
control(linear_work, "one-more", "refuted", formula="5*N*d + 24*N + 2", reason="an operation that is not there")
control(linear_work, "taken-out", "confirmed", formula="N*(5*d + 23) + 2", reason="the same formula in another form")
