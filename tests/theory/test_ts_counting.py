"""Counts, levels, widths, constants and the second term, against brute force, closed sums and each other."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from empirics.checks.takakura_suzuki.blocks import orders
from theory.takakura_suzuki import bracket
from theory.takakura_suzuki.constants import ball, constant, effective, ends, loss, reciprocal_sum
from theory.takakura_suzuki.counting import count, count_blocks, levels, next_level, width_levels
from theory.takakura_suzuki.expansion import error, kappa, log2_count, sign, zero
from theory.takakura_suzuki.smoothness import Power, Smoothness, anisotropic, mixed

F = Fraction
fractions = st.fractions(min_value=F(1, 2), max_value=3, max_denominator=4)


@given(st.sampled_from(["mixed", "anisotropic"]), st.lists(fractions, min_size=1, max_size=3), fractions)
def test_counts_levels_and_widths_by_listing(kind, a, T):
    smoothness = Smoothness(kind, tuple(sorted(a)), ties=True)
    listed = orders(smoothness, T + smoothness.exact(1))
    below = [g for g in listed if g < T]
    assert count(smoothness, T) == len(below)
    values, counts = levels(smoothness, T)
    assert [g for g, n in zip(values, counts, strict=True) for _ in range(n)] == below
    assert next_level(smoothness, T) == listed[len(below)]
    assert width_levels(smoothness, [len(below), 0]) == [next_level(smoothness, T), 0]


def test_closed_sums():
    assert count(mixed(1), 10) == 2**10 - 1
    assert count(mixed(1, 1, ties=True), 10) == 9 * 2**10 + 1
    assert count_blocks(mixed(1, 1, ties=True), 10) == 55
    assert count(anisotropic(1, 1, 1), 4) == 15**3
    assert constant(mixed(1))[0] == 1
    assert effective(anisotropic(2, 2), p=1) == (F(1, 2), F(1, 2))
    assert [loss(p) for p in (1, 2, F(4, 3), None)] == [F(1, 2), 0, F(1, 4), 0]


def test_constants_hold_what_they_enclose():
    low, high = constant(mixed(1, 2, 4))
    assert low <= F(16, 7) <= high
    assert high - low < F(1, 2**100)
    with ctx.workprec(256):
        basel = ends(arb.pi() ** 2 / 6)
    low, high = reciprocal_sum(Smoothness("anisotropic", Power(2)))
    assert low <= basel[1]
    assert basel[0] <= high


@pytest.mark.parametrize("q", [F(1, 2), 1, F(3, 2), 2, 4])
def test_the_tail_of_the_constant_is_inside(q):
    """The product of the first factors, with the tail bounded by twice its plain sum up to where terms vanish."""
    low, high = constant(Smoothness("mixed", Power(q)))
    floats = 1.0
    for i in range(2, 5000):
        floats /= 1 - 2.0 ** (1 - i ** float(q))
    assert abs(floats / float(low) - 1) < 5000 * 2.0**-50  # so many roundings
    assert (high - low) / low < F(1, 2**90)


@pytest.mark.parametrize(
    "smoothness",
    [
        Smoothness("anisotropic", Power(2)),
        Smoothness("anisotropic", Power(F(3, 2))),
        Smoothness("anisotropic", Power(4, F(1, 3))),
        Smoothness("anisotropic", Power(2, 1, 3)),
        anisotropic(1, 2, 3),
        Smoothness("mixed", Power(2)),
        mixed(1),
        mixed(1, 3, 5),
        mixed(2, 3, 5),
    ],
    ids=str,
)
@pytest.mark.parametrize("T", [F(1, 2), 1, F(7, 2), 20, 300], ids=str)
def test_enclosed_logarithms_hold_the_count(smoothness, T):
    low, high = log2_count(smoothness, T)
    with ctx.workprec(512):
        exact = ends(ball(count(smoothness, T)).log() / ball(2).log())
    assert low <= exact[1]
    assert exact[0] <= high
    if smoothness.kind == "anisotropic":
        assert high - low < F(1, 2**100)


def test_a_level_of_1e17():
    low, high = log2_count(Smoothness("anisotropic", Power(4)), 10**17)
    assert high - low < F(1, 2**100)
    assert 10**17 * reciprocal_sum(Smoothness("anisotropic", Power(4)))[1] + 1768 < low
    low, high = log2_count(Smoothness("mixed", Power(4)), 10**17)
    assert high - low < F(1, 2**100)


def test_kappa_is_the_limit_of_the_count():
    """The integral of h(u**-q) - u**-q from its layers, in floats, far from the series used."""
    q, M = 3.0, 200_000
    s = 1 / q
    layers = math.fsum(
        (1 + (math.log2(1 - 2.0 ** -(m + 1)) - math.log2(1 - 2.0**-m) if m < 60 else 0)) * (m**-s - M**-s)
        for m in range(1, M)
    )
    # cut at u = M**-s: the trapezoid's next term is s M**(-s-1) / 12, and the middle of the last step is kept
    rough = layers - M ** (1 - s) / (q - 1) + M**-s * (1 - 0.5)
    assert abs(rough - float(kappa(3)[0])) < M**-s


@pytest.mark.parametrize("q", [F(11, 10), F(3, 2), 2, 3, F(338, 100), 5, 50], ids=str)
def test_two_ways_to_bound_kappa_agree(q):
    """The checker's expression, in balls, against FLINT's zeta function."""

    def value(tree):
        if not isinstance(tree, list):
            return ball(tree)
        name, *parts = tree[0], *map(value, tree[1:])
        if name == "+":
            return sum(parts[1:], parts[0])
        if name == "*":
            return math.prod(parts[1:], start=parts[0])
        return parts[0] / parts[1] if name == "/" else getattr(parts[0], name)()

    with ctx.workprec(200):
        below, above = (ends(value(bracket.bound(q, side, 40))) for side in (False, True))
    low, high = kappa(q)
    assert below[0] <= high
    assert low <= above[1]
    assert above[0] - below[1] < F(1, 2**30)


def test_the_zero_in_forty_bits():
    low, high = zero(40)
    assert high - low == F(1, 2**40)
    assert (sign(low), sign(high)) == (-1, 1)
    assert low < F("3.37928365526493084554") < high


def test_the_error_bound_is_of_the_right_order():
    """At q = 2, T = 10^3 a twentieth of the bound is used, at least."""
    q, T = 2, 10**3
    found = log2_count(Smoothness("anisotropic", Power(q)), T)[0]
    rest = found - T * reciprocal_sum(Smoothness("anisotropic", Power(q)))[1] - kappa(q)[1] * ends(ball(T).sqrt())[1]
    assert F(1, 20) <= abs(rest) / ends(error(q, T))[1] <= 1
