"""The hand-derived formulas of the reference layers against a brute-force count; every subject builds on meta tensors."""

import inspect
import itertools
import random
from fractions import Fraction
from math import ceil

import pytest
import torch
from scalar_rules import Counting, log2, work_and_span

from empirics.subjects import SUBJECTS, formulas

SIZES = {
    "N": (1, 2, 3, 4, 5, 8, 9, 13, 16),
    "d": (1, 2, 3, 5, 8),
    "W": (1, 2, 5, 11),
    "C": (1, 2, 3, 4, 7),
    "K": (1, 2, 5, 9),
    "E": (1, 2, 3, 5),
    "h": (1, 3, 4),
}
EACH = pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS.keys())
DECODED = pytest.mark.parametrize(
    "subject",
    [s for s in SUBJECTS.values() if formulas(s).step],
    ids=[n for n, s in SUBJECTS.items() if formulas(s).step],
)

BY_PARTS = {"deltaformer_chunked", "deltaformer_recurrence"}
"""Layers that write rows of one tensor, whose depths the oracle does not tell apart."""


def value(formula, sizes):
    exact = {name: Fraction(size) for name, size in sizes.items()}
    found = eval(formula, {"L": log2, "ceiling": ceil, "Min": min, "Max": max, **exact})
    assert found == int(found)
    return int(found)


def some_sizes(subject, most):
    grid = list(itertools.product(*(SIZES[name] for name in inspect.signature(subject).parameters)))
    random.Random(0).shuffle(grid)
    for sizes in grid[:most]:
        yield dict(zip(inspect.signature(subject).parameters, sizes, strict=True))


@EACH
def test_work_and_span_are_the_counted_ones(subject):
    told, tried = formulas(subject), 0
    for sizes in some_sizes(subject, 18):
        exact = {"L": log2, "Min": min, **{name: Fraction(size) for name, size in sizes.items()}}
        if told.where and not eval(told.where, exact):
            continue
        work, span = work_and_span(subject, **sizes)
        assert work == value(told.work, sizes), sizes
        if subject.__name__ in BY_PARTS:
            assert told.span is None or span >= value(told.span, sizes), sizes
        elif told.span is not None:
            assert span == value(told.span, sizes), sizes
        tried += 1
    assert tried >= 8


@EACH
def test_parameters_are_the_counted_ones(subject):
    for sizes in some_sizes(subject, 4):
        with torch.device("meta"):
            layer, _ = subject(**sizes)
        assert sum(p.numel() for p in layer.parameters()) == value(formulas(subject).parameters, sizes)


@DECODED
def test_the_step_and_the_state_are_the_counted_ones(subject):
    for sizes in some_sizes(subject, 6):
        with torch.device("meta"), torch.no_grad():
            layer, (x,) = subject(**sizes)
            state = layer.init_state(1)
            for t in range(5):
                at = {**sizes, "t": t}
                kept = state if isinstance(state, tuple) else (state,)
                assert sum(part.numel() for part in kept) == value(formulas(subject).state, at)
                with Counting() as counting:
                    _, state = layer.step(x[:, 0], state)
                assert counting.work == value(formulas(subject).step, at), at


def test_blelloch_span_is_at_most_the_stated_one():
    for n in range(6):
        _, span = work_and_span(SUBJECTS["scan_blelloch"], N=2**n, d=3)
        assert span <= 2 * log2(3) + 7 * n + 5


def test_fewer_combinations_in_the_tree_more_rounds():
    """The two scans differ as they should: work by a factor of about log N, span the other way round."""
    hillis = work_and_span(SUBJECTS["scan_hillis_steele"], N=256, d=1)
    tree = work_and_span(SUBJECTS["scan_blelloch"], N=256, d=1)
    assert hillis[0] > tree[0]
    assert hillis[1] < tree[1]


@EACH
def test_no_operation_of_another_format_when_asked_for_float64(subject):
    class Formats(torch.utils._python_dispatch.TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            out = function(*args, **(kwargs or {}))
            for x in out if isinstance(out, (tuple, list)) else (out,):
                assert not x.dtype.is_floating_point or x.dtype == torch.float64, function
            return out

    with torch.device("meta"):
        layer, (x,) = subject(**next(some_sizes(subject, 1)))
        layer, x = layer.double(), x.double()
        with Formats():
            y = layer(x)
    assert y.shape == x.shape
    assert y.dtype == torch.float64
