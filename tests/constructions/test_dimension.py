"""The history numeral, and ranks and determinants as files."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings

from constructions.deltaformer.history_numeral import HistoryNumeral
from constructions.deltaformer.matrix_certificates import determinant_certificate, rank_certificate
from empirics import strategies
from theory import checker
from theory.programs import SwapProgram


@given(strategies.swap_programs(least_slots=2, most_slots=6, most_swaps=12))
@settings(max_examples=60)
def test_the_numeral_gives_the_arrangement(program):
    made = HistoryNumeral()
    assert made.decode(program.n, made.state(program)) == program.contents()


def test_digits_are_the_swaps():
    assert HistoryNumeral().state(SwapProgram(3, [(0, 1), (2, 1)])) == 1 * 4 + 3
    assert HistoryNumeral().state(SwapProgram(3)) == HistoryNumeral().state(SwapProgram(3, [(1, 1)])) == 0


def test_a_state_no_history_leads_to_is_refused():
    with pytest.raises(ValueError, match="digit 0 in base 4: no sequence of swaps leads to it"):
        HistoryNumeral().decode(3, 4)


def said(certificate):
    return checker.check_text(json.dumps(certificate))


@pytest.mark.parametrize("matrix", [np.eye(3, dtype=int), np.ones((2, 4), dtype=int), np.arange(6).reshape(2, 3) - 2])
def test_a_matrix_has_its_own_rank_and_no_other(matrix):
    rank = int(np.linalg.matrix_rank(matrix))
    assert said(rank_certificate(matrix, "a/b")).accepted
    for other in {0, 1, 2, 3} - {rank}:
        if other <= min(matrix.shape):
            assert said(rank_certificate(matrix, "a/b", other)).reason == "wrong-rank"


def test_determinants():
    matrix = np.array([[2, -1], [-1, 2]])
    assert said(determinant_certificate(matrix, "a/b")).accepted
    assert said(determinant_certificate(matrix, "a/b", 4)).reason == "wrong-determinant"
