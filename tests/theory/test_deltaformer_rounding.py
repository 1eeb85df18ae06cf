"""The rounding bounds: valid for every form and order tried, near on an instance, exact in their own arithmetic."""

from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from constructions.layers.deltaformer import FORMS, chunked, gradients, recurrence, solve
from theory.deltaformer.rounding import (
    exact_first_stage,
    forward_bound,
    gamma,
    gradient_bounds,
    near_instance,
    rational,
    roundings,
)
from theory.formats import BF16, FP16, FP32, FP64

FORMATS = {
    np.float64: FP64.unit_roundoff,
    np.float32: FP32.unit_roundoff,
    np.float16: FP16.unit_roundoff,
    ml_dtypes.bfloat16: BF16.unit_roundoff,
}


def as_fmpq(x):
    return fmpq(Fraction(x).numerator, Fraction(x).denominator)


def worst(error, bound):
    """The largest error / bound, as a float; 0 where both vanish, infinity where only the bound does."""
    pairs = zip(error.ravel(), bound.ravel(), strict=True)
    return max((Fraction(str(e / b)) if b else Fraction(0) if not e else np.inf for e, b in pairs), default=Fraction(0))


@st.composite
def instances(draw, most_tokens=6):
    """Small integers over powers of two: in every format of FORMATS, nothing underflows, much cancels."""
    tokens, d, m = draw(st.integers(0, most_tokens)), draw(st.integers(0, 3)), draw(st.integers(1, 2))
    entry = st.integers(-15, 15).map(lambda x: x / 16)

    def array(*shape):
        size = int(np.prod(shape))
        return np.array(draw(st.lists(entry, min_size=size, max_size=size)), dtype=float).reshape(shape)

    return array(tokens, d), array(tokens, d), array(tokens, m), array(tokens), array(tokens, m)


@given(instances(), st.integers(1, 7), st.sampled_from(list(FORMATS)))
def test_every_form_in_every_format_stays_within(instance, chunk, dtype):
    *arguments, grad_u = (x.astype(dtype) for x in instance)
    expected = exact_first_stage(*arguments)
    rationals = [rational(x) for x in (*arguments, grad_u)]
    true = gradients(*rationals, form="recurrence")
    for form, call in {"recurrence": recurrence, "solve": solve, "chunked": chunked}.items():
        how = {"chunk": chunk} if form == "chunked" else {}
        found = call(*arguments, **how)
        assert worst(abs(rational(found) - expected), forward_bound(*arguments, found, FORMATS[dtype])) <= 1, form
        grads = gradients(*arguments, grad_u, form=form, chunk=chunk)
        bounds = gradient_bounds(*arguments, grad_u, found, grads.v, FORMATS[dtype])
        for name, got, wanted, bound in zip(grads._fields[:4], grads[:4], true[:4], bounds, strict=True):
            assert got.shape == bound.shape
            assert worst(abs(rational(got) - wanted), bound) <= 1, (form, name)


@given(instances(), st.randoms(use_true_random=False))
def test_any_order_of_the_sum_stays_within(instance, shuffle):
    """The definition, its terms beta w k u added to v in an order drawn at random: bfloat16, every operation rounded."""
    k, w, v, beta = (x.astype(ml_dtypes.bfloat16) for x in instance[:4])
    u = v.copy()
    for t in range(len(k)):
        terms = [(i, c) for i in range(t) for c in range(k.shape[1])]
        shuffle.shuffle(terms)
        for column in range(v.shape[1]):
            parts = [-(beta[t] * (w[t, c] * (k[i, c] * u[i, column]))) for i, c in terms]
            parts.append(v[t, column])
            while len(parts) > 1:  # a random binary tree, so more than t + d + 2 roundings can meet one term
                a, b = parts.pop(shuffle.randrange(len(parts))), parts.pop(shuffle.randrange(len(parts)))
                parts.append(a + b)
            u[t, column] = parts[0]
    d = k.shape[1]
    counts = [(t * d + 3, roundings(t, d)) for t in range(len(k))]  # additions in the tree, and three products
    share = max((Fraction(max(pair), pair[1]) for pair in counts), default=Fraction(1))
    allowed = forward_bound(k, w, v, beta, u, share * BF16.unit_roundoff)
    assert worst(abs(rational(u) - exact_first_stage(k, w, v, beta)), allowed) <= 1


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("tokens", [3, 16, 100])
def test_an_instance_comes_near(tokens, dtype):
    """observed / bound is (T - 2) / (T + 2) but for terms of order T u: the state loses every small token."""
    roundoff = FORMATS[dtype]
    arguments = [x.astype(dtype) for x in near_instance(tokens, roundoff).values()]
    assert all(
        (x.astype(float) == y).all() for x, y in zip(arguments, near_instance(tokens, roundoff).values(), strict=True)
    )
    found = recurrence(*arguments)
    expected = exact_first_stage(*arguments)
    small = tokens - 2
    assert expected[-1, 0] == -1 - small * as_fmpq(roundoff)
    assert found[-1, 0] == -1
    ratio = small * roundoff / Fraction(str(forward_bound(*arguments, found, roundoff)[-1, 0]))
    first_order = Fraction(small, tokens + 2)
    # The bound is gamma_m (1 + (T - 2) u), m = T + 2: the exact ratio, and so its distance from first order.
    m = roundings(tokens - 1, 1)
    assert ratio == first_order * (1 - m * roundoff) / (1 + small * roundoff)
    assert first_order * (1 - 2 * m * roundoff) <= ratio <= first_order


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_gradient_comes_near_too(dtype):
    """Time reversed and the roles of key and write exchanged, the same instance is near the bound on dv."""
    tokens, roundoff = 100, FORMATS[dtype]
    k, w, v, beta = (x.astype(dtype) for x in near_instance(tokens, roundoff).values())
    keys, writes, grad_u = w[::-1], k[::-1], v[::-1]
    found = gradients(keys, writes, np.zeros_like(v), beta, grad_u, form="recurrence")
    exact = gradients(*(rational(x) for x in (keys, writes, 0 * v, beta, grad_u)), form="solve")
    bounds = gradient_bounds(keys, writes, 0 * v, beta, grad_u, 0 * v, found.v, roundoff)
    ratio = worst(abs(rational(found.v) - exact.v), bounds.v)
    first_order = Fraction(tokens - 2, tokens + 2)
    assert first_order * (1 - 2 * (tokens + 2) * roundoff) <= ratio <= 1


def test_the_bound_is_tight_enough_to_refute():
    """A result computed in float32 is outside the float64 bound; so is one with a key dropped."""
    draw = np.random.default_rng(0)
    k, w, v, beta = (draw.standard_normal(s) for s in ((9, 3), (9, 3), (9, 2), (9,)))
    expected = exact_first_stage(k, w, v, beta)
    for form in FORMS:
        single = chunked(*(x.astype(np.float32) for x in (k, w, v, beta)), chunk=4).astype(float)
        assert worst(abs(rational(single) - expected), forward_bound(k, w, v, beta, single, FP64.unit_roundoff)) > 1, (
            form
        )
    k_less = k.copy()
    k_less[3] = 0
    wrong = solve(k_less, w, v, beta)
    assert worst(abs(rational(wrong) - expected), forward_bound(k, w, v, beta, wrong, FP64.unit_roundoff)) > 1


def test_by_hand():
    """T = 2, d = m = 1: u = (v_1, v_2 - beta w k v_1), inverse ((1, 0), (-a, 1)) with a = beta w k = -3 / 2."""
    k, w, v, beta = np.array([[3.0], [0.0]]), np.array([[0.0], [-1.0]]), np.array([[1.0], [4.0]]), np.array([0.0, 0.5])
    u = np.array([[1.0], [5.5]])
    assert (exact_first_stage(k, w, v, beta) == rational(u)).all()
    tiny = Fraction(1, 1000)
    g = as_fmpq(Fraction(4, 1000) / (1 - Fraction(4, 1000)))
    assert gamma(roundings(1, 1), tiny) == g
    assert forward_bound(k, w, v, beta, u, tiny).ravel().tolist() == [0, (4 + fmpq(3, 2)) * g]


def test_sizes_of_nothing():
    none, one = np.zeros((0, 2)), np.zeros((3, 0))
    assert forward_bound(none, none, none, np.zeros(0), none, FP64.unit_roundoff).shape == (0, 2)
    assert [x.shape for x in gradient_bounds(none, none, none, np.zeros(0), none, none, none, FP64.unit_roundoff)] == [
        (0, 2),
        (0, 2),
        (0, 2),
        (0,),
    ]
    v = np.ones((3, 1))
    assert (exact_first_stage(one, one, v, v[:, 0]) == rational(v)).all()
    bounds = gradient_bounds(one, one, v, v[:, 0], v, v, v, FP64.unit_roundoff)
    assert [x.shape for x in bounds] == [(3, 0), (3, 0), (3, 1), (3,)]


def test_floats_are_taken_for_what_they_are():
    assert rational(np.array([0.1]))[0] == as_fmpq(Fraction(0.1))
    with pytest.raises(ValueError, match=r"^entry \(0, 1\) is nan; error bounds need finite numbers$"):
        rational(np.array([[1.0, np.nan]]))
