"""Sizes are plain ints to everybody else, and remember how they were made."""

import copy
import json
import math
import operator

import numpy as np
import pytest
import sympy
import torch
from hypothesis import given
from hypothesis import strategies as st

from empirics.cost.sizes import Number, Size, symbol_at, tree_of
from empirics.cost.trees import expression
from theory.cost.formulas import evaluate, symbol

N, d = symbol("N"), symbol("d")


def told(x):
    return expression(tree_of(x))


@pytest.mark.parametrize(
    ("made", "formula"),
    [
        (lambda n, m: n + m * 2 - 1, N + 2 * d - 1),
        (lambda n, m: 3 - n, 3 - N),
        (lambda n, m: n // m, sympy.floor(N / d)),
        (lambda n, m: -(-n // m), -sympy.floor(-N / d)),
        (lambda n, m: n % m, sympy.Mod(N, d)),
        (lambda n, m: 2**n * m**2, 2**N * d**2),
        (lambda n, m: divmod(n, m)[1], sympy.Mod(N, d)),
        (lambda n, m: abs(-n), N),
        (lambda n, m: math.ceil(n / m), sympy.ceiling(N / d)),
        (lambda n, m: math.floor(n * 0.5), sympy.floor(N / 2)),
        (lambda n, m: n << 3, 8 * N),
        (lambda n, m: math.prod((n, m)), N * d),
        (lambda n, m: sum([n, m]), N + d),
    ],
)
def test_arithmetic_keeps_the_expression_and_the_value(made, formula):
    for a, b in ((7, 3), (12, 4)):
        found = made(symbol_at("N", a), symbol_at("d", b))
        assert isinstance(found, Size)
        assert sympy.expand(told(found) - formula) == 0
        assert int(found) == made(a, b) == evaluate(formula, {"N": a, "d": b})


def test_the_bits_of_a_size_are_the_logarithm_above_it():
    assert told((symbol_at("N", 9) - 1).bit_length()).subs(N, 9) == 4 == (9 - 1).bit_length()


OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod]
OPERATORS += [operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge, divmod]


@given(st.integers(1, 50), st.one_of(st.integers(1, 50), st.floats(0.25, 8)), st.sampled_from(OPERATORS))
def test_every_operator_gives_what_plain_numbers_give(a, b, of):
    for left, right in ((symbol_at("N", a), b), (Size(a), b)):
        assert of(left, right) == of(a, b)
        assert of(right, left) == of(b, a)
        assert type(of(left, right)) in (Size, Number, bool, tuple)


def test_what_is_no_number_stays_refused():
    with pytest.raises(TypeError):
        _ = Size(3) + "a"  # pyright: ignore[reportOperatorIssue]
    assert Size(3) != "3"
    assert Size(3) + np.int64(4) == 7
    assert isinstance(Size(3) + torch.ones(2), torch.Tensor)


def test_a_loop_that_adds_up_forgets_its_expression_and_keeps_its_value():
    n = total = symbol_at("N", 3)
    for _ in range(100):
        total = total + n
    assert total == 303
    assert told(total) is None


def test_sizes_are_ints_to_python_and_torch():
    n, m = symbol_at("N", 6), symbol_at("d", 4)
    assert (int(n), float(n), math.sqrt(m), f"{n:3d}", str(n), json.dumps([n])) == (6, 6.0, 2.0, "  6", "6", "[6]")
    assert (list(range(n))[-1], [10, 20, 30, 40, 50][m], {6: "six"}[n], n in {6}, hash(n)) == (
        5,
        50,
        "six",
        True,
        hash(6),
    )
    assert copy.deepcopy({"n": n})["n"] == n
    assert told(copy.deepcopy(n)) == N
    with torch.device("meta"):
        x = torch.empty(1, n, m)
        assert x.view(n, m).shape == (6, 4)
        assert torch.nn.Linear(m, n)(x).shape == (1, 6, 6)
        assert (x * (m**-0.5))[:, :n].narrow(1, 0, m).shape == (1, 4, 4)
        assert torch.nn.LSTM(m, n, batch_first=True)(x)[0].shape == (1, 6, 6)
