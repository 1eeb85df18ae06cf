"""Theorem C: random programs, exactness in balls, the closure against brute force, refusals."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

from constructions.deltaformer import codes
from constructions.deltaformer.coded_tokens import enclosed_error
from constructions.deltaformer.exponential_swaps import SPREAD, ExponentialSwaps, exposure
from constructions.deltaformer.impulses import impulse_closure
from constructions.deltaformer.slot_programs import CLEAN_SWAP, POINTER_SWAP, SlotTokens
from constructions.deltaformer.temperatures import largest_temperature, require_temperature
from empirics import strategies
from theory import formats
from theory.deltaformer import margins
from theory.permutations import swap_sequences
from theory.programs import SwapProgram


@given(strategies.swap_programs(most_slots=6, most_swaps=8))
@settings(max_examples=25)
def test_programs_are_tracked_with_every_kind_of_code(program):
    for make in (codes.one_hot, codes.binary_sign, codes.circle):
        assert ExponentialSwaps(make).run(program) == program.contents()


def test_the_head_is_as_narrow_as_said():
    for n in (1, 5, 6, 13, 14):
        assert ExponentialSwaps().code(n).dimension == (n + 2).bit_length()
    assert ExponentialSwaps(codes.circle).compile(SwapProgram(9)).keys.shape == (9, 2)


def test_readers_return_minus_the_contents():
    program, made = SwapProgram(4, [(0, 3), (1, 2), (3, 1)]), ExponentialSwaps()
    u, _ = made.compile(program, readers=True).stages(made.kernel(2 * made.temperature(program)))
    assert [int(x) for x in (-u[-4:]).argmax(axis=1)] == list(program.contents())


def test_balls_enclose_what_floats_find():
    program, made = SwapProgram(3, [(0, 1), (1, 2)]), ExponentialSwaps()
    tokens, kernel = made.compile(program), made.kernel(made.temperature(program))
    found, _ = tokens.stages(kernel)
    with margins.precise():
        enclosed, _ = tokens.stages(kernel, "balls")
        middle = np.array([[float(x.mid()) for x in row] for row in enclosed])
    assert abs(found - middle).max() < len(found) ** 2 * 2.0**-50
    assert enclosed_error(enclosed, tokens.slots.interpret()) >= abs(middle - tokens.slots.interpret()).max()


def test_the_closure_holds_what_programs_do():
    """Spread and exposure by brute force over all programs of three swaps of three slots."""
    closure = impulse_closure(CLEAN_SWAP)
    tokens = SlotTokens.compile_batch(3, np.concatenate(list(swap_sequences(3, 3))), CLEAN_SWAP)
    spread = seen = 0
    for keys, writes in zip(tokens.keys, tokens.writes, strict=True):
        state, shares = np.zeros((tokens.slots, tokens.length), dtype=int), []
        for t in range(tokens.length):
            others = abs(state[:, :3]).sum(axis=0) - abs(state[writes[t], :3])
            shares.append(others)
            state[keys[t]] += np.eye(tokens.length, dtype=int)[t] - state[writes[t]]
            spread = max(spread, abs(state).sum(axis=0).max())
        seen = max(seen, np.array(shares)[3:].reshape(3, 8, 3).sum(axis=1).max())
    assert (closure.spread, closure.exposure) == (spread, seen) == (4, 12)


def test_exposure_counts_writes_swaps_and_a_reader():
    assert exposure(5, 7) == 5 + 12 * 7 + 1
    assert SPREAD == 4


def test_programs_are_refused_when_unclean_or_of_another_semantics():
    with pytest.raises(ValueError, match="temporary d ends with - b; the next swap needs it clean"):
        ExponentialSwaps(template=replace(CLEAN_SWAP, tokens=CLEAN_SWAP.tokens[:-1]))
    with pytest.raises(ValueError, match="adds all equal keys; a program of pointer semantics needs softmax"):
        ExponentialSwaps(template=POINTER_SWAP)
    with pytest.raises(ValueError, match="disturbances add up in sum semantics, not in pointer semantics"):
        impulse_closure(POINTER_SWAP)


def test_temperatures_that_overflow_are_refused_with_the_largest_that_does_not():
    program, made = SwapProgram(40, [(0, 1)]), ExponentialSwaps(codes.circle)
    message = (
        r"temperature \d+\.?\d*: scores up to \d+\.?\d* overflow fp8_e4m3fn, whose greatest number is 448; "
        r"the largest temperature that does not is 224; take fewer tokens"
    )
    with pytest.raises(ValueError, match=message):
        made.run(program, fmt=formats.FP8_E4M3FN)
    assert made.run(program, fmt=formats.BF16) == program.contents()
    with pytest.raises(ValueError, match="temperature 0: it must be positive"):
        require_temperature(Fraction(0), formats.FP64)


@pytest.mark.parametrize("fmt", [f for f in formats.FORMATS.values() if not f.exact], ids=str)
@pytest.mark.parametrize("span", [1, 2, 3, Fraction(1, 3), Fraction(17, 5)])
def test_the_largest_temperature_is_the_largest(fmt, span):
    found = largest_temperature(fmt, span)
    assert fmt.holds(found)
    require_temperature(Fraction(found), fmt, span)
    exponent = fmt.emax
    while Fraction(2) ** exponent > found:
        exponent -= 1
    following = Fraction(found) + Fraction(2) ** (exponent - fmt.precision + 1)
    assert fmt.overflows(following) or fmt.overflows(following * span)


def test_a_span_is_positive():
    with pytest.raises(ValueError, match="span = 0: the greatest score at temperature 1 is positive"):
        largest_temperature(formats.FP16, 0)
    assert largest_temperature(formats.Q) == float("inf")
