"""Explicit streams, keys and weights for Infini-attention: against the layer, against emulated formats, at the door."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch

from constructions.infini_attention.accumulating import running, segment_sums, segmented, token_wise
from constructions.infini_attention.definite import is_semidefinite, scalar
from constructions.infini_attention.frontiers import ELU_LOST, FRONTIERS, GATE_OPEN, SIGMA_LOST, around
from constructions.infini_attention.heads import HALF, attended, grouped
from constructions.infini_attention.one_hot_keys import share, tenths_needed
from constructions.infini_attention.passkey import GRID, Passkey, off_for, off_needed
from constructions.infini_attention.streams import column, cuts, read, told, written
from constructions.layers.infini_attention.access import Access
from constructions.layers.infini_attention.features import RATIONAL
from constructions.layers.infini_attention.streaming import advance, begin
from constructions.layers.kernels import LINEAR
from theory import formats, summation
from theory.infini_attention import random_key_laws as laws

DIGITS = (9, 0, 5, 4, 7)
NARROW = ("bf16", "fp16", "fp8_e4m3fn", "fp8_e5m2")


def test_every_cut_once():
    tokens = column((1, 2, 3), (4, 5, 6))
    found = list(cuts(tokens))
    assert len(set(found)) == 4 == len(found)
    assert all(tuple(token for segment in stream for token in segment) == tokens for stream in found)
    assert found[0] == (tokens,)
    assert told(found[1]) == "1:4 | 2:5 3:6"


def test_a_stream_written_by_hand():
    memory = written((((((1, 2), (3,))),), (((2, 0), (1,)),)), "delta")
    # after the first: M = (3, 6), z = (1, 2); the second reads 6 / 2 = 3, so it adds 2 (1 - 3) to the first channel
    assert memory.matrix.tolist() == [[-1], [6]]
    assert memory.normaliser.tolist() == [3, 2]
    assert read(memory, (1, 1)) == (Fraction(5, 5),)
    with pytest.raises(ValueError, match="no memory to start from"):
        written(())


@pytest.mark.parametrize("name", ["fp32", *NARROW])
def test_running_sums_are_those_of_the_format(name):
    held = formats.named(name)
    terms = held.round_array(np.random.default_rng(5).uniform(0, 1.5, 300))
    for count in (1, 2, 37, 300):
        wanted = float(summation.add(summation.Order("time"), terms[:count], held))
        assert token_wise(terms[:count], name) == wanted
    assert segmented(terms, 32, name) == float(summation.add(summation.blocked(32), terms, held))
    assert len(segment_sums(terms, 32, name)) == 10


def test_running_sums_refuse_a_format_without_a_dtype():
    with pytest.raises(ValueError, match="numpy has no dtype for tf32; give one of fp64"):
        running(np.ones(2), 0.0, "tf32")


@pytest.mark.parametrize("name", [f.name for f in formats.FORMATS.values() if not f.exact])
def test_frontiers_lie_between_neighbours(name):
    held = formats.named(name)
    for frontier in FRONTIERS:
        below, above = frontier.sides(held)
        assert held.round((below + above) / 2) in (below, above)
        argument = frontier.argument(held, "gradual")
        value = frontier.factor(held) * (math.log(argument.numerator) - math.log(argument.denominator))
        assert abs(value - float(below)) <= float(above - below) + 2**-50 * abs(value)


def test_frontiers_need_a_format_that_rounds():
    with pytest.raises(ValueError, match="Q rounds nothing"):
        ELU_LOST.sides(formats.Q)
    with pytest.raises(ValueError, match="more bits are needed"):
        around(formats.BF16, Fraction(1), Fraction(2))
    with pytest.raises(ValueError, match="below the least normal number"):
        around(formats.FP16, Fraction(1, 2**20), Fraction(1, 2**20))


def test_the_exact_layer_is_the_streamed_one():
    """Two heads over five tokens in segments of two, once head by head through `advance`, whole."""
    x = np.array(np.random.default_rng(1).integers(-2, 3, (1, 5, 4)), dtype=object) + Fraction(0)
    found = attended(x, 2, 2, rule="delta")
    parts = x.reshape(1, 5, 2, 2).swapaxes(1, 2)
    access = Access("delta", features=RATIONAL)
    start = begin(access.empty((1, 2), 2, 2, x), x)
    made, _ = advance(start, parts, parts, parts, HALF, access=access, segment=2, start="gated", kernel=LINEAR)
    assert (made.swapaxes(1, 2).reshape(1, 5, 4) == found).all()
    alone = grouped(parts[0], parts[0], parts[0], 2, rule="delta")
    assert (alone == made[0]).all()


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([[1]], True),
        ([[-1]], False),
        ([[0, 0], [0, 1]], True),
        ([[0, 1], [1, 5]], False),
        ([[2, 1], [1, Fraction(1, 2)]], True),
        ([[2, 1], [1, Fraction(49, 100)]], False),
    ],
)
def test_semidefinite(rows, wanted):
    assert is_semidefinite(np.array(rows, dtype=object)) is wanted
    assert is_semidefinite(scalar(2, 3))
    with pytest.raises(ValueError, match="not symmetric"):
        is_semidefinite(np.array([[1, 2], [0, 1]], dtype=object))


def test_tenths_needed_is_the_least():
    for p in (8, 24):
        k = tenths_needed(p, 16)
        assert share(16, np.exp(-k / 10)) < 2.0**-p < share(16, np.exp(-(k - 1) / 10))


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_moments_of_random_features(scale):
    """Against Simpson's rule on 10^5 intervals from -12 to 12, whose error is far below the bound used."""
    x = np.linspace(-12, 12, 200_001)
    density = np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
    phi = np.where(x > 0, scale * x + 1, np.exp(np.minimum(scale * x, 0)))
    weights = np.ones_like(x)
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    step = 24 / 200_000
    for k, ball in laws.moments(scale).items():
        found = float((weights * density * phi**k).sum() * step / 3)
        # a kink in the third derivative at most at 0, a node of the rule: an error of order step^4
        assert abs(found - float(ball)) < 1e3 * step**4 * float(ball)


def test_off_needed_is_enough_and_least():
    for fillers in (1, 1000):
        off = off_needed(fillers, 5)
        for y, enough in ((off, True), (off - Fraction(1, GRID), False)):
            e = np.exp(-float(y))
            assert bool(18 * (fillers + 4) * (2 * e + 4 * e * e) < 1) is enough


@pytest.mark.parametrize("name", ["fp64", "fp32", "bf16", "fp16", *NARROW])
def test_off_for_is_beyond_the_frontier(name):
    held = formats.named(name)
    assert -off_for(held) < 2 * SIGMA_LOST.sides(held)[0]


@pytest.mark.parametrize(
    ("rule", "name", "depth"),
    [("linear", "fp32", 0), ("linear", "fp32", 2043), ("linear", "fp64", 777), ("delta", "fp32", 777)],
)
def test_the_layer_with_these_weights_finds_the_passkey(rule, name, depth):
    held, dtype = formats.named(name), {"fp32": torch.float32, "fp64": torch.float64}[name]
    passkey = Passkey(5, off_for(held))
    layer = passkey.layer(128, rule, held, dtype)
    roles, values = passkey.roles(2048, depth, DIGITS)
    state = None
    with torch.no_grad():
        for start in range(0, 2048, 700):
            rows = passkey.inputs(roles[start : start + 700], values[start : start + 700], dtype)
            _, state = layer.resume(rows, state)
        found, _ = layer.resume(passkey.inputs(np.arange(1, 6), np.zeros(5), dtype), state)
    assert found[0, :, -1].tolist() == list(DIGITS)
    assert not found[0, :, :-1].any()


def test_the_layers_gate_is_rounded_to_one():
    layer = Passkey(2, Fraction(8)).layer(4, "linear", formats.FP32, torch.float32)
    assert layer.beta.sigmoid().item() == 1
    assert layer.beta.item() > float(GATE_OPEN.sides(formats.FP32)[1])


@pytest.mark.gpu
@pytest.mark.parametrize("rule", ["linear", "delta"])
def test_a_million_tokens_on_a_gpu(rule):
    held = formats.FP32
    passkey = Passkey(5, off_for(held))
    layer = passkey.layer(2048, rule, held, torch.float32).cuda()
    length, piece = 2**20, 2**17
    for depth in (0, length // 2 + 77, length - 5):
        roles, values = passkey.roles(length, depth, DIGITS)
        pieces = (
            passkey.inputs(roles[i : i + piece], values[i : i + piece], torch.float32).cuda()
            for i in range(0, length, piece)
        )
        state = None
        with torch.no_grad():
            for streamed in layer.stream(pieces):
                state = streamed.state
            queries = passkey.inputs(np.arange(1, 6), np.zeros(5), torch.float32).cuda()
            found, _ = layer.resume(queries, state)
        assert found[0, :, -1].tolist() == list(DIGITS)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Passkey(0, Fraction(1)), "places = 0, off = 1: give at least one place and a positive off"),
        (lambda: Passkey(2, Fraction(0)), "a positive off"),
        (lambda: Passkey(2, Fraction(1)).roles(4, 3, (1, 2)), "2 digits at depth 3 of 4"),
        (lambda: Passkey(2, Fraction(1)).roles(4, 0, (1,)), "1 digits at depth 0 of 4: give 2 digits"),
    ],
)
def test_refusals(make, message):
    with pytest.raises(ValueError, match=message):
        make()
