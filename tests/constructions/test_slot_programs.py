"""Slot programs: templates swap, compiled tokens do what their algebra says, and unclean ones are refused."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from constructions.deltaformer.slot_programs import CLEAN_SWAP, POINTER_SWAP, SlotTokens, Template, decode, matrix
from empirics import strategies
from theory.programs import SwapProgram


@pytest.mark.parametrize("template", [CLEAN_SWAP, POINTER_SWAP])
def test_templates_swap(template):
    template.require()
    made = matrix(template.indices, len(template.names), template.semantics)
    assert made[:2, :2].tolist() == [[0, 1], [1, 0]]


@given(strategies.swap_programs())
def test_compiled_programs_swap(program):
    for template in (CLEAN_SWAP, POINTER_SWAP):
        tokens = SlotTokens.compile(program, template, readers=True)
        assert decode(tokens.slot_contents()) == program.contents()
        assert decode(-tokens.interpret()[-program.n :]) == program.contents()
        assert tokens.slots == program.n + 3
        assert tokens.keys.max() < tokens.slots


def test_sum_semantics_is_the_operator_with_equality_for_a_kernel():
    program = SwapProgram(3, [(0, 2), (1, 2)])
    tokens = SlotTokens.compile(program, CLEAN_SWAP)
    equal = np.tril(tokens.writes[:, None] == tokens.keys, -1).astype(int)
    assert np.array_equal((np.eye(tokens.length, dtype=int) + equal) @ tokens.interpret(), tokens.contents)


def test_depth_counts_the_hops_of_a_pointer():
    tokens = SlotTokens.compile(SwapProgram(2, [(0, 1)]), POINTER_SWAP, readers=True)
    assert tokens.depths().tolist() == [0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_a_temporary_left_dirty_is_refused():
    short = replace(CLEAN_SWAP, tokens=CLEAN_SWAP.tokens[:-1])
    message = r"temporary d ends with - b; the next swap needs it clean, that is 0"
    with pytest.raises(ValueError, match=message):
        short.require()


def test_a_program_that_needs_clean_temporaries_is_no_swap_on_dirty_ones():
    with pytest.raises(ValueError, match=r"slot a ends with b - d, not with b"):
        replace(CLEAN_SWAP, clean=False).require()


def test_a_program_that_does_not_swap_is_refused():
    with pytest.raises(ValueError, match=r"slot program \(a b\), pointer semantics: slot a ends with - b, not with b"):
        Template((("a", "b"),), (), "pointer", clean=False).require()


def test_slots_out_of_range_and_self_swaps_are_refused_in_batches():
    for pair in ((0, 2), (1, 1)):
        with pytest.raises(
            ValueError, match=rf"program 0, swap 0 is \({pair[0]}, {pair[1]}\): two different slots of 0..1"
        ):
            SlotTokens.compile_batch(2, np.array([[pair]]), CLEAN_SWAP)


def test_readings_that_are_no_content_are_refused():
    with pytest.raises(ValueError, match=r"slot 1 reads \(0.6, 0.7\): 2 contents exceed 0.5, not one"):
        decode(np.array([[1.0, 0.0], [0.6, 0.7]]))
