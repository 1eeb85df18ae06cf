"""Verdicts on bounds: assert_bound, its errors, and what a reader is told."""

from __future__ import annotations

import hiding_layers as hiding
import pytest
import torch
from torch import nn

from empirics.cost import BadSubject, Undecided, assert_bound, derive, judge, register_formula
from theory.bounds import BadBound
from theory.verdict import Outcome


class Mixing(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.width = nn.Linear(d, d, bias=False)

    def forward(self, x):
        y = self.width(x)
        return y @ y.mT


def mixing(N, d):
    return Mixing(d), (torch.empty(1, N, d),)


def test_a_true_bound_passes_and_a_false_one_tells_the_line():
    assert_bound(mixing, work="N**2*d + N*d**2", span="log(d)")
    with pytest.raises(AssertionError, match=r"mixing: work is not O\(N\*d\*\*2\): N\*\*2\*d outgrows it") as raised:
        assert_bound(mixing, work="N*d**2")
    assert "return y @ y.mT" in str(raised.value)
    assert not isinstance(raised.value, Undecided)


def test_where_and_fixed():
    assert_bound(mixing, work="N*d**2", where="N<=d")
    assert_bound(mixing, work="N**2", fixed="d")
    with pytest.raises(AssertionError):
        assert_bound(mixing, work="N*d", fixed="d")


class Cheap(torch.autograd.Function):
    """Linear forward, quadratic backward."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return 2 * x

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return (x @ x.mT) @ g


def costly_backward(N, d):
    class Layer(nn.Module):
        def forward(self, x):
            return Cheap.apply(x)

    return Layer(), (torch.empty(1, N, d),)


def test_linear_forward_and_quadratic_backward_are_told_apart():
    assert_bound(costly_backward, work="N*d")
    assert_bound(costly_backward, work="N**2*d", backward=True)
    with pytest.raises(AssertionError, match=r"N\*\*2\*d outgrows it"):
        assert_bound(costly_backward, work="N*d", backward=True)


def test_an_untried_threshold_is_undecided():
    """It holds as far as was tried: a millionth call would cost more."""
    with pytest.raises(Undecided, match="(?s)as far as was tried.*not tried: .*calls > 10 ?\\*\\* ?6"):
        assert_bound(hiding.calls_of_the_class, work="N*d")


def test_values_that_decide_are_undecided_with_the_remedy():
    def layer(N, d):
        class Layer(nn.Module):
            def forward(self, x):
                return x[x.sum(-1).nonzero().flatten()]

        return Layer(), (torch.empty(N, d),)

    with pytest.raises(Undecided, match="reference"):
        assert_bound(layer, work="N*d")

    def reference(N, d):
        class Layer(nn.Module):
            def forward(self, x):
                return x.sum(-1, keepdim=True) * x

        return Layer(), (torch.empty(N, d),)

    found = judge(derive(layer, reference=reference), "work", "N*d")
    assert found.outcome is Outcome.CONFIRMED
    assert found.quantity.scope["reference"] == "reference"


def test_a_custom_kernel_is_undecided_until_its_formula_is_registered():
    torch.library.define("hostile_bounds::scan", "(Tensor x) -> Tensor")
    torch.library.impl("hostile_bounds::scan", "Meta")(torch.empty_like)

    def layer(N, d):
        class Layer(nn.Module):
            def forward(self, x):
                return torch.ops.hostile_bounds.scan(x)

        return Layer(), (torch.empty(N, d),)

    with pytest.raises(Undecided, match="hostile_bounds.scan.*register its formula"):
        assert_bound(layer, work="N*d")
    register_formula("hostile_bounds::scan", work=lambda x: 2 * x.numel(), span=lambda x: ((2, (x.shape[0],)),))
    assert_bound(layer, work="N*d", span="log(N)")


WRONG = [
    ({"work": "N*q"}, BadBound, "q"),
    ({"work": "N +"}, BadBound, "N +"),
    ({"work": "__import__('os')"}, BadBound, ""),
    ({"work": "N*d", "where": "N ~ d"}, BadBound, ""),
    ({"work": "N*d", "fixed": "q"}, BadBound, "'q' is no size; the sizes are N, d"),
    ({}, BadSubject, "no bound"),
    ({"state": "N"}, BadSubject, "init_state"),
]


@pytest.mark.parametrize(("asked", "error", "words"), WRONG, ids=lambda x: str(x) if isinstance(x, dict) else "")
def test_wrong_input_is_refused_in_words(asked, error, words):
    with pytest.raises(error) as raised:
        assert_bound(mixing, **asked)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        (3, "3 is no function of sizes"),
        (nn.Linear(2, 2), "a layer Linear is no subject"),
        (lambda: (nn.Identity(), ()), "has no sizes"),
        (lambda *sizes: (nn.Identity(), ()), "'sizes' is no named size"),
        (lambda L: (nn.Identity(), ()), "the name 'L' is taken"),
        (lambda N: nn.Identity(), "must return \\(layer, inputs\\)"),
        (lambda N: (3, torch.empty(N)), "the layer is a int, which cannot be called"),
        (lambda N: (nn.Identity(), N), "the inputs are"),
        (lambda N: (nn.Linear(N, N, device="cuda"), torch.empty(N, N)), "needs CUDA|accepts none"),
        (lambda N: 1 // 0, "ZeroDivisionError"),
        (lambda N: (torch.set_default_dtype(torch.float64), (nn.Identity(), torch.empty(N)))[1], "default dtype"),
    ],
)
def test_what_is_no_subject_is_refused(subject, words):
    with pytest.raises(BadSubject, match=words):
        derive(subject).work  # noqa: B018


def test_a_layer_that_changes_settings_is_refused_and_they_are_put_back():
    def layer(N):
        return (lambda x: (torch.set_default_dtype(torch.float64), x + 1)[1]), (torch.empty(N),)

    with pytest.raises(BadSubject, match="default dtype"):
        derive(layer).work  # noqa: B018
    assert torch.get_default_dtype() is torch.float32
