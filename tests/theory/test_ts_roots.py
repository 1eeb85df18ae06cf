"""Sums of roots and logarithms against numbers of many digits, their ties, and what irrational smoothness can do with them."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from theory.takakura_suzuki.constants import constant, effective, reciprocal_sum
from theory.takakura_suzuki.counting import count, levels, next_level, width_levels
from theory.takakura_suzuki.expansion import log2_count
from theory.takakura_suzuki.indices import indices, walk
from theory.takakura_suzuki.refined import first, orders
from theory.takakura_suzuki.roots import RootSum, difference_sign, power, quotient, ranked, times_log2
from theory.takakura_suzuki.smoothness import Power, Smoothness, anisotropic, mixed

F = Fraction
ROOT2, ROOT3 = power(2, F(1, 2)), power(3, F(1, 2))
DIGITS = 200
bases = st.sampled_from([F(1, 9), F(2, 3), F(1), F(2), F(3), F(9, 2), F(6), F(8), F(12), F(50)])
exponents = st.sampled_from([F(-3, 2), F(-1, 3), F(0), F(1, 6), F(1, 2), F(2, 3), F(3, 2), F(2)])
weights = st.sampled_from([F(-3), F(-6, 5), F(-1), F(1, 4), F(1), F(5, 2)])
sums = st.lists(st.tuples(bases, exponents, weights), max_size=4)


def exact(parts):
    return sum((power(base, exponent) * c for base, exponent, c in parts), F(0))


def digits(parts):
    """The sum with 200 digits; two of these sums that differ do so by far more than 10^-150, as their heights are small."""
    with mpmath.workdps(DIGITS):
        return sum(
            (
                mpmath.mpf(c.numerator)
                / c.denominator
                * (mpmath.mpf(base.numerator) / base.denominator) ** (mpmath.mpf(e.numerator) / e.denominator)
                for base, e, c in parts
            ),
            mpmath.mpf(0),
        )


@given(sums, sums)
def test_signs_and_ties_as_two_hundred_digits_say(x, y):
    with mpmath.workdps(DIGITS):
        gap = digits(x) - digits(y)
        expected = 0 if abs(gap) < mpmath.mpf(10) ** -150 else int(mpmath.sign(gap))
    assert difference_sign(exact(x), exact(y)) == expected
    assert (exact(x) == exact(y)) == (expected == 0)
    if isinstance(found := exact(x), RootSum):
        assert math.floor(found) == int(mpmath.floor(digits(x)))
        assert math.isclose(float(found), float(digits(x)), rel_tol=2**-52 + 2**-60)  # one rounding each, after 64 bits


@given(st.lists(sums, max_size=5))
def test_ranks_are_those_of_exact_comparison(rows):
    numbers = [exact(row) for row in rows]
    order = ranked(numbers)
    assert sorted(order) == list(range(len(numbers)))
    for j, k in zip(order, order[1:], strict=False):
        sign = difference_sign(numbers[j], numbers[k])
        assert sign < 0 or (sign == 0 and j < k)


def test_what_is_rational_is_a_fraction():
    assert power(8, F(1, 3)) == 2
    assert isinstance(power(F(9, 4), F(1, 2)), Fraction)
    assert ROOT2 - ROOT2 == 0
    assert power(8, F(1, 2)) == ROOT2 * 2
    assert times_log2(ROOT2, 9) == times_log2(ROOT2, 3) * 2
    assert times_log2(1, 8) == 3
    assert quotient(ROOT2 * 6, ROOT2 * 4) == F(3, 2)
    assert quotient(ROOT2, ROOT3) is None
    assert str(1 + ROOT2 * F(1, 2)) == "1 + 1/2 * 2**(1/2)"


def test_a_near_tie_is_decided():
    """sqrt(2) + sqrt(3) against its own continued fraction, which differs by less than 10^-60."""
    with mpmath.workdps(80):
        near = F(str(mpmath.nstr(mpmath.sqrt(2) + mpmath.sqrt(3), 62)))
        expected = -1 if mpmath.sqrt(2) + mpmath.sqrt(3) < mpmath.mpf(near.numerator) / near.denominator else 1
    assert difference_sign(ROOT2 + ROOT3, near) == expected
    assert difference_sign(near, ROOT2 + ROOT3) == -expected


IRRATIONAL = [
    mixed(sympy.sqrt(2), sympy.sqrt(3), 1 + sympy.sqrt(2)),
    mixed(1, ROOT2, 2 * ROOT2),
    anisotropic(ROOT2, ROOT2 * 2, 3),
    Smoothness("mixed", Power(F(3, 2))),
    Smoothness("anisotropic", Power(F(3, 2))),
    mixed(ROOT2 / 40, 1),
]


def value(smoothness, i):
    """a_i in floating point, from its definition."""
    rule = smoothness.a
    return float(rule.scale) * i ** float(rule.q) if isinstance(rule, Power) else float(rule[i - 1])


def gamma(smoothness, s):
    parts = [value(smoothness, i) * x for i, x in enumerate(s, start=1)]
    return sum(parts) if smoothness.kind == "mixed" else max(parts, default=0.0)


@pytest.mark.parametrize("smoothness", IRRATIONAL, ids=str)
def test_levels_are_the_orders_of_all_blocks(smoothness):
    T = F(5, 2) if smoothness.value(1) > F(1, 2) else F(1, 4)
    values, counts = levels(smoothness, T)
    assert sum(counts) == count(smoothness, T)
    assert all(a < b for a, b in zip(values, values[1:], strict=False))
    # orders of different blocks that are nearer than 10^-9 are equal here: 1 + sqrt(2) is 2.414..., sqrt(2) + sqrt(2) is 2 sqrt(2)
    listed: dict[float, int] = {}
    for s in walk(smoothness, T):
        key = round(gamma(smoothness, s), 9)
        listed[key] = listed.get(key, 0) + 2 ** sum(s)
    assert [round(float(g), 9) for g in values] == sorted(listed)
    assert counts == [listed[key] for key in sorted(listed)]
    following = next_level(smoothness, T)
    assert following >= T
    assert width_levels(smoothness, [sum(counts), sum(counts) - 1, 0]) == [following, values[-1], 0]


@pytest.mark.parametrize("smoothness", IRRATIONAL, ids=str)
def test_the_refined_order_of_irrational_smoothness(smoothness):
    N = 120
    rows = first(smoothness, N)
    found = orders(smoothness, rows)
    assert all(a <= b for a, b in zip(found, found[1:], strict=False))
    assert len({tuple(row) for row in rows.tolist()}) == N
    for row, order in zip(rows.tolist(), found, strict=True):
        terms = [value(smoothness, i) * (1 + math.log2(abs(k))) for i, k in enumerate(row, start=1) if k]
        joined = sum(terms) if smoothness.kind == "mixed" else max(terms, default=0.0)
        assert math.isclose(float(order), joined, rel_tol=2**-44)  # some sixteen roundings
    # nothing of smaller order is left out: a larger set, in floats, with a margin
    pool = indices(smoothness, F(math.floor(found[-1] * 64) + 2, 64))
    magnitudes = np.abs(pool).astype(float)
    a = np.array([value(smoothness, i) for i in range(1, pool.shape[1] + 1)])
    logs = a * np.where(magnitudes > 0, 1 + np.log2(np.maximum(magnitudes, 1)), 0)
    joined = logs.sum(1) if smoothness.kind == "mixed" else logs.max(1)
    inside = int((joined < float(found[-1]) - 1e-9).sum())
    assert inside == sum(order < found[-1] for order in found)


def test_ties_of_irrational_orders_are_seen():
    """sqrt(8) = 2 sqrt(2): block (2, 0) and (0, 1) have one order; the set below it holds neither."""
    tied = mixed(ROOT2, 2 * ROOT2)
    assert tied.gamma((2,)) == tied.gamma((0, 1))
    values, counts = levels(tied, 3)
    assert values == [0, ROOT2, 2 * ROOT2]
    assert counts == [1, 2, 4 + 2]
    rule = Smoothness("mixed", Power(F(1, 2), 1, 8))  # a_1 + a_1 = a_4 = 2, a_8 = 2 a_2
    assert rule.gamma((0, 2)) == rule.gamma((0, 0, 0, 0, 0, 0, 0, 1))
    assert not rule.is_below((2,), 2)
    assert not rule.is_below((0, 0, 0, 1), 2)


def test_constants_of_irrational_smoothness():
    low, high = constant(mixed(ROOT2, 2 * ROOT2))  # a_2 / a_1 = 2, as for (1, 2)
    assert low <= 2 <= high
    assert high - low < F(1, 2**100)
    low, high = reciprocal_sum(anisotropic(ROOT2, 2 * ROOT2))  # 3 / (2 sqrt(2))
    assert low <= ROOT2 * F(3, 4) <= high
    low, high = effective(mixed(ROOT2, 3))
    assert low <= ROOT2 <= high
    low, high = log2_count(mixed(ROOT2, 2 * ROOT2), 1000)
    with mpmath.workdps(60):
        counted = mpmath.log(count(mixed(ROOT2, 2 * ROOT2), 30), 2)
        few = log2_count(mixed(ROOT2, 2 * ROOT2), 30)
        assert float(few[0]) <= float(counted) * (1 + 2**-50)
        assert float(counted) <= float(few[1]) * (1 + 2**-50)
    assert high - low < F(1, 2**100)


def test_a_rule_with_a_long_denominator_counts_as_its_neighbours_do():
    """q within 2^-60 of 3: no a_i crosses the level, so every number is that of q = 3."""
    near, three = (Smoothness("anisotropic", Power(q)) for q in (3 + F(1, 2**60), F(3)))
    assert count(near, F(199, 2)) == count(three, F(199, 2))
    # 1000^q exceeds 10^9 by 10^9 log(1000) / 2^60, about 6e-9
    near_it = [10**9, 10**9 + F(1, 10**9), 10**9 + F(1, 10**8)]
    assert [near.active(T) for T in near_it] == [999, 999, 1000]
    assert [three.active(T) for T in near_it] == [999, 1000, 1000]
