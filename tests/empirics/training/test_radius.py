"""The radius proved for the swap tracker: balls hold what points have, nothing within breaks, and what cannot be proved is not."""

from fractions import Fraction

import pytest
import torch
from torch import nn

from empirics.tasks import SwapTracking, generator_of
from empirics.training.hand_built import swap_tracker
from empirics.training.models import Architecture, build
from empirics.training.radius import _Tables as Tables
from empirics.training.radius import broken, corner, first_wrong, proved, radius_of
from theory.deltaformer.margins import precise

TASK = SwapTracking(3)


def signs_of(model, seed):
    generator = torch.Generator().manual_seed(seed)
    return {name: 2.0 * torch.rand(p.shape, generator=generator).double() - 1 for name, p in model.named_parameters()}


@pytest.mark.parametrize("seed", range(3))
def test_balls_hold_what_a_point_of_the_box_has(seed):
    """Computed by torch in float64: rounding is far below the radius of the balls, which is 2^-12 of the numbers."""
    model, radius = swap_tracker(TASK), Fraction(1, 2**10)
    named = corner(model, float(radius), {n: s.sign() for n, s in signs_of(model, seed).items()})
    moved = swap_tracker(TASK).double()
    moved.load_state_dict(named)
    block = moved.blocks[0]
    with torch.no_grad():
        x = block.before(moved.embedding.weight)
        key = nn.functional.normalize(block.mixer.key(x), dim=-1)
        beta = 2 * block.mixer.beta_gate(x)[:, 0].sigmoid()
        value = block.mixer.value(x)
    with precise():
        tables = Tables(TASK, model, radius)
        for token in range(TASK.vocabulary):
            pairs = [
                *zip(tables.key[token], key[token], strict=True),
                *zip(tables.value[token], value[token], strict=True),
            ]
            for ball, point in [*pairs, (tables.beta[token], beta[token])]:
                assert abs(float(ball.mid()) - float(point)) <= float(ball.rad()) + 1e-12 * abs(float(point))


def test_a_radius_shrinks_with_the_length_and_is_proved():
    model = swap_tracker(TASK)
    found = [radius_of(TASK, model, tokens) for tokens in (5, 12, 48)]
    assert found == sorted(found, reverse=True)
    assert all(proved(TASK, model, r, t) for r, t in zip(found, (5, 12, 48), strict=True))
    # errors add up: from 9 to 45 steps behind the writes the radius falls by five at most, but for what does not depend on T
    assert found[1] / found[2] <= 5


def test_nothing_within_the_radius_is_broken():
    model = swap_tracker(TASK)
    radius = float(radius_of(TASK, model, 12))
    assert broken(TASK, model, radius, 12, words=16, steps=8) is None
    words = TASK.draw(64, 12, generator_of(0, 12))
    for seed in range(4):
        signs = {name: s.sign() for name, s in signs_of(model, seed).items()}
        assert first_wrong(model, corner(model, radius, signs), TASK, words) is None


def test_what_is_broken_is_wrong_and_is_not_proved():
    model = swap_tracker(TASK)
    found = broken(TASK, model, 1 / 8, 12)
    assert found is not None
    assert all(s.abs().max() <= 1 for s in found.signs.values())
    assert first_wrong(model, corner(model, 1 / 8, found.signs), TASK, torch.tensor([found.word])) == 0
    assert not proved(TASK, model, Fraction(1, 8), 12)


def test_four_slots():
    task = SwapTracking(4)
    model = swap_tracker(task)
    radius = radius_of(task, model, 12, digits=2)
    assert Fraction(1, 2**14) < radius < Fraction(1, 2**6)


def test_a_model_that_is_wrong_has_no_radius():
    model = swap_tracker(TASK)
    model.out.weight.data.neg_()
    assert not proved(TASK, model, Fraction(0), 5)
    assert radius_of(TASK, model, 5) == 0


def test_models_the_argument_is_not_about_are_refused():
    model = swap_tracker(TASK)
    model.out.bias.data[0] = 1
    with pytest.raises(ValueError, match=r"proved: out.bias is not zero"):
        proved(TASK, model, Fraction(0), 5)
    other = build(Architecture("deltaformer-linear", 28, 2, 1, 0), TASK.vocabulary, TASK.classes)
    with pytest.raises(ValueError, match="one layer of deltaformer-linear with one head and no MLP"):
        proved(TASK, other, Fraction(0), 5)


def test_a_box_in_which_a_key_may_vanish_is_not_proved():
    model = swap_tracker(TASK)
    assert not proved(TASK, model, Fraction(1), 5)
    model.blocks[0].mixer.key.weight.data.zero_()
    assert not proved(TASK, model, Fraction(0), 5)
