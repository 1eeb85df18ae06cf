"""Orders against their trees walked in exact arithmetic; bounds against exact errors; instances near every bound."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.formats import BF16, FORMATS, FP8_E4M3FN, FP8_E5M2, FP16, FP32, FP64, Format, Q, Underflow
from theory.summation import (
    Order,
    add,
    blocked,
    dot,
    dot_bound,
    exact_array,
    gamma,
    interleaved,
    near_dot_instance,
    near_sum_instance,
    near_tree_instance,
    near_underflow_instance,
    order_named,
    pairwise,
    partial_sums,
    reverse,
    sum_bound,
    time,
)

ORDERS = [time, reverse, pairwise, interleaved(1), interleaved(2), interleaved(5), blocked(1), blocked(3), blocked(64)]
ROUNDED = [f for f in FORMATS.values() if not f.exact]
EACH_ORDER = pytest.mark.parametrize("order", ORDERS, ids=lambda o: o.name)
EACH_FORMAT = pytest.mark.parametrize("fmt", ROUNDED, ids=lambda f: f.name)
some_order = st.one_of(
    st.sampled_from([time, reverse, pairwise]),
    st.builds(interleaved, st.integers(1, 9)),
    st.builds(blocked, st.integers(1, 9)),
)


@st.composite
def some_terms(draw: st.DrawFn, fmt: Format, size: int | None = None, normal: bool = False, dots: bool = False) -> list:
    """Numbers of the format, few binades apart or many, whose sums (with `dots`: of products) of 32 stay finite."""
    assert fmt.precision is not None
    assert fmt.emin is not None
    assert fmt.emax is not None
    lowest, top = fmt.emin - fmt.precision + 1, 2**fmt.precision
    highest = (fmt.emax // 2 if dots else fmt.emax) - fmt.precision - 5
    if dots:
        highest = max(highest, lowest + 2)
    centre = draw(st.integers(lowest, highest))
    spread = draw(st.sampled_from([0, 2, fmt.precision + 2, 1000]))
    least = top // 2 if normal else 0
    significand = st.integers(least, top - 1).flatmap(lambda m: st.sampled_from([m, m, -m, 0]))
    exponent = st.integers(max(lowest, centre - spread), min(highest, centre + spread))
    numbers = st.builds(lambda m, e: m * Fraction(2) ** e, significand, exponent)
    return draw(st.lists(numbers, min_size=size or 1, max_size=size or 32))


def walk(order: Order, terms: list, fmt: Format, underflow: Underflow = "gradual") -> Fraction:
    """The tree of the order, one exact rounding at a time: the oracle of `add`."""
    nodes = list(terms)
    for left, right in order.additions(len(terms)).tolist():
        nodes.append(fmt.round(nodes[left] + nodes[right], underflow))
    return nodes[-1]


def floats(terms: list) -> np.ndarray:
    return np.array([float(t) for t in terms])


@EACH_ORDER
def test_the_additions_form_a_tree_of_the_stated_height_and_spans(order: Order) -> None:
    spans = True
    for n in range(45):
        additions = order.additions(n).tolist()
        assert len(additions) == max(n - 1, 0)
        members = [{i} for i in range(n)]
        heights = [0] * n
        for left, right in additions:
            assert members[left].isdisjoint(members[right])
            members.append(members[left] | members[right])
            heights.append(1 + max(heights[left], heights[right]))
            if order.is_chain:
                assert min(len(members[left]), len(members[right])) == 1
        if n:
            assert members[-1] == set(range(n))
            assert order.height(n) == heights[-1]
        spans = all(max(m) - min(m) + 1 == len(m) for m in members)
        assert spans or not order.is_contiguous
    assert spans == order.is_contiguous  # the last n is large enough to show it


def test_two_orders_by_hand() -> None:
    assert interleaved(2).additions(5).tolist() == [[0, 2], [5, 4], [1, 3], [6, 7]]
    assert blocked(2).additions(5).tolist() == [[0, 1], [2, 3], [5, 6], [7, 4]]
    assert pairwise.additions(5).tolist() == [[0, 1], [2, 3], [5, 6], [7, 4]]
    assert reverse.additions(3).tolist() == [[2, 1], [3, 0]]
    assert pairwise.height(2**20 + 1) == 21


@EACH_ORDER
def test_names_read_back(order: Order) -> None:
    assert order_named(order.name) == order


@given(data=st.data(), fmt=st.sampled_from(ROUNDED), order=some_order)
@settings(max_examples=300)
def test_add_is_the_walk_of_the_tree(data: st.DataObject, fmt: Format, order: Order) -> None:
    terms = data.draw(some_terms(fmt))
    assert Fraction(float(add(order, floats(terms), fmt))) == walk(order, terms, fmt)


@given(data=st.data(), fmt=st.sampled_from(ROUNDED), order=some_order)
def test_add_with_flush_is_the_walk_with_flush(data: st.DataObject, fmt: Format, order: Order) -> None:
    terms = data.draw(some_terms(fmt, normal=True))
    assert Fraction(float(add(order, floats(terms), fmt, underflow="flush"))) == walk(order, terms, fmt, "flush")


@EACH_ORDER
@pytest.mark.parametrize("fmt", [BF16, FP32, FP8_E4M3FN, Q], ids=lambda f: f.name)
def test_add_along_any_axis_of_a_batch(order: Order, fmt: Format) -> None:
    terms = np.random.default_rng(3).integers(-7, 8, (3, 11, 2)).astype(np.float64)
    expected = [[add(order, terms[i, :, j], fmt).item() for j in range(2)] for i in range(3)]
    assert add(order, terms, fmt, axis=1).tolist() == expected
    assert add(order, np.moveaxis(terms, 1, 0), fmt, axis=0).tolist() == expected


@EACH_ORDER
def test_add_of_nothing_and_of_one(order: Order) -> None:
    for fmt in (FP32, BF16, Q):
        assert add(order, np.zeros((2, 0)), fmt).tolist() == [0, 0]
        assert add(order, np.array([1.5]), fmt).item() == 1.5


def test_add_overflows_as_the_format_does() -> None:
    assert np.isnan(add(time, np.array([448.0, 448.0, -448.0]), FP8_E4M3FN))
    assert add(time, np.array([57344.0, 57344.0, -57344.0]), FP8_E5M2) == np.inf
    assert add(time, np.array([57344.0, -57344.0, 57344.0]), FP8_E5M2) == 57344
    assert add(time, np.full(2, float(FP32.max_finite)), FP32) == np.inf


def test_fp32_time_order_is_sequential_on_the_machine() -> None:
    # Long enough for several chunks. A regrouped sum gives another number: asserted, so the test can tell them apart.
    terms = np.random.default_rng(5).standard_normal(2**21 + 3).astype(np.float32)
    total = np.float32(0)
    loop = terms[: 2**13].tolist()
    for x in loop:
        total = np.float32(total + np.float32(x))
    assert add(time, terms[: 2**13], FP32) == total
    whole = add(time, terms, FP32)
    assert whole == np.add.accumulate(terms)[-1]
    assert whole != np.add.reduce(terms)
    assert add(reverse, terms, FP32) == add(time, terms[::-1].copy(), FP32)


def test_fp32_stops_counting_at_its_consecutive_integers() -> None:
    ones = np.ones(2**24 + 8, dtype=np.float32)
    assert add(time, ones, FP32) == FP32.consecutive_integers
    assert add(pairwise, ones, FP32) == len(ones)


@given(terms=st.lists(st.integers(-(2**70), 2**70) | st.fractions(), min_size=1, max_size=12), order=some_order)
def test_q_is_exact_in_every_order(terms: list, order: Order) -> None:
    array = np.array([*terms, None], dtype=object)[:-1]
    assert add(order, array, Q).item() == sum(terms)
    assert partial_sums(order, array).tolist() == partial_sums_by_hand(order, terms)


def partial_sums_by_hand(order: Order, terms: list) -> list:
    nodes = list(terms)
    for left, right in order.additions(len(terms)).tolist():
        nodes.append(nodes[left] + nodes[right])
    return nodes[len(terms) :]


@EACH_ORDER
def test_partial_sums_of_a_batch(order: Order) -> None:
    terms = np.random.default_rng(1).integers(-9, 10, (4, 13))
    got = partial_sums(order, terms)
    assert got.dtype == np.int64
    assert got.tolist() == [partial_sums_by_hand(order, row) for row in terms.tolist()]
    assert partial_sums(order, terms[:, :1]).shape == (4, 0)
    assert partial_sums(order, terms[:, :0]).shape == (4, 0)


def test_partial_sums_never_wrap_around() -> None:
    assert partial_sums(time, np.full(4, 2**62)).tolist() == [2**63, 3 * 2**62, 2**64]
    assert partial_sums(pairwise, np.full(4, 2**63, dtype=np.uint64)).tolist() == [2**64, 2**64, 2**65]
    assert partial_sums(time, np.array([0.1, 0.2])).tolist() == [Fraction(0.1) + Fraction(0.2)]


@given(prefixes=st.lists(st.integers(-1, 1), min_size=1, max_size=40), order=some_order)
def test_contiguous_orders_stay_within_differences_of_prefix_sums(prefixes: list[int], order: Order) -> None:
    terms = np.diff([0, *prefixes])
    spans = np.abs(partial_sums(order, terms)).max(initial=0)
    assert not order.is_contiguous or spans <= 2


def test_interleaved_lanes_do_not_stay() -> None:
    terms = np.tile([1, -1], 50)  # prefix sums in {0, 1}
    assert np.abs(partial_sums(time, terms)).max() == 1
    assert np.abs(partial_sums(interleaved(2), terms)).max() == 50


# Bounds


@given(data=st.data(), fmt=st.sampled_from(ROUNDED), order=some_order)
@settings(max_examples=400)
def test_no_sum_exceeds_its_bound(data: st.DataObject, fmt: Format, order: Order) -> None:
    terms = data.draw(some_terms(fmt))
    error = abs(Fraction(float(add(order, floats(terms), fmt))) - sum(terms))
    mass = sum(abs(t) for t in terms)
    assert error <= sum_bound(fmt, len(terms)) * mass
    assert error <= sum_bound(fmt, len(terms), order) * mass


def e5m2_triples() -> np.ndarray:
    """All triples (positive, any, any) of E5M2 numbers of at most 2 with at least 1/32, and 0."""
    sizes = np.array([m * 2.0**e for e in range(-7, 0) for m in (4, 5, 6, 7)] + [2.0])
    signed = np.concatenate([[0.0], sizes, -sizes])
    return np.array(np.meshgrid(sizes, signed, signed, indexing="ij")).reshape(3, -1).T


def test_all_triples_of_e5m2_and_the_worst_of_them() -> None:
    terms = e5m2_triples()
    error = np.abs(add(time, terms, FP8_E5M2) - terms.sum(axis=1))  # all exact in float64
    worst = Fraction(float((error / np.abs(terms).sum(axis=1)).max()))
    # the instance gives 2u/(1+2u) = 1/5, the bound 2u/(1+u) = 2/9; the worst of all is found to be the instance
    assert worst == Fraction(0.2)
    assert worst < sum_bound(FP8_E5M2, 3, time) == Fraction(2, 9)


@EACH_FORMAT
@pytest.mark.parametrize("n", [2, 3, 17, 1000])
def test_sums_near_their_bound(fmt: Format, n: int) -> None:
    u, terms = fmt.unit_roundoff, near_sum_instance(fmt, n)
    assert all(fmt.holds(float(t)) for t in terms[:2])
    exact = sum(Fraction(float(t)) for t in terms)
    observed = abs(Fraction(float(add(time, terms, fmt))) - exact) / exact
    ratio = observed / sum_bound(fmt, n)
    assert ratio == (1 + u) / (1 + (n - 1) * u)
    assert observed <= sum_bound(fmt, n, time)
    assert observed / sum_bound(fmt, n, time) >= Fraction(1, 2)
    if n == 2:
        assert ratio == 1  # the bound is attained: no smaller one holds


@EACH_FORMAT
@pytest.mark.parametrize("height", [1, 2, 3])
def test_trees_near_their_bound(fmt: Format, height: int) -> None:
    u, terms = fmt.unit_roundoff, near_tree_instance(fmt, height)
    exact = sum(Fraction(float(t)) for t in terms)
    observed = abs(Fraction(float(add(pairwise, terms, fmt))) - exact) / exact
    assert observed == 1 - (1 + u) ** -height
    assert 1 >= observed / sum_bound(fmt, 2**height, pairwise) >= (1 + 2 * u) ** (1 - height)


@given(data=st.data(), fmt=st.sampled_from(ROUNDED), order=some_order, fma=st.booleans())
@settings(max_examples=400)
def test_no_inner_product_exceeds_its_bound(data: st.DataObject, fmt: Format, order: Order, fma: bool) -> None:
    order = time if fma else order
    x = data.draw(some_terms(fmt, dots=True))
    y = data.draw(some_terms(fmt, len(x), dots=True))
    exact, mass = inner(x, y)
    try:
        computed = dot(order, floats(x), floats(y), fmt, fma=fma)
    except OverflowError:
        return
    if not np.isfinite(computed):
        return
    for known in (None, order):
        relative, absolute = dot_bound(fmt, len(x), known, fma=fma)
        assert abs(Fraction(float(computed)) - exact) <= relative * mass + absolute


@given(data=st.data(), fmt=st.sampled_from(ROUNDED), order=some_order, fma=st.booleans())
@settings(max_examples=200)
def test_no_flushed_inner_product_exceeds_its_bound(data: st.DataObject, fmt: Format, order: Order, fma: bool) -> None:
    order = time if fma else order
    x = data.draw(some_terms(fmt, normal=True, dots=True))
    y = data.draw(some_terms(fmt, len(x), normal=True, dots=True))
    exact, mass = inner(x, y)
    try:
        computed = dot(order, floats(x), floats(y), fmt, fma=fma, underflow="flush")
    except OverflowError:
        return
    if not np.isfinite(computed):
        return
    relative, absolute = dot_bound(fmt, len(x), order, fma=fma, underflow="flush")
    assert abs(Fraction(float(computed)) - exact) <= relative * mass + absolute


def inner(x: list, y: list) -> tuple[Fraction, Fraction]:
    products = [a * b for a, b in zip(x, y, strict=True)]
    return sum(products, Fraction(0)), sum((abs(p) for p in products), Fraction(0))


@EACH_FORMAT
@pytest.mark.parametrize("fma", [False, True])
@pytest.mark.parametrize("n", [1, 2, 3, 50])
def test_inner_products_near_their_bound(fmt: Format, n: int, fma: bool) -> None:
    u = fmt.unit_roundoff
    x, y = near_dot_instance(fmt, n)
    exact, mass = inner(exact_array(x).tolist(), exact_array(y).tolist())
    observed = abs(Fraction(float(dot(time, x, y, fmt, fma=fma))) - exact) / mass
    assert observed / (n * u) == (1 - 2 * u / n) / (1 + n * u - 2 * u * u)
    relative, absolute = dot_bound(fmt, n, fma=fma)
    assert observed * mass <= relative * mass + absolute
    assert relative <= n * u


@EACH_FORMAT
@EACH_ORDER
@pytest.mark.parametrize("fma", [False, True])
def test_underflow_near_its_bound(fmt: Format, order: Order, fma: bool) -> None:
    n, order = 6, time if fma else order
    x, y = near_underflow_instance(fmt, n)
    exact, mass = inner(exact_array(x).tolist(), exact_array(y).tolist())
    relative, absolute = dot_bound(fmt, n, order, fma=fma)
    assert dot(order, x, y, fmt, fma=fma) == 0
    assert exact / (relative * mass + absolute) == 1 / (1 + 2 * relative)
    assert exact > relative * mass  # so the absolute part is needed


def test_fused_inner_product_rounds_once() -> None:
    # x*x = 1 + 2u*2 + 4u*u: rounded, the last term is lost; fused with its negative head it is all that remains
    u = float(FP32.unit_roundoff)
    x, y = np.array([1 + 4 * u, 1 + 2 * u]), np.array([-1.0, 1 + 2 * u])
    assert dot(time, x, y, FP32) == 0
    assert dot(time, x, y, FP32, fma=True) == 4 * u * u


@pytest.mark.parametrize("fmt", [BF16, FP16, FP32, FP64], ids=lambda f: f.name)
def test_flush_to_zero_breaks_the_bounds_for_gradual_underflow(fmt: Format) -> None:
    least = float(fmt.min_normal)
    terms = np.array([1.5 * least, -least])
    assert add(time, terms, fmt) == least / 2
    lost = abs(Fraction(float(add(time, terms, fmt, underflow="flush"))) - Fraction(least) / 2)
    assert lost > sum_bound(fmt, 2) * Fraction(least) * Fraction(5, 2)
    relative, absolute = dot_bound(fmt, 2, underflow="flush")
    assert lost <= relative * Fraction(least) * Fraction(5, 2) + absolute


@EACH_FORMAT
def test_bounds_are_the_least_of_those_known(fmt: Format) -> None:
    u = fmt.unit_roundoff
    for n in (1, 2, 5, 100, 5000):
        classical = [sum_bound(fmt, n), *([gamma(fmt, n - 1)] if (n - 1) * u < 1 else [])]
        for order in ORDERS:
            assert sum_bound(fmt, n, order) <= min(classical)
            height = order.height(n)
            if 0 < height * u < 1:
                assert sum_bound(fmt, n, order) <= gamma(fmt, height)
            assert dot_bound(fmt, n, order) <= dot_bound(fmt, n)
        assert sum_bound(fmt, n) <= (n - 1) * u
        assert sum_bound(fmt, n, time) <= 1
        assert dot_bound(fmt, n)[0] <= n * u
    if fmt.precision is not None and fmt.precision > 4:
        assert sum_bound(fmt, 1024, pairwise) < sum_bound(fmt, 1024) / 50


def test_q_has_no_error() -> None:
    assert sum_bound(Q, 100) == 0
    assert dot_bound(Q, 100) == (0, 0)
    assert gamma(Q, 100) == 0
    x = np.array([Fraction(1, 3), Fraction(2, 7)], dtype=object)
    assert dot(time, x, x, Q).item() == dot(time, x, x, Q, fma=True).item() == Fraction(1, 9) + Fraction(4, 49)


def test_errors_at_the_door() -> None:
    with pytest.raises(ValueError, match=r"terms\[1, 0\] = .*0\.1.* is not a finite number of bf16.*gives 0\.100"):
        add(time, np.array([[1.0, 2.0], [0.1, 1.0]]), BF16)
    with pytest.raises(ValueError, match=r"terms\[0\]"):
        add(time, np.array([np.inf]), FP32)
    with pytest.raises(ValueError, match=r"y\[2\]"):
        dot(time, np.ones(3), np.array([1, 1, np.nan]), FP64)
    with pytest.raises(ValueError, match="flush underflow"):
        add(time, np.array([float(FP16.min_subnormal)]), FP16, underflow="flush")
    with pytest.raises(ValueError, match="infinities or NaN"):
        partial_sums(time, np.array([np.nan]))
    with pytest.raises(ValueError, match="dtype complex128"):
        partial_sums(time, np.array([1j]))
    with pytest.raises(ValueError, match="chain of fused steps"):
        dot(pairwise, np.ones(2), np.ones(2), FP32, fma=True)
    with pytest.raises(ValueError, match="chain of fused steps"):
        dot_bound(FP32, 2, reverse, fma=True)
    with pytest.raises(ValueError, match=r"no order 'blocked': use time, reverse"):
        order_named("blocked")
    with pytest.raises(ValueError, match=r"blocked of width 0"):
        blocked(0)
    with pytest.raises(ValueError, match="only interleaved and blocked"):
        Order("time", 3)
    with pytest.raises(ValueError, match="n = -1"):
        time.height(-1)
    with pytest.raises(ValueError, match=r"needs n u < 1, but n = 8"):
        gamma(FP8_E5M2, 8)
    with pytest.raises(ValueError, match="exact arithmetic makes no error"):
        near_sum_instance(Q, 3)
    with pytest.raises(ValueError, match=r"fp16 reaches no factor u\*\*4"):
        near_tree_instance(FP16, 4)
    for make in (near_sum_instance, near_tree_instance, near_dot_instance):
        with pytest.raises(ValueError, match="no error; give"):
            make(FP32, 0)
