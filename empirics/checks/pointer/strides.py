"""Strides that are powers of two: two equal hops are one, and the fewest layers by breadth-first search and over all small tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from constructions.pointer.tables import RESIDUAL, AllTables, Gathering, path_counts
from empirics.checking import Check, Evidence, check, control, fails, holds
from empirics.checks.pointer.table_batches import OwnLast
from theory.claim import Claim
from theory.pointer import distances as claims

Law = Callable[[int, int], int]


def power(b: Any) -> Any:
    """Stride b."""
    return 2**b


def _merging(claim: Claim) -> Check:
    def two_equal_hops_are_one(stride: Callable[[Any], Any] = power) -> Evidence:
        """2 stride(b) = stride(b + 1), b a symbol, and the first stride is 1."""
        import sympy

        b = sympy.Symbol("b", integer=True, nonnegative=True)
        residual = sympy.powsimp(sympy.expand(2 * stride(b) - stride(b + 1)))
        if residual != 0:
            return fails(f"two hops of stride b exceed one of stride b + 1 by {residual}", 0, residual)
        return holds(cases=2) if stride(0) == 1 else fails(f"the first stride is {stride(0)}, not 1", 1, stride(0))

    scope = {"sizes": "all K and D", "method": "exchange of two equal hops"}
    return check(claim, "derived", covers=True, scope=scope)(two_equal_hops_are_one)


merging, merging_beyond = _merging(claims.strides), _merging(claims.beyond)
for _check in (merging, merging_beyond):
    control(_check, "powers-of-three", "refuted", stride=lambda b: 3**b, reason="two hops of 1 are not one of 3")
    control(
        _check, "one-by-one", "refuted", stride=lambda b: b + 1, reason="two hops of 2 are one of 4, which is stride 3"
    )
    control(_check, "from-two", "refuted", stride=lambda b: 2 ** (b + 1), reason="odd distances are not reached")
    control(_check, "written-otherwise", "confirmed", stride=lambda b: 4**b / 2**b, symmetry="4^b / 2^b = 2^b")


def fewest(strides: Sequence[int], most: int, ahead: bool = False) -> list[int]:
    """The fewest of the strides that add up to each distance 0..most, by breadth-first search over distances; also back if `ahead`.

    Sums may pass through distances up to twice `most`. O(most * strides * hops).
    """
    reached = np.zeros(2 * most + 1, dtype=bool)
    reached[0] = True
    hops = [0 if d == 0 else -1 for d in range(most + 1)]
    count = 0
    while -1 in hops:
        count += 1
        grown = reached.copy()
        for stride in strides:
            grown[stride:] |= reached[: len(reached) - stride]
            if ahead:
                grown[: len(reached) - stride] |= reached[stride:]
        hops = [count if h < 0 and grown[d] else h for d, h in enumerate(hops)]
        reached = grown
    return hops


def popcount(distance: int, strides: int) -> int:
    """The number of binary digits 1 of the distance, whatever the strides."""
    return distance.bit_count()


def _searched(claim: Claim, factor: int, law: Law, only_upper: bool = False) -> Check:
    """A check of a law for all D < `factor` 2^K, K by K; only_upper: whether fewer hops than the law are no contradiction."""

    def fewest_hops_are_the_law(k: int, law: Law = law, ahead: bool = False, factor: int = factor) -> Evidence:
        """Breadth-first search over distances, smallest D first."""
        found = fewest([2**b for b in range(k)], factor * 2**k - 1, ahead)
        for d, hops in enumerate(found):
            if hops > law(d, k) or (hops < law(d, k) and not only_upper):
                words = f"strides 1..{2 ** (k - 1)}, distance {d}: {hops} hops are the fewest, not {law(d, k)}"
                return fails(words, law(d, k), hops)
        return holds(cases=len(found))

    scope = {"sizes": f"K <= 6 (8), D < {factor} 2^K", "oracle": "breadth-first search"}
    given = lambda run: {"k": range(1, run.pick(7, 9))}  # noqa: E731
    return check(claim, "exhausted", given=given, scope=scope)(fewest_hops_are_the_law)


searched = _searched(claims.strides, 1, popcount)
searched_beyond = _searched(claims.beyond, 5, claims.least_hops)
popcount_beyond = _searched(claims.popcount_beyond, 5, popcount, only_upper=True)


def _digits(distance: int, strides: int) -> int:
    return distance.bit_length()


def _no_remainder(distance: int, strides: int) -> int:
    return -(-distance // 2 ** (strides - 1))


control(searched, "digits-not-ones", "refuted", law=_digits, reason="distance 2 is one hop of 2, its digits are two")
control(searched, "five-times-as-far", "refuted", factor=5, reason="distance 2 by stride 1 takes two hops")
control(searched, "hops-both-ways", "refuted", ahead=True, reason="7 = 8 - 1 are two hops, not three")
control(searched, "law-for-all-distances", "confirmed", law=claims.least_hops, reason="below 2^K it is popcount")
control(searched_beyond, "popcount", "refuted", law=popcount, reason="distance 2 by stride 1 takes two hops")
control(
    searched_beyond,
    "longest-only",
    "refuted",
    law=_no_remainder,
    reason="distance 3 by 1, 2, 4 is 2 + 1",
)
control(searched_beyond, "hops-both-ways", "refuted", ahead=True, reason="7 = 8 - 1 are two hops, not three")
control(searched_beyond, "once-as-far", "confirmed", factor=1, reason="a smaller range")
control(popcount_beyond, "once-as-far", "confirmed", factor=1, reason="the range it holds for")
control(popcount_beyond, "law-for-all-distances", "confirmed", law=claims.least_hops, reason="the exact number")
control(
    popcount_beyond,
    "digits-not-ones",
    "refuted",
    law=_digits,
    factor=9,
    reason="distance 3 by stride 1 takes three hops",
)


@check(
    claims.beyond,
    "exhausted",
    given=lambda run: {
        "case": [(n, k, layers) for k, n, m in ((1, 4, 4), (2, 7, 3), (3, 6, 2)) for layers in range(m)]
    },
    scope={"sizes": "all tables with strides 1; 1, 2; 1, 2, 4, N <= 7, L <= 3"},
)
def over_all_tables(case: tuple[int, int, int], law: Law = claims.least_hops, layer: Gathering = RESIDUAL) -> Evidence:
    """Some table of L layers carries a value from i - D to i exactly when the law is at most L, for all i and D <= i."""
    n, k, layers = case
    targets = AllTables(n, layers, 1, tuple(2**b for b in range(k))).targets
    reached = path_counts(targets, layer).max(axis=0) > 0
    for i, j in np.argwhere(np.tri(n)).tolist():
        d = i - j
        if bool(reached[i, j]) != (law(d, k) <= layers):
            words = f"{layers} layers, strides 1..{2 ** (k - 1)}: distance {d} is {'' if reached[i, j] else 'not '}reached at {i}"
            return fails(words, law(d, k), layers)
    return holds(cases=len(targets))


control(over_all_tables, "popcount", "refuted", law=popcount, reason="distance 2 by stride 1 takes two hops")
control(
    over_all_tables, "no-residual", "refuted", layer=Gathering(0), reason="a chain does not stay: distance 0 is lost"
)
control(over_all_tables, "own-row-last", "confirmed", layer=OwnLast(), symmetry="a sum in the other order")


def _between(distance: int, k: int, layers: int) -> bool:
    return claims.least_hops(distance, k) <= layers <= distance


@check(
    claims.exactly,
    "exhausted",
    given=lambda run: {"k": range(1, run.pick(6, 8))},
    scope={"sizes": "K <= 5, D < 3 2^K, all L"},
)
def sums_of_exactly_so_many(k: int, law: Callable[[int, int, int], bool] = _between, stay: bool = False) -> Evidence:
    """All sums of exactly L strides, L one after the other up to D + 1; `stay`: 0 is a stride too."""
    most = 3 * 2**k
    reached = np.zeros(most, dtype=bool)
    reached[0] = True
    for layers in range(most + 1):
        wrong = [d for d in range(most) if bool(reached[d]) != law(d, k, layers)]
        if wrong:
            told = f"strides {'0, ' * stay}1..{2 ** (k - 1)}, exactly {layers} hops: distance {wrong[0]}"
            return fails(
                f"{told} is {'' if reached[wrong[0]] else 'not '}reached", law(wrong[0], k, layers), reached[wrong[0]]
            )
        grown = reached.copy() if stay else np.zeros(most, dtype=bool)
        for b in range(k):
            grown[2**b :] |= reached[: most - 2**b]
        reached = grown
    return holds(cases=most * (most + 1))


control(
    sums_of_exactly_so_many,
    "may-stay",
    "refuted",
    stay=True,
    reason="a residual path stays: distance 0 after one layer",
)
control(
    sums_of_exactly_so_many,
    "may-stay-as-claimed",
    "confirmed",
    stay=True,
    law=lambda d, k, layers: claims.least_hops(d, k) <= layers,
    reason="with a residual there is no upper end",
)
control(
    sums_of_exactly_so_many,
    "same-parity",
    "refuted",
    law=lambda d, k, layers: _between(d, k, layers) and (d - layers) % 2 == 0,
    reason="distance 2 is one hop of 2",
)
