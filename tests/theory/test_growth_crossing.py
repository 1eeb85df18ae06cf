"""From which size on one formula is less than another: exact, against the formulas' own values."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import checker
from theory.cost.formulas import parse
from theory.growth import cheaper_from
from theory.growth.checked import in_checker_words, value
from theory.growth.piecewise import sign_changes
from theory.growth.trees import tree_of


@pytest.mark.parametrize(
    ("formula", "other", "fixed", "outcome", "start"),
    [
        ("8*N*d**2", "4*N**2*d", {"d": 64}, "from", 129),  # N > 2 d
        ("N", "N + 1", {}, "always", 1),
        ("N", "N", {}, "never", None),
        ("N**2", "N", {}, "never", None),
        ("N**2", "1000*N", {}, "never", None),
        ("10**9*N", "N**2", {}, "from", 10**9 + 1),
        ("Mod(N, 2)", "1", {}, "never", None),  # equal at every odd size
        ("Mod(N, 3)*N", "2*N + 1", {}, "always", 1),
        ("3*2**L(N)", "4*N", {}, "never", None),  # cheaper at powers of two only
        ("3*2**L(N)", "6*N", {}, "always", 1),
        ("Min(N, 1024)*N", "N**2/7", {}, "from", 7 * 1024 + 1),
        ("50*N", "Max(N - 100, 0)**2", {}, "from", 201),  # 200 * 50 = 100^2
        ("floor(N/2) + ceiling(N/2)", "N + 1", {}, "always", 1),
        ("1000", "N/C", {"C": 7}, "from", 7001),
        ("100*N*L(N)", "N**2", {}, "from", 1101),  # L = 11 from 1025 to 2048
        ("1000*N*L(N)**2 + 5*N", "N**2", {}, "from", 361006),  # 1000 * 19^2 + 5
        ("2*L(N) + 3", "L(N)**2", {}, "from", 9),  # L = 4: 11 < 16; L = 3: 9 = 9
    ],
)
def test_known_crossings(formula, other, fixed, outcome, start):
    found = cheaper_from(parse(formula), parse(other), "N", fixed)
    assert (found.outcome, found.start) == (outcome, start), found
    if start:
        assert found.certificate is not None
        assert checker.check_text(json.dumps(found.certificate)).accepted


def test_a_symbol_without_a_value_is_refused():
    with pytest.raises(ValueError, match="give K, d a value in fixed; only N grows"):
        cheaper_from(parse("N*d"), parse("N*K"), "N")


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("1000/N", "quotient by N"),
        ("L(N**2 - N + 2000)", "what may fall"),
        ("floor(N/5003)", "modulo more than"),
    ],
)
def test_what_has_no_rule_is_undecided_with_the_reason(formula, words):
    found = cheaper_from(parse(formula), parse("N + 7*L(N)"), "N")
    assert found.outcome == "undecided"
    assert words in found.reason


TERMS = st.sampled_from(
    [
        *("N", "N**2", "N*L(N)", "L(N)", "2**L(N)", "ceiling(N/3)", "floor(N/4)*L(N)", "Mod(N, 4)", "Min(N, 20)"),
        *("Max(N - 9, 0)", "L(ceiling(N/2))", "L(3*N)", "1", "Mod(N, 2)*N"),
    ]
)
SIDES = st.lists(st.tuples(st.integers(1, 30), TERMS), min_size=1, max_size=3).map(
    lambda terms: parse(" + ".join(f"{c}*{t}" for c, t in terms))
)
FAR = [*range(1, 400), *(2**k + o for k in range(9, 40, 3) for o in (-1, 0, 1))]


@settings(deadline=None, max_examples=40)
@given(SIDES, SIDES)
def test_crossings_are_those_of_the_values(formula, other):
    found = cheaper_from(formula, other, "N")
    words = [in_checker_words(tree_of(f)) for f in (formula, other)]

    def less(n):
        a, b = (value(tree, {"N": n})[0] for tree in words)
        return a < b

    if found.start is not None:
        assert all(less(n) for n in FAR if n >= found.start)
        assert not less(found.start - 1) if found.start > 1 else found.outcome == "always"
    if found.outcome == "never":
        assert not all(less(n) for n in FAR if n > 2**30)


@given(
    st.lists(st.fractions(-50, 50, max_denominator=4), min_size=1, max_size=5).map(tuple),
    st.integers(-30, 0),
    st.integers(1, 40),
)
def test_sign_changes_are_all_found(coefficients, low, high):
    def sign(q):
        x = sum((c * Fraction(q) ** k for k, c in enumerate(coefficients)), Fraction(0))
        return (x > 0) - (x < 0)

    assert sign_changes(coefficients, low, high) == [q for q in range(low + 1, high + 1) if sign(q) != sign(q - 1)]
