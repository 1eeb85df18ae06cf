"""Branches: what lies beyond a threshold decides a verdict, in both directions, and what was not tried is never confirmed."""

from __future__ import annotations

import hiding_layers as hiding
import pytest
import torch
from torch import nn

from empirics.cost import derive, judge
from theory.verdict import Outcome

CAPS = [far for far in hiding.HIDING[::3] if far not in (hiding.multiples_only, hiding.both_sizes, hiding.squares_only)]
"""Of the three left out, the other side has sizes of any magnitude, and the bound is exceeded there."""


def unconditional(verdict):
    return verdict.outcome is Outcome.CONFIRMED and not verdict.conditional


@pytest.mark.parametrize("far", hiding.HIDING, ids=lambda far: far.__name__)
def test_linear_as_far_as_was_run_is_not_confirmed(far):
    """Quadratic beyond a threshold of a few thousand tokens, whether or not the threshold shows as a comparison of sizes."""
    assert not unconditional(judge(derive(hiding.subject(far)), "work", "N*d"))


@pytest.mark.parametrize("far", CAPS, ids=lambda far: far.__name__)
def test_quadratic_below_a_cap_and_linear_beyond_is_not_refuted(far):
    assert judge(derive(hiding.subject(far, turned=True)), "work", "N*d").outcome is not Outcome.REFUTED


@pytest.mark.parametrize("subject", hiding.SUBJECTS, ids=lambda s: s.__name__)
def test_subjects_that_decide_are_not_confirmed(subject):
    assert not unconditional(judge(derive(subject), "work", "N*d"))


@pytest.mark.parametrize("far", [hiding.int_of_a_size])
def test_thresholds_that_show_are_decided(far):
    """They are comparisons of numbers, so the other side is run: refuted one way, confirmed the other, without doubt."""
    assert judge(derive(hiding.subject(far)), "work", "N*d").outcome is Outcome.REFUTED
    assert unconditional(judge(derive(hiding.subject(far, turned=True)), "work", "N*d"))


def test_a_product_beyond_a_million():
    def layer(N, d):
        return hiding.Layer(lambda x: x.shape[1] * x.shape[2] > 10**6), (torch.empty(1, N, d),)

    cost = derive(layer)
    assert {r.conditions for r in cost.quantity("work").regimes} == {("N*d <= 1000000",), ("N*d > 1000000",)}
    assert judge(cost, "work", "N*d").outcome is Outcome.REFUTED
    assert unconditional(judge(cost, "work", "N**2*d"))


def test_a_threshold_that_only_weights_have():
    """Its smallest sizes beyond are N = 1, where both sides cost the same."""

    class Wide(nn.Module):
        def __init__(self, d):
            super().__init__()
            self.inner = nn.Linear(d, d)

        def forward(self, x):
            y = self.inner(x)
            return hiding.quadratic(y) if self.inner.weight.shape[0] > 5000 else hiding.linear(y)

    def layer(N, d):
        return Wide(d), (torch.empty(1, N, d),)

    cost = derive(layer)
    assert judge(cost, "work", "N*d**2").outcome is not Outcome.CONFIRMED
    assert unconditional(judge(cost, "work", "N*d**2", fixed=["N"]))


def test_a_window_of_sizes_that_none_beyond_share():
    def layer(N, d):
        return hiding.Layer(lambda x: 5000 < x.shape[1] < 5010), (torch.empty(1, N, d),)

    assert judge(derive(layer), "work", "N*d").outcome is not Outcome.REFUTED


def test_what_the_layer_catches_is_said():
    class Catching(nn.Module):
        def forward(self, x):
            try:
                return hiding.quadratic(x) if x.sum().item() > 0 else hiding.linear(x)
            except BaseException:
                return hiding.linear(x)

    def layer(N, d):
        return Catching(), (torch.empty(1, N, d),)

    found = judge(derive(layer), "work", "N*d")
    assert found.outcome is Outcome.UNDECIDED
    assert "_local_scalar_dense" in found.because
    assert "reference" in found.because


def test_two_sizes_of_three_are_large_together():
    def layer(a, b, c):
        def forward(x):
            large = [len(str(int(size))) > 3 for size in x.shape]
            return x @ x.mT @ x if large == [True, True, False] else x + 1

        return forward, (torch.empty(a, b, c),)

    assert not unconditional(judge(derive(layer), "work", "a*b*c"))


def test_a_threshold_of_the_backward_pass_alone():
    class Function(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return 2 * x

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            n = int(x.shape[1])
            return (x @ x.mT) @ g if n > 5000 else g

    def layer(N, d):
        return Function.apply, (torch.empty(1, N, d),)

    cost = derive(layer)
    assert unconditional(judge(cost, "work", "N*d"))
    assert not unconditional(judge(cost.backward, "work", "N*d"))


def test_decoding_goes_to_far_widths_and_not_to_far_tokens():
    """A token comes after all before it, one run each."""

    class Decoder(nn.Module):
        def forward(self, x):
            return x.cumsum(1)

        def init_state(self, batch):
            return torch.zeros(batch, 1)

        def step(self, x, state):
            return x + state, state + x.sum(-1, keepdim=True)

    def layer(N, d):
        return Decoder(), (torch.empty(1, N, d),)

    assert unconditional(judge(derive(layer), "state", "1"))
