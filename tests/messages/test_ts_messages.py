"""What the Takakura-Suzuki pieces refuse: each message names the thing, its value, and what to do instead."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
import sympy

from constructions.takakura_suzuki import gadgets
from constructions.takakura_suzuki.explicit_module import ExplicitTransformer, explicit_row
from constructions.takakura_suzuki.importance import ImportanceAttention
from constructions.takakura_suzuki.network import compiled
from constructions.takakura_suzuki.offsets import OffsetAttention, dyadic
from constructions.takakura_suzuki.target import Layout, Target
from constructions.takakura_suzuki.transformer import Plan
from empirics.rates.counted import peaks, tied
from theory.takakura_suzuki import gadget_laws, importance_laws, offset_laws
from theory.takakura_suzuki.constants import constant, effective, loss, product, reciprocal_sum
from theory.takakura_suzuki.counting import TooLarge, count, levels, next_level, width_levels
from theory.takakura_suzuki.expansion import kappa, zero
from theory.takakura_suzuki.indices import blocks, indices
from theory.takakura_suzuki.refined import first
from theory.takakura_suzuki.smoothness import Power, Smoothness, anisotropic, mixed

F = Fraction
ADVICE = re.compile(r"\b(give|take|sort|pass|lower|allow|fold|divide|leave|enclose|needs?|belongs)\b")
SQUARES, SLOW = Smoothness("mixed", Power(2)), Smoothness("anisotropic", Power(1))
PLAN = Plan(mixed(1, 2), 3)

REFUSED = {
    # a
    "not sorted": (lambda: mixed(2, F(3, 2)), ("a_2 = 3/2", "a_1 = 2")),
    "roots not sorted": (lambda: mixed(2, sympy.sqrt(3)), ("a_2 = 3**(1/2)", "a_1 = 2")),
    "not positive": (lambda: anisotropic(0, 1), ("a_1 = 0", "positive")),
    "a root below 0": (lambda: anisotropic(1 - sympy.sqrt(2), 1), ("a_1 = 1 + -1 * 2**(1/2)", "positive")),
    "a float": (lambda: mixed(1, 1.5), ("a_2 = 1.5", "float", "Fraction")),
    "no root": (lambda: mixed(1, sympy.pi), ("a_2 = pi", "sqrt(2)")),
    "a root of a sum": (lambda: mixed(1, sympy.sqrt(1 + sympy.sqrt(2))), ("a_2", "sqrt(1 + sqrt(2))")),
    "a float of sympy": (lambda: mixed(1, sympy.Float(2.5)), ("a_2 = 2.5", "rational")),
    "a list": (lambda: Smoothness("mixed", [1, 2]), ("a = [1, 2]", "tuple")),  # pyright: ignore[reportArgumentType]
    "not summable": (lambda: reciprocal_sum(SLOW), ("q = 1", "q > 1")),
    "not summable, by the rate": (lambda: effective(SLOW), ("q = 1", "q > 1")),
    "ties": (lambda: mixed(F(1, 2), F(1, 2), 3), ("a_1 = a_2 = 1/2", "ties=True")),
    "tied roots": (lambda: mixed(sympy.sqrt(8), 2 * sympy.sqrt(2)), ("a_1 = a_2 = 2 * 2**(1/2)", "ties=True")),
    "the constant of ties": (lambda: constant(mixed(1, 1, ties=True)), ("a_2", "a_1 < a_2")),
    "half a dimension": (lambda: Power(2, 1, F(5, 2)), ("dimension = 5/2", "int")),  # pyright: ignore[reportArgumentType]
    "no growth": (lambda: Power(F(-1, 2)), ("q = -1/2", "positive")),
    # T
    "T = 0": (lambda: count(SQUARES, 0), ("T = 0", "reaches no index", "T > 0")),
    "T below 0": (lambda: indices(SQUARES, F(-1, 2)), ("T = -1/2", "T > 0")),
    "T a float": (lambda: blocks(SQUARES, 2.0), ("T = 2.0", "float")),  # pyright: ignore[reportArgumentType]
    "T a truth": (lambda: next_level(SQUARES, True), ("T = True", "bool")),
    "a transformer of the constant": (lambda: Plan(mixed(1, 2), 1), ("T = 1", "above a_1")),
    # parameters
    "q = 1": (lambda: kappa(1), ("q = 1", "q > 1")),
    "bits": (lambda: zero(-3), ("bits = -3", "0 or more")),
    "p": (lambda: loss(F(2, 3)), ("p = 2/3", "p >= 1")),
    "too rough a class": (lambda: effective(mixed(F(1, 4)), p=1), ("a-dagger", "larger p")),
    "N": (lambda: first(SQUARES, 0), ("N = 0", "at least one")),
    "a width": (lambda: width_levels(SQUARES, [3, -2]), ("N = -2", "0 or more")),
    "steps": (lambda: gadget_laws.cosine_error(0, 4), ("m = 0", "m >= 1")),
    "levels": (lambda: compiled(lambda x: gadgets.square(x[0], 1), 1), ("levels = 1", "2 or more")),
    "a frequency": (lambda: compiled(lambda x: gadgets.wave(x[0], 4, 2, 1, 3), 1), ("frequency 4", "3")),
    "eps of waves": (lambda: gadget_laws.cosine_levels(F(0)), ("eps = 0", "between 0 and 1")),
    "eps of attention": (lambda: offset_laws.dyadic_temperature(3, F(1)), ("eps = 1", "between 0 and 1")),
    "reach": (lambda: dyadic(0), ("U = 0", "at least 1")),
    "an offset of a law": (lambda: offset_laws.leak((2, 4), F(1), 1, 2), ("offset 2", "from -1 to 1")),
    "an offset": (lambda: OffsetAttention(dyadic(1), 1, [0, 2], F(1)), ("offsets [0, 2]", "from -1 to 1")),
    "no offsets": (lambda: OffsetAttention(dyadic(1), 1, [], F(1)), ("offsets []", "at least one")),
    "temperature": (lambda: OffsetAttention(dyadic(1), 1, [0], F(0)), ("chi = 0", "positive")),
    "gap": (lambda: importance_laws.temperature(3, F(2), F(1, 8)), ("gap = 2", "at most 1")),
    "window": (lambda: importance_laws.temperature(1, F(1, 2), F(1, 8)), ("W = 1", "at least 2")),
    "rounds": (lambda: ImportanceAttention(F(1, 2), F(9)).rounds([0.5], 2), ("2 rounds", "1 tokens")),
    "no tokens": (lambda: ImportanceAttention(F(1, 2), F(9)).rounds([], 1), ("1 rounds", "0 tokens")),
    "channels": (lambda: Layout(0), ("channels = 0", "at least one")),
    "points": (lambda: explicit_row(mixed(1, 2), 2, points=0), ("points = 0", "at least 1")),
    "no lattice": (lambda: peaks(mixed(2, 3), [1]), ("a = (2, 3)", "integers")),
    "between the multiples": (lambda: tied(mixed(2, 2, ties=True), [3]), ("T = 3", "a_1 = 2")),
    # coefficients
    "norm": (lambda: Target(mixed(1, 2), {(1,): F(3, 5)}), ("norm 1.2", "unit ball")),
    "a coefficient that is a float": (lambda: Target(mixed(1), {(1,): 0.25}), ("(1,)", "0.25", "Fraction")),
    "trailing zeros": (lambda: Target(mixed(1, 2), {(1, 0): F(1, 4)}), ("(1, 0)", "trailing zeros")),
    "an index of floats": (lambda: Target(mixed(1), {(0.5,): F(1, 4)}), ("(0.5,)", "ints")),  # pyright: ignore[reportArgumentType]
    "a coordinate too many": (lambda: Target(mixed(1), {(0, 1): F(1, 4)}), ("coordinate 2 of 1",)),
    "another class": (
        lambda: PLAN.network(Target(anisotropic(1, 2), {(1,): F(1, 4)})),
        ("anisotropic", "mixed", "own class"),
    ),
    "a network of another class": (lambda: ExplicitTransformer(PLAN, Target(mixed(1, 3), {})), ("own class",)),
}
SAYS_ENOUGH = {
    "a coordinate too many",
    "not positive",
    "a root below 0",
    "no tokens",
    "no growth",
    "N",
    "a width",
    "gap",
    "temperature",
}
"""The range is the advice."""


@pytest.mark.parametrize(("ask", "words"), REFUSED.values(), ids=REFUSED)
def test_it_says_what_and_which_value(ask, words):
    with pytest.raises(ValueError, match=".") as told:
        ask()
    for word in words:
        assert word in str(told.value)


@pytest.mark.parametrize("name", [name for name in REFUSED if name not in SAYS_ENOUGH])
def test_it_says_what_to_do(name):
    with pytest.raises(ValueError, match=ADVICE):
        REFUSED[name][0]()


HUGE = {
    "functions": (lambda: indices(SQUARES, 40), count(SQUARES, 40), "basis functions on 6 coordinates"),
    "blocks": (lambda: blocks(anisotropic(*range(1, 30)), 40), 0, "blocks on 29 coordinates"),
    "the refined order": (lambda: first(mixed(1, 2), 10**9), 0, "basis functions on 2 coordinates"),
    "a table": (lambda: count(mixed(1, F(10**9 + 1, 10**9)), 9), 9 * 10**9, "levels takes about"),
    "levels": (lambda: levels(anisotropic(1), 10**12), 10**12 - 1, "levels lie below"),
    "digits": (lambda: count(anisotropic(1), 10**12), 0, "GiB of digits"),
    "coordinates": (lambda: blocks(SLOW, 10**7), 10**7 - 1, "coordinates active"),
    "irrational functions": (
        lambda: indices(Smoothness("mixed", Power(F(3, 2))), 40),
        0,
        "basis functions on 11 coordinates",
    ),
    "irrational levels": (lambda: levels(mixed(1, sympy.sqrt(2), 2), 10**4), 0, "blocks on 3 coordinates"),
    "a transformer": (lambda: Plan(SQUARES, 14).features, len(Plan(SQUARES, 14).kept), "weights, about"),
}


@pytest.mark.parametrize(("ask", "number", "words"), HUGE.values(), ids=HUGE)
def test_what_is_too_large_is_told_before_it_starts(ask, number, words):
    with pytest.raises(TooLarge, match=ADVICE) as told:
        ask()
    assert words in str(told.value)
    assert str(number or "") in str(told.value)
    assert re.search(r"\d", str(told.value))


def test_a_long_finite_rule_is_no_infinite_loop():
    """10^12 coordinates: C_a is enclosed by its tail, a~ of a slow rule is refused with its number of terms."""
    low, high = constant(Smoothness("mixed", Power(2, 1, 10**12)))
    endless = constant(SQUARES)
    assert low <= endless[1]
    assert endless[0] <= high
    with pytest.raises(ValueError, match="dimension = 1000000000000"):
        reciprocal_sum(Smoothness("anisotropic", Power(1, 1, 10**12)))
    with pytest.raises(ValueError, match="infinite"):
        product(mixed(1, 2), F(1, 2))
