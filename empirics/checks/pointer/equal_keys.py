"""Equal keys and their scores: in columns summed in orders of their own, in one fixed order, and as the layer computes them.

The orders of a matrix product are written out here, so that the counterexample is about arithmetic and no library is looked at.
"""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable, Sequence

import numpy as np
import torch

from constructions.layers.pointer.scoring import of_listed
from constructions.layers.pointer.selection import select
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.pointer.rounded_ties import Key, key_pairs, summed
from theory.pointer import ties as claims


def _orders(d: int) -> list[tuple[int, ...]]:
    return list(itertools.permutations(range(d)))


Order = tuple[int, ...]


def every_two(d: int) -> Sequence[tuple[Order, Order]]:
    """Any order of one column beside any order of another."""
    return list(itertools.product(_orders(d), _orders(d)))


def same_for_both(d: int) -> Sequence[tuple[Order, Order]]:
    return [(order, order) for order in _orders(d)]


VECTORS: list[Key] = [key for d in (1, 2, 3) for key, twin in key_pairs((d,)) if key == twin]


@check(
    claims.equal_keys,
    "exhausted",
    given={"key": VECTORS},
    scope={
        "sizes": "a query of ones, a key of at most 3 coordinates in two columns",
        "evaluation": "orders written out",
    },
)
def equal_keys_score_equally(
    key: Key,
    dtype: type = np.float32,
    small: float = 1.0,
    orders: Callable[[int], Sequence[tuple[Order, Order]]] = every_two,
) -> Evidence:
    """One key in two columns, each summed in an order of its own: one score?"""
    seen = tuple(x * small if x < 1 else x for x in key)
    for one, two in orders(len(seen)):
        a, b = summed(seen, one, dtype), summed(seen, two, dtype)
        if a != b:
            return fails(f"key {seen} twice: summed {one} it scores {a}, summed {two} {b}", a, b)
    return holds()


control(
    equal_keys_score_equally,
    "one-order",
    "confirmed",
    orders=same_for_both,
    reason="this is pointer/ties/fixed-order",
)
control(equal_keys_score_equally, "fp64", "confirmed", dtype=np.float64, reason="nothing is rounded in 53 bits")
control(
    equal_keys_score_equally,
    "twice-as-large",
    "confirmed",
    small=2.0,
    reason="sums that are exact have no order",
)
control(
    equal_keys_score_equally,
    "fp16",
    "refuted",
    dtype=np.float16,
    small=2.0**13,
    reason="1 + 2^-11 + 2^-11 is 1 or 1 + 2^-10 there",
)

Operation = dict[tuple[int, int], int]
"""A rounded operation on two values, written as a table."""

PAIRS: Sequence[tuple[int, int]] = list(itertools.product((0, 1), (0, 1)))


def _tables() -> list[Operation]:
    """Every operation on two values, whatever its rounding."""
    return [dict(zip(PAIRS, values, strict=True)) for values in itertools.product((0, 1), repeat=4)]


@check(
    claims.fixed_order,
    "derived",
    covers=True,
    scope={"sizes": "all keys and formats", "method": "the induction step, decided for every table of an operation"},
)
def a_node_of_equal_operands_has_one_value(
    at: Callable[[Operation, int], Operation] = lambda table, position: table,
    equal: Callable[[object, object], bool] = operator.eq,
) -> Evidence:
    """Operands that are equal at two positions, under every operation, rounded in whatever way: equal values at both."""
    cases = 0
    for table, one, two in itertools.product(_tables(), PAIRS, PAIRS):
        if equal(one, two):
            a, b = at(table, 0)[one], at(table, 1)[two]
            if a != b:
                return fails(
                    f"operation {table}, operands {one} and {two}: {a} at one position, {b} at the other", a, b
                )
            cases += 1
    return holds(cases=cases)


def _turned(table: Operation, position: int) -> Operation:
    return {(b, a) if position else (a, b): value for (a, b), value in table.items()}


control(
    a_node_of_equal_operands_has_one_value,
    "operands-turned-at-one",
    "refuted",
    at=_turned,
    reason="an operation need not commute: a - b is not b - a",
)
control(
    a_node_of_equal_operands_has_one_value,
    "turned-at-both",
    "confirmed",
    at=lambda table, position: _turned(table, 1),
    symmetry="another operation, the same at both positions",
)
control(
    a_node_of_equal_operands_has_one_value,
    "keys-as-sets",
    "refuted",
    equal=lambda one, two: sorted(one) == sorted(two),  # pyright: ignore[reportArgumentType]
    reason="the same entries in another order are another key",
)

Scorer = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


def listed(q: torch.Tensor, k: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    """The layer's scores of listed candidates."""
    return of_listed("pairwise", q, k, index, None).scores


def listed_odd_reversed(q: torch.Tensor, k: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    """Odd columns are summed from the other end, one product after another."""
    products = k[index] * q[:, None]
    one, other = (functools.reduce(torch.add, p.unbind(-1)) for p in (products, products.flip(-1)))
    return one.where(torch.arange(index.shape[-1]) % 2 == 0, other)


def listed_backwards(q: torch.Tensor, k: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    return listed(q, k, index.flip(-1)).flip(-1)


@check(
    claims.fixed_order,
    "tested",
    given={"width": [3, 8, 31, 32, 33, 64, 257], "candidates": [2, 7, 16, 33], "dtype": ["float32", "bfloat16"]},
    scope={"sizes": "2..33 equal keys, width 3..257, drawn", "evaluation": "the layer's, torch on the CPU"},
)
def listed_candidates_of_the_layer(
    width: int, candidates: int, dtype: str, score: Scorer = listed, ties: tuple[str, ...] = ("first", "last")
) -> Evidence:
    """One drawn key at every candidate, for 9 queries and for one alone: equal scores, the same for both, so the rule decides."""
    draw = torch.Generator().manual_seed(width)
    q = torch.randn(9, width, generator=draw).to(getattr(torch, dtype))
    k = torch.randn(1, width, generator=draw).to(q.dtype).repeat(candidates, 1)
    index = torch.arange(candidates).expand(9, candidates)
    found, alone = score(q, k, index), torch.cat([score(q[i : i + 1], k, index[:1]) for i in range(9)])
    for what, scores in (("all queries", found), ("a query alone", alone)):
        if (scores != found[:, :1]).any():
            i, j = (int(n) for n in (scores != found[:, :1]).nonzero()[0])
            a, b = float(found[i, 0]), float(scores[i, j])
            return fails(f"width {width}, {candidates} equal keys, {dtype}, {what}: scores {a} at 0, {b} at {j}", a, b)
        for rule in ties:
            wanted = 0 if rule == "first" else candidates - 1
            if (select(scores, torch.arange(candidates), ties=rule).pointers != wanted).any():
                return fails(f"width {width}, {candidates} equal keys, ties {rule}: not {wanted}")
    return holds()


control(
    listed_candidates_of_the_layer,
    "odd-columns-reversed",
    "refuted",
    score=listed_odd_reversed,
    reason="fp32 sums of drawn numbers from either end differ in their last bits",
)
control(
    listed_candidates_of_the_layer,
    "columns-from-the-end",
    "confirmed",
    score=listed_backwards,
    reason="whichever column is computed where, each is summed alike",
)
