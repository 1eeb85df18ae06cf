"""Counterexamples about printed numbers, nulls and losses name the first cell, target or token, and replay."""

import pytest

from empirics.checking import Run
from empirics.checks.pointer import (
    loss,
    loss_leaks,
    null_statistics,
    printed_comparisons,
    printed_copy,
    printed_pointers,
    printed_speed_ups,
    printed_throughput,
)
from empirics.engine import replay, run_check

WORDS = [
    (printed_throughput.exponents_are_near_one, None, "Pointer, throughput, N = 256 to 512: exponent -0.274..-0.273"),
    (printed_throughput.exponents_are_near_one, "quadratic-law", "Pointer, throughput, N = 256 to 512: exponent 2.000"),
    (printed_throughput.exponents_are_near_two, None, "Transformer, throughput, N = 256 to 512: exponent 1.043..1.044"),
    (printed_speed_ups.two_to_ten_times_as_fast, None, "N = 256: 14446 / 30320 = 0.4764"),
    (printed_speed_ups.training_times_are_of_twenty, "sixteen", "16 sequences do not fit at N = 256"),
    (printed_copy.percentages_are_counts, "four-hundred", "400 items: 98.38 % is no share of them"),
    (printed_copy.percentages_are_counts, "one-decimal-less", "667 items: every percentage is a share of them"),
    (
        printed_copy.floor_is_established,
        None,
        "distance 2048: a model of 95 % copies 762 or more of 800 right with probability 0.4129",
    ),
    (printed_copy.items_for_a_conclusion, "twenty-five", "20000 items do not show it"),
    (printed_comparisons.fewer_errors, None, "distance 512: Pointer 13 errors of 800, Transformer 5"),
    (printed_comparisons.no_rising_trend, None, "Pointer, errors 13, 20, 29, 38 of 800: trend p = 7.3e-05"),
    (
        printed_comparisons.smaller_range,
        None,
        "distances 1024 to 1536: Pointer's errors vary by 9 of 800, the Transformer's by 5",
    ),
    (
        printed_pointers.one_target_has_another_mean,
        None,
        "N = 512, all at position 255: utilisation 99.80 %, mean hop 128",
    ),
    (
        printed_pointers.long_hops_beat_chance,
        None,
        "N = 512: uniform pointers have a hop of 483 or more with probability",
    ),
    (null_statistics.closed_forms_are_the_rows, "causal-without-itself", "uniform_causal, N = 2: total hop 1, not 1/2"),
    (null_statistics.closed_forms_grow_by_rows, "hop-not-halved", "shared_scores: total hop grows by n/2, not n"),
    (loss.mean_loss_is_log_v_or_more, None, "V = 2, 1 token, copies: mean loss 0.0000, log V = 0.6931"),
    (loss.mean_wager_is_one, "not-shifted", "V = 2, 1 token, copies: the mean wager is 2"),
    (loss.mean_wager_is_one, "not-masked", "V = 2, 2 tokens, copies: the mean wager is 2"),
    (loss_leaks.honest_losses_are_not_called_leaks, "not-shifted-and-learnt", "V = 2, learns-fast: loss "),
]


@pytest.mark.parametrize(("check", "control", "words"), WORDS, ids=lambda x: getattr(x, "name", None))
def test_the_smallest_counterexample_is_found(check, control, words):
    result = run_check(check, control, Run())
    assert result.counterexample is not None, result
    assert result.counterexample.words.startswith(words)
    assert replay(check, control, Run(), result.counterexample, {})
