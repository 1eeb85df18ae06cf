"""The conventions of the model, restated, each named in the tally; where there is an algorithm behind one, it keeps within it."""

import math

import pytest
import scalars as s
import torch
from scalars import Number, Work
from torch.nn import functional as F

from empirics.cost.counting import count
from theory.cost.amounts import value


def log2(n):
    return max(n - 1, 0).bit_length()


def check(function, work, span, threshold, name, *shapes):
    tally = count(function, tuple(torch.empty(*shape, device="meta") for shape in shapes))
    assert sum(map(value, tally.work.values())) == work
    assert sum(map(value, tally.span.values())) == span
    assert sum(map(value, tally.span_threshold.values())) == threshold
    assert name in tally.upper
    assert not tally.opaque


LENGTHS = pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 13, 16])


@LENGTHS
def test_layer_norm(n):
    check(lambda x: F.layer_norm(x, (n,)), 8 * 3 * n, 2 * log2(n) + 4, 6, "layer norm", (3, n))
    check(lambda x, w: F.layer_norm(x, (n,), w, w), 8 * 3 * n, 2 * log2(n) + 4, 6, "layer norm", (3, n), (n,))
    check(lambda x: F.group_norm(x, 2), 8 * 12 * n, 2 * log2(2 * n) + 4, 6, "layer norm", (3, 4, n))


@LENGTHS
def test_scans(n):
    check(lambda x: x.cumsum(-1), 2 * 3 * n, 2 * log2(n), 1, "scan", (3, n))
    check(lambda x: x.cummax(-1).values, 2 * 3 * n, 2 * log2(n), 1, "scan", (3, n))
    for function in (torch.cumprod, torch.logcumsumexp):
        check(lambda x, f=function: f(x, -1), 2 * 3 * n, 2 * log2(n), 2 * log2(n), "scan", (3, n))


@LENGTHS
def test_a_tree_scans_within_the_convention(n):
    Work.done = 0
    found = s.brent_kung([Number(1.0) for _ in range(n)])
    assert [x.value for x in found] == [i + 1.0 for i in range(n)]
    assert n - 1 <= Work.done <= 2 * n
    assert log2(n) <= max(x.depth for x in found) <= max(2 * log2(n), 1)


@LENGTHS
def test_sorts(n):
    deep = log2(n) * (log2(n) + 1) // 2
    check(lambda x: x.sort(-1).values, 3 * n * log2(n), deep, deep, "sort", (3, n))
    check(lambda x: x.sort(dim=0, stable=True).values, 3 * n * log2(n), deep, deep, "sort", (n, 3))
    check(lambda x: x.topk(1).values, 0, deep, deep, "topk", (3, n))
    check(lambda x: x.topk(n).values, 3 * n * log2(n), deep, deep, "topk", (3, n))
    deep = log2(3 * n) * (log2(3 * n) + 1) // 2
    check(lambda x: x.median(), 3 * n * log2(3 * n), deep, deep, "sort", (3, n))


@pytest.mark.parametrize("p", range(6))
def test_the_bitonic_network_has_the_depth_of_a_sort(p):
    xs = [Number(float(v)) for v in torch.randperm(2**p, generator=torch.Generator().manual_seed(p))]
    found = s.bitonic(xs)
    assert [x.value for x in found] == list(range(2**p))
    assert max(x.depth for x in found) == p * (p + 1) // 2


@LENGTHS
def test_transforms(n):
    check(torch.fft.fft, 5 * 3 * n * log2(n), log2(n), log2(n), "fft", (3, n))
    check(torch.fft.rfft, 5 * 3 * n * log2(n), log2(n), log2(n), "fft", (3, n))
    both = log2(n) + log2(3)
    check(lambda x: torch.fft.fft2(torch.view_as_complex(x)), 15 * n * both, both, both, "fft", (3, n, 2))


@LENGTHS
def test_factorisations(n):
    for function in (torch.inverse, torch.linalg.lu_factor, torch.linalg.qr, torch.linalg.cholesky):
        check(lambda x, f=function: f(x)[0], 2 * 2 * n**3, 3 * n, 3 * n, "factorisation", (2, n, n))
    check(torch.linalg.solve, 2 * n**3 + 2 * n * n * 4, 7 * n, 7 * n, "factorisation", (n, n), (n, 4))


@LENGTHS
def test_gradient_of_log_softmax(n):
    function = lambda g, y: torch.ops.aten._log_softmax_backward_data(g, y, -1, torch.float32)  # noqa: E731
    check(function, 12 * n, log2(n) + 3, 4, "log softmax backward", (3, n), (3, n))


def test_gradients_of_layer_norm():
    for mask, work in (
        ((True, True, True), 13),
        ((True, False, False), 10),
        ((False, True, False), 4),
        ((False, False, True), 1),
    ):

        def backward(g, x, m, r, w, mask=mask):
            return torch.ops.aten.native_layer_norm_backward(g, x, (5,), m, r, w, w, list(mask))

        rows = 2 * 3 if mask[0] else 0
        tally = count(backward, tuple(torch.empty(*z, device="meta") for z in ((3, 5), (3, 5), (3, 1), (3, 1), (5,))))
        assert sum(map(value, tally.work.values())) == work * 15 + rows
        assert "layer norm backward" in tally.upper


def test_the_layer_norm_gradient_written_out():
    """The steps of the convention compute the gradient, in just as many operations."""
    n = 6
    x, g, w = (torch.rand(n, dtype=torch.float64, generator=torch.Generator().manual_seed(i)) for i in range(3))
    centre, scale = x.mean().item(), 1 / math.sqrt(x.var(unbiased=False).item() + 1e-5)
    Work.done = 0
    normal = [(Number(v) - centre) * scale for v in x.tolist()]
    h = [Number(a) * b for a, b in zip(g.tolist(), w.tolist(), strict=True)]
    a, b = s.total(h), s.total([p * q for p, q in zip(h, normal, strict=True)])
    a, b = a / n, b / n
    found = [((p - a) - q * b) * scale for p, q in zip(h, normal, strict=True)]
    assert Work.done == 10 * n + 2
    y = x.clone().requires_grad_()
    F.layer_norm(y, (n,), w).backward(g)
    torch.testing.assert_close(torch.tensor([v.value for v in found], dtype=torch.float64), y.grad)


def test_batch_norm():
    x = (4, 3, 5)
    check(lambda x: F.batch_norm(x, None, None, training=True), 8 * 60, 2 * log2(20) + 4, 6, "batch norm", x)
    tally = count(
        lambda x, m, w: F.batch_norm(x, m, m, w, w), tuple(torch.empty(*z, device="meta") for z in (x, (3,), (3,)))
    )
    assert sum(map(value, tally.work.values())) == 4 * 60 + 2 * 3
