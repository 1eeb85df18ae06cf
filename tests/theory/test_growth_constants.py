"""Explicit constants: exact where they are said to be the least, certified always, and rejected when lowered."""

from __future__ import annotations

import copy
import itertools
import json
from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import checker
from theory.bounds import read_bound
from theory.cost.formulas import L, parse, symbol
from theory.growth import decide
from theory.growth.checked import as_json, in_checker_words, value
from theory.growth.trees import tree_of

N, D = symbol("N"), symbol("d")


def constant(formula, bound, where=(), fixed=()):
    made = decide(formula if isinstance(formula, sympy.Expr) else parse(formula), bound, where, fixed, explicit=True)
    assert made.outcome == "within"
    assert made.constant is not None
    return made.constant


@pytest.mark.parametrize(
    ("formula", "bound", "where", "c", "start", "place"),
    [
        # d = 1 and N large: 4 + 7 of N^2 over 1
        (
            "4*N**2*d + 8*N*d**2 + 7*N**2",
            "N**2*d + N*d**2",
            (),
            11,
            1,
            "approached with N = s, d = 1, s a power of 2 that grows",
        ),
        ("4*N**2*d + 8*N*d**2", "N**2*d + N*d**2", (), 8, 1, "approached with N = 1, d = s, s a power of 2 that grows"),
        ("N*d", "N**2 + d**2", (), Fraction(1, 2), 1, "attained at N = 1, d = 1"),
        ("N**2 - N", "N**2", (), 1, 1, "approached with N = s, s a power of 2 that grows"),
        ("2*L(N) + 3", "log(N)", (), 5, 2, "attained at N = 2"),
        ("L(N)**2", "N", (), Fraction(9, 5), 1, "attained at N = 5"),
        ("2**L(N)", "N", (), 2, 1, "approached with N = s + 1, s a power of 2 that grows"),
        ("ceiling(N/C)*C", "N", ("C<=N",), 2, 1, "approached with C = s, N = s + 1, s a power of 2 that grows"),
        ("Mod(N, C)", "C", (), 1, 1, "approached with C = s + 1, N = s, s a power of 2 that grows"),
        ("Min(N, 1024)*N", "N", (), 1024, 1, "attained at N = 1024"),
        ("Min(K, N)*d", "sqrt(N*K)*d", (), 1, 1, "attained at K = 1, N = 1, d = 1"),
        ("Max(K, N)", "K + N", (), 1, 1, "approached with K = 1, N = s, s a power of 2 that grows"),
        ("L(N + W)", "log(N)", ("W<=N",), 2, 2, "attained at N = 2, W = 2"),
        ("N*d*K", "N**3 + d**3 + K**3", (), Fraction(1, 3), 1, "attained at K = 1, N = 1, d = 1"),
        ("7*N", "2*N", (), Fraction(7, 2), 1, "attained at N = 1"),
    ],
)
def test_the_least_constant(formula, bound, where, c, start, place):
    found = constant(formula, bound, where)
    assert (found.value, found.start, found.least, found.quotient, found.where) == (c, start, True, c, place)
    assert checker.check_text(json.dumps(found.certificate)).accepted


def test_symbols_that_are_constants_go_into_the_factor():
    found = constant("4*N**2*d + 8*N*d**2", "N**2", fixed=("d",))
    assert (found.value, found.factor) == (12, "d**2")
    found = constant("ceiling(N/C)*C**2*d", "N*d", ("C<=N",), ("C",))
    assert found.factor == "C**3"
    assert checker.check_text(json.dumps(found.certificate)).accepted


def test_where_no_constant_is_found_there_is_none():
    assert decide(parse("N/(d + C)"), "N/d", explicit=True).constant is None


def test_what_is_not_the_least_says_how_near_it_is():
    found = constant("5*L(N)", "log(N)")
    assert not found.least
    # the least is 15 / log2(5), about 6.46
    assert found.quotient <= Fraction(646, 100) + Fraction(1, 100) <= found.value * Fraction(102, 100)
    assert found.where == "attained at N = 5"
    assert found.quotient <= found.value <= found.quotient * Fraction(11, 10)


def test_a_certificate_of_excess():
    made = decide(parse("3*N**2 + d"), "N*d", explicit=True)
    assert made.excess is not None
    gain, found = made.excess
    assert (gain, found.factor) == ("t", "d")
    said = checker.check_text(json.dumps(found.certificate))
    assert said.accepted
    assert said.statement.startswith("(t * (t * d)) <= ")


def lowered(certificate, c):
    made = copy.deepcopy(certificate)
    made["data"]["constant"] = as_json(c)
    return json.dumps(made)


ATOMS = st.sampled_from(
    [N, N, D, L(N), L(D), sympy.Integer(2) ** L(N), sympy.ceiling(N / D), sympy.floor(N / 2), sympy.Min(N, D)]
)
TERMS = st.tuples(st.integers(-2, 6), st.lists(ATOMS, min_size=1, max_size=3)).map(lambda t: t[0] * sympy.prod(t[1]))
FORMULAS = st.lists(TERMS, min_size=1, max_size=3).map(lambda terms: sympy.Add(*terms))
BOUNDS = st.sampled_from(["N**2*d + N*d**2", "N**3", "N**3 + d**3", "N**2*log(N) + d**2", "max(N, d)**3"])
SMALL = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 33, 129, 1025, 2**20 + 1]


@settings(deadline=None, max_examples=25)
@given(FORMULAS, BOUNDS)
def test_every_constant_holds_at_all_sizes_tried_and_none_below_the_quotient_is_accepted(formula, bound):
    made = decide(formula, bound, symbols=("N", "d"), explicit=True)
    found = made.constant
    if found is None:
        return
    assert checker.check_text(json.dumps(found.certificate)).accepted
    count, below = in_checker_words(tree_of(formula)), in_checker_words(read_bound(bound).tree)
    for n, d in itertools.product(SMALL, SMALL):
        if min(n, d) >= found.start:
            sizes = {"N": n, "d": d}
            assert value(count, sizes)[0] <= found.value * value(below, sizes)[1]
    if found.quotient > 0:
        assert found.quotient <= found.value
        less = found.quotient * Fraction(999_999, 1_000_000)
        assert not checker.check_text(lowered(found.certificate, less)).accepted
