"""Theorem D: random programs, dimension, depths, refusals; and the finder of the library's operator."""

from dataclasses import replace
from fractions import Fraction

import pytest
import torch
from hypothesis import given, settings

from constructions.deltaformer import codes
from constructions.deltaformer.slot_programs import CLEAN_SWAP, POINTER_SWAP
from constructions.deltaformer.softmax_swaps import SoftmaxSwaps
from empirics import peers, strategies
from theory import formats
from theory.programs import SwapProgram


@given(strategies.swap_programs(most_slots=6, most_swaps=8))
@settings(max_examples=25)
def test_programs_are_tracked_with_every_kind_of_code(program):
    for make in (codes.one_hot, codes.binary_sign, codes.circle):
        assert SoftmaxSwaps(make).run(program) == program.contents()


def test_the_head_has_one_dimension_more_than_the_code():
    for n in (1, 5, 6, 13):
        assert SoftmaxSwaps().compile(SwapProgram(n)).keys.shape == (n + 1, (n + 2).bit_length() + 1)


def test_readers_in_line_return_minus_the_contents():
    program, made = SwapProgram(4, [(0, 3), (1, 2), (3, 1)]), SoftmaxSwaps()
    u, _ = made.compile(program, readers=True).stages(made.kernel)
    assert [int(x) for x in (-u[-4:]).argmax(axis=1)] == list(program.contents())


def test_a_larger_gap_comes_nearer_to_the_algebra():
    program, made = SwapProgram(3, [(0, 1), (1, 2), (0, 1)]), SoftmaxSwaps()
    errors = []
    for gap in (2, 4, 8):
        tokens = made.compile(program, gap=Fraction(gap))
        errors.append(abs(tokens.stages(made.kernel)[0] - tokens.slots.interpret()).max())
    assert errors == sorted(errors, reverse=True)


def test_programs_that_do_not_swap_or_add_are_refused():
    short = replace(POINTER_SWAP, tokens=POINTER_SWAP.tokens[1:])
    with pytest.raises(ValueError, match="slot b ends with - a, not with a"):
        SoftmaxSwaps(template=short)
    with pytest.raises(ValueError, match="newest equal key alone; a program of sum semantics needs a sum"):
        SoftmaxSwaps(template=CLEAN_SWAP)


def test_scores_that_overflow_are_refused_with_the_largest_gap_that_does_not():
    program = SwapProgram(4, [(0, 1)] * 30)
    message = (
        r"temperature \d+\.?\d*: scores up to \d+\.?\d* overflow fp8_e4m3fn, whose greatest number is 448; the largest"
    )
    with pytest.raises(ValueError, match=message):
        SoftmaxSwaps().run(program, fmt=formats.FP8_E4M3FN)
    assert SoftmaxSwaps().run(program, fmt=formats.FP16) == program.contents()


def test_the_library_is_found_by_its_path_alone(tmp_path, monkeypatch):
    import sys

    folder = tmp_path / "fla" / "ops" / "deltaformer"
    folder.mkdir(parents=True)
    (tmp_path / "fla" / "__init__.py").write_text("raise RuntimeError('imported')")
    (folder / "naive.py").write_text("def naive_deltaformer_attn(q, k, v, beta):\n    return v\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "fla", raising=False)
    peers.fla_naive.cache_clear()
    found = peers.fla_naive()
    peers.fla_naive.cache_clear()
    assert found is not None
    one = torch.ones(1, 2, 3, 4)
    assert (found(one, one, 3 * one) == 3).all()


def test_a_library_without_the_file_is_no_library(tmp_path, monkeypatch):
    (tmp_path / "fla").mkdir()
    (tmp_path / "fla" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    peers.fla_naive.cache_clear()
    assert peers.fla_naive() is None
    peers.fla_naive.cache_clear()
