"""Rules on shapes with sympy's symbols: the same formulas, and no comparison of sizes on the way."""

import pytest
import sympy
import torch

from empirics.cost.rules import cost_of

N, D, B = sympy.symbols("N D B", integer=True, positive=True)
aten = torch.ops.aten


class Shape:
    """A tensor that is only a shape."""

    def __init__(self, *shape, dtype=torch.float32):
        self.shape, self.dtype = shape, dtype

    def numel(self):
        return sympy.prod(self.shape)

    def dim(self):
        return len(self.shape)

    def is_complex(self):
        return self.dtype.is_complex


CALLS = {
    "mm": (aten.mm.default, [Shape(B, N), Shape(N, D)], Shape(B, D)),
    "addmm": (aten.addmm.default, [Shape(D), Shape(B, N), Shape(N, D)], Shape(B, D)),
    "bmm": (aten.bmm.default, [Shape(B, N, D), Shape(B, D, N)], Shape(B, N, N)),
    "add": (aten.add.Tensor, [Shape(N, D), Shape(D)], Shape(N, D)),
    "sum": (aten.sum.dim_IntList, [Shape(B, N, D), [0, 2]], Shape(N)),
    "mean": (aten.mean.default, [Shape(B, N)], Shape()),
    "var": (aten.var.correction, [Shape(B, N), [1]], Shape(B)),
    "max": (aten.max.dim, [Shape(B, N), 1], (Shape(B), Shape(B))),
    "softmax": (aten._softmax.default, [Shape(B, N), -1, False], Shape(B, N)),
    "log_softmax": (aten._log_softmax.default, [Shape(B, N), -1, False], Shape(B, N)),
    "layer_norm": (
        aten.native_layer_norm.default,
        [Shape(B, D), [D], None, None, 1e-5],
        (Shape(B, D), Shape(B), Shape(B)),
    ),
    "cumsum": (aten.cumsum.default, [Shape(B, N), 1], Shape(B, N)),
    "sort": (aten.sort.default, [Shape(B, N)], (Shape(B, N), Shape(B, N))),
    "topk": (aten.topk.default, [Shape(B, N), D], (Shape(B, D), Shape(B, D))),
    "cat": (aten.cat.default, [[Shape(B, N), Shape(D, N)], 0], Shape(B + D, N)),
    "gather": (aten.gather.default, [Shape(B, N), 1, Shape(B, D)], Shape(B, D)),
    "index_add": (aten.index_add.default, [Shape(B, D), 0, Shape(N), Shape(N, D)], Shape(B, D)),
    "scatter": (aten.scatter.src, [Shape(B, D), 0, Shape(N, D), Shape(N, D)], Shape(B, D)),
    "solve": (aten.linalg_solve_triangular.default, [Shape(N, N), Shape(N, D)], Shape(N, D)),
    "inverse": (aten.linalg_inv_ex.default, [Shape(B, N, N)], (Shape(B, N, N), Shape(B))),
    "fft": (
        aten._fft_c2c.default,
        [Shape(B, N, dtype=torch.complex64), [1], 0, True],
        Shape(B, N, dtype=torch.complex64),
    ),
    "convolution": (
        aten.convolution.default,
        [Shape(B, 4, N), Shape(6, 2, 3), None, [1], [0], [1], False, [0], 2],
        Shape(B, 6, N - 2),
    ),
}
SIZES = {N: 5, D: 3, B: 7}


def at_sizes(x):
    if isinstance(x, Shape):
        return torch.empty([int(sympy.sympify(n).subs(SIZES)) for n in x.shape], dtype=x.dtype, device="meta")
    if isinstance(x, (list, tuple)):
        return type(x)(at_sizes(y) for y in x)
    return int(x.subs(SIZES)) if isinstance(x, sympy.Basic) else x


def numeric(terms):
    return [(sympy.sympify(c).subs(SIZES), [sympy.sympify(n).subs(SIZES) for n in sizes]) for c, sizes in terms]


@pytest.mark.parametrize("name", CALLS)
def test_formulas_of_symbols_are_the_counts_of_numbers(name):
    operation, args, out = CALLS[name]
    found = cost_of(operation, args, {}, out)
    expected = cost_of(operation, at_sizes(args), {}, at_sizes(out))
    assert found is not None
    assert expected is not None
    for part in ("work", "span", "threshold"):
        assert numeric(getattr(found, part)) == numeric(getattr(expected, part))
    assert sympy.sympify(found.matrix).subs(SIZES) == expected.matrix
