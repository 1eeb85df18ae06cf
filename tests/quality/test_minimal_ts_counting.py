"""Smoothness classes: every false claim and control falls by its smallest case, in the words of the domain."""

import pytest

from empirics.checking import Run
from empirics.checks.takakura_suzuki import (
    active_coordinates,
    anisotropic_counting,
    blocks,
    input_laws,
    last_layer,
    mixed_counting,
    mixed_levels,
    second_term,
)
from empirics.codec import decode
from empirics.engine import run_check

CASES = [
    (blocks.blocks_hold_a_power_of_two, "no-floor", "block (0, 0, 0) holds 0 functions"),
    (blocks.blocks_hold_a_power_of_two, "one-sign", "block (0, 0, 1) holds 1 functions"),
    (blocks.worst_tail, "as-a-bound-only", "mixed, a = (1, 2), T = 1/2: the tail is 2^-(1)"),
    (blocks.worst_tail, "equal-kept", "mixed, a = (1, 2), T = 1: the tail is 2^-(2)"),
    (blocks.worst_tail, "other-smoothness", "mixed, a = (1, Fraction(3, 2), 3), T = 7/3: the tail is 2^-(5/2)"),
    (
        blocks.widths_are_semi_axes,
        "one-more",
        "mixed, a = (1, 2), T = 1/2, N = 2: orders number N and N + 1 are 1, 1",
    ),
    (active_coordinates.few_are_active, "one-more", "T = 1/2: 0 coordinates are active"),
    (last_layer.last_layer_below_four, "three-fifths", "a_i = 3/5 i: the product is"),
    (last_layer.last_layer_below_four, "tighter", "a_i = 1 i: the product is 4.19243"),
    (mixed_counting.count_lies_between, "floor-for-ceil", "a = (1,), T = 1: G = 1, 2^ceil(T/a_1) - 1 = 3"),
    (mixed_counting.count_lies_between, "block-dropped", "a = (1,), T = 1/2: 1 functions lie below T"),
    (mixed_counting.no_factor, None, "a = (1,), T = 9/8: G = 3, C_a = 1"),
    (mixed_levels.constant_serves, None, "a = (1, 1), T = 65: G / 2^T = 64"),
    (mixed_levels.remainder_is_small, "first-factor-dropped", "a = (1, 2), T = 5: C_a - G 2^-m = -0.5312"),
    (mixed_levels.ties_cost_a_power, "one-power-more", "a = (1, 3), T = 9/8: G = 3, k = 1, B = 2"),
    (anisotropic_counting.product_counts, "floor-for-ceil", "a = (1,), T = 2: 3 functions lie below T"),
    (anisotropic_counting.product_counts, "first-coordinate", "a = (1, 1), T = 9/8: 9 functions lie below T"),
    (anisotropic_counting.printed_bound, None, "a_i = i^(7/2), T = 10^17: log2 G - a~ T = 1595.72"),
    (second_term.bound_is_decided, "zero-at-3", "a_i = i^(3), T = 10^0: log2 G - a~ T = -1.20206"),
    (input_laws.probability_is_a_power, "power-less-one", "W = 2, gaps 1/10"),
    (input_laws.bounded_means_independent, "short-words", "P(0|0) = 1/4, P(1|1) = 1/4, word 00"),
]


@pytest.mark.parametrize(("check", "control", "words"), CASES, ids=[f"{c.name}-{k}" for c, k, _ in CASES])
def test_the_smallest_case_and_its_replay(check, control, words):
    result = run_check(check, control, Run())
    assert result.counterexample is not None, result
    assert words in result.counterexample.words
    inputs = {name: decode(value) for name, value in result.counterexample.inputs.items()}
    subject = {} if control is None else check.control(control).subject
    again = check(**inputs, **subject)
    assert again.words == result.counterexample.words
