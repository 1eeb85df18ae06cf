"""Claims about Infini-attention that are false fall by their smallest case, named in the words of the domain."""

import pytest

from empirics.checking import Run
from empirics.checks.infini_attention import (
    causality,
    convexity,
    decoding,
    gate,
    grouping,
    order,
    passkey,
    precision,
    presentation_laws,
    presentations,
    printed,
    recall,
    stability,
    stability_reads,
    state,
    underflow_reads,
)
from empirics.engine import run_check

WORDS = [
    (order.delta_in_every_order_and_cut, None, "1:0 1:1 and 1:1 | 1:0: M = 0"),
    (order.every_order_and_cut, "delta", "1:0 1:1 and 1:1 | 1:0: M = 0"),
    (order.one_key_twice, "linear", "phi:a | phi:b: M = "),
    (convexity.delta_reads_are_between, None, "1:1 | 1:1: 1/2 is read"),
    (convexity.linear_reads_are_between, "z-from-1", "1:1: 1/2 is read"),
    (recall.recalled_when_met_alone, "nearly-orthogonal", "query (1,), keys (1,), (1,): (1/2, 1/2) is read"),
    (decoding.different_keys_are_decoded, None, "keys (1, 1), (2, 2): rank 1"),
    (decoding.values_come_back, "a-key-again", "d = 2, 2 tokens: rank 1"),
    (presentations.matrix_is_left, None, "1:1 | 1:1 | 1:1: M is 3/2, was 1"),
    (presentations.memory_is_defined, None, "1:1: the first token reads 0 / 0"),
    (presentations.read_is_left, None, "1:1 | 1:1: the read is 1/2, was 1"),
    (presentation_laws.one_value_through_the_code, "once-more", "z_0 = 0, 1 times: M = (1, 2), 1/2 is read"),
    (stability.largest_entry, None, "z = (1, 1), features (1, 2): the column (1, -1) gets an entry 4/3"),
    (stability.radius_in_the_bracket, "lower-top", "z = (1,), features (1,): rho > 99/100"),
    (stability_reads.no_read_beyond_the_values, None, "1:1 | 1:-1 1:-1 1:-1: -5/4 is read"),
    (stability_reads.growth_through_the_code, "two-tokens-first", "2 tokens, then 1 of value -1: M = 0 phi, 0 is read"),
    (causality.written_first, None, "segments of 2, 1 heads, (0, 0) (0, 0) and (0, 0) (0, 1): output 0 is"),
    (causality.in_order, "split-by-reshape", "segments of 2, 2 heads, (0, 0) (0, 0) and (0, 0) (1, 0): output 0 is"),
    (grouping.two_maps, None, "4 heads, 2 groups: head 1, token 0 is "),
    (grouping.maps_agree, "interleave-twice", "4 heads, 2 groups: they differ at heads []"),
    (state.ratio_of_counts, None, "from 115.13 to 115.76 times 1585152 numbers"),
    (gate.best_of_some_data, "distance-doubled", "1 distant targets 1 apart, 1 local ones 1 apart: g* = 1/2"),
    (precision.exact_then_still, "one-segment-sooner", "fp8_e5m2, segments of 1: segment 9 is the first to leave z"),
    (precision.overflows_or_stalls, "from-16-on", "fp16, segments of 16: infinite from token None on"),
    (underflow_reads.every_query_reads, None, "query -32 in a memory of one key, float32: nan is read"),
    (underflow_reads.every_key_is_stored, "sums", "key -128, query 0: "),
    (passkey.fp16_by_segments, "a-filler-later", "fp16, 65520 fillers: nan, nan, nan, nan, nan are read"),
    (passkey.every_pair_recalled, "a-key-again", "fp32, linear, segments of 1, keys in the order (0,), values (0,): "),
    (printed.delta_below_linear, None, "PG19: delta 9.67, linear 9.65"),
]


@pytest.mark.parametrize(("check", "control", "words"), WORDS, ids=lambda x: getattr(x, "name", None))
def test_the_smallest_counterexample_is_found(check, control, words):
    result = run_check(check, control, Run())
    assert result.counterexample is not None, result
    assert result.counterexample.words.startswith(words)
