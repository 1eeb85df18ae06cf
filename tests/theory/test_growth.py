"""Bounds: parsed, compared, and every answer held against the logarithm of the quotient far out, in floats."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from theory.bounds import BadBound, parse_bound, parse_condition
from theory.growth import Answer, compare
from theory.monomials import Bound, Monomial

FAR = (1e8, 1e12)  # logarithms of sizes


def ask(count: str, bound: str, *where: str, fixed: tuple[str, ...] = ()) -> Answer:
    counted = parse_bound(count)
    return compare(counted, parse_bound(bound), [parse_condition(w) for w in where], fixed)


@pytest.mark.parametrize(
    ("count", "bound", "where", "wanted"),
    [
        ("N**2*d", "N**2*d + N*d**2", (), True),
        ("N**2", "N*d", (), False),
        ("N*d", "N**2 + d**2", (), True),
        ("N*d*C", "N**3 + d**3 + C**3", (), True),
        ("N*d*C", "N**3 + d**3", (), False),
        ("N*log(N)", "N", (), False),
        ("N", "N*log(N)", (), True),
        ("N*log(N)", "N*d", (), False),
        ("N*log(N)", "N**(11/10)", (), True),
        ("sqrt(N*d)*log(N)", "N*log(N) + d*log(d)", (), True),
        ("sqrt(N*d)*log(N)", "N*log(d) + d*log(N)", (), True),
        ("N*log(d)", "N*log(N) + d", (), True),
        ("N*log(C)", "N*log(N)", (), False),
        ("N*log(C)", "N*log(N)", ("C<=N",), True),
        ("N*C", "N**2", (), False),
        ("N*C", "N**2", ("C<=N",), True),
        ("N**2/C", "N", ("C<=N",), False),
        ("N/C", "N/C + d", (), True),
        ("H*C", "N", ("H*C<=N",), True),
        ("N*d/H", "N*d/min(H, d)", (), True),
        ("N*d/min(H, d)", "N*d/H", (), False),
        ("N*K", "N*min(N, K)", (), False),
        ("1", "1", (), True),
        ("N", "1", (), False),
        ("1", "1/N", (), False),
    ],
)
def test_known_comparisons(count, bound, where, wanted):
    assert ask(count, bound, *where).dominated is wanted


def test_fixed_symbols_are_constants():
    assert ask("N*d**5", "N", fixed=("d",)).dominated
    assert ask("N*d**5", "N").witness == "d = s, N constant"


def test_the_witness_names_the_family():
    found = ask("N**2", "N*d")
    assert (found.dominated, str(found.monomial), found.witness) == (False, "N**2", "N = s, d constant")
    assert ask("N", "N**2/C", "C<=N**2").witness == "C = s**2, N = s"


exponents = st.fractions(Fraction(-1), Fraction(2), max_denominator=2)
logs = st.integers(-1, 2).map(Fraction)
SYMBOLS = ("N", "d")


@st.composite
def monomials(draw):
    return Monomial.of(
        [(x, draw(exponents)) for x in SYMBOLS], [(x, draw(logs)) for x in SYMBOLS if draw(st.booleans())]
    )


bounds = st.lists(st.lists(monomials(), min_size=1, max_size=2).map(tuple), min_size=1, max_size=3).map(tuple)


def logarithm(monomial: Monomial, sizes: dict[str, float]) -> float:
    """log of a monomial where log x = sizes[x]."""
    return math.fsum(
        [float(a) * sizes[x] for x, a in monomial.powers] + [float(b) * math.log(sizes[x]) for x, b in monomial.logs]
    )


def quotient(monomial: Monomial, bound: Bound, sizes: dict[str, float]) -> float:
    """log(monomial / bound)."""
    return logarithm(monomial, sizes) - max(min(logarithm(g, sizes) for g in least) for least in bound)


def directions():
    """Families log x_i = T^theta_i v_i, with theta 0 (constant), 1/2 and 1."""
    for kinds in itertools.product([(0.0, 3.0), (0.5, 1.0), (1.0, 1.0), (1.0, 2.0), (1.0, 0.5)], repeat=len(SYMBOLS)):
        yield lambda t, kinds=kinds: {x: v * t**theta for x, (theta, v) in zip(SYMBOLS, kinds, strict=True)}


@given(monomials(), bounds)
@example(Monomial.of([("N", Fraction(1))], [("N", Fraction(1))]), ((Monomial.of([("N", Fraction(1))]),),))
def test_dominated_means_bounded_along_every_family_tried(monomial, bound):
    if compare(((monomial,),), bound).dominated:
        near, far = FAR
        for family in directions():
            growth = quotient(monomial, bound, family(far)) - quotient(monomial, bound, family(near))
            # rounding: each logarithm is a sum of six terms of at most 3 * 2 * far
            assert growth <= 64 * 2**-53 * 36 * far, family(1.0)


@given(monomials(), bounds)
def test_not_dominated_means_growth_along_the_witness(monomial, bound):
    found = compare(((monomial,),), bound)
    if found.dominated is False:
        powers = dict(part.split(" = s") for part in found.witness.split(", ") if " = s" in part)
        speed = {x: float(Fraction(a.strip("*()") or "1")) for x, a in powers.items()}

        def at(t):
            return quotient(monomial, bound, {x: speed[x] * t if x in speed else 3.0 for x in SYMBOLS})

        assert at(1e12) > at(1e8) > at(1e4)


@given(monomials(), st.lists(monomials(), min_size=1, max_size=3))
def test_without_logarithms_and_with_powers_only_it_is_always_decided(monomial, terms):
    bare = [Monomial(m.powers) for m in terms]
    assert compare(((Monomial(monomial.powers),),), tuple((m,) for m in bare)).dominated is not None


@given(st.lists(monomials(), min_size=1, max_size=3))
def test_a_sum_bounds_its_terms(terms):
    assert compare(tuple((m,) for m in terms), tuple((m,) for m in terms)).dominated


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("N-d", "'-' does not belong there; a bound has no differences at character 2"),
        ("-N", "a bound has no differences at character 1"),
        ("N^2", "write ** for a power at character 2"),
        ("N*", "found 'the end' at character 3"),
        ("f(N)", "unknown function 'f'; the functions are log, log2, sqrt, max, min; at character 1"),
        ("M", "unknown symbol 'M'; the sizes are C, N, d; at character 1"),
        ("log(N/C)", "the log of a quotient is a difference"),
        ("log(log(N))", "a log of a log"),
        ("0*N", "0 bounds nothing"),
        ("2**N", "expected a number, as every exponent is, found 'N'"),
        ("N**(1/0)", "an exponent divided by 0"),
        ("N**9999", "an exponent beyond 1000"),
        ("N d", "'d' does not belong there"),
        ("sqrt(N, d)", "sqrt takes one argument, not 2"),
        ("", "expected a size, a number or a bracket, found 'the end'"),
        ("__import__('os')", "unknown function '__import__'"),
        ("(" * 100, "nest deeper than 60"),
        ("N+" * 6000 + "N", "characters; at most 10000"),
        (f"1/({' + '.join(f'min(N**{i}, d**{i})' for i in range(1, 40))})", "more than 4096 terms"),
        ("*".join(f"(N**{2**i} + d**{2**i} + C**{2**i})" for i in range(9)), "more than 4096 terms"),
    ],
)
def test_what_is_no_bound_is_refused_with_its_place(text, words):
    with pytest.raises(BadBound) as caught:
        parse_bound(text, ("N", "d", "C"))
    assert words in str(caught.value)


@pytest.mark.parametrize("text", ["C<N", "N+d<=C", "log(N)<=C", "C<=", "min(N,d)<=C"])
def test_what_is_no_condition_is_refused(text):
    with pytest.raises(BadBound):
        parse_condition(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("N*(d + C)", "N*d + N*C"),
        ("2*N + 7", "N + 1"),
        ("N/(d + C)", "min(N/d, N/C)"),
        ("1/min(N, d)", "max(1/N, 1/d)"),
        ("(N*d)**(1/2)", "sqrt(N*d)"),
        ("N**(-1)", "1/N"),
        ("log(N*d)", "log(N) + log(d)"),
        ("log2(N**3)", "log(N)"),
        ("log(max(N, d))", "max(log(N), log(d))"),
        ("N**0", "1"),
        ("min(N + d, C)", "min(N, C) + min(d, C)"),
    ],
)
def test_equal_bounds_have_one_normal_form(one, other):
    assert {frozenset(least) for least in parse_bound(one)} == {frozenset(least) for least in parse_bound(other)}


@given(bounds)
def test_what_is_printed_is_read_back(bound):
    text = " + ".join(f"min({', '.join(map(str, least))})" for least in bound)
    assert {frozenset(least) for least in parse_bound(text)} == {frozenset(least) for least in bound}
