"""Costs: a formula, a span, a layer or a constant that is off falls at the smallest sizes where it shows, in words."""

import pytest

from empirics.checking import Run
from empirics.checks.cost import bounds, comparisons, layers, passes, symbols
from empirics.codec import decode
from empirics.engine import run_check


def refuted(check, control=None):
    result = run_check(check, control, Run())
    assert result.counterexample is not None, result
    inputs = {name: decode(value) for name, value in result.counterexample.inputs.items()}
    return result.counterexample.words, inputs


@pytest.mark.parametrize(
    ("layer", "control", "sizes"),
    [
        ("softmax_attention", "coefficient-off", {"N": 1, "d": 1}),
        ("softmax_attention", "span-longer", {"N": 1, "d": 1}),
        ("softmax_attention", "mask-dropped", {"N": 1, "d": 1}),
        ("topk_attention", "keeps-all", {"N": 2, "d": 1, "K": 1}),  # with one token all are kept
        ("scan_hillis_steele", "tree", {"N": 2, "d": 1}),  # one token is combined with none
        ("fft_mixing", "coefficient-off", {"N": 1, "d": 2}),  # L(1) = 0
        ("fft_mixing", "over-width-only", {"N": 2, "d": 1}),
        ("delta_rule_chunked", "chunks-of-one", {"N": 1, "d": 1, "C": 2}),
        ("deltaformer_chunked", "blocks-of-one", {"N": 2, "d": 2, "C": 2}),
        ("deltaformer_linear", "chunks-of-one", {"N": 3, "d": 1, "C": 2}),
    ],
)
def test_a_formula_falls_at_the_smallest_sizes(layer, control, sizes):
    words, inputs = refuted(layers.CHECKS[f"{layer}_passes"], control)
    assert inputs == {"sizes": sizes}
    assert words.startswith(", ".join(f"{x} = {n}" for x, n in sizes.items()) + ": the ")


def test_a_decoded_token_falls_at_the_first():
    words, inputs = refuted(layers.CHECKS["softmax_attention_decoding"], "one-more-kept")
    assert inputs == {"sizes": {"N": 1, "d": 1, "t": 0}}
    assert words == "N = 1, d = 1, t = 0: the state costs 0, the formula gives 1"


def test_an_identity_that_fails_names_the_smallest_sizes():
    words, _ = refuted(symbols.CHECKS["softmax_attention_derived"], "mask-dropped")
    assert words == "N = 2, d = 2: the work is 120, the formula gives 130"


@pytest.mark.parametrize(
    ("check", "control", "words"),
    [
        (bounds.softmax_quadratic, "ten-times", "N = 1, d = 1: the count is 21, 10 (N**2*d + N*d**2) is 20"),
        (bounds.blelloch_work, "twenty-four-times", "N = 64, d = 1: the count is 1566, 24 (N*d**2) is 1536"),
        (bounds.softmax_linear, None, "N = s, d constant: the count is beyond every multiple of N*d**2"),
        (bounds.delta_rule_chunked_span, "solve-forgotten", "C = s, N = s, d constant: the count is beyond every"),
        (comparisons.cheaper_exactly_from, "from-eight", "N = 8, d = 1: scan_blelloch works "),
        (comparisons.cheaper_exactly_from, "from-thirty-two", "N = 16, d = 1: scan_blelloch works "),
        (comparisons.cheaper_exactly_from, "swapped", "N = 2, d = 1: scan_hillis_steele works "),
        (passes.running_sum_step, "by-sums", "N = 2, d = 2: the work is 24, the formula gives 32"),
        (passes.fused_memory, "written-out", "N = 2, d = 2: the peak memory is 112, the formula gives 72"),
    ],
)
def test_the_smallest_case_is_named(check, control, words):
    assert refuted(check, control)[0].startswith(words)
