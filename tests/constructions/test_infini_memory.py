"""The memory and its features over every kind of array: conventions, order of sums, formats, and the form without underflow."""

import itertools
from fractions import Fraction

import flint
import infini_oracle
import ml_dtypes
import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from constructions.layers.infini_attention import (
    ELU_PLUS_ONE,
    IDENTITY,
    RATIONAL,
    RULES,
    Access,
    Memory,
    empty,
    retrieve,
    update,
)
from constructions.layers.infini_attention.features import unit
from constructions.layers.infini_attention.means import means_of, retrieve_means, update_means
from constructions.layers.infini_attention.memory import sum_of_products

FORMATS = [np.float32, np.float16, ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn]


def fractions(rng, *shape):
    made = np.empty(shape, dtype=object)
    for at in np.ndindex(*shape):
        made[at] = Fraction(int(rng.integers(1, 12)), int(rng.integers(1, 7)))
    return made


def over(x, number):
    made = np.empty(x.shape, dtype=object)
    for at in np.ndindex(*x.shape):
        made[at] = number(x[at])
    return made


@pytest.mark.parametrize("rule", RULES)
def test_the_same_numbers_over_fractions_rationals_and_balls(rule):
    rng = np.random.default_rng(0)
    phi, v, q = fractions(rng, 5, 3), fractions(rng, 5, 2), fractions(rng, 4, 3)
    known = np.array([False, True, True, False, True]) if rule == "delta-frozen" else None
    numbers = {
        "fmpq": lambda x: flint.fmpq(x.numerator, x.denominator),
        "arb": lambda x: flint.arb(flint.fmpq(x.numerator, x.denominator)),
    }

    def run(phi, v, q):
        memory = empty(rule, (), 3, 2, phi)
        memory = update(memory, phi, v, rule)
        return retrieve(update(memory, phi, v, rule, known=known), q)

    exact = run(phi, v, q)
    first = infini_oracle.write(
        [[Fraction(0)] * 2] * 3, None if rule == "delta-unit" else [Fraction(0)] * 3, phi, v, rule, [False] * 5
    )
    second = infini_oracle.write(*first, phi, v, rule, [False] * 5 if known is None else known)
    assert exact.tolist() == [infini_oracle.read(*second, row) for row in q]
    assert (run(*(over(x, numbers["fmpq"]) for x in (phi, v, q))) == over(exact, numbers["fmpq"])).all()
    balls = run(*(over(x, numbers["arb"]) for x in (phi, v, q)))
    assert all(ball.contains(numbers["fmpq"](x)) for ball, x in zip(balls.ravel(), exact.ravel(), strict=True))


def test_integers_divide_to_fractions():
    x = np.array([[1, 2], [3, 4]], dtype=object)
    found = retrieve(update(empty("linear", (), 2, 2, x), x, x), x)
    assert found.tolist() == [[Fraction(38, 16), Fraction(54, 16)], [Fraction(86, 36), Fraction(122, 36)]]


def test_an_empty_memory_under_each_convention():
    x = np.array([[Fraction(1), Fraction(2)]], dtype=object)
    nothing = empty("delta", (), 2, 2, x)
    assert retrieve(nothing, x).tolist() == [[0, 0]]
    assert update(nothing, x, x, "delta").matrix.tolist() == update(nothing, x, x).matrix.tolist()
    with pytest.raises(ZeroDivisionError):
        retrieve(nothing, x, nothing="undefined")
    floats = torch.ones(1, 2)
    assert retrieve(empty("linear", (), 2, 2, floats), floats, nothing="undefined").isnan().all()
    biased = empty("linear", (), 2, 2, x, Fraction(1, 3))
    assert retrieve(biased, x, nothing="undefined").tolist() == [[0, 0]]
    # z_0 stays in every later read: 5 v / (5 + 3/3)
    assert retrieve(update(biased, x, x), x).tolist() == [[Fraction(5, 6), Fraction(10, 6)]]


def test_no_tokens_change_nothing():
    x = torch.ones(2, 3)
    memory = update(empty("delta", (), 3, 3, x), x, x, "delta")
    assert update(memory, x[:0], x[:0], "delta") is memory
    means = means_of(memory)
    assert update_means(means, x[:0], x[:0], "delta") is means


@pytest.mark.parametrize("dtype", FORMATS[1:])
def test_narrow_formats_round_every_operation_in_order(dtype):
    rng = np.random.default_rng(1)
    a, b = (rng.standard_normal(shape).astype(dtype) for shape in ((2, 9), (9, 3)))
    for i, j in itertools.product(range(2), range(3)):
        total = dtype(0)
        for c in range(9):
            total = dtype(float(total) + float(dtype(float(a[i, c]) * float(b[c, j]))))
        assert sum_of_products(a, b)[i, j] == total
    phi = np.abs(a)[:, :3]
    memory = update(empty("linear", (), 3, 3, a), phi, b[:2])
    assert memory.matrix.dtype == memory.normaliser.dtype == retrieve(memory, phi).dtype == dtype
    assert (memory.normaliser == (dtype(0) + (phi[0] + phi[1]))).all()


def test_token_by_token_a_bfloat16_normaliser_stops_at_256_and_by_segments_goes_on():
    one = torch.ones(1, 1, dtype=torch.bfloat16)
    single = segments = empty("linear", (), 1, 1, one)
    for _ in range(300):
        single = update(single, one, one)
    assert single.normaliser.item() == 256
    for _ in range(30):
        segments = update(segments, one.expand(10, 1), one.expand(10, 1))
    assert segments.normaliser.item() > 290


@given(st.floats(-104, 104, width=32))
def test_elu_plus_one_has_the_error_of_one_operation(x):
    with mpmath.workdps(40):
        exact = 1 + mpmath.mpf(x) if x > 0 else mpmath.exp(mpmath.mpf(x))
        u = mpmath.mpf(2) ** -24
        # vectorised exponentials are right to fewer than four units in the last place, also among the subnormal numbers
        most = 8 * u * exact + 4 * mpmath.mpf(2) ** -149
        assert abs(mpmath.mpf(ELU_PLUS_ONE(torch.tensor([x])).item()) - exact) <= most
        assert abs(mpmath.mpf(ELU_PLUS_ONE(np.array([x], dtype=np.float32)).item()) - exact) <= most
        logs = mpmath.log1p(mpmath.mpf(x)) if x > 0 else mpmath.mpf(x)
        assert (
            abs(mpmath.mpf(ELU_PLUS_ONE.logs(torch.tensor([x])).item()) - logs)
            <= 8 * u * abs(logs) + 4 * mpmath.mpf(2) ** -149
        )


def test_where_elu_is_lost_beside_one():
    x = torch.tensor([-17.0, -18.0, -100.0])
    assert (torch.nn.functional.elu(x) + 1).tolist()[1:] == [0.0, 0.0]
    assert (ELU_PLUS_ONE(x) > 0).all()
    at = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(ELU_PLUS_ONE(at).sum(), at)
    assert slope.item() == 1.0


def test_raised_features_and_unit_features_of_rows_far_below_zero():
    x = torch.tensor([[-1000.0, -1001.0], [3.0, -2.0]])
    raised = ELU_PLUS_ONE.raised(x)
    assert raised[0, 0] == 1
    assert torch.equal(raised[1], ELU_PLUS_ONE(x[1]))
    lengths = unit(ELU_PLUS_ONE.logs(x)).double().pow(2).sum(-1)
    assert (lengths - 1).abs().max() <= 8 * 2.0**-24


def test_rational_features_are_positive_increasing_and_continuous():
    x = np.array([Fraction(n, 8) for n in range(-40, 41)], dtype=object)
    phi = RATIONAL(x)
    assert all(a < b for a, b in itertools.pairwise([Fraction(0), *phi]))
    assert RATIONAL(np.array([Fraction(0)], dtype=object)).item() == 1


def test_means_are_the_memory_over_z_exactly():
    """The identity that the form rests on, over fractions: R' = (z / z') R + sum phi w / z' and the read as a mean of rows."""
    rng = np.random.default_rng(2)
    phi, v, q = fractions(rng, 6, 3), fractions(rng, 6, 2), fractions(rng, 2, 3)
    for rule in ("linear", "delta"):
        memory = update(empty(rule, (), 3, 2, phi), phi[:3], v[:3], rule)
        rows, z = memory.matrix / memory.normaliser[:, None], memory.normaliser
        after = update(memory, phi[3:], v[3:], rule)
        held = retrieve(memory, phi[3:]) if rule == "delta" else 0 * v[3:]
        moved = (z / after.normaliser)[:, None] * rows + (phi[3:] / after.normaliser).T @ (v[3:] - held)
        assert (moved == after.matrix / after.normaliser[:, None]).all()
        weights = q * after.normaliser
        assert ((weights / weights.sum(-1)[:, None]) @ moved == retrieve(after, q)).all()


@pytest.mark.parametrize("dtype", FORMATS[:3])
def test_means_neither_underflow_nor_overflow(dtype):
    """Features of exp(-60), 0 in half precision, and of 101, 1024 of which add up to more than it holds."""
    for x, count in ((-60.0, 3), (100.0, 1024)):
        access = Access(kept="means")
        k, v = np.full((count, 2), x, dtype=dtype), np.ones((count, 1), dtype=dtype)
        memory = access.empty((), 2, 1, k)
        piece = 64
        for first in range(0, count, piece):
            memory = access.write(memory, k[first : first + piece], v[first : first + piece])
        assert np.isfinite(memory.logs.astype(np.float64)).all()
        read = access.read(memory, k[:1])
        assert abs(float(read[0, 0]) - 1) <= 16 * float(ml_dtypes.finfo(dtype).eps)


def test_a_key_of_padding_is_not_there_in_either_form():
    k, v, valid = torch.randn(4, 3), torch.randn(4, 2), torch.tensor([True, False, True, False])
    for kept in ("sums", "means"):
        access = Access(kept=kept)
        start = access.empty((), 3, 2, k)
        some, all_ = access.write(start, k, v, valid=valid), access.write(start, k[valid], v[valid])
        for a, b in zip(some, all_, strict=True):
            assert (a - b).abs().max() <= 8 * 2.0**-24 * (1 + b.abs().max())
        none = access.write(start, k, v, valid=~valid & valid)
        assert torch.equal(none[0], start[0])
        assert torch.equal(none[1], start[1])


def test_a_token_of_a_known_key_before_every_other_writes_nothing_into_means():
    access = Access("delta-frozen", kept="means")
    start = access.empty((), 2, 1, torch.zeros(1))
    made = access.write(start, torch.ones(1, 2), torch.ones(1, 1), known=torch.tensor([True]))
    assert torch.equal(made.rows, start.rows)
    assert torch.equal(made.logs, start.logs)
    assert retrieve_means(made, torch.zeros(1, 2)).tolist() == [[0.0]]


def test_a_memory_that_was_given_is_kept_in_the_form_asked_for():
    given_ = Memory(torch.tensor([[2.0]]), torch.tensor([4.0]))
    assert Access().given(*given_) == given_
    assert Access(kept="means").given(*given_).rows.item() == 0.5
    assert IDENTITY(given_.matrix) is given_.matrix
