"""Theorems' tokens on other operators: by hand, against other constructions, doors."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

from constructions.deltaformer.reduced_swaps import contents
from constructions.deltaformer.slot_programs import CLEAN_SWAP, POINTER_SWAP
from constructions.deltaformer.swap_tracking import decode
from constructions.deltaformer.variants import Powers, ReducedTokens, SlotTokensOn, UnitTokens
from constructions.layers.kernels import LINEAR, Hardmax, Rounded, Softmax
from empirics import strategies
from theory.programs import SwapProgram


def turned(n):
    """Orthonormal vectors that are not unit vectors."""
    return np.eye(n, dtype=np.int64)[::-1] * (1 - 2 * (np.arange(n) % 2))[:, None]


SMALL = strategies.swap_programs(most_slots=4, most_swaps=3)


@pytest.mark.parametrize(
    "layer",
    [
        UnitTokens(),
        UnitTokens(readers="w = q"),
        UnitTokens(beta=Fraction(1, 9), alpha=Fraction(1, 9), length=3),
        SlotTokensOn(CLEAN_SWAP, LINEAR),
        SlotTokensOn(POINTER_SWAP, Hardmax(), positions=True),
    ],
)
@given(program=SMALL)
@settings(max_examples=20)
def test_what_carries_over_tracks(layer, program):
    assert decode(layer.read(program)) == program.contents()


@pytest.mark.parametrize(
    "layer", [ReducedTokens(), ReducedTokens(Rounded(1)), ReducedTokens(readers="w = q"), ReducedTokens(units=turned)]
)
@given(program=strategies.swap_programs(least_slots=2, most_slots=5, most_swaps=4))
@settings(max_examples=20)
def test_differences_carry_over(layer, program):
    assert tuple(contents(layer.read(program)).tolist()) == program.contents()


def test_a_smaller_beta_scales_what_pointers_move():
    read = SlotTokensOn(POINTER_SWAP, Hardmax(), positions=True, beta=Fraction(1, 3)).read(SwapProgram(3, [(0, 2)]))
    third, moved = Fraction(1, 3), Fraction(1, 27)
    assert read.tolist() == [[0, 0, moved], [0, third, 0], [moved, 0, 0]]


def test_powers_are_exponentials():
    x, y = np.array([[1, 2], [0, 1]]), np.array([[1, 0], [-1, 1]])
    z = Fraction(3)
    assert Powers(z).weights(x, y).tolist() == [[1, 1], [Fraction(1, 3), 1]]
    with_z = Powers(z, normalised=True).weights(x, y)
    found = Softmax(np.log(3.0)).weights(x.astype(float), y.astype(float))
    assert np.allclose(with_z.astype(float), found, rtol=1e-14, atol=0)


def test_powers_over_no_key_give_weight_to_none():
    allowed = np.array([[False]])
    assert Powers(Fraction(2), normalised=True).weights(
        np.eye(1, dtype=int), np.eye(1, dtype=int), allowed
    ).tolist() == [[0]]


def test_powers_need_integers():
    with pytest.raises(ValueError, match=r"the inner product at \(0, 0\) is 1/2; a power of a symbol needs an integer"):
        Powers(2).weights(np.array([[Fraction(1, 2)]], dtype=object), np.array([[1]], dtype=object))


def test_an_average_is_read_at_beta_a_half():
    read = UnitTokens(beta=Fraction(1, 2)).read(SwapProgram(2, [(0, 1)]))
    assert read.tolist() == [[Fraction(1, 2)] * 2] * 2


def test_softmax_by_hand():
    z = Fraction(5)
    read = UnitTokens(Powers(z, normalised=True)).read(SwapProgram(2))
    share = z / (z + 1)
    assert read.tolist() == [[2 * share - 1, 1 - share], [1 - 2 * share, share]]
