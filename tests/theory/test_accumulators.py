"""The max-plus search against the plainest enumeration of walks, and against simulated rounding of all programs.

A walk is the sequence of values f in {-1, 0, 1} that a later reader gives to the slot of one content: after its write and
after each swap. Token i adds f_i - f_{i-1} to the sum, the write adds f_0.
"""

from __future__ import annotations

from itertools import combinations, pairwise, product

import numpy as np
import pytest

from constructions.deltaformer.lane_filling import lane_filling_program
from constructions.deltaformer.swap_tracking import OneHotSwaps
from empirics.checks.deltaformer.summation_orders import Sum, last_sums
from theory import formats, summation
from theory.accumulators import Reach, any_order_reach, certified_swaps, reaches
from theory.permutations import all_swaps, swap_sequences

NOTHING = -(1 << 60)


def walks(swaps):
    """The terms of every walk: (f_0, f_1 - f_0, ...)."""
    for f in product((-1, 0, 1), repeat=swaps + 1):
        yield (f[0], *(after - before for before, after in pairwise(f)))


def largest(sums):
    """The largest odd and the largest even of these; None where there is none."""
    sums = set(sums)
    return tuple(max((s for s in sums if s % 2 == parity), default=None) for parity in (1, 0))


def plain(reach: Reach):
    return tuple(None if value < NOTHING else value for value in (reach.odd, reach.even))


@pytest.mark.parametrize("swaps", range(6))
@pytest.mark.parametrize("lanes", [1, 2, 3, 4])
def test_reaches_is_the_largest_sum_of_a_window_over_all_walks(lanes, swaps):
    wanted = []
    for last, written, first in product(range(1, max(lanes, 2)), range(lanes), range(lanes)):
        seen = [written < last, *((first + step) % lanes < last for step in range(swaps))]
        wanted.append(largest(sum(t for t, s in zip(terms, seen, strict=True) if s) for terms in walks(swaps)))
    assert [plain(reach) for reach in reaches(lanes, swaps)] == wanted


@pytest.mark.parametrize("swaps", range(6))
def test_any_order_reach_is_the_largest_sum_of_any_terms_over_all_walks(swaps):
    sums = {
        sum(chosen) for terms in set(walks(swaps)) for size in range(swaps + 2) for chosen in combinations(terms, size)
    }
    assert plain(any_order_reach(swaps)) == largest(sums)


def test_the_closed_form_of_the_largest_odd_sum():
    """1 from the write and 2 from every second swap; 40 swaps are out of reach of enumeration, not of matrices."""
    assert [any_order_reach(s).odd for s in range(1, 40)] == [1 + 2 * (s // 2) for s in range(1, 40)]
    assert any_order_reach(2**53).odd == 1 + 2**53


@pytest.mark.parametrize("precision", [1, 2, 3, 4])
@pytest.mark.parametrize("lanes", [2, 3, None])
def test_bisection_finds_what_trying_every_number_of_swaps_finds(precision, lanes):
    def fits(swaps):
        tried = [any_order_reach(swaps - 1)] if lanes is None else reaches(lanes, swaps - 1)
        return all(reach.fits(precision) for reach in tried)

    found = certified_swaps(precision, lanes)
    assert [fits(swaps) for swaps in range(1, found + 2)] == [True] * found + [False]


@pytest.mark.parametrize("precision", [2, 3, 5, 8])
def test_any_order_is_as_bad_as_two_lanes_and_no_worse(precision):
    assert certified_swaps(precision, None) == certified_swaps(precision, 2) == 2**precision


def sums_of_the_last_token(n, swaps):
    """For a batch of programs `(batch, S, 2)`, without operator or construction: the terms of the last swap's sum, in time.

    `(batch, n, n + S - 1)`: content x at slot s counts w[s] = [s = a] - [s = b]; a term is what w gains as x moves.
    """
    batch, length = swaps.shape[:2]
    rows = np.arange(batch)
    slot_of = np.tile(np.arange(n), (batch, 1))
    a, b = swaps[:, -1, 0], swaps[:, -1, 1]
    w = np.zeros((batch, n), dtype=np.int64)
    w[rows, a] += 1
    w[rows, b] -= 1
    terms = np.zeros((batch, n, n + length - 1), dtype=np.int64)
    for x in range(n):
        terms[:, x, x] = w[:, x]
    for step in range(length - 1):
        before = np.take_along_axis(w, slot_of, axis=1)
        p, q = swaps[:, step, :1], swaps[:, step, 1:]
        slot_of = np.where(slot_of == p, q, np.where(slot_of == q, p, slot_of))
        terms[:, :, n + step] = np.take_along_axis(w, slot_of, axis=1) - before
    return terms


def every_program(n, length):
    return np.array(list(product(all_swaps(n), repeat=length)), dtype=np.int64).reshape(-1, length, 2)


def all_exact(n, swaps, order):
    terms = sums_of_the_last_token(n, swaps)
    computed = summation.add(order, terms.astype(np.float64), formats.FP8_E5M2)
    return np.array_equal(computed, terms.sum(axis=-1))


@pytest.mark.parametrize(("n", "most"), [(2, 8), (3, 8)])
def test_no_program_within_the_frontier_rounds(n, most):
    """E5M2, two accumulators: every program of n slots and S <= 8 swaps; then the first program that fails."""
    assert certified_swaps(formats.FP8_E5M2.precision, 2) == most
    for length in range(1, most + 1):
        assert all_exact(n, every_program(n, length), summation.interleaved(2))


def test_beyond_the_frontier_a_program_rounds():
    assert not all_exact(2, every_program(2, 9), summation.interleaved(2))
    assert all_exact(2, every_program(2, 9), summation.time)


def test_the_terms_are_those_of_the_construction():
    for batch in swap_sequences(3, 5):
        computed, exact = last_sums(OneHotSwaps().compile_batch(3, batch), Sum("fp8_e5m2", "time"))
        assert np.array_equal(exact, sums_of_the_last_token(3, batch).sum(axis=-1))
        assert np.array_equal(computed, exact)


@pytest.mark.parametrize("lanes", [2, 3, 4])
def test_the_worst_program_fails_one_swap_beyond_what_is_certified(lanes):
    certified = certified_swaps(formats.FP8_E5M2.precision, lanes)
    for length, exact in ((certified, True), (certified + 1, False)):
        program = lane_filling_program(lanes, length)
        swaps = np.array(program.swaps).reshape(1, -1, 2)
        assert all_exact(program.n, swaps, summation.interleaved(lanes)) is exact


def test_fits_counts_odd_and_even_sums():
    assert Reach(odd=8, even=16).fits(3)
    assert not Reach(odd=9, even=16).fits(3)
    assert not Reach(odd=8, even=17).fits(3)


@pytest.mark.parametrize(("lanes", "swaps"), [(1, 3), (2, 0)])
def test_lane_filling_needs_two_lanes_and_a_swap(lanes, swaps):
    with pytest.raises(ValueError, match=f"lanes = {lanes}, swaps = {swaps}: at least 2 lanes and 1 swap"):
        lane_filling_program(lanes, swaps)
