"""The position coordinate in formats: choices in the format, the leak bound against brute force, and failures where found."""

from fractions import Fraction

import numpy as np
import pytest

from constructions.deltaformer.slot_programs import POINTER_SWAP, SlotTokens
from constructions.deltaformer.stored_positions import HEAD, StoredPositions, _may_share, raised
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
    assert made.worst_program(2).swaps == ((0, 1), (0, 2))
    assert made.wrong_slot(2) == 2
    assert abs(made.reads(2)[2]).max() < 2**-10
    stored = made.positions(2)
    assert stored[8] == stored[9] == 8


def test_rounded_scores_of_eight_bits_certify_no_swap():
    for fmt, failure in ((formats.FP8_E5M2, 2), (formats.FP8_E4M3FN, 3)):
        made = StoredPositions(fmt, fmt)
        assert (made.certified_swaps(), made.first_failure(0)) == (0, failure)
