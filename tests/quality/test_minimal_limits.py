"""Limits, capacity and transfer: every false claim falls by its smallest case, named in the words of the domain."""

import pytest

from empirics.checking import Run
from empirics.checks.deltaformer import (
    capacity,
    complexity_classes,
    delta_rule,
    dimension,
    finite_state,
    minimal_programs,
    one_token_dimension,
    transfer_edges,
    transfer_formats,
    transfer_formats_rounded,
    transfer_one_hot,
    transfer_reduced,
    transfer_slot_tokens,
    transfer_smaller_beta,
    transfer_underflow,
)
from empirics.codec import decode
from empirics.engine import run_check
from theory.programs import Dag, SwapProgram


def refuted(check, control=None):
    result = run_check(check, control, Run())
    assert result.counterexample is not None, result
    inputs = {name: decode(value) for name, value in result.counterexample.inputs.items()}
    return result.counterexample.words, inputs


ONE_SWAP = SwapProgram(2, [(0, 1)])


@pytest.mark.parametrize(
    ("check", "program", "words"),
    [
        (transfer_one_hot.tracks_with_one_vector, SwapProgram(1), "1 slots, no swaps: slot 0 reads (0), not content 0"),
        (transfer_slot_tokens.tracks_with_codes, SwapProgram(2), "slot 0 reads (80/81, 1/9), not content 0"),
        (transfer_smaller_beta.tracks_with_smaller_beta, ONE_SWAP, "slot 0 reads (1 - beta, beta), not content 1"),
        (transfer_one_hot.softmax, ONE_SWAP, "2 slots, swaps (0 1): slot 1 never shows content 0 most"),
        (transfer_one_hot.exponential, ONE_SWAP, "2 slots, swaps (0 1): slot 1 never shows content 0 most"),
        (transfer_slot_tokens.pointer_on_linear, ONE_SWAP, "slot 1 reads (0, 1), never shows content 0 most"),
        (transfer_slot_tokens.pointer_on_exponential, ONE_SWAP, "slot 1 never shows content 0 most"),
        (transfer_slot_tokens.clean_on_newest, SwapProgram(3), "slot 2 reads (1, -1, 1), never shows content 2 most"),
        (transfer_slot_tokens.tracks_by_averages, ONE_SWAP, "slot 1 reads (0, 1/4), never shows content 0 most"),
        (
            transfer_reduced.exponential_differences,
            SwapProgram(3, [(0, 1)]),
            "content 0 of slot 1 is never the largest",
        ),
        (transfer_reduced.softmax_differences, SwapProgram(3, [(0, 1)]), "content 0 of slot 1 is never the largest"),
        (
            transfer_reduced.differences_with_codes,
            SwapProgram(5, [(0, 4), (0, 3)]),
            "slot 0 reads (0, 0, 0, 1, -1), not (-1, 0, 0, 1, 0)",
        ),
    ],
)
def test_a_theorem_on_another_operator_falls_by_the_smallest_program(check, program, words):
    found, inputs = refuted(check)
    assert inputs == {"program": program}
    assert found.endswith(words)


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (transfer_edges.counts_with_sign_codes, "the reader of 0 has 0 of 0, there are 1 paths"),
        (transfer_edges.exponential_edges, "1 is reached from 0, its reader has (-1/z**2), for no z positive"),
        (transfer_edges.softmax_edges, "0 is reached from 0, its reader has (0), for no z positive"),
    ],
)
def test_edge_tokens_on_another_operator_fall_by_a_single_edge(check, words):
    found, inputs = refuted(check)
    assert inputs == {"graph": Dag(2, [(0, 1)])}
    assert found == f"2 nodes, edges 0 -> 1: {words}"


def test_fifteen_ones_are_the_first_that_no_byte_sums():
    words, _ = refuted(transfer_formats_rounded.ones_of_any_length)
    assert words == "fp8_e5m2, ones, N = 15: 1 slots, no swaps: the reading at (0, 0) is 0, in Theorem A 1"


def test_two_oblique_keys_refute_exact_reading_of_every_pair():
    assert refuted(delta_rule.pairs_read_back) == (
        "2 pairs, keys (1, 0); (3/5, 4/5): pair 0 reads (16/25, 3/5)",
        {"n": 2},
    )


def test_two_keys_refute_every_nonlinear_kernel():
    words, inputs = refuted(finite_state.readings_tell_values_apart)
    assert words == "2 keys 1..2 in d = 1: the values -4, -15 are read as 0 at every key"
    assert inputs == {"n": 2}


def test_three_slots_refute_the_bound_for_any_decoder():
    words, inputs = refuted(dimension.no_smaller_head_tracks)
    assert inputs == {"n": 3}
    assert words.startswith("3 slots, head dimension 1: the state after 3 slots, swaps (0 1) (1 2) is 7")


@pytest.mark.parametrize(
    ("check", "control", "words"),
    [
        (minimal_programs.no_short_program_without_temporary, "own-weight-2", "(0, 2*0)"),
        (minimal_programs.no_short_program_with_one_temporary, "identity-too", "makes the identity of 2 slots"),
        (
            minimal_programs.non_negative_searched,
            "one-token-fewer",
            "positive, 2 temporary, clean, exact signs: no program",
        ),
        (minimal_programs.pointer_run, "first-token-dropped", "pointer, 1 temporary, clean, exact signs"),
        (
            one_token_dimension.no_reflections_in_fewer_dimensions,
            "swaps-may-act-alike",
            "n = 3: [[[-1]], [[-1]]] in 1 dimensions",
        ),
        (dimension.multiplications_move_characters, "squares-only", "q = 3: the character is moved to 1 of 2"),
        (transfer_smaller_beta.the_drift_is_seen, "beta-1", "beta = 1/4, 2 swaps: A reads every slot right"),
        (
            transfer_edges.signs_with_a_sink,
            "no-sink",
            "3 nodes, edges 0 -> 1: 2 is not reached from 0, its reader has ",
        ),
        (
            transfer_formats_rounded.codes_that_fit_are_exact,
            "bf16-with-1023-signs",
            "bf16, simplex, N = 1023: 1 slots, no swaps",
        ),
        (transfer_formats.edges_in_format, "two-not-held", "below-two, 3 nodes, edges 0 -> 1, 0 -> 2, 1 -> 2: "),
        (transfer_underflow.pointers_without_leak, "a-half", "fp64, 2 slots, swaps (1 0): query "),
        (capacity.powers_measured, "n-over-d-for-gaussian-keys", "linear, gaussian keys, d = 4, N = 24"),
        (
            complexity_classes.derived_series_does_not_end,
            "four-things",
            "a derived subgroup of 12 elements has one of 4",
        ),
    ],
)
def test_falsified_neighbours_name_their_smallest_case(check, control, words):
    assert words in refuted(check, control)[0]
