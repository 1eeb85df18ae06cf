"""What is false of readings of pointers falls by its smallest case, named in the words of the domain."""

import pytest

from empirics.checking import Run
from empirics.checks.pointer import reading, reading_layers
from empirics.engine import run_check

WORDS = [
    (reading.means_over_all_arrays, "no-choice-of-oneself", "N = 2: mean hop 0.25 over all arrays, not 1/2"),
    (reading.means_over_all_arrays, "shared-scores", "N = 3: targets 2 over all arrays, not 11/6"),
    (reading.tails_are_counted, "binomial", "uniform_causal, N = 2: 1 or more at position 1 with 1/2, not 3/4"),
    (
        reading.a_null_has_clusters_rarely,
        "one-test-for-all",
        "uniform_causal, N = 2, level 1/2: clusters in 1 of all arrays",
    ),
    (reading.a_collapsed_layer_is_flagged, "uniform", "N = 6, uniform_causal: 0 clusters hold 0 of all pointers"),
    (reading.a_collapsed_layer_is_flagged, "stricter-level", "N = 6, first: 0 clusters hold 0 of all pointers"),
    (
        reading.the_pair_is_read,
        "half-way",
        "utilisation, hop, targets, clustered, changes: 0.998047, 128, 256, 0, 0",
    ),
    (reading_layers.p_values_are_valid, "halved", "seed 0, 2 layers, 1 sequences: p <= 0.5 in 1 of all orders"),
    (reading_layers.disjoint_hops_are_most_divergent, "all-alike", "2 layers, 1 sequences: 0 bits, p = 1"),
    (reading_layers.only_content_changes, "the-same-input", "all positions: 0 of the pointers change, 0 bits"),
    (reading_layers.tokens_are_uniform_too, None, "N = 16, 512 draws: mean hop "),
]


@pytest.mark.parametrize(("check", "control", "words"), WORDS, ids=lambda x: getattr(x, "name", None))
def test_the_smallest_counterexample_of_a_reading_is_found(check, control, words):
    result = run_check(check, control, Run())
    assert result.counterexample is not None, result
    assert result.counterexample.words.startswith(words)
