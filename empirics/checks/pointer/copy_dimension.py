"""A single coordinate: every order of the keys searched, and the keys that go outwards at distance 1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from constructions.pointer.copy_arithmetic import TIES, Arithmetic
from constructions.pointer.copy_codes import Residues, Signs
from constructions.pointer.copy_frontier import frontier
from constructions.pointer.copy_number_codes import Alternating, first_wrong_record
from constructions.pointer.one_coordinate import orders_pointing_back
from empirics.checking import Evidence, check, control, fails, holds
from theory import formats
from theory.pointer import copy_dimension as claims
from theory.pointer import copy_laws as laws


@check(
    claims.one_coordinate,
    "exhausted",
    given={"n": range(1, 7)},
    scope={"sizes": "N <= 6, D = 1, 2", "method": "every order of the keys, ties included"},
)
def some_order_points_back(n: int, distances: tuple[int, ...] = (1, 2), ties: tuple[str, ...] = TIES) -> Evidence:
    """Whether some keys and queries of one number each point back, at each distance and with each tie rule."""
    for distance in distances:
        for tie in ties:
            if next(orders_pointing_back(distance, n, tie), None) is None:
                words = f"{n} positions, D = {distance}, ties to the {tie} index: no order of the keys points back"
                return fails(words, "some keys", "none")
    return holds(cases=len(distances) * len(ties))


control(some_order_points_back, "distance-1", "confirmed", distances=(1,), reason="keys that go outwards")
control(some_order_points_back, "itself", "confirmed", distances=(0,), reason="keys that grow")
control(some_order_points_back, "distance-2-first", "refuted", ties=("first",), reason="three targets at most: N <= 5")
control(some_order_points_back, "distance-3", "refuted", distances=(3,), ties=("last",), reason="two targets at most")


@check(
    claims.one_coordinate_limit,
    "exhausted",
    given=lambda run: {"distance": range(2, run.pick(4, 5)), "tie": TIES},
    scope=lambda run: {"sizes": f"D = 2..{run.pick(3, 4)}, every order of the keys; all D by the argument"},
)
def longest_copy(distance: int, tie: str, law: Callable[[int, str], int] = laws.one_coordinate) -> Evidence:
    """An order of N keys that points back exists, of N + 1 keys none."""
    claimed = law(distance, tie)
    where = f"D = {distance}, ties to the {tie} index"
    if (keys := next(orders_pointing_back(distance, claimed, tie), None)) is None:
        return fails(f"{where}: no order of {claimed} keys points back", claimed)
    if (longer := next(orders_pointing_back(distance, claimed + 1, tie), None)) is not None:
        told = ", ".join(map(str, longer))
        return fails(f"{where}: keys {told} point back", claimed, len(longer))
    told_keys: dict[str, Any] = {f"keys, {where}": ", ".join(map(str, keys))}
    return holds(**told_keys)


control(longest_copy, "one-more", "refuted", law=lambda d, tie: laws.one_coordinate(d, tie) + 1, reason="none exists")
control(
    longest_copy, "one-fewer", "refuted", law=lambda d, tie: laws.one_coordinate(d, tie) - 1, reason="one more does"
)
control(longest_copy, "no-tie-rule", "refuted", law=lambda d, tie: d + 3, reason="key 0 needs ties to the first index")
control(
    longest_copy,
    "by-targets",
    "confirmed",
    law=lambda d, tie: d + len({"greatest", "least"} | ({"key 0"} if tie == "first" else set())),
    symmetry="the targets counted",
)


@check(
    claims.next_position,
    "exhausted",
    given={"fmt": ("fp8_e5m2", "fp8_e4m3fn", "fp16", "bf16")},
    covers=True,
    scope={
        "sizes": "fp8, fp16, bf16",
        "method": "every row by running maxima; no more, as targets have different keys",
    },
)
def as_many_as_numbers(
    fmt: str, code: Any = Alternating, law: Callable[[formats.Format], int] = lambda f: laws.finite_numbers(f) + 1
) -> Evidence:
    """Every row points back, and there is one position more than finite numbers."""
    made, claimed = code(formats.named(fmt)), law(formats.named(fmt))
    every = np.arange(made.positions)
    numbers = made.key(every)[0]
    if (row := first_wrong_record(numbers, made.query(every)[0])) is not None:
        return fails(f"{fmt}: row {row} does not point at {row - 1}, keys {numbers[: row + 1][-3:].tolist()}")
    if claimed > len(numbers):
        return fails(
            f"{fmt}: {claimed} positions need {claimed - 1} different numbers", claimed, len(set(numbers.tolist()))
        )
    if claimed < len(numbers):
        return fails(f"{fmt}: {len(numbers)} positions point back", claimed, len(numbers))
    return holds(cases=len(numbers))


class Ascending(Alternating):
    """Keys that only grow."""

    def key(self, j: Any) -> tuple[Any, ...]:
        return (np.sort(self.numbers)[j],)


class Outwards(Alternating):
    """The same keys negated, and the queries."""

    def key(self, j: Any) -> tuple[Any, ...]:
        return (-super().key(j)[0],)

    def query(self, m: Any) -> tuple[Any, ...]:
        return (-super().query(m)[0],)


control(as_many_as_numbers, "ascending", "refuted", code=Ascending, reason="the row's own key is greater")
control(as_many_as_numbers, "negated", "confirmed", code=Outwards, symmetry="keys and queries negated")
control(as_many_as_numbers, "one-more", "refuted", law=lambda f: laws.finite_numbers(f) + 2, reason="two keys coincide")
control(as_many_as_numbers, "one-fewer", "refuted", law=laws.finite_numbers, reason="the last key is no target")


@check(
    claims.next_position,
    "exhausted",
    given={"path": ("separate", "wide")},
    scope={"sizes": "E4M3FN: all 254 positions; ties to the last: 64 positions of keys 1 and -1"},
)
def next_position_in_scores(path: str, fmt: str = "fp8_e4m3fn", last: str = "last") -> Evidence:
    """Every row against every key, in scores; and two signs by turns where ties go to the last index."""
    chosen = formats.named(fmt)
    runs = (
        (Alternating(chosen), Arithmetic(chosen, path, "first"), None),
        (Residues(Signs(1), 2), Arithmetic(chosen, path, last), 64),
    )
    for code, arithmetic, most in runs:
        found = frontier(code, arithmetic, 1, most)
        if found.wrong is not None:
            return fails(f"{arithmetic}: {found.failure}", found.wrong - 1, found.pointer)
    return holds(cases=2)


control(next_position_in_scores, "e5m2", "confirmed", fmt="fp8_e5m2", reason="its own 248 positions")
control(next_position_in_scores, "first-index", "refuted", last="first", reason="two signs: the oldest match wins")
