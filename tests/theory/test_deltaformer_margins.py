"""Temperatures and bounds: on the safe side, near the least, and refused where they bound nothing."""

import math
from fractions import Fraction

import pytest

from theory.deltaformer import margins

SIZES = [2, 10, 100, 5000]


@pytest.mark.parametrize("tokens", SIZES)
@pytest.mark.parametrize("gap", [Fraction(1), Fraction(2, 7), Fraction(8, 10**4)])
def test_quadratic_temperatures_are_enough_and_not_much_too_high(tokens, gap):
    found = margins.quadratic_temperature(tokens, gap)
    assert margins.quadratic_error(tokens, margins.leak_of(found, gap)) < Fraction(1, 2)
    assert float(found) <= math.log(1.5 * tokens * (tokens - 1)) / float(gap) + 3 / margins.GRID
    assert float(found) <= math.log(4 * tokens**2) / float(gap) + 3 / margins.GRID


@pytest.mark.parametrize("tokens", SIZES)
def test_linear_temperatures_are_enough_and_grow_with_one_logarithm(tokens):
    exposure = 2 * tokens
    found = margins.linear_temperature(tokens, exposure, 4, Fraction(1))
    assert margins.linear_error(tokens, exposure, 4, margins.leak_of(found, Fraction(1))) < Fraction(1, 2)
    assert float(found) < math.log(tokens) + 3


@pytest.mark.parametrize("depth", [1, 3, 50, 10**6])
@pytest.mark.parametrize("margin", [Fraction(1, 2), Fraction(1, 1000)])
def test_pointer_gaps_are_enough_and_least(depth, margin):
    gap = margins.pointer_gap(depth, margin)
    assert margins.pointer_error(depth, gap) < margin
    lower = gap - Fraction(2, margins.GRID)
    leak = margins.pointer_leak(lower)
    assert leak > Fraction(1, 2) or margins.pointer_error(depth, lower) >= margin or float(lower) < 1.4


def test_leaks_are_sums_over_positions():
    gap, tokens = Fraction(3, 2), 200
    older = sum(math.exp(-float(gap) * m) for m in range(1, tokens))
    others = sum(math.exp(-float(gap) * m) for m in range(2, tokens))
    assert math.isclose(float(margins.pointer_leak(gap)), older + others, rel_tol=2**-40)


def test_bounds_that_bound_nothing_are_refused():
    with pytest.raises(ValueError, match=r"T = 10, eta = 0.5: rho = 22.5 >= 1 bounds nothing; raise the temperature"):
        margins.quadratic_error(10, Fraction(1, 2))
    with pytest.raises(ValueError, match=r"gap = 0.5: the leak .* exceeds 1/2 and bounds nothing"):
        margins.pointer_error(3, Fraction(1, 2))
    with pytest.raises(ValueError, match="gap = 0: it must be positive; two slots share a code"):
        margins.quadratic_temperature(10, Fraction(0))
    with pytest.raises(ValueError, match="margin = 0: it must be positive$"):
        margins.pointer_gap(10, Fraction(0))
