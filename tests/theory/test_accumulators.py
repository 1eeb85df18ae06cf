"""The reach of interleaved and arbitrary sums against plain enumeration, and the frontier against emulated sums."""

import itertools

import numpy as np
import pytest

from constructions.deltaformer.swap_tracking import OneHotSwaps
from empirics.checks.deltaformer.summation_orders import Sum, last_sums
from theory.accumulators import any_order_reach, certified_swaps, reaches
from theory.permutations import swap_sequences


def walks(swaps):
    """Every walk of f: its value after the write, then after each swap, as increments."""
    for values in itertools.product((-1, 0, 1), repeat=swaps + 1):
        yield np.diff((0, *values))


@pytest.mark.parametrize("swaps", range(5))
@pytest.mark.parametrize("lanes", [2, 3])
def test_reach_by_enumeration(lanes, swaps):
    found = {(r.odd, r.even) for r in reaches(lanes, swaps)}
    expected = set()
    for last, written, first in itertools.product(range(1, max(lanes, 2)), range(lanes), range(lanes)):
        positions = [written, *((first + s) % lanes for s in range(swaps))]
        sums = [sum(d for d, p in zip(walk, positions, strict=True) if p < last) for walk in walks(swaps)]
        odd, even = ([s for s in sums if s % 2 == parity] for parity in (1, 0))
        expected.add((max(odd, default=None), max(even)))
    reached = {(odd if odd > -100 else None, even) for odd, even in found}
    assert reached == expected


@pytest.mark.parametrize("swaps", range(5))
def test_any_order_by_enumeration(swaps):
    sums = [
        sum(d for d, kept in zip(walk, keep, strict=True) if kept)
        for walk in walks(swaps)
        for keep in itertools.product((False, True), repeat=swaps + 1)
    ]
    found = any_order_reach(swaps)
    assert (found.odd, found.even) == (max(s for s in sums if s % 2), max(s for s in sums if s % 2 == 0))


def test_within_the_frontier_every_program_is_exact_and_beyond_it_one_is_not():
    frontier = certified_swaps(3, 2)
    assert frontier == 8
    for length in range(1, frontier + 2):
        wrong = 0
        for batch in swap_sequences(3, length):
            computed, exact = last_sums(OneHotSwaps().compile_batch(3, batch), Sum("fp8_e5m2", "interleaved(2)"))
            wrong += int((computed != exact).any(axis=1).sum())
        assert (wrong > 0) == (length > frontier)


@pytest.mark.parametrize("precision", [2, 3, 5, 8])
def test_any_order_is_as_bad_as_two_lanes_and_no_worse(precision):
    assert certified_swaps(precision, None) == certified_swaps(precision, 2) == 2**precision
