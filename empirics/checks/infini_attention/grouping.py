"""Grouped queries: both maps for all small numbers of heads, and layers with one map or two, exactly."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from constructions.infini_attention.heads import grouped, interleaved, tiled
from empirics.checking import Evidence, check, control, fails, holds
from theory.infini_attention import grouping as claims

Map = Callable[[int, int, int], int]


def sizes(most: int) -> list[tuple[int, int]]:
    """Heads and groups that divide them, fewest heads first."""
    return [(h, g) for h in range(1, most + 1) for g in range(1, h + 1) if h % g == 0]


@check(claims.same_map, "exhausted", given={"size": sizes(64)}, covers=True, scope={"sizes": "H <= 64, all G"})
def maps_agree(size: tuple[int, int], one: Map = interleaved, other: Map = tiled) -> Evidence:
    """Head by head."""
    heads, groups = size
    differ = [h for h in range(heads) if one(h, heads, groups) != other(h, heads, groups)]
    if bool(differ) == (groups in (1, heads)):
        told = f"{heads} heads, {groups} groups: they differ at heads {differ}"
        return fails(told, "G = 1 or G = H", differ)
    return holds(cases=heads)


control(
    maps_agree, "interleave-twice", "refuted", other=interleaved, reason="one map agrees with itself, for 2 of 4 too"
)
control(maps_agree, "exchanged", "confirmed", one=tiled, other=interleaved, symmetry="to differ is symmetric")


def inputs(heads: int, groups: int, tokens: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Queries, keys and values of one coordinate, all different."""

    def numbers(count: int, first: int) -> np.ndarray:
        made = np.array([Fraction(first + i) for i in range(count * tokens)], dtype=object)
        return made.reshape(count, tokens, 1)

    return numbers(heads, 1), numbers(groups, 2), numbers(groups, 3)


@check(claims.mixed, "exhausted", given={"size": sizes(4)}, scope={"sizes": "H <= 4, two tokens, segments of one"})
def two_maps(size: tuple[int, int], local: Map = tiled, recalled: Map = interleaved, rule: str = "linear") -> Evidence:
    """The outputs with two maps against those with the memory's map in both places."""
    heads, groups = size
    rows = inputs(heads, groups, 2)
    found, wanted = (grouped(*rows, 1, way, recalled, rule) for way in (local, recalled))
    if (found != wanted).any():
        h, t = (int(i) for i in np.argwhere(found != wanted)[0][:2])
        told = f"{heads} heads, {groups} groups: head {h}, token {t} is {found[h, t, 0]}"
        return fails(told, wanted[h, t, 0], found[h, t, 0])
    return holds(cases=heads)


control(two_maps, "interleaved-both", "confirmed", local=interleaved, reason="one map")
control(two_maps, "tiled-both", "confirmed", recalled=tiled, reason="one map")


def order_of(heads: int, groups: int) -> list[int]:
    """Place h = i G + g of the tiled layer is head g r + i of the interleaved one."""
    r = heads // groups
    return [(h % groups) * r + h // groups for h in range(heads)]


@check(
    claims.renamed,
    "exhausted",
    given={"size": sizes(6)},
    covers=True,
    scope={"sizes": "H <= 6, 3 tokens, segments of 2"},
)
def heads_in_another_order(
    size: tuple[int, int], order: Callable[[int, int], Any] = order_of, rule: str = "linear", local: Map = tiled
) -> Evidence:
    """The tiled layer on queries in another order has the interleaved layer's outputs in that order."""
    heads, groups = size
    q, k, v = inputs(heads, groups, 3)
    wanted = grouped(q, k, v, 2, rule=rule)[order(heads, groups)]
    found = grouped(q[order(heads, groups)], k, v, 2, local, tiled, rule)
    if (found != wanted).any():
        h = int(np.argwhere(found != wanted)[0][0])
        return fails(f"{heads} heads, {groups} groups: place {h} is head {order(heads, groups)[h]}")
    return holds(cases=heads)


control(
    heads_in_another_order,
    "not-reordered",
    "refuted",
    order=lambda heads, groups: list(range(heads)),
    reason="head 1 of 4 in 2 groups has another group",
)
control(heads_in_another_order, "two-maps", "refuted", local=interleaved, reason="A_dot and the memory disagree")
control(heads_in_another_order, "delta", "confirmed", rule="delta", reason="the rule does not know of heads")
