"""The position coordinate in formats: choices in the format, the leak bound against brute force, and failures where found."""

from fractions import Fraction

import numpy as np
import pytest

from constructions.deltaformer.rounded_scores import RoundedScores, holds_all, raised
from constructions.deltaformer.slot_programs import POINTER_SWAP, SlotTokens
from constructions.deltaformer.stored_positions import HEAD, StoredPositions, _may_share
from theory import formats
from theory.permutations import swap_sequences


@pytest.mark.parametrize("fmt", [f for f in formats.FORMATS.values() if not f.exact], ids=str)
def test_constants_are_in_the_format(fmt):
    made = StoredPositions(fmt)
    for swaps in (0, 1, 3):
        assert fmt.holds(made.gap(swaps))
        assert fmt.holds(made.share(swaps))
        assert 3 * made.share(swaps) * Fraction(2, 3) >= made.gap(swaps) * (made.tokens(swaps) + 1)


@pytest.mark.parametrize("fmt", [formats.BF16, formats.FP8_E5M2, formats.FP64], ids=str)
@pytest.mark.parametrize("x", [Fraction(1), Fraction(21, 2), Fraction(1025, 1024), Fraction(1, 3), Fraction(127, 64)])
def test_raised_is_the_next_number(fmt, x):
    found = raised(fmt, x)
    assert fmt.holds(found)
    assert found >= x
    assert found == x or fmt.round(x) in (found, fmt.round(x))
    assert not any(fmt.holds(y) for y in [x + (found - x) * Fraction(i, 64) for i in range(64)] if x <= y < found)


def test_raising_beyond_the_format_is_refused():
    with pytest.raises(ValueError, match=r"temperature 500: .* the largest temperature that does not is 448"):
        raised(formats.FP8_E4M3FN, Fraction(500))


def test_keys_that_can_share_a_slot_are_all_counted():
    """Against every program of two swaps of four slots."""
    allowed = _may_share(HEAD + 8)
    seen = np.zeros_like(allowed)
    for swaps in swap_sequences(4, 2):
        both = np.concatenate([swaps, swaps[:, :, ::-1], np.stack([swaps[:, 0], swaps[:, 1, ::-1]], axis=1)])
        keys = SlotTokens.compile_batch(4, both, POINTER_SWAP).keys
        seen |= (keys[:, :, None] == keys[:, None, :]).any(axis=0)
    assert np.array_equal(np.tril(seen, -1), allowed)


def test_the_leak_bounds_what_softmax_leaks():
    made = StoredPositions(formats.BF16, formats.BF16)
    for swaps in (1, 8, 24):
        error = abs(made.reads(swaps) - np.eye(4)[list(made.worst_program(swaps).contents())]).max()
        assert error <= 2 * made.leak(swaps) * made.depth(swaps)


def test_a_tie_reads_nothing_and_the_swap_before_is_right():
    made = StoredPositions(formats.FP8_E5M2)
    assert (made.certified_swaps(), made.first_failure(1)) == (1, 2)
    assert made.worst_program(2).swaps == ((3, 1), (3, 2))
    assert made.wrong_slot(2) == 2
    assert abs(made.reads(2)[2]).max() < 2**-10
    stored = made.stored(range(made.tokens(2)))
    assert stored[8] == stored[9] == 8


def test_rounded_scores_of_eight_bits_certify_no_swap_and_one_swap_fails():
    for fmt in (formats.FP8_E5M2, formats.FP8_E4M3FN):
        made = StoredPositions(fmt, fmt)
        assert made.certified(0)
        assert (made.certified_swaps(), made.first_failure(0)) == (0, 1)


@pytest.mark.parametrize("scores", [formats.Q, formats.BF16], ids=str)
@pytest.mark.parametrize("centred", [False, True])
def test_the_last_swaps_read_as_the_whole_program_does_up_to_the_slack(scores, centred):
    start = -(2**8) if centred else 0
    whole = StoredPositions(formats.BF16, scores, start)
    late = StoredPositions(formats.BF16, scores, start, tail=4)
    frontier = whole.certified_swaps()
    assert late.certified_swaps() == frontier
    for swaps in range(frontier - 3, frontier + 4):
        assert late.run_swaps(swaps) < swaps
        assert 0 < late.slack(swaps) < Fraction(1, 2)
        assert abs(late.reads(swaps) - whole.reads(swaps)).max() <= float(late.slack(swaps))
        assert late.wrong_slot(swaps) == whole.wrong_slot(swaps)


def test_the_window_of_the_leak_bounds_the_sum_over_all_tokens():
    """Against every token one by one, which is the window that begins at the first."""

    class NoWindow(StoredPositions):
        def unrounded(self, swaps):
            return 0

    for start in (0, -(2**8)):
        made = StoredPositions(formats.BF16, formats.BF16, start)
        for swaps in (20, 30, 60):
            everything = NoWindow(formats.BF16, formats.BF16, start).leak(swaps)
            assert everything <= made.leak(swaps) * (1 + 2**-20)


def test_integers_are_held_up_to_two_to_the_precision():
    for fmt in (formats.FP8_E5M2, formats.BF16, formats.FP64):
        assert fmt.precision is not None
        most = 2**fmt.precision
        for low, high in ((0, most), (-most, 0), (-most, most), (5, 5)):
            assert holds_all(fmt, Fraction(4), low, high) == (max(-low, high) <= most)
        assert not holds_all(fmt, Fraction(1), 0, most + 1)
        assert not holds_all(fmt, Fraction(1), -most - 2, 0)
    assert not holds_all(formats.FP8_E4M3FN, Fraction(64), 0, 8)  # 512 overflows
    assert holds_all(formats.Q, Fraction(1), 0, 10**30)


def test_a_score_of_minus_infinity_gets_no_weight():
    keys = np.array([[Fraction(1)], [Fraction(2)]], dtype=object)
    queries = np.array([[Fraction(-(2**16) + 1)]], dtype=object)
    exact = RoundedScores(formats.FP16).weights(queries, np.concatenate([0 * keys[:1], keys[1:]]))
    assert [float(x.mid()) for x in exact[0]] == [1, 0]
    floats = RoundedScores(formats.FP16).weights(queries.astype(float), np.array([[0.0], [2.0]]))
    assert floats.tolist() == [[1, 0]]
    with pytest.raises(OverflowError, match="overflows fp8_e4m3fn to nan"):
        RoundedScores(formats.FP8_E4M3FN).weights(queries, keys)
