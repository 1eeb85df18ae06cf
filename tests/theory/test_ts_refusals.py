"""What smoothness classes refuse, with what they say."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from theory.takakura_suzuki.constants import constant, effective, loss, product, reciprocal_sum
from theory.takakura_suzuki.counting import TooLarge, count, weights, width_levels
from theory.takakura_suzuki.expansion import kappa, log2_count
from theory.takakura_suzuki.indices import blocks, indices
from theory.takakura_suzuki.refined import first
from theory.takakura_suzuki.smoothness import Power, Smoothness, anisotropic, mixed

F = Fraction
TIED = mixed(1, 1, ties=True)
HALF = Smoothness("mixed", Power(F(1, 2)))
SLOW = Smoothness("anisotropic", Power(1))

REFUSALS = {
    "unsorted": (lambda: mixed(2, 1), "a_2 = 1 after a_1 = 2: sort a"),
    "negative": (lambda: anisotropic(-1), "a_1 = -1: smoothness is positive"),
    "empty": (lambda: mixed(), "a = (): give a tuple of at least one rational"),
    "a float": (lambda: mixed(0.5), "a_1 = 0.5 of type float: give an int or a Fraction"),
    "another kind": (lambda: Smoothness("isotropic", (1,)), "kind 'isotropic': one of mixed, anisotropic"),
    "ties": (lambda: mixed(1, 1, 2), "a_1 = a_2 = 1: mixed smoothness needs a_1 < a_2"),
    "a constant of ties": (lambda: constant(TIED), "a_2 * 1 is not above a_1"),
    "no growth": (lambda: Power(0), "q = 0: a_i = scale * i**q needs both positive"),
    "no dimension": (lambda: Power(1, 1, 0), "dimension = 0: give an int of at least 1, or None"),
    "no level": (lambda: count(mixed(1), 0), "T = 0 reaches no index, not even the constant function"),
    "a level that is a float": (lambda: count(mixed(1), 1.5), "T = 1.5 of type float"),
    "not summable": (lambda: reciprocal_sum(SLOW), "q = 1: sum 1 / i**q diverges, a~ is infinite"),
    "no expansion": (lambda: kappa(1), "q = 1: sum 1 / i**q diverges; the expansion needs q > 1"),
    "loss": (lambda: loss(F(1, 2)), "p = 1/2: the norm needs p >= 1"),
    "too rough": (lambda: effective(mixed(F(1, 2)), p=1), "a-dagger = 0 for v = 1/2: the rates need it positive"),
    "no constant": (lambda: constant(anisotropic(1)), "C_a belongs to mixed smoothness"),
    "slow product": (
        lambda: product(Smoothness("mixed", Power(F(1, 10)))),
        "the product needs more than 100000 factors; q is too small",
    ),
    "irrational": (lambda: weights(HALF, 3), "a_2 = 2**(1/2) is irrational: this needs rational smoothness"),
    "negative size": (lambda: width_levels(mixed(1), [-1]), "N = -1: a subspace has dimension 0 or more"),
    "nothing to order": (lambda: first(mixed(1), 0), "N = 0: give at least one basis function"),
    "negative entries": (lambda: mixed(1).gamma((-1,)), "block (-1,): entries are 0 or more"),
    "beyond the dimension": (lambda: mixed(1).is_below((0, 1), 2), "block (0, 1) uses coordinate 2 of 1"),
}


@pytest.mark.parametrize(("ask", "words"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_says_what_and_where(ask, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        ask()


LARGE = {
    "functions": (
        lambda: indices(mixed(1, 2), 60),
        f"G(60) = {count(mixed(1, 2), 60)} basis functions on 2 coordinates",
    ),
    "blocks": (lambda: blocks(anisotropic(*[1] * 20), 3), f"{3**20} blocks on 20 coordinates take"),
    "little memory": (lambda: indices(mixed(1), 10, memory=1000), "G(10) = 1023 basis functions on 1 coordinates"),
    "a long table": (lambda: count(mixed(1, 2), 10**6), "a table of 1000000 levels takes about"),
    "many coordinates": (lambda: count(SLOW, 10**10), "T = 10000000000 makes 9999999999 coordinates active"),
    "a long product": (lambda: count(anisotropic(1), 10**11), "enclose its logarithm by expansion.log2_count"),
    "long digits": (lambda: indices(anisotropic(1), 10**5), "G(100000) = more than 2**99999 basis functions"),
    "many steps": (lambda: log2_count(Smoothness("anisotropic", Power(1)), 10**16), "steps, above 20000000: lower T"),
}


@pytest.mark.parametrize(("ask", "words"), LARGE.values(), ids=LARGE)
def test_what_is_too_large_is_refused_with_its_count(ask, words):
    with pytest.raises(TooLarge) as told:
        ask()
    assert words in str(told.value)
