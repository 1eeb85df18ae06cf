"""Theorem B: programs through the rounded kernel, and the door for codes that are too coherent."""

import numpy as np
import pytest
from hypothesis import given, settings

from constructions.deltaformer import codes
from constructions.deltaformer.rounded_swaps import RoundedSwaps
from empirics import strategies
from empirics.checks.deltaformer.rounded_swaps import SEVEN_SIGNS
from theory.inequalities import certificate
from theory.programs import SwapProgram

REED_SOLOMON = RoundedSwaps(code=codes.reed_solomon(11, 2))
RANDOM = RoundedSwaps(code=codes.random_sign(8, seed=5))


@given(strategies.swap_programs())
@settings(max_examples=30)
def test_programs_are_tracked(program):
    assert REED_SOLOMON.run(program) == RANDOM.run(program) == program.contents()


def test_kernel_values_are_those_of_unit_vectors():
    tokens = REED_SOLOMON.compile(SwapProgram(5, [(0, 1), (3, 4), (1, 4)])).cast(np.float64)
    plain = RoundedSwaps(code=codes.one_hot(5)).compile(SwapProgram(5, [(0, 1), (3, 4), (1, 4)])).cast(np.float64)
    assert np.array_equal(REED_SOLOMON.kernel.weights(tokens.w, tokens.k), plain.w @ plain.k.T)


def test_the_code_comes_first():
    program = SwapProgram(5, [(0, 1), (3, 4), (1, 4)])
    assert RoundedSwaps(codes.reed_solomon(11, 2)).run(program) == program.contents()


def test_a_coherent_code_is_refused():
    message = r"code seven signs with n = 4, d = 7 has coherence 1/7: rounding tells swap tokens apart below 1/8"
    with pytest.raises(ValueError, match=message):
        RoundedSwaps(code=codes.Code("seven signs", SEVEN_SIGNS, 7))


def test_more_slots_than_codes_are_refused():
    with pytest.raises(ValueError, match="code Reed-Solomon q = 11, k = 2: 122 of its 121 vectors"):
        REED_SOLOMON.run(SwapProgram(122))


def test_inequalities_hold_no_floats():
    with pytest.raises(ValueError, match=r"0.5 of type float: an inequality holds integers and Fractions"):
        certificate(["*", 1, 0.5], "<", 1, "a/b")
    with pytest.raises(ValueError, match="relation '>': '<' or '<='"):
        certificate(1, ">", 0, "a/b")
    assert certificate(["pow", 2, -3], "<=", 1, "a/b")["data"]["left"] == ["pow", 2, -3]
