"""Work, memory and selection of Pointer layers: every false claim and every edit falls by its smallest case, in words."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from empirics.checking import Run
from empirics.checks.pointer import chunk_bounds, dot_products, memory, score_reads, structured_scores, work
from empirics.codec import decode
from empirics.engine import replay, run_check
from theory.verdict import Strength

PAIRS = "2*N**2*d + 8*N**2 + 22*N*d**2 + 22*N*d + 2*N + 5*d; "


ROOT = Path(__file__).resolve().parents[2]
UNCHECKED = """
import json
from empirics.checking import Run
from empirics.checks.pointer import memory
from empirics.engine import run_check

cases = [(memory.table, None), (memory.table, "tiled"), (memory.tiles, None), (memory.tiles, "no-times"), (memory.tiles, "ffn-alone")]
cases += [(memory.peak_within, None), (memory.peak_within, "tile-left-out"), (memory.peak_within, "narrow-tiles")]
print(json.dumps([run_check(check, control, Run()).message for check, control in cases]))
"""


def refuted(check, control=None):
    result = run_check(check, control, Run())
    assert result.counterexample is not None, result
    assert replay(check, control, Run(), result.counterexample, {})
    return result.counterexample.words, {k: decode(v) for k, v in result.counterexample.inputs.items()}


@pytest.mark.parametrize(
    ("check", "control", "words"),
    [
        (work.as_stated, None, f"{PAIRS}N = s, d constant: the count is beyond every multiple of N"),
        (work.feature_dimension, None, f"{PAIRS}N = s, d constant: the count is beyond every multiple of N*d"),
        (work.layer_followed, None, f"{PAIRS}N = s, d constant: the count is beyond every multiple of N"),
        (work.layer_followed, "window-s-polynomial", "N = 2, d = 2: the work is 326, the polynomial gives 311"),
        (work.window, "thirty-two-times", "N = 1, d = 1, K = 1: the count is 65, 32 (N*K*d + N*d**2) is 64"),
        (work.quadratic, "thirty-times", "N = 1, d = 1: the count is 61, 30 (N**2*d + N*d**2) is 60"),
        (memory.kept_while_decoding, "window", "d = 1, t = 5: 7 numbers are kept, the formula gives 11"),
        (
            memory.told_apart,
            None,
            "2 rows of one bit: 4 sequences are told apart by the next query, 1 bits have 2 states",
        ),
        (score_reads.constant_many_reads, None, "N = 3, K = 1, j <= i: 5 scores must be read"),
        (score_reads.every_decision_tree, "one-fewer", "N = 2, all j: 4 scores must be read, not 3"),
        (score_reads.every_decision_tree, "lone-candidates-too", "N = 1, all j: 0 scores must be read, not 1"),
        (
            score_reads.enough_reads,
            "leaves-one",
            "scores 0 0 | 0 1 (all j): answers (0, 0), not (0, 1); unread: 0 for 1, 1 for 1",
        ),
        (
            score_reads.every_flip,
            "bounded",
            "scores 0 0 | 0 0 (all j): no change of the score of 0 for 0 changes the answer",
        ),
        (
            structured_scores.rounded_sums_by_one_number,
            None,
            "bfloat16, a = 2^8, b = (0, 1): the sums tie and 0 is chosen, by b alone 1",
        ),
        (
            structured_scores.products_by_running_extremes,
            "largest-alone",
            "q = (-1.0, -1.0), k = (0.0, 1.0): position 0 points at 0, not 1",
        ),
        (
            structured_scores.products_by_running_extremes,
            "zero-as-self",
            "q = (-1.0, 0.0), k = (0.0, 0.0): position 1 points at 0, not 1",
        ),
        (
            dot_products.pointers_find_orthogonal_vectors,
            "sign-dropped",
            "{1, 1} and {0, 1}: the pointers say False, an orthogonal pair is there: True",
        ),
        (
            chunk_bounds.best_by_mean_keys,
            None,
            "scores 2 | 0 3: the chunk of the best mean has at most 2, the best is 3",
        ),
        (chunk_bounds.fewest_keys, "four-in-any-case", "3 keys, chunks of any lengths: 2 | 0 3 fails"),
        (chunk_bounds.fewest_keys, "three-in-any-case", "3 keys, chunks of one length: none fails"),
        (chunk_bounds.keys_scored, "one-dimension", "N = 4, all j: 8 keys are scored, not 16"),
        (chunk_bounds.boxes_against_all_scores, "upper-ends", "keys ((-1,), "),
        (
            chunk_bounds.boxes_against_all_scores,
            "closes-ties",
            "keys ((0, 0), (0, 0), (0, 0), (1, 1)), q = (-1, 1): points at 2, not 0",
        ),
    ],
)
def test_the_smallest_case_is_named(check, control, words):
    assert refuted(check, control)[0].startswith(words)


def test_a_query_that_looks_down_is_enough_to_refute_half_a_hull():
    _, inputs = refuted(dot_products.plane_pointers_without_pairs, "upper-half")
    queries, keys = inputs["case"]
    assert len(keys) == 2
    assert any(y < 0 for _, y in queries)


def test_peaks_where_types_are_not_checked():
    """In a process of its own: wrappers that check types keep their arguments alive, so peaks here are higher."""
    done = subprocess.run([sys.executable, "-c", UNCHECKED], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [
        "",
        "N = 2, d = 2, C = 1: the peak is 272 bytes, the formula gives 292",
        "",
        "N = 5, d = 1, C = 3: the peak is 390 bytes, the formula gives 380",
        "N = 5, d = 1, C = 3: the peak is 390 bytes, the formula gives 380",
        "",
        "N = 16, d = 1, C = 16: the peak is 4160 bytes, 76 (N*d) is 1216",
        "",
    ]


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (work.strides_counted, "the work is 288, the formula gives 78"),
        (work.previous_counted, "the work is 194, the formula gives 59"),
        (work.buckets_counted, "the work is 345, the formula gives 75"),
    ],
)
def test_more_candidates_than_positions_are_counted(check, words):
    """A formula that is right up to K = N alone falls, and by its smallest case."""
    assert refuted(check, "few-positions")[0] == f"N = 1, d = 1, K = 16: {words}"


def test_the_family_that_no_box_prunes_is_run():
    words, inputs = refuted(chunk_bounds.keys_scored_grow)
    assert words == "N = s, all j, chunks of 2: N**2 keys are scored, beyond every multiple of N**(3/2)"
    assert inputs == {"causal": False, "chunk": 2}


def test_no_verdict_is_stronger_than_the_formula_it_follows_from():
    """The cost of these layers is tested at sizes; of a window and of all positions it is derived."""
    for made in (work.strides, work.previous, work.buckets, work.buckets_sorted, work.additive, work.strides_covering):
        assert (made.strength, made.covers) == (Strength.TESTED, False)
    for made in (memory.as_stated, memory.tiled_linear, memory.cache_growth, work.strides_covering_linear):
        assert (made.strength, made.covers) == (Strength.TESTED, False)
    assert {made.strength for made in (work.as_stated, work.window_narrow)} == {Strength.DERIVED}
