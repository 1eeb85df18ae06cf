"""Codes: exact coherence against brute force, formulas at their limits, and refusals."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from constructions.deltaformer import codes


def brute(code):
    """All inner products of two different vectors, one by one."""
    rows = [[Fraction(str(x)) for x in row] for row in code.vectors.tolist()]
    return [sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0)) for a, b in combinations(rows, 2)]


@pytest.mark.parametrize(
    "code",
    [
        codes.one_hot(5),
        codes.binary_sign(11),
        codes.circle(9),
        codes.reed_solomon(11, 2, 40),
        codes.random_sign(6, seed=1),
    ],
    ids=lambda code: code.name,
)
def test_coherence_is_that_of_all_pairs(code):
    found = brute(code)
    assert code.coherence * Fraction(code.norm) == max(map(abs, found))
    assert code.likeness * Fraction(code.norm) == max(found)
    assert (code.unit @ code.vectors.T)[2, 2] == 1


def test_blocks_do_not_change_the_extremes(monkeypatch):
    for block in (1, 7, 64):
        monkeypatch.setattr(codes, "BLOCK", block)
        assert codes.extreme_inner_products(codes.binary_sign(100).vectors) == (-7, 5)


@pytest.mark.parametrize(("q", "k"), [(2, 1), (9 + 2, 2), (17, 3)])
def test_reed_solomon_attains_its_formula(q, k):
    code = codes.reed_solomon(q, k)
    assert (code.size, code.dimension, code.norm) == (q**k, q * q, q)
    assert code.coherence == Fraction(k - 1, q)
    assert code.coherence < codes.ROUNDED_BOUND


def test_sign_codes_take_the_least_dimension():
    assert [codes.binary_sign(n).dimension for n in (1, 2, 3, 4, 5, 8, 9)] == [1, 1, 2, 2, 3, 3, 4]
    assert all(codes.binary_sign(n).likeness == 1 - Fraction(2, codes.binary_sign(n).dimension) for n in range(2, 40))


def test_circle_points_are_exact_and_apart():
    for n in range(2, 30):
        code = codes.circle(n)
        assert all(x * x + y * y == 1 for x, y in code.vectors)
        assert code.gap >= Fraction(8, n * n)


def test_random_codes_repeat_with_the_seed():
    a, b = codes.random_sign(9, seed=3), codes.random_sign(9, seed=3)
    assert np.array_equal(a.vectors, b.vectors)
    assert not np.array_equal(a.vectors, codes.random_sign(9, seed=4).vectors)


REFUSALS = [
    (lambda: codes.one_hot(0), "one_hot: n = 0 codes; give at least 1"),
    (lambda: codes.reed_solomon(9, 2), "q = 9 is not prime"),
    (lambda: codes.reed_solomon(7, 2), r"q = 7, k = 2: .* only for 1 <= k <= 1 at this q; take a prime q >= 9"),
    (lambda: codes.reed_solomon(11, 2, 122), r"n = 122 codes, there are q\^k = 11\^2 = 121"),
    (lambda: codes.binary_sign(9, 3), "9 codes of 3 signs: only 8 differ; take 4 signs"),
    (lambda: codes.random_sign(100, 64, seed=0), r"d = 64 for n = 100 and coherence below 1/8: .* take d >= 1178"),
    (
        lambda: codes.random_sign(100, 1178, seed=0, bound=Fraction(1, 8), draws=0),
        "0 draws of n = 100, d = 1178 all have",
    ),
    (lambda: codes.one_hot(3).first(4), "4 of its 3 vectors; take 1..3"),
    (lambda: codes.Code("mine", np.array([[1, 0], [1, 1]]), 1), "vector 1 has squared norm 2, not 1"),
    (lambda: codes.Code("none", np.zeros((0, 2), dtype=int), 0), r"vectors of shape \(0, 2\)"),
]


@pytest.mark.parametrize(("make", "message"), REFUSALS)
def test_parameters_outside_the_hypothesis_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
