"""Every exact rule against a scalar program that does the same and counts, from zero; the program's values are torch's."""

import math

import pytest
import scalars as s
import torch
from scalars import Work, numbers, values
from torch.nn import functional as F

from empirics.cost.counting import count
from theory.cost.amounts import value


def counted(function, tensors):
    """(work, span, tally) on meta tensors like these."""
    tally = count(function, tuple(x.to("meta") for x in tensors))
    assert not tally.opaque
    return sum(map(value, tally.work.values())), sum(map(value, tally.span.values())), tally


def agree(function, program, *tensors, depth=None, exact=True):
    """The rules of `function`'s operations give work and depth of `program`, which computes the same."""
    Work.done = 0
    found = program(*map(numbers, tensors))
    expected = function(*tensors)
    told = torch.tensor(values(found), dtype=torch.float64).reshape(expected.shape)
    torch.testing.assert_close(told, expected.double())
    work, span, tally = counted(function, tensors)
    assert work == Work.done
    assert span == (max((x.depth for x in s.flat(found)), default=0) if depth is None else depth)
    assert bool(tally.upper) != exact


def draw(*shape):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(sum(shape)), dtype=torch.float64) + 0.5


SIZES = pytest.mark.parametrize(("m", "k", "n"), [(1, 1, 1), (2, 3, 4), (3, 5, 1), (1, 8, 2), (4, 7, 3)])
ROWS = pytest.mark.parametrize(("m", "n"), [(1, 1), (3, 2), (2, 5), (4, 8), (1, 13)])


@SIZES
def test_matrix_products(m, k, n):
    agree(torch.mm, s.matmul, draw(m, k), draw(k, n))
    agree(torch.bmm, lambda a, b: [s.matmul(x, y) for x, y in zip(a, b, strict=True)], draw(2, m, k), draw(2, k, n))
    agree(torch.addmm, lambda c, a, b: s.added(c, s.matmul(a, b)), draw(m, n), draw(m, k), draw(k, n))
    agree(
        torch.baddbmm,
        lambda c, a, b: [s.added(z, s.matmul(x, y)) for z, x, y in zip(c, a, b, strict=True)],
        *(draw(2, m, n), draw(2, m, k), draw(2, k, n)),
    )
    agree(torch.mv, lambda a, x: [row[0] for row in s.matmul(a, [[y] for y in x])], draw(m, k), draw(k))
    agree(torch.dot, lambda x, y: s.total([a * b for a, b in zip(x, y, strict=True)]), draw(k), draw(k))
    agree(
        torch.addmv,
        lambda c, a, x: [y + row[0] for y, row in zip(c, s.matmul(a, [[y] for y in x]), strict=True)],
        *(draw(m), draw(m, k), draw(k)),
    )


def batched_sum(c, a, b):
    """Products of all the batch in one sum."""
    sums = [
        [
            s.total([x[i][t] * y[t][j] for x, y in zip(a, b, strict=True) for t in range(len(y))])
            for j in range(len(b[0][0]))
        ]
        for i in range(len(a[0]))
    ]
    return s.added(c, sums)


@SIZES
def test_products_summed_over_the_batch(m, k, n):
    agree(torch.addbmm, batched_sum, draw(m, n), draw(2, m, k), draw(2, k, n))


@pytest.mark.parametrize(("stride", "groups"), [(1, 1), (2, 1), (1, 2), (3, 2)])
def test_convolutions(stride, groups):
    x, weight = draw(4, 9), draw(6, 4 // groups, 3)
    agree(
        lambda x, w: F.conv1d(x[None], w, stride=stride, groups=groups)[0],
        lambda x, w: s.convolution(x, w, stride, groups),
        *(x, weight),
    )


def test_a_bias_is_a_term_added():
    agree(
        lambda x, w, b: F.conv1d(x[None], w, b)[0],
        lambda x, w, b: [[y + c for y in line] for line, c in zip(s.convolution(x, w), b, strict=True)],
        *(draw(2, 6), draw(3, 2, 4), draw(3)),
    )


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_transposed_convolution(stride):
    x, weight = draw(2, 4), draw(2, 3, 3)
    Work.done = 0
    found = s.transposed_convolution(numbers(x), numbers(weight), stride)
    expected = F.conv_transpose1d(x[None], weight, stride=stride)[0]
    torch.testing.assert_close(torch.tensor(values(found), dtype=torch.float64), expected)
    work, span, _ = counted(lambda x, w: F.conv_transpose1d(x[None], w, stride=stride), (x, weight))
    assert work == Work.done
    assert span == 1 + math.ceil(math.log2(2 * 3))  # as if every tap fell into one place
    assert span >= max(y.depth for y in s.flat(found))


def test_gradients_of_a_convolution():
    x, weight, g = draw(2, 6), draw(3, 2, 3), draw(3, 4)
    for mask, programs in (
        ((True, False, False), [lambda x, w, g: s.transposed_convolution(g, w)]),
        (
            (False, True, False),
            [lambda x, w, g: [[s.convolution([line], [[grad]])[0] for line in x] for grad in g]],
        ),
        ((False, False, True), [lambda x, w, g: [s.total(line) for line in g]]),
    ):

        def backward(x, w, g, mask=mask):
            out = torch.ops.aten.convolution_backward(
                g[None], x[None], w, [3], [1], [0], [1], False, [0], 1, list(mask)
            )
            return next(y for y in out if y is not None)

        Work.done = 0
        found = programs[0](*map(numbers, (x, weight, g)))
        torch.testing.assert_close(
            torch.tensor(values(found), dtype=torch.float64).flatten(), backward(x, weight, g).flatten()
        )
        work, span, _ = counted(backward, (x, weight, g))
        assert work == Work.done
        assert span >= max(y.depth for y in s.flat(found))


@ROWS
def test_reductions(m, n):
    x = draw(m, n)
    for function, program in (
        (torch.sum, s.total),
        (torch.amax, s.largest),
        (torch.mean, s.mean),
        (torch.prod, lambda row: s.fold(row, lambda a, b: a * b, 1.0)),
        (torch.logsumexp, s.logsumexp),
        (lambda x, d: torch.linalg.vector_norm(x, dim=d), lambda row: s.total([x * x for x in row]).apply(math.sqrt)),
        (lambda x, d: x.norm(1, d), lambda row: s.total([x.apply(abs) for x in row])),
        (lambda x, d: x.norm(float("inf"), d), lambda row: s.largest([x.apply(abs) for x in row])),
        (
            lambda x, d: x.norm(3, d),
            lambda row: s.total([x.apply(abs) ** 3 for x in row]).apply(lambda v: v ** (1 / 3)),
        ),
    ):
        agree(lambda x, f=function: f(x, -1), lambda x, p=program: [p(row) for row in x], x)
    if n > 1:
        agree(lambda x: x.var(-1), lambda x: [s.variance(row) for row in x], x)
        agree(lambda x: x.std(-1), lambda x: [s.variance(row).apply(math.sqrt) for row in x], x)
    agree(lambda x: x.sum(), lambda x: s.total(s.flat(x)), x)
    agree(lambda x: x.sum((0, 1)), lambda x: s.total(s.flat(x)), x)
    agree(lambda x: x.mean(0), lambda x: [s.mean(list(column)) for column in zip(*x, strict=True)], x)


@ROWS
def test_choosing_is_a_reduction(m, n):
    """argmax, max with its place, all, any: one comparison a number from nothing."""
    x = draw(m, n)
    deep = max(0, n - 1).bit_length()
    for function in (torch.argmax, torch.argmin, torch.max, torch.min):
        work, span, _ = counted(lambda x, f=function: f(x, -1), (x,))
        assert (work, span) == (m * n, deep)
    for function in (torch.all, torch.any):
        work, span, _ = counted(lambda x, f=function: f(x, -1), (x > 1,))
        assert (work, span) == (m * n, deep)


@ROWS
def test_softmax_and_its_gradient(m, n):
    x, g = draw(m, n), draw(m, n)
    agree(lambda x: x.softmax(-1), lambda x: [s.softmax(row) for row in x], x)
    agree(lambda x: x.log_softmax(-1), lambda x: [s.log_softmax(row) for row in x], x)
    agree(
        lambda g, y: torch.ops.aten._softmax_backward_data(g, y, -1, torch.float64),
        lambda g, y: [s.softmax_gradient(b, a) for a, b in zip(g, y, strict=True)],
        *(g, x.softmax(-1)),
    )


def test_pointwise_operations_cost_their_output_whatever_they_do():
    x, y = draw(3, 4), draw(4)
    for function in (torch.add, torch.mul, torch.maximum, torch.pow, torch.gt, torch.atan2):
        assert counted(function, (x, y))[:2] == (12, 1)
    for function in (
        *(
            torch.exp,
            torch.tril,
            torch.sigmoid,
            torch.isnan,
            torch.clone,
            torch.zeros_like,
            torch.rand_like,
            F.gelu,
            F.relu,
        ),
        *(
            F.silu,
            torch.nan_to_num,
            torch.bernoulli,
            lambda x: x.to(torch.float16),
            lambda x: x.sqrt_(),
            lambda x: x.fill_(1.0),
        ),
        *(
            lambda x: torch.zeros(3, 4),
            lambda x: torch.arange(12),
            lambda x: torch.randn(3, 4),
            lambda x: torch.ones(3, 4),
        ),
    ):
        assert counted(function, (x,))[:2] == (12, 1)
    for function in (lambda x, m: x.masked_fill(m, 0.0), lambda x, m: torch.where(m, x, x)):
        assert counted(function, (x, x > 1))[:2] == (12, 1)


def test_views_and_empty_cost_nothing():
    x = draw(2, 3, 4)
    for function in (
        *(lambda x: x.transpose(0, 1), lambda x: x[:, None], lambda x: x.view(6, 4), lambda x: x.expand(5, 2, 3, 4)),
        *(lambda x: x.unfold(1, 2, 1), lambda x: x.detach(), lambda x: x.real, lambda x: torch.empty_like(x)),
        *(lambda x: x.squeeze(), lambda x: x.split(1), lambda x: x.diagonal()),
    ):
        work, span, tally = counted(function, (x,))
        assert (work, span) == (0, 0)
        assert not tally.moved


@pytest.mark.parametrize(
    ("function", "out"),
    [
        (lambda x: x[torch.zeros(5, dtype=torch.long, device="meta")], 5 * 4 + 5),
        (lambda x: torch.cat([x, x]), 24),
        (lambda x: torch.stack([x, x, x]), 36),
        (lambda x: x.roll(1, 0), 12),
        (lambda x: x.flip(1), 12),
        (lambda x: x.repeat(2, 2), 48),
        (lambda x: F.pad(x, (1, 2)), 21),
        (lambda x: x.index_select(1, torch.zeros(2, dtype=torch.long, device="meta")), 6 + 2),
        (lambda x: x.gather(1, torch.zeros(3, 1, dtype=torch.long, device="meta")), 3 + 3),
        (lambda x: F.embedding(torch.zeros(2, 3, dtype=torch.long, device="meta"), x), 24 + 6),
    ],
)
def test_moves_cost_their_output(function, out):
    """Indices made on the way are factories, one unit an entry."""
    assert counted(function, (draw(3, 4),))[0] == out


def test_scatters_cost_their_source():
    x, src, at = draw(5, 4), draw(3, 4), torch.zeros(3, 4, dtype=torch.long)
    deep = 1 + math.ceil(math.log2(12))
    for function in (
        lambda x, src, at: x.scatter(0, at, src),
        lambda x, src, at: x.scatter_add(0, at, src),
        lambda x, src, at: x.scatter_reduce(0, at, src, "amax"),
        lambda x, src, at: x.index_add(0, at[:, 0], src),
        lambda x, src, at: x.index_copy(0, at[:, 0], src),
        lambda x, src, at: x.index_put((at[:, 0],), src),
        lambda x, src, at: x.scatter(0, at, 1.0),
        lambda x, src, at: x.index_fill(0, at[:, 0], 1.0),
    ):
        work, span, tally = counted(function, (x, src, at))
        assert (work, span) == (12, deep)
        assert not tally.upper
    mask = torch.ones(5, 4, dtype=torch.bool)
    assert counted(lambda x, mask: x.index_put((mask,), x.new_empty(())), (x, mask))[:2] == (20, 1)


def test_scatters_into_zeros_cost_the_zeros_too():
    g = draw(2, 3, 4)
    rows = torch.zeros(2, 3, dtype=torch.long)
    function = lambda g, rows: torch.ops.aten.embedding_dense_backward(g, rows, 7, -1, False)  # noqa: E731
    assert counted(function, (g, rows))[:2] == (28 + 24, 2 + 5)
    assert counted(lambda x: F.fold(x, (2, 3), (1, 2)), (draw(1, 6, 4),))[:2] == (3 * 2 * 3 + 24, 2 + 5)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (2, 3), (5, 2), (7, 1)])
def test_a_triangular_solve_does_the_work_of_substitution(n, m):
    a, b = draw(n, n).tril(), draw(n, m)
    Work.done = 0
    found = s.solve_lower(numbers(a), numbers(b))
    expected = torch.linalg.solve_triangular(a, b, upper=False)
    torch.testing.assert_close(torch.tensor(values(found), dtype=torch.float64), expected)
    work, span, tally = counted(lambda a, b: torch.linalg.solve_triangular(a, b, upper=False), (a, b))
    assert work == Work.done == n * n * m
    assert span == 2 * n
    assert tally.upper


@pytest.mark.parametrize("window", [1, 2, 3])
def test_pooling_reduces_its_windows(window):
    x = draw(1, 6)
    cut = lambda line: [line[i : i + window] for i in range(0, 6 - window + 1, window)]  # noqa: E731
    agree(
        lambda x: F.max_pool1d(x[None], window)[0],
        lambda x: [[s.largest(part) for part in cut(line)] for line in x],
        x,
    )
    agree(
        lambda x: F.avg_pool1d(x[None], window)[0],
        lambda x: [[s.mean(part) for part in cut(line)] for line in x],
        x,
    )


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0, float("inf")])
def test_pairwise_distances(p):
    step, root = {
        1.0: (lambda gap: gap.apply(abs), lambda x: x),
        2.0: (lambda gap: gap.apply(lambda v: v * v), lambda x: x.apply(math.sqrt)),
        3.0: (lambda gap: gap.apply(abs) ** 3, lambda x: x.apply(lambda v: v ** (1 / 3))),
        float("inf"): (lambda gap: gap.apply(abs), lambda x: x),
    }[p]
    reduce = s.largest if p == float("inf") else s.total

    def program(a, b):
        return [[root(reduce([step(x - y) for x, y in zip(row, other, strict=True)])) for other in b] for row in a]

    agree(
        lambda a, b: torch.cdist(a, b, p, compute_mode="donot_use_mm_for_euclid_dist"), program, draw(3, 4), draw(2, 4)
    )


def test_bisection():
    edges, x = draw(8).sort().values, draw(3)
    work, span, _ = counted(lambda e, x: torch.searchsorted(e, x), (edges, x))
    assert (work, span) == (3 * 3, 3)
