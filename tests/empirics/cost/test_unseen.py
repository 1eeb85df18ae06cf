"""What counted runs cannot show becomes a condition of the verdict: text made of sizes, other lines on the CPU, numbers drawn."""

import random

import pytest
import torch
from torch import nn

from empirics.cost.bounds import judge
from empirics.cost.cost import derive
from empirics.cost.subject import Subject
from empirics.cost.unseen import LARGEST_BYTES, unseen
from theory.verdict import Outcome


class Sums(nn.Module):
    """A loop over tokens, quadratic where `far(N)`."""

    def __init__(self, far):
        super().__init__()
        self.far = far

    def forward(self, x):
        total = x[:, 0]
        for t in range(x.shape[1]):
            total = total + x[:, t]
        return x @ x.mT if self.far(x.shape[1]) else total


class Once(nn.Module):
    """Quadratic where `there(x)`."""

    def __init__(self, there, width=1):
        super().__init__()
        self.there, self.weight = there, nn.Parameter(torch.empty(width))

    def forward(self, x):
        return x @ x.mT if self.there(x) else x + 1


def subject(layer, *made, **how):
    def of(N, d):
        return layer(*made, **how), (torch.empty(1, N, d),)

    return of


def on_meta(x):
    return not x.is_meta


def by_name(x):
    return x.device.type == "cpu"


def by_error(x):
    try:
        return bool(x.sum().item() < 1)
    except RuntimeError:
        return False


def seldom(x):
    return random.random() < 0.001


@pytest.mark.parametrize("there", [on_meta, by_name])
def test_a_layer_that_does_something_else_on_the_cpu_is_confirmed_under_a_condition_only(there):
    verdict = judge(derive(subject(Once, there)), "work", "N*d")
    assert verdict.outcome is Outcome.CONFIRMED
    assert verdict.conditional
    assert "on the CPU" in derive(subject(Once, there)).quantity("work").untried[0]


def test_an_instruction_that_changes_no_operation_is_no_condition():
    class Careful(nn.Module):
        def forward(self, x):
            device = "cpu" if x.is_meta else x.device.type
            return x + len(device)

    assert not judge(derive(subject(Careful)), "work", "N*d").conditional


def test_a_layer_that_catches_what_meta_raises_is_never_confirmed_without_condition():
    verdict = judge(derive(subject(Once, by_error)), "work", "N*d")
    assert verdict.outcome is not Outcome.CONFIRMED or verdict.conditional


def test_a_number_drawn_on_the_host_is_a_condition():
    verdict = judge(derive(subject(Once, seldom)), "work", "N*d")
    assert verdict.conditional
    assert "Python's generator" in derive(subject(Once, seldom)).quantity("work").untried[0]


def test_random_tensors_that_steer_nothing_are_none():
    class Noisy(nn.Module):
        def forward(self, x):
            return nn.functional.dropout(x, 0.5) + torch.randn_like(x)

    assert not judge(derive(subject(Noisy)), "work", "N*d").conditional


def test_text_of_a_size_in_a_loop_that_no_run_follows_far_is_a_condition():
    verdict = judge(derive(subject(Sums, lambda n: len(str(n)) > 4)), "work", "N*d")
    assert verdict.outcome is Outcome.CONFIRMED
    assert verdict.conditional
    formatted = derive(subject(Sums, lambda n: f"{n:06d}"[0] != "0")).quantity("work")
    assert "makes text of a size, and no run went beyond N = " in formatted.untried[0]


def test_text_of_a_size_without_a_loop_is_tried_far_out_and_no_condition():
    verdict = judge(derive(subject(Once, lambda x: str(x.shape[1]) == "")), "work", "N*d")
    assert verdict.outcome is Outcome.CONFIRMED
    assert not verdict.conditional


def test_a_large_layer_is_not_run_on_the_cpu_and_one_that_fails_there_is_left_alone():
    assert unseen(Subject(subject(Once, on_meta, width=LARGEST_BYTES)), {"N": 3, "d": 2}) == ()

    class Codes(nn.Module):
        def forward(self, x):
            return x if x.is_meta else 1 / 0

    assert unseen(Subject(subject(Codes)), {"N": 3, "d": 2}) == ()


class Handled(torch.Tensor):
    """Cumulative sums of it are products of three matrices, computed where no mode for operations sees it."""

    @staticmethod
    def __new__(cls, inner):
        made = torch.Tensor._make_wrapper_subclass(cls, inner.shape, dtype=inner.dtype, device=inner.device)
        made.inner = inner
        return made

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        first = args[0].inner
        return first @ first.mT @ first if func is torch.ops.aten.cumsum.default else func(first, *args[1:])


class ThroughHandled(nn.Module):
    def forward(self, x):
        return Handled(x).cumsum(1)


def test_tensors_that_handle_operations_themselves_are_not_counted_as_plain_ones():
    cost = derive(subject(ThroughHandled))
    verdict = judge(cost, "work", "N*d")
    assert verdict.outcome is Outcome.UNDECIDED
    assert "tensors of Handled handle operations themselves" in cost.quantity("work").reason
