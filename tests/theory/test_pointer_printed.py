"""Printed numbers as intervals, and growth exponents enclosed by integers."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory.pointer import printed, scaling
from theory.pointer.printed import Printed

THOUSANDTH = Fraction(1, 1000)


def exactly(values):
    return {n: (Fraction(t), Fraction(t)) for n, t in values.items()}


def test_zeros_count_as_places():
    assert Printed("97.50").interval == (Fraction("97.495"), Fraction("97.505"))
    assert Printed("97.5").interval == (Fraction("97.45"), Fraction("97.55"))
    assert Printed("14446").unit == 1


@pytest.mark.parametrize("text", ["", "-1", "1e3", "1.", ".5", "1,000", "97.5 %", "\uff11"])
def test_anything_but_digits_is_refused(text):
    with pytest.raises(ValueError, match="printed number"):
        Printed(text)


@given(st.integers(0, 10**6), st.integers(1, 10**4), st.integers(0, 4))
def test_what_python_prints_may_be_what_it_printed(above, below, places):
    x = Fraction(above, below)
    text = str(round(x, places) if places else round(x))
    shown = f"{float(Fraction(text)):.{places}f}"
    assert Printed(shown).may_be(x)


@given(st.fractions(min_value=Fraction(1, 10**6), max_value=10**6).filter(lambda x: x > 0))
def test_log2_is_enclosed_to_a_thousandth(x):
    low, high = scaling.log2_enclosure(x)
    assert high - low in (0, THOUSANDTH)
    assert Fraction(2) ** int(low * 1000) <= x**1000 <= Fraction(2) ** int(high * 1000)
    assert (high == low) == (low == round(math.log2(x)) and Fraction(2) ** int(low) == x)


@pytest.mark.parametrize("power", [-1, 0, 1, 2])
def test_a_power_law_has_its_exponent(power):
    times = exactly({n: Fraction(n) ** power * 7 for n in printed.LENGTHS})
    assert set(scaling.local_exponents(times).values()) == {(power, power)}
    assert scaling.theil_sen(times) == (power, power)
    low, high = scaling.least_squares(times)
    assert low <= power <= high


@given(st.lists(st.integers(1, 10**4), min_size=4, max_size=4))
def test_fits_enclose_those_of_numpy(values):
    times = exactly(dict(zip(printed.LENGTHS, values, strict=True)))
    x, y = np.arange(4), np.log2(np.array(values, dtype=float))
    slope = np.polynomial.polynomial.polyfit(x, y, 1)[1]
    pairs = [(y[j] - y[i]) / (j - i) for i in range(4) for j in range(i + 1, 4)]
    slack = np.finfo(float).eps * 64 * 16  # a dozen operations on numbers below 16
    for (low, high), found in ((scaling.least_squares(times), slope), (scaling.theil_sen(times), np.median(pairs))):
        assert float(low) - slack <= found <= float(high) + slack
        assert high - low <= 3 * THOUSANDTH


def test_rounding_widens_the_exponent():
    row = {256: Printed("0.35"), 512: Printed("0.29")}
    low, high = scaling.exponent(scaling.times_as_printed(row), 256, 512)
    assert low <= math.log2(0.285 / 0.355) < math.log2(0.295 / 0.345) <= high


@pytest.mark.parametrize(("short", "long"), [(256, 256), (256, 768), (512, 256)])
def test_lengths_must_double(short, long):
    times = exactly({256: 1, 512: 2, 768: 3})
    with pytest.raises(ValueError, match=f"lengths {short} and {long}: the longer must be"):
        scaling.exponent(times, short, long)


def test_log2_of_nothing_is_refused():
    with pytest.raises(ValueError, match="log2 of 0: give a positive number"):
        scaling.log2_enclosure(Fraction(0))
