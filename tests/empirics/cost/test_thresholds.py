"""Every way to branch on a size is seen, with its formula, and sizes are proposed that a run confirms to turn it."""

import branching_layers as layers
import pytest
import sympy
import torch
from torch import nn

from empirics.cost.recorder import Recorder
from empirics.cost.thresholds import thresholds
from theory.cost.formulas import symbol

N, d = symbol("N"), symbol("d")
SIZES = [(4, 3), (5, 3), (6, 3), (4, 5), (7, 4), (9, 6), (12, 8), (11, 7)]


def run(subject, **sizes):
    with torch.device("meta"), torch.no_grad(), Recorder() as recorder:
        layer, inputs = subject(**recorder.sizes(**sizes))
        layer(*inputs)
    return sizes, recorder.comparisons


def branches(decide, **options):
    found = thresholds([run(layers.subject(decide), N=n, d=m) for n, m in SIZES], **options)
    return [b for b in found if b.decided_by_sizes is not False]


@pytest.mark.parametrize(
    ("decide", "condition", "seen"),
    [
        (layers.product_of_shape, N * d > 10**6, False),
        (layers.by_length, N >= 300, False),
        (layers.by_size, N * d <= 5000, True),
        (layers.by_numel, N * d > 4096, False),
        (layers.below_a_cap, N < 50, True),
        (layers.reversed_sides, N > 10**4, False),
        (layers.against_the_width, sympy.Gt(N, 100 * d), False),
        (layers.through_int, N > 640, False),
        (layers.numel_of_the_shape, N * d > 9000, False),
        (layers.through_a_logarithm, sympy.log(N) / sympy.log(2) > sympy.Rational(19, 2), False),
        (layers.half_a_float, N / 2 > 75, False),
        (layers.over_the_width_by_min, sympy.Min(N, d) > 128, False),
    ],
)
def test_a_threshold_is_recovered_and_its_flips_turn_it(decide, condition, seen):
    (branch,) = (b for b in branches(decide) if "min(" not in b.text or ">" in b.text)
    assert branch.seen == {seen}
    assert branch.condition == condition
    assert branch.file == layers.__file__
    assert branch.line == decide.__code__.co_firstlineno + (2 if decide.__code__.co_nlocals > 2 else 1)
    assert branch.flips
    for sizes in branch.flips:
        _, compared = run(layers.subject(decide), **sizes)
        assert (not seen) in {c.result for c in compared if c.line == branch.line}


def test_flips_are_the_smallest_and_none_is_larger_than_another_in_every_size():
    (branch,) = branches(layers.product_of_shape)
    assert {"N": 1001, "d": 1001} in branch.flips
    assert all(s["N"] * s["d"] > 10**6 for s in branch.flips)
    assert not any(a != b and a["N"] <= b["N"] and a["d"] <= b["d"] for a in branch.flips for b in branch.flips)


def test_a_loop_is_judged_by_its_greatest_counter():
    (branch,) = branches(layers.in_a_loop)
    assert branch.seen == {False}
    assert str(N - 1 > 99) in str(branch.condition)
    assert branch.flips[0]["N"] == 101


def test_a_remainder_and_a_truth_test_are_turned():
    (remainder,) = branches(layers.by_remainder)
    assert remainder.flips[0]["N"] % 64 == 0
    (truth,) = branches(layers.by_truth)
    assert truth.flips[0]["N"] == 1000


def test_settings_and_what_no_size_can_turn_are_told_apart():
    assert not branches(layers.a_setting)
    assert not branches(layers.always)
    found = {b.text: b for b in thresholds([run(layers.subject(layers.always), N=n, d=m) for n, m in SIZES])}
    assert "no sizes can turn it" in found["x.shape[1] + 1 > 0"].reason


def test_both_outcomes_seen_leave_nothing_to_propose():
    runs = [run(layers.subject(layers.below_a_cap), N=n, d=3) for n in (4, 9, 49, 50, 77)]
    (branch,) = (b for b in thresholds(runs) if b.decided_by_sizes is not False)
    assert branch.seen == {True, False}
    assert not branch.flips


def test_an_equality_that_held_is_kept_in_what_is_proposed():
    def chunked(N, C):
        class Chunked(nn.Module):
            def forward(self, x):
                if x.shape[1] % C != 0:
                    raise ValueError("N must be a multiple of C")
                return x.view(-1, C) if x.shape[1] > 1000 else x

        return Chunked(), (torch.empty(1, N),)

    found = thresholds([run(chunked, N=n, C=c) for n, c in ((6, 3), (12, 4), (10, 5), (14, 7), (8, 2), (18, 3))])
    divisible, long = found
    assert divisible.condition == sympy.Ne(sympy.Mod(symbol("N"), symbol("C")), 0)
    assert long.condition == (symbol("N") > 1000)
    assert long.flips
    assert all(s["N"] % s["C"] == 0 and s["N"] > 1000 for s in long.flips)
    assert not any(s["N"] % s["C"] == 0 for s in divisible.flips)


def test_what_the_caller_does_not_accept_is_not_proposed():
    (branch,) = branches(layers.product_of_shape, accepts=lambda sizes: sizes["N"] == 7 * sizes["d"])
    assert all(s["N"] == 7 * s["d"] for s in branch.flips)


def test_a_comparison_that_follows_no_simple_formula_is_unknown_and_says_so():
    found = branches(lambda layer, x: x.shape[1] & 5 > 6)
    assert [b.decided_by_sizes for b in found] == [None]
    assert "no simple formula" in found[0].reason


@pytest.mark.parametrize("make", [lambda d: nn.Linear(d, d), lambda d: nn.LSTM(d, d, batch_first=True)])
def test_layers_of_torch_have_no_branch_that_sizes_could_turn(make):
    def subject(N, d):
        return make(d), (torch.empty(1, N, d),)

    found = thresholds([run(subject, N=n, d=m) for n, m in SIZES])
    assert not [b for b in found if b.decided_by_sizes is None or b.flips]
