"""Theorem A': the construction in head dimension n - 1, its refusals, and the symbolic all-ones vector."""

import numpy as np
import pytest
import sympy
from hypothesis import given

from constructions.deltaformer.reduced_swaps import ReducedSwaps, contents
from empirics import strategies
from theory.permutations import all_swaps
from theory.programs import SwapProgram
from theory.symbolic import Slot, in_pattern, row, unit
from theory.symbolic_ones import all_ones


@given(strategies.swap_programs(least_slots=2))
def test_programs_are_tracked_over_the_rationals(program):
    assert ReducedSwaps().run(program) == program.contents()


def test_the_head_has_one_dimension_less():
    tokens = ReducedSwaps().compile(SwapProgram(5, [(0, 4), (1, 2)]))
    assert tokens.k.shape == (7, 4)
    assert tokens.queries.shape == (4, 4)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_tokens_are_the_reduced_matrices_of_swaps(n):
    """Against the matrices themselves: P acts on contents, D takes differences, and token matrices M have M D = D P."""
    differences = np.concatenate([np.eye(n - 1, dtype=int), -np.ones((n - 1, 1), dtype=int)], axis=1)
    for a, b in all_swaps(n):
        tokens = ReducedSwaps().compile(SwapProgram(n, [(a, b)]))
        swap = np.eye(n, dtype=int)
        swap[[a, b]] = swap[[b, a]]
        token = np.eye(n - 1, dtype=int) - np.outer(tokens.k[-1], tokens.w[-1])
        assert np.array_equal(token @ differences, differences @ swap)


def test_swaps_of_the_last_slot_with_itself_do_nothing_in_a_batch():
    tokens = ReducedSwaps().compile_batch(3, np.array([[[2, 2], [1, 1]]]))
    assert not tokens.k[0, 3:].any()
    assert contents(tokens.read_out(tokens.first_stage())).tolist() == [[0, 1, 2]]


def test_a_single_slot_is_refused():
    with pytest.raises(ValueError, match="n = 1 slots: head dimension n - 1 needs n >= 2"):
        ReducedSwaps().run(SwapProgram(1))


def test_a_slot_out_of_range_is_refused():
    with pytest.raises(ValueError, match=r"program 0, swap 1: slot 3 is outside 0..2"):
        ReducedSwaps().compile_batch(3, np.array([[[0, 1], [3, 0]]]))


def test_ones_have_inner_product_one_with_every_unit_vector():
    a, b = Slot("a"), Slot("b")
    assert (all_ones() + unit(a)).inner(unit(b)) == 1 + unit(a).inner(unit(b))
    assert in_pattern((2 * -all_ones()).inner(unit(a) - unit(b)), {a: a, b: b}) == 0
    assert (all_ones() + -all_ones()).apply(row) == sympy.Integer(0)
    with pytest.raises(ValueError, match="the sum of all rows is not known"):
        all_ones().apply(row)
