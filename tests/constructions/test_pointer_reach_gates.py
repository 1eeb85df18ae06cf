"""Gates: exact values, the inputs at which a sigmoid vanishes in a format, and what torch does there."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from constructions.pointer.gates import (
    ContentFilter,
    every_half,
    gated_layer,
    hard_sigmoid,
    limit,
    overflow_limit,
    overflowing_input,
    relu,
    rounded_sigmoid,
    vanishing_input,
)
from theory import formats

ROUNDED = [f for f in formats.FORMATS.values() if not f.exact]


def test_exact_gates():
    assert [relu(x) for x in (-1, 0, 2)] == [0, 0, 2]
    assert [hard_sigmoid(x) for x in (-4, -3, 0, 1, 3, 4)] == [0, 0, Fraction(1, 2), Fraction(2, 3), 1, 1]
    assert hard_sigmoid(Fraction(-1, 2)) == Fraction(5, 12)


def test_a_gated_layer_by_hand():
    rows = [[1, 2], [3, 5]]
    made = gated_layer(rows, (1, 1), [[1, 0], [0, 1]], [0, -7], relu)
    assert made == [[1 + 3 * 1, 2 + 5 * 0], [3 + 3 * 3, 5 + 5 * 0]]


@pytest.mark.parametrize("value", [-3, -1, 0, 1, 3])
def test_the_filter_in_two_layers(value):
    assert ContentFilter().run(value, 7) == 7 + max(value, 0)


def test_limits_by_hand():
    assert limit(formats.FP16) == Fraction(1, 2**25)
    assert limit(formats.FP16, "flush") == Fraction(2**11 - 1, 2**25)
    assert overflow_limit(formats.FP16) == 65520
    for ask in (limit, overflow_limit):
        with pytest.raises(ValueError, match="name a format with a precision"):
            ask(formats.Q)


def test_inputs_by_hand():
    assert vanishing_input(formats.FP16) == (Fraction(-1110, 64), Fraction(-1109, 64))  # 25 log 2 = 17.3287 in 64ths
    assert vanishing_input(formats.BF16) == (-93, Fraction(-185, 2))  # 134 log 2 = 92.88 in halves
    assert overflowing_input(formats.FP16) == (Fraction(-1420, 128), Fraction(-1419, 128))  # log 65520 = 11.0899
    assert overflowing_input(formats.BF16) == (-89, Fraction(-177, 2))  # 128 log 2 = 88.72


@pytest.mark.parametrize("fmt", ROUNDED, ids=lambda f: f.name)
@pytest.mark.parametrize("underflow", formats.UNDERFLOWS)
def test_both_ends_by_rounding(fmt, underflow):
    closed, opened = vanishing_input(fmt, underflow)
    assert fmt.holds(closed)
    assert fmt.holds(opened)
    assert rounded_sigmoid(fmt, closed, underflow) == 0
    assert rounded_sigmoid(fmt, opened, underflow) > 0
    assert fmt.round(Fraction(1, 2) * (closed + opened)) in (closed, opened)


@pytest.mark.parametrize("fmt", [formats.FP8_E4M3FN, formats.FP8_E5M2, formats.FP16], ids=lambda f: f.name)
def test_no_other_input_of_a_small_format_vanishes(fmt):
    closed, _ = vanishing_input(fmt)
    halves = every_half()
    finite = np.unique(halves[np.isfinite(halves)].astype(np.float64))
    inputs = finite[(finite == fmt.round_array(finite)) & (finite >= -32) & (finite <= 0)][
        :: 37 if fmt is formats.FP16 else 1
    ]
    assert all((rounded_sigmoid(fmt, Fraction(float(x))) == 0) == (x <= closed) for x in inputs)


def test_every_half_is_every_pattern_finite_first():
    every = every_half()
    assert len(np.unique(every.view(np.uint16))) == 2**16
    finite = np.isfinite(every)
    assert finite[: finite.sum()].all()
    assert np.isinf(every[finite.sum() : finite.sum() + 2]).all()


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32", "float64"])
def test_torch_vanishes_no_later_than_the_rounded_sigmoid(name):
    """torch may take a longer way than one rounding, so its sigmoid may vanish sooner, as the composed one does, never later."""
    fmt = formats.named({"float16": "fp16", "bfloat16": "bf16", "float32": "fp32", "float64": "fp64"}[name])
    dtype = getattr(torch, name)
    closed = torch.tensor([float(vanishing_input(fmt)[0])], dtype=torch.float64).to(dtype)
    assert closed.item() == float(vanishing_input(fmt)[0])
    assert torch.sigmoid(closed).item() == 0
    composed = torch.tensor([float(overflowing_input(fmt)[1])], dtype=torch.float64).to(dtype)
    assert torch.sigmoid(composed).item() > 0


@pytest.mark.gpu
@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32"])
def test_a_device_vanishes_no_later_than_the_rounded_sigmoid(name):
    fmt = formats.named({"float16": "fp16", "bfloat16": "bf16", "float32": "fp32"}[name])
    closed = torch.tensor([float(vanishing_input(fmt)[0])], dtype=torch.float64).to("cuda", getattr(torch, name))
    assert torch.sigmoid(closed).item() == 0
