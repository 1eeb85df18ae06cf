"""The operator in a format: against float arithmetic of the machine, exact arithmetic, and exponentials at their edges."""

from fractions import Fraction

import numpy as np
import pytest

from constructions.deltaformer.in_formats import (
    exponentials,
    inner_products,
    read,
    rounded_kernel,
    softmax_rows,
    time_order,
    vanishing_exponent,
)
from constructions.layers import deltaformer as operator
from theory import formats
from theory.deltaformer import margins

FLOATS = [f for f in formats.FORMATS.values() if not f.exact]


def test_fp32_is_what_numpy_does_in_float32():
    draw = np.random.default_rng(0)
    k, w, v = (draw.standard_normal((6, 3)).astype(np.float32) for _ in range(3))
    total = np.zeros((6, 6), dtype=np.float32)
    for c in range(3):
        total = total + w[:, None, c] * k[None, :, c]
    weights = inner_products(formats.FP32, w, k)
    assert np.array_equal(weights, total)
    u = np.zeros_like(v)
    for t in range(6):
        s = np.zeros(3, dtype=np.float32)
        for i in range(t):
            s = s + total[t, i] * u[i]
        u[t] = v[t] - s
    assert np.array_equal(time_order(formats.FP32, weights, v.astype(np.float64)), u)


def test_integers_that_fit_are_the_operators():
    draw = np.random.default_rng(1)
    k, w, v = (draw.integers(-1, 2, (7, 2)) for _ in range(3))
    u = operator.solve(k, w, v)
    assert np.array_equal(time_order(formats.FP64, inner_products(formats.FP64, w, k), v.astype(float)), u)
    assert np.array_equal(read(formats.FP64, (w @ k.T).astype(float), u.astype(float)), w @ k.T @ u)


def test_a_sum_of_ones_stalls():
    ones = np.ones((1, 12), dtype=np.int64)
    assert inner_products(formats.FP8_E5M2, ones, ones).tolist() == [[8]]
    assert rounded_kernel(formats.FP8_E5M2, ones, ones, 12).tolist() == [[1]]
    longer = np.ones((1, 15), dtype=np.int64)
    assert rounded_kernel(formats.FP8_E5M2, longer, longer, 15).tolist() == [[0]]


@pytest.mark.parametrize("fmt", FLOATS, ids=str)
def test_the_vanishing_exponent_is_the_least_on_its_grid(fmt):
    least = vanishing_exponent(fmt)
    table = np.array([[-least, -least + Fraction(1, margins.GRID), Fraction(0)]], dtype=object)
    assert exponentials(fmt, table).tolist() == [[0, float(fmt.min_subnormal), 1]]


def test_exponentials_are_rounded_right():
    x = np.array([[Fraction(-1, 3), Fraction(-7)]], dtype=object)
    assert exponentials(formats.FP64, x).tolist() == [[np.exp(-1 / 3), np.exp(-7.0)]]


def test_softmax_rows_add_up_in_the_format():
    scores = np.array([[Fraction(0), Fraction(0)], [Fraction(1), Fraction(1)]], dtype=object)
    assert softmax_rows(formats.BF16, scores, strict=True).tolist() == [[0, 0], [1, 0]]
    assert softmax_rows(formats.BF16, scores, strict=False).tolist() == [[0.5, 0.5], [0.5, 0.5]]
