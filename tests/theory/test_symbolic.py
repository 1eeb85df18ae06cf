"""Identities in Kronecker deltas: every pattern is tried, true ones vanish, false ones do not."""

from __future__ import annotations

import itertools

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from theory.symbolic import Combination, Slot, delta, describe, in_pattern, patterns, row, unit

SLOTS = tuple(Slot(name) for name in "abcdef")
a, b, c, j = (Slot(name) for name in "abcj")


@pytest.mark.parametrize(("count", "bell"), list(enumerate((1, 1, 2, 5, 15, 52, 203))))
def test_patterns_are_counted_by_bell_numbers(count, bell):
    found = list(patterns(SLOTS[:count]))
    assert len(found) == bell
    assert len({tuple(sorted((k.name, v.name) for k, v in p.items())) for p in found}) == bell


def test_patterns_are_those_of_all_assignments_fewest_blocks_first():
    found = [frozenset(frozenset(s for s in SLOTS[:4] if p[s] == v) for v in p.values()) for p in patterns(SLOTS[:4])]
    wanted = set()
    for values in itertools.product(range(4), repeat=4):
        wanted.add(frozenset(frozenset(s for s, v in zip(SLOTS, values, strict=False) if v == w) for w in values))
    assert set(found) == wanted
    assert [len(p) for p in found] == sorted(len(p) for p in found)


def vanishes(expression, *slots):
    return all(in_pattern(sympy.sympify(expression), pattern) == 0 for pattern in patterns(slots))


def test_true_identities_vanish():
    assert vanishes(unit(a).inner(unit(a)) - 1, a)
    assert vanishes(delta(a, b) * delta(b, c) * (delta(a, c) - 1), a, b, c)
    assert vanishes(delta(a, b) ** 2 - delta(a, b), a, b)
    assert vanishes(delta(a, b) * (row(a) - row(b)), a, b)
    difference = unit(a) - unit(b)
    assert vanishes(difference.inner(difference) - 2 + 2 * delta(a, b), a, b)
    assert vanishes(difference.apply(row) - row(a) + row(b), a, b)


def test_false_identities_do_not():
    assert not vanishes(delta(a, b) - delta(b, c), a, b, c)
    assert not vanishes(delta(a, b), a, b)
    assert not vanishes(row(a) - row(b), a, b)
    assert not vanishes((unit(a) - unit(b)).inner(unit(a) + unit(b)) - delta(a, b), a, b)


def test_a_reflection_exchanges_two_rows_and_a_sum_does_not():
    def after(sign):
        key = unit(a) + sign * unit(b)
        return row(j) - key.inner(unit(j)) * key.apply(row)

    def wrong(sign):
        for pattern in patterns((a, b, j)):
            wanted = b if pattern[j] == pattern[a] else a if pattern[j] == pattern[b] else j
            if in_pattern(after(sign) - row(wanted), pattern) != 0:
                yield pattern

    assert list(wrong(-1)) == []
    assert describe(next(wrong(1))) == "n = 1: a = b = j"


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-3, 3)), max_size=4), st.data())
def test_inner_products_are_those_of_vectors(terms, data):
    other = data.draw(st.lists(st.tuples(st.integers(0, 3), st.integers(-3, 3)), max_size=4))
    values = data.draw(st.tuples(*[st.integers(0, 3)] * 4))
    names = SLOTS[:4]
    pattern = {s: names[values.index(v)] for s, v in zip(names, values, strict=True)}

    def vector(pairs):
        return [sum(x for i, x in pairs if values[i] == slot) for slot in range(4)]

    def formal(pairs):
        return Combination(tuple((names[i], sympy.Integer(x)) for i, x in pairs))

    wanted = sum(x * y for x, y in zip(vector(terms), vector(other), strict=True))
    assert in_pattern(formal(terms).inner(formal(other)), pattern) == wanted


def test_deltas_are_symmetric_and_one_of_equal_slots():
    assert delta(a, b) == delta(b, a) != delta(a, c)
    assert delta(a, a) == 1


def test_other_symbols_are_left_alone():
    x = sympy.Symbol("x")
    assert in_pattern(x * delta(a, b), {a: a, b: a}) == x
    assert in_pattern(x * delta(a, b), {a: a, b: b}) == 0


def test_combinations_are_linear():
    assert vanishes((3 * unit(a) - unit(a) * 2 + -unit(b)).inner(unit(c)) - delta(a, c) + delta(b, c), a, b, c)
