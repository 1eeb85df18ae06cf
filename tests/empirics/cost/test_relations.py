"""Whatever is taken to follow from sizes of at least 2 holds at every small size; and what should follow does."""

import itertools

import pytest
import sympy
from hypothesis import example, given
from hypothesis import strategies as st

from empirics.cost.relations import divided, follows, learned, quotient, smallest
from theory.cost.formulas import symbol

N, d, C = symbol("N"), symbol("d"), symbol("C")
CHUNKS = sympy.ceiling(N / C)

leaves = st.sampled_from([N, d, C, sympy.Integer(1), sympy.Integer(2), sympy.Integer(5)])
expressions = st.recursive(
    leaves,
    lambda inner: st.builds(
        lambda of, a, b: of(a, b),
        st.sampled_from(
            [
                lambda a, b: a + b,
                lambda a, b: a - b,
                lambda a, b: a * b,
                lambda a, b: sympy.ceiling(a / b) if b != 0 else a,
                lambda a, b: sympy.floor(a / b) if b != 0 else a,
                lambda a, b: sympy.Max(a, b),
                lambda a, b: sympy.Min(a, b),
            ]
        ),
        inner,
        inner,
    ),
    max_leaves=5,
)
relations = st.builds(
    lambda of, a, b: of(a, b),
    st.sampled_from([sympy.Gt, sympy.Ge, sympy.Lt, sympy.Le, sympy.Ne, sympy.Eq]),
    expressions,
    expressions,
)


def holds_at(relation, point):
    try:
        found = relation.subs(point) if hasattr(relation, "subs") else relation
    except TypeError:  # a comparison of something divided by zero
        return None
    return None if found.has(sympy.nan, sympy.zoo) else bool(found)


POINTS = [dict(zip((N, d, C), values, strict=True)) for values in itertools.product((2, 3, 4, 7), repeat=3)]


@given(relations, relations)
@example(sympy.Ge(sympy.ceiling((N + 1) / (d - N)), sympy.ceiling((N + 1) / (d - N)), evaluate=False), sympy.true)
def test_what_follows_holds_at_all_small_sizes_where_the_facts_hold(relation, given_relation):
    facts = {} if given_relation in (sympy.true, sympy.false) else learned(given_relation, {})
    if follows(relation, facts):
        for point in POINTS:
            if all(x.subs(point) >= low for x, low in facts.items()):
                assert holds_at(relation, point) is not False


@given(relations)
def test_facts_are_what_the_relation_says(relation):
    if relation in (sympy.true, sympy.false):
        return
    for x, low in learned(relation, {}).items():
        assert all(x.subs(point) >= low for point in POINTS if holds_at(relation, point))


def value_at(x, point):
    try:
        return x.subs(point)
    except ValueError:  # a maximum of something divided by zero
        return None


@given(expressions)
@example(sympy.Max(N, sympy.ceiling(N / (N - d))))
def test_smallest_is_below_every_value(x):
    values = [v for v in (value_at(x, point) for point in POINTS) if v is not None and v.is_finite]
    assert all(v >= smallest(x) for v in values)


@pytest.mark.parametrize(
    "relation",
    [
        d * C * CHUNKS >= 2,
        C * CHUNKS - N >= 0,
        sympy.Ne(CHUNKS, C * CHUNKS),
        C**2 * CHUNKS >= C**2,
        sympy.Ne(d, d / C),
        N - C * sympy.floor(N / C) >= 0,
        d * (d + 1) > 5,
    ],
)
def test_what_torch_asks_of_every_layer_follows(relation):
    assert follows(relation, {})


@pytest.mark.parametrize(
    "relation", [N > 2, sympy.Ge(N, d), sympy.Ne(CHUNKS, 1), sympy.Eq(N, d), CHUNKS > 1, N - d > 0, d / C >= 1]
)
def test_what_says_something_of_the_sizes_does_not(relation):
    assert not follows(relation, {})


def test_a_fact_makes_others_follow():
    facts = learned(sympy.Ne(CHUNKS, 1), {})
    assert facts == {CHUNKS: 2}
    assert follows(CHUNKS**2 >= CHUNKS + 1, {}) is False
    assert follows(d * (CHUNKS - 1) > 1, facts)
    assert not follows(d * (CHUNKS - 1) > 1, {})


def test_divisibility_is_read_in_both_ways_and_makes_quotients_whole():
    for relation in (
        sympy.Eq(sympy.Mod(d, C), 0),
        sympy.Eq(C * sympy.floor(d / C), d),
        sympy.Eq(N * d, N * C * sympy.floor(d / C)),
    ):
        assert quotient(relation) == d / C
    for relation in (sympy.Eq(N, d), sympy.Eq(sympy.Mod(d, C), 1), N > 2):
        assert quotient(relation) is None
    assert divided(C * sympy.floor(d / C) + sympy.ceiling(d / C), [d / C]) == d + d / C
