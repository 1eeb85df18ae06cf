"""Counterexamples are minimal: as few slots, swaps, tokens, nodes and edges as can be."""

import pytest

from empirics.checking import Run
from empirics.checks.deltaformer import operator_forms, reachability, summation_orders, swap_tracking
from empirics.codec import decode
from empirics.engine import run_check
from theory.programs import Dag, SwapProgram


def refuted(check, control=None):
    result = run_check(check, control, Run())
    assert result.counterexample is not None, result
    inputs = {name: decode(value) for name, value in result.counterexample.inputs.items()}
    return result.counterexample.words, inputs


@pytest.mark.parametrize("control", ["sign-dropped", "write-reversed", "beta-halved", "beta-doubled"])
def test_one_swap_of_two_slots_refutes_a_wrong_swap_token(control):
    words, inputs = refuted(swap_tracking.every_sequence, control)
    assert inputs["tree"].program(1, 0) == SwapProgram(2, [(0, 1)])
    assert len(inputs["tree"].choices) == 1
    assert words.startswith("2 slots, swaps (0 1): slot 0 reads (")


def test_one_slot_refutes_a_missing_dimension():
    assert refuted(swap_tracking.every_sequence, "dimension-short")[0].startswith("1 slots, no swaps")


def test_one_edge_refutes_positivity_without_the_sign():
    words, inputs = refuted(reachability.positive_without_sign)
    assert inputs == {"nodes": 2}
    assert words == "2 nodes, edges 0 -> 1: 1 is reached from 0, the value is -1"


def test_a_triangle_refutes_non_vanishing_without_the_sign():
    words, inputs = refuted(reachability.nonzero_without_sign)
    assert inputs == {"nodes": 3}
    assert words == "3 nodes, edges 0 -> 1, 0 -> 2, 1 -> 2: 2 is reached from 0, the value is 0"


def test_nine_swaps_refute_two_lanes_of_three_bits():
    _, inputs = refuted(summation_orders.two_slots_back_and_forth)
    assert inputs["program"] == SwapProgram(2, [(0, 1)] * 9)


@pytest.mark.parametrize("control", ["mask-off-by-one", "beta-dropped"])
def test_random_operators_shrink_to_two_tokens(control):
    check = operator_forms.forms_agree_on_rationals
    before, check.first = check.first, ()
    try:
        _, inputs = refuted(check, control)
    finally:
        check.first = before
    assert inputs["inputs"]["k"].shape == (2, 1)


def test_random_graphs_shrink_to_one_edge():
    check = reachability.against_networkx
    before, check.first = check.first, ()
    try:
        _, inputs = refuted(check, "sign-dropped")
    finally:
        check.first = before
    assert inputs["graph"] == Dag(2, [(0, 1)])
