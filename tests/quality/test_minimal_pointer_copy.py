"""Exact copy by a pointer: every false claim and control falls by its smallest case, in the words of the domain."""

import pytest

from constructions.pointer.copy_arithmetic import Arithmetic, toy
from empirics.checking import Run
from empirics.checks.pointer import copy, copy_codes, copy_dimension
from empirics.codec import decode
from empirics.engine import run_check

FIRST, LAST = (Arithmetic(toy(3), "separate", tie) for tie in ("first", "last"))


def refuted(check, control=None):
    result = run_check(check, control, Run())
    assert result.counterexample is not None, result
    inputs = {name: decode(value) for name, value in result.counterexample.inputs.items()}
    return result.counterexample.words, inputs


@pytest.mark.parametrize(
    ("check", "control", "inputs", "words"),
    [
        (
            copy.rules_agree,
            None,
            {"fmt": "fp8_e5m2", "path": "separate"},
            "fp8_e5m2, separate, D = 1: 4 positions with ties to the first index, 3 with ties to the last",
        ),
        (
            copy.count_is_the_same,
            None,
            {"path": "separate", "tie": "first"},
            "fp8_e4m3fn, separate, first index: 5 positions at D = 1, 4 at D = 18",
        ),
        (
            copy_dimension.some_order_points_back,
            None,
            {"n": 5},
            "5 positions, D = 2, ties to the last index: no order of the keys points back",
        ),
        (
            copy.small_lengths,
            "half-query",
            {"n": 2, "distance": 0},
            "N = 2, D = 0: row 1 scores [0, 0], greatest at [0, 1]",
        ),
        (copy.small_lengths, "next-wanted", {"n": 2, "distance": 0}, "row 0 scores [0, 1], greatest at [1]"),
        (copy.small_lengths, "no-squares", {"n": 3, "distance": 0}, "row 1 scores [0, 1, 2], greatest at [2]"),
        (
            copy.frontier_is_the_law,
            "one-more",
            {"arithmetic": FIRST, "distance": 1},
            "3 bits, separate, first index, D = 1: row 4 points at 2, not at 3",
        ),
        (
            copy.frontier_is_the_law,
            "one-fewer",
            {"arithmetic": FIRST, "distance": 1},
            "row 3 is right still, row 4 is the first wrong one",
        ),
        (
            copy.frontier_is_the_law,
            "no-tie-rule",
            {"arithmetic": LAST, "distance": 1},
            "3 bits, separate, last index, D = 1: row 3 points at 3, not at 2",
        ),
        (
            copy_codes.digits_are_exact,
            "one-bit-more",
            {"arithmetic": FIRST},
            "3 bits, separate, first index, 25 positions: the query for 5 points at 0",
        ),
        (
            copy_codes.every_pattern,
            "one-sign-more",
            None,
            "2 bits, separate, first index, 64 positions: the query for 2",
        ),
        (
            copy_codes.copies_for_ever,
            "first-index",
            None,
            "fp8_e5m2, separate, first index, M = 8, D = 0: row 8 points at 0",
        ),
        (
            copy_codes.copies_for_ever,
            "distance-m",
            None,
            "fp8_e5m2, separate, last index, M = 8, D = 8: row 8 points at 8",
        ),
        (copy_dimension.next_position_in_scores, "first-index", None, "row 3 points at 0"),
        (
            copy_dimension.longest_copy,
            "one-fewer",
            {"distance": 2, "tie": "first"},
            "keys 0, 1, -1, -1/2, 2 point back",
        ),
    ],
)
def test_the_smallest_case(check, control, inputs, words):
    told, found = refuted(check, control)
    assert words in told
    if inputs is not None:
        assert found == inputs


def test_a_square_that_overflows_points_nowhere():
    told, found = refuted(copy.capped_count, "never-overflows")
    assert told == "fp8_e4m3fn, fused, first index, D = 17: row 22 points nowhere (NaN), not at 5"
    assert found["case"][1] == 17
