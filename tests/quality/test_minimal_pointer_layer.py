"""Claims about the Pointer layer that are false fall by their smallest case, named in the words of the domain."""

import pytest

from empirics.checking import Run
from empirics.checks.pointer import (
    candidate_masks,
    causal_programs,
    causality,
    collapsed,
    equal_keys,
    gradients,
    parameters,
    rounded_ties,
    ties,
)
from empirics.engine import run_check

WORDS = [
    (ties.all_programs_agree, None, "scores (0, 0): both 0 and 1 are argmax"),
    (ties.all_programs_agree, "torch-argmax-and-cummax", "scores (0, 0): both 0 and 1 are argmax"),
    (
        ties.one_value_in_any_order,
        "positions-forgotten",
        "ties first, x = (0, 0), y = (0, 1), z = (0, 0): the better of",
    ),
    (ties.programs_of_the_layer, "rules-exchanged", "scores (0, 0), ties first, listed in order, mask [True, True]: 1"),
    (
        rounded_ties.three_coordinates,
        None,
        "keys (0.0, 0.0, 1.0) and (1.0, 5.960464477539063e-08, 5.960464477539063e-08), ties first: summed (0, 1, 2) ",
    ),
    (
        equal_keys.equal_keys_score_equally,
        None,
        "key (1.0, 5.960464477539063e-08, 5.960464477539063e-08) twice: summed (0, 1, 2) it scores 1.0, summed ",
    ),
    (
        candidate_masks.candidates_are_not_later_nor_of_later,
        "capped-then-masked",
        "buckets of size 2, 3 tokens: candidates of 1 are [1] or [0, 1]",
    ),
    (
        causal_programs.tiles_look_nowhere_ahead,
        "not-causal",
        "tokens (-1, -1) and (-1, 0): pointer 0 is [0, 0] and [0, 1]",
    ),
    (causal_programs.steps_are_the_whole, "whole-looks-ahead", "all, tokens ("),
    (gradients.derivative_by_autograd, "equal-rows", "2 candidates, straight-through, rows [3.0, 3.0]: no score has"),
    (gradients.no_change_within_the_gap, "straight-through", "seed 0, straight-through, ties first, gap "),
    (collapsed.each_layer_shows_its_sign, "trained-hard", "healthy: shows ['no gradient'], not []"),
    (causality.all_positions, "not-causal", "tokens (-1, -1) and (-1, 0): pointer 0 is [0, 0] and [0, 1]"),
    (causality.buckets, "capped-then-masked", "tokens (-1, -1, -1) and (-1, -1, 1): pointer 1 is [1, 1] and [0, 0]"),
    (
        causality.no_derivative_ahead_means_causal,
        None,
        "tokens (-1, -1, -1) and (-1, -1, 1): pointer 1 is [1, 1] and [0, 0]",
    ),
    (
        parameters.some_reading_has_the_printed_count,
        None,
        "none of 96 readings; the nearest, 3 maps, FFN 2 d, vocabulary 1024, not tied, has 3281408 parameters",
    ),
    (parameters.models_are_counted, "four-maps", "1 layers, width 1, 1 heads: "),
    (parameters.vocabularies_that_fit, "one-more", "FFN 2 d, tied: vocabularies (1535, 1925), not (1535, 1926)"),
]


@pytest.mark.parametrize(("check", "control", "words"), WORDS, ids=lambda x: getattr(x, "name", None))
def test_the_smallest_counterexample_is_found(check, control, words):
    result = run_check(check, control, Run())
    assert result.counterexample is not None, result
    assert result.counterexample.words.startswith(words)
