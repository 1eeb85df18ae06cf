"""Recovery of closed forms: what is in the family comes back identical, at sizes far beyond the samples; what is not is refused."""

from __future__ import annotations

import math
import random
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from theory.cost.amounts import ceil_log2
from theory.cost.recovery.amounts import fit_amount
from theory.cost.recovery.closed import (
    Closed,
    ceiling_of,
    chunks_of,
    constant,
    log_of,
    minimum_of,
    power_of_two_above,
    size,
)
from theory.cost.recovery.fitting import SPARE, Unfit, fit
from theory.cost.recovery.linear import solve_columns, witnessed
from theory.cost.recovery.sums import Whole, recover_maximum, recover_sum

LINE = (
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
    12,
    13,
    15,
    16,
    17,
    18,
    24,
    31,
    32,
    33,
    34,
    63,
    64,
    65,
    66,
    96,
    127,
    128,
    129,
    257,
)
BASE = {"N": 11, "d": 5}


def points(base, scattered=80, seed=0, top=40):
    rng = random.Random(seed)
    found = [dict(base)] + [{**base, x: value} for x in base for value in LINE]
    found += [{x: rng.randint(2, top) for x in base} for _ in range(scattered)]
    return list({tuple(p.items()): p for p in found}.values())


def sampled(function, base=BASE, **more):
    return [(p, Fraction(function(p))) for p in points(base, **more)]


def far(base, seed=1):
    """Sizes beyond all samples, in every order of magnitude to each other."""
    rng = random.Random(seed)
    return [{x: int(2 ** rng.uniform(9, 40)) for x in base} for _ in range(20)]


def same(found, function, base=BASE):
    assert isinstance(found, Closed), found
    assert all(found.at(p) == function(p) for p in far(base))


def plain(x):
    return Closed(((Fraction(1), ((size(x), 1),)),))


ATOMS = st.sampled_from(
    [
        (size("N"),),
        (size("d"),),
        (log_of(plain("N")),),
        (log_of(plain("d")),),
        (size("N"), log_of(plain("N"))),
        (power_of_two_above("N"),),
        (ceiling_of("N", "d"),),
        (minimum_of("N", "d"),),
        (chunks_of("N", 16),),
    ]
)
COEFFICIENTS = st.integers(-9, 9).filter(bool) | st.fractions(-4, 4, max_denominator=6).filter(bool)


def powers(x, most):
    return st.integers(0, most).map(lambda k: (size(x),) * k)


POSITIVE = st.integers(1, 9) | st.fractions(Fraction(1, 6), 4, max_denominator=6)
"""As costs are; terms that cancel along a line through the base point are missed, and then nothing is recovered."""
POLYNOMIALS = st.lists(st.tuples(COEFFICIENTS, powers("N", 3), powers("d", 3)), min_size=1, max_size=6)


def combined(terms):
    total = constant(0)
    for c, *factors in terms:
        total = total + constant(Fraction(c)).times([atom for part in factors for atom in part])
    return total


@settings(max_examples=25)
@given(POLYNOMIALS)
def test_polynomials_come_back(terms):
    form = combined(terms)
    same(fit(sampled(form.at), BASE), form.at)


@settings(max_examples=8)
@given(st.lists(st.tuples(POSITIVE, powers("d", 2)), min_size=1, max_size=3), ATOMS, powers("d", 1), POSITIVE)
def test_one_involved_atom_beside_a_polynomial(terms, atom, times, coefficient):
    """Logarithms, the next power of two, chunks, numbers of chunks of a size, minima."""
    form = combined([*terms, (coefficient, atom, times)])
    same(fit(sampled(form.at, scattered=160), BASE, (16,)), form.at)


@settings(max_examples=30)
@given(st.sampled_from([2, 3, 7, 16, 48, 64, 100]), st.integers(1, 9), st.integers(-9, 9))
def test_chunks_that_a_program_holds(m, a, b):
    def form(p):
        return a * -(-p["N"] // m) * p["d"] + b * p["N"]

    same(fit(sampled(form, top=300), BASE, (m,)), form)


@settings(max_examples=15)
@given(st.permutations(["N", "d", "K"]), st.integers(1, 5), st.integers(1, 5))
def test_three_symbols(names, a, b):
    x, y, z = names

    def form(p):
        return a * p[x] ** 2 * p[y] + b * p[z] * ceil_log2(p[x]) + p[x] * p[y] * p[z]

    base = {"N": 11, "d": 5, "K": 7}
    same(fit(sampled(form, base, scattered=160), base), form, base)


@settings(max_examples=20)
@given(st.integers(1, 50), st.integers(-50, 50), st.sampled_from(["N", "d"]))
def test_logarithms_of_products_are_kept_apart(a, b, x):
    """{(): b, (N d,): a x} is b + a x L(N d), which no sum of L(N) and L(d) is."""
    samples = []
    for p in points(BASE):
        amount = {(p["N"] * p["d"],): Fraction(a * p[x])}
        samples.append((p, amount | ({(): Fraction(b)} if b else {})))
    found = fit_amount(samples, BASE)
    same(found, lambda p: a * p[x] * ceil_log2(p["N"] * p["d"]) + b)


def test_a_logarithm_of_one_is_missing_and_found_all_the_same():
    """2 L(ceil(N/d)) + L(d) is L(d) alone where N <= d, with and without the site that it comes from."""

    def amount(p):
        chunks = -(-p["N"] // p["d"])
        return ({(chunks,): Fraction(2)} if chunks > 1 else {}) | {(p["d"], 3): Fraction(1)}

    def wanted(p):
        return 2 * ceil_log2(-(-p["N"] // p["d"])) + 2 * ceil_log2(p["d"])

    assert any(len(amount(p)) == 1 for p in points(BASE))
    same(fit_amount([(p, amount(p)) for p in points(BASE)], BASE), wanted)

    def path(p):
        chunks = -(-p["N"] // p["d"])
        scan = {"scan": {(chunks,): Fraction(2)}} if chunks > 1 else {}
        return {"all": {(p["d"],): Fraction(2)}} | scan

    found = recover_maximum([(p, path(p)) for p in points(BASE)], BASE)
    assert isinstance(found, Whole), found
    assert len(found.forms) == 1
    assert all(found.at(p) == wanted(p) for p in far(BASE))


OUTSIDE = {
    "a root": lambda p: math.isqrt(p["N"]),
    "an exponential": lambda p: 2 ** p["N"],
    "a number of divisors": lambda p: sum(p["N"] % k == 0 for k in range(1, p["N"] + 1)),
    "bits": lambda p: p["N"].bit_count(),
    "a greatest common divisor": lambda p: math.gcd(p["N"], p["d"]),
    "a remainder that no chunk gives": lambda p: p["N"] * (p["N"] % 11),
    "a power too high": lambda p: p["N"] ** 9,
    "one odd value": lambda p: p["N"] + (p["N"] == 33),
    "noise": lambda p: hash((p["N"], p["d"], 7)) % 1000,
}


def test_what_is_outside_the_family_is_refused():
    for name, function in OUTSIDE.items():
        found = fit(sampled(function), BASE)
        assert isinstance(found, Unfit), (name, found)
        assert found.reason


def test_too_few_samples_are_asked_for_and_not_guessed_from():
    few = [({"N": n}, Fraction(n * n)) for n in (2, 3, 4)]
    found = fit(few, {"N": 2})
    assert isinstance(found, Unfit)
    assert found.through == {"N": 2}


def test_a_chunk_that_only_two_samples_show_is_no_formula():
    """Linear up to 500 and quadratic beyond: with two samples out there, chunks of 256 would meet them by accident."""
    line = [*range(2, 40), 521, 1031]
    samples = [({"N": n}, Fraction(n if n <= 500 else n * n)) for n in line]
    assert isinstance(fit(samples, {"N": 11}), Unfit)


def test_witnesses():
    line = [[1, n] for n in range(5)]
    assert witnessed(line, SPARE)
    assert not witnessed([*([1, 0] for _ in range(5)), [1, 1], [1, 1]], SPARE)  # only two rows tell the second column
    assert witnessed([*([1, 0] for _ in range(5)), *([1, 1] for _ in range(3))], SPARE)


@settings(max_examples=50)
@given(st.lists(st.lists(st.integers(-5, 5), min_size=3, max_size=3), min_size=4, max_size=8), st.data())
def test_a_solution_solves(rows, data):
    x = data.draw(st.lists(st.fractions(-3, 3, max_denominator=4), min_size=3, max_size=3))
    values = [sum((r * c for r, c in zip(row, x, strict=True)), Fraction(0)) for row in rows]
    solved = solve_columns(rows, values)
    assert solved is not None
    assert [sum((r * c for r, c in zip(row, solved[0], strict=True)), Fraction(0)) for row in rows] == values
    wrong = [*values[:-1], values[-1] + 1]
    if solve_columns(rows[:-1] + [rows[-1]] * 2, [*values, wrong[-1]]) is not None:
        raise AssertionError("the same row has two values")


def test_sums_and_maxima():
    """A sum over two sites; the larger of two paths, which cross at N = 7 d."""

    def sites(p):
        return {"a": {(): Fraction(3 * p["N"])}, "b": {(p["d"],): Fraction(p["N"])}}

    found = recover_sum([(p, sites(p)) for p in points(BASE)], BASE)
    assert isinstance(found, Whole)
    assert all(found.at(p) == 3 * p["N"] + p["N"] * ceil_log2(p["d"]) for p in far(BASE))

    def path(p):
        return {"a": {(): Fraction(p["N"])}} if p["N"] >= 7 * p["d"] else {"b": {(): Fraction(7 * p["d"])}}

    lines = points(BASE) + [{"N": 60, "d": v} for v in range(2, 30)] + [{"N": v, "d": 3} for v in range(2, 70)]
    found = recover_maximum([(p, path(p)) for p in lines], BASE)
    assert isinstance(found, Whole), found
    assert all(found.at(p) == max(p["N"], 7 * p["d"]) for p in far(BASE))
