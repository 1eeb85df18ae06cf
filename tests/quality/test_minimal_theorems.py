"""Counterexamples to falsified theorems are as small as can be: one swap, two slots, the first format."""

import pytest

from empirics.checking import Run
from empirics.checks.deltaformer import (
    code_dimensions,
    exponential_response,
    exponential_swaps,
    reduced_swaps,
    softmax_swaps,
    stability,
    stored_positions,
)
from empirics.engine import run_check

WORDS = [
    (stability.unit_corners, "rows-doubled", "T = 2, A = [[0, 0], [2, 0]]: an entry of the inverse is 2"),
    (stability.parallel_systems, "beyond-two", "T = 3: |R_ti|^2 at (2, 0) is 2025/256, the bound's square 81/16"),
    (reduced_swaps.every_sequence, "unit-dropped", "2 slots, swaps (0 1): reads [0, 0]"),
    (reduced_swaps.every_sequence, "ones-dropped", "3 slots, swaps (1 2): reads [0, 2, 2]"),
    (reduced_swaps.programs_in_torch, "contents-not-distinct", "2 slots, no swaps, holding [1, 1]: "),
    (code_dimensions.equal_queries_read_alike, "enough-values", "2 slots, 0 coordinates of 1 bits: queries (0, 1) "),
    (
        exponential_response.closure_of_disturbances,
        "tokens-misordered",
        "(a b) (c a) (a a) (d b) (a d) (c c) (b c) (d d): ",
    ),
    (exponential_response.inverse_of_every_program, "temporary-dirty", "2 slots, swaps (0 1) (0 1): the slots hold "),
    (exponential_swaps.programs_decode, "tokens-misordered", "one-hot codes, 2 slots, swaps (0 1): slot 1 reads "),
    (softmax_swaps.template_exchanges, "sign-dropped", "(c b) (b a) (a c): slot b ends with -x, not with x"),
    (softmax_swaps.programs_decode, "oldest-match", "one-hot codes, 2 slots, swaps (0 1): slot 1 reads "),
    (stored_positions.storage_frontier_is_sharp, "one-more", "fp8_e5m2, positions from 0: 1 swaps are read right, 2, "),
    (
        stored_positions.score_frontier_is_sharp,
        "one-more",
        "fp8_e5m2, positions from 0, scores rounded: 0 swaps are read right, 1, ending with (3 2), are not",
    ),
    (
        stored_positions.score_frontier_is_sharp,
        "not-made-even",
        "fp8_e4m3fn, positions from -2^p, scores rounded: 2 swaps are read right, 3, ending with (3 1) (3 2), are not",
    ),
]


@pytest.mark.parametrize(("check", "control", "words"), WORDS, ids=lambda x: getattr(x, "name", None))
def test_the_smallest_counterexample_is_found(check, control, words):
    result = run_check(check, control, Run())
    assert result.counterexample is not None, result
    assert result.counterexample.words.startswith(words)
