"""What a unit disturbance of one token of a slot program can do: a finite closure that holds for all n and S.

Between swaps only this matters: the values left in ordinary slots, as a multiset, and those in the temporaries; a swap may
find any two of those values (or 0, in a slot not disturbed) in its slots a and b. From a disturbance at any token of a swap,
or of a write, all such states that later swaps can reach are collected, until no new one appears. Sum semantics. Derived here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations

from constructions.deltaformer.slot_programs import Template

__all__ = ["Closure", "impulse_closure"]

State = tuple[tuple[int, ...], tuple[int, ...]]
"""Nonzero values of ordinary slots, sorted, and the values of the temporaries."""


@dataclass(frozen=True)
class Closure:
    """What was found. `closed` is False when the states, or the spread, exceeded the limit; the other numbers are then lower bounds.

    largest: the greatest |u| that a unit disturbance causes later. spread: the most that the absolute contents add up to.
    exposure: the most that the contents of slots not looked at add up to over a swap, when one slot holds 1 and no other.
    """

    closed: bool
    states: int
    largest: int
    spread: int
    exposure: int


def impulse_closure(template: Template, limit: int = 60) -> Closure:
    """The closure of a template of sum semantics. Raises ValueError for another semantics. Work O(states * tokens^2)."""
    if template.semantics != "sum":
        raise ValueError(f"disturbances add up in sum semantics, not in {template.semantics} semantics")
    idle = (0,) * len(template.temporaries)
    content: State = ((1,), idle)
    found: set[State] = {content}
    waiting: list[State] = [content]
    largest = spread = 1

    def note(state: State, u: list[int], most: int) -> None:
        nonlocal largest, spread
        largest, spread = max(largest, *map(abs, u)) if u else largest, max(spread, most)
        if state not in found:
            found.add(state)
            waiting.append(state)

    for at in range(len(template.tokens)):
        note(*_swap(template, (0, 0, *idle), (), at)[:3])
    while waiting and len(found) <= limit and spread <= limit:
        state = waiting.pop()
        for start, others in _placings(state):
            note(*_swap(template, start, others)[:3])
    exposure = max(_swap(template, start, others)[3] for start, others in _placings(content))
    return Closure(not waiting, len(found), largest, spread, exposure)


def _placings(state: State) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Every way the values of ordinary slots can lie in a and b, and what stays elsewhere."""
    values, temporaries = state
    padded = (*values, 0, 0)
    for places in permutations(range(len(padded)), 2):
        rest = tuple(x for i, x in enumerate(padded) if i not in places and x)
        yield (padded[places[0]], padded[places[1]], *temporaries), rest


def _swap(
    template: Template, start: tuple[int, ...], others: tuple[int, ...], impulse: int | None = None
) -> tuple[State, list[int], int, int]:
    """A swap from these contents, with a unit disturbance at one token: the state after, u, the spread, the exposure."""
    slots, elsewhere = list(start), sum(map(abs, others))
    made: list[int] = []
    spread, exposure = elsewhere + sum(map(abs, slots)), 0
    for token, (key, write) in enumerate(template.indices):
        exposure += elsewhere + sum(map(abs, slots)) - abs(slots[write])
        u = -slots[write] + (token == impulse)
        slots[key] += u
        made.append(u)
        spread = max(spread, elsewhere + sum(map(abs, slots)))
    return (tuple(sorted(x for x in (*others, *slots[:2]) if x)), tuple(slots[2:])), made, spread, exposure
