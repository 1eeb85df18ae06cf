"""Kernels, mixtures and their laws: arithmetics against each other, recursions and symbols against minors, public code as oracle."""

import itertools
from fractions import Fraction as F

import numpy as np
import pytest
import sympy
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from theory import checker
from theory.inequalities import plain
from theory.position_kernels import definite_laws, far_mass_laws, rounded, window_laws
from theory.position_kernels.arithmetic import BALLS, EXPRESSIONS, FLOATS, SYMBOLS, Root, half
from theory.position_kernels.certificates import factor, form, witness
from theory.position_kernels.kernels import Buckets, Constant, Cosines, Exponential, Gaussian, Logarithmic, Power, Tanh
from theory.position_kernels.mixtures import Mixture, alibi, four_kernels, naive, three_kernels, two_kernels
from theory.position_kernels.properties import Property, broken, first_negative
from theory.position_kernels.slopes import bucket_starts, released_slopes
from theory.position_kernels.small_rates import ANGLES, symbol_over_rate
from theory.position_kernels.symbols import THREE, TWO, symbol

KERNELS = [
    Exponential(F(1, 2)),
    Exponential(Root(F(5, 2))),
    Gaussian(F(1, 16)),
    Tanh(F(1, 4)),
    Logarithmic(F(1, 2), F(3, 2)),
    Power(F(1, 2), F(1, 2)),
    Power(F(1, 8), F(2)),
    Cosines(3),
    Buckets((F(1), F(-1, 2), F(-3)), (0, 2, 7)),
    Constant(),
    two_kernels(Root(F(7, 2))),
    three_kernels(F(1, 8)),
    Mixture((Exponential(F(1)), Tanh(F(1))), (F(1, 3), F(2, 3))),
    four_kernels(F(1, 4), Buckets((F(0), F(-1)), (0, 3)), Logarithmic(F(1), F(2))),
]


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
def test_four_arithmetics_say_the_same(kernel):
    d = np.arange(12)
    floats = np.broadcast_to(kernel.log(d, FLOATS), 12)
    with ctx.workprec(100):
        for at in (0, 1, 2, 6, 7, 11):
            ball = kernel(at)
            size = 64 * 2.0**-53 * (8 + abs(float(ball)))  # a few dozen operations on numbers of that size
            assert abs(float(ball) - floats[at]) <= size
            low, high = checker.enclose(plain(kernel.log(at, EXPRESSIONS).tree), 128, checker.Budget())
            assert BALLS.number(low) - arb(2) ** -60 <= ball <= BALLS.number(high) + arb(2) ** -60
            exact = sympy.N(kernel.log(at, SYMBOLS), 30)
            assert abs(float(exact) - float(ball)) <= size


def test_one_kernel_is_itself_and_halves_are_exact():
    assert alibi(F(1, 3)).log(5, EXPRESSIONS).tree == Exponential(F(1, 3)).log(5, EXPRESSIONS).tree
    assert half(Root(F(1, 2))) == Root(F(3, 2))
    assert half(3) == F(3, 2)
    assert half(0.5) == 0.25
    assert str(Root(F(4))) == "2^-4"


def test_released_slopes_are_those_of_public_code():
    bloom = pytest.importorskip("transformers.models.bloom.modeling_bloom")
    import torch

    for heads in (1, 2, 8, 12, 16, 20):
        table = bloom.build_alibi_tensor(torch.ones(1, 2), heads, torch.float32)[:, 0, 1]
        ours = torch.tensor([2.0 ** -float(s.exponent) for s in released_slopes(heads)])
        assert torch.allclose(table, ours, rtol=8 * 2.0**-24, atol=0)


@pytest.mark.parametrize(("count", "farthest"), [(32, 128), (8, 20), (16, 100), (2, 5), (32, 17)])
def test_buckets_are_those_of_public_code(count, farthest):
    t5 = pytest.importorskip("transformers.models.t5.modeling_t5")
    import torch

    d = torch.arange(400)
    theirs = t5.T5Attention._relative_position_bucket(-d, False, count, farthest)
    ours = torch.bucketize(d, torch.tensor(bucket_starts(count, farthest)), right=True) - 1
    for at in (
        (ours != theirs).nonzero()[:, 0].tolist()
    ):  # their logarithm, in float32, may fall short at an exact power
        exact = count // 2
        step = int(ours[at]) - exact
        assert at**exact == farthest**step * exact ** (exact - step)
        assert ours[at] == theirs[at] + 1


@given(values=st.lists(st.integers(-20, 20), min_size=2, max_size=9))
def test_the_first_negative_minor_is_that_of_eigenvalues(values):
    sequence = [arb(x) for x in values]
    least = []
    for n in range(1, len(values) + 1):
        matrix = sympy.Matrix(n, n, lambda i, j: values[abs(i - j)])
        least.append(matrix.det())
    if 0 in least:
        return  # a degenerate minor: nothing is promised but exactness below
    found = first_negative(sequence)
    first = next((n for n, det in enumerate(least, 1) if det < 0), None)
    assert (found and found[0]) == first
    if found:
        n, u = found
        value = sum(u[i] * u[j] * sequence[abs(i - j)] for i in range(n) for j in range(n))
        assert value < 0


def test_a_flat_sequence_has_no_negative_minor():
    assert first_negative([arb(2)] * 6) is None
    assert first_negative([]) is None
    with pytest.raises(ArithmeticError, match="the sign of the minor of 2 rows is not decided"):
        first_negative([arb(1), arb(1), arb(0)])


@pytest.mark.parametrize("family", [TWO, THREE], ids=lambda f: f.name)
@pytest.mark.parametrize("rate", [F(1, 2), F(1, 20), F(1, 300)])
def test_the_symbol_is_the_sum_of_second_differences(family, rate):
    with ctx.workprec(120):
        s = symbol(family, BALLS.number(rate))
        count = int(60 / rate)
        d = np.arange(count + 1)
        b = family.mixture(rate).log(d, FLOATS)
        a = 2 * b[:-1] - b[1:] - b[np.abs(d[:-1] - 1)]
        for w in (0.3, 1.0, 2.0, 3.1):
            direct = a[0] + 2 * float(a[1:] @ np.cos(d[1:-1] * w))
            value = s.at(arb(w))[0]
            assert float(value - s.missing(arb(w))) - 1e-9 <= direct <= float(value) + 1e-9  # cancellation in floats


@pytest.mark.parametrize("rate", [F(1, 20), F(7, 100)])
def test_bounds_of_the_symbol_hold_for_all_rates_of_a_ball(rate):
    with ctx.workprec(100):
        ball = BALLS.number(rate).union(BALLS.number(rate * F(21, 20)))
        for family in (TWO, THREE):
            s = symbol(family, ball)
            for w, t in itertools.product((0.2, 1.07, 3.0), (0, F(1, 3), 1)):
                exact = symbol(family, BALLS.number(rate + rate * t / 20)).at(arb(w))[0]
                assert s.lower(arb(w), arb(0)) <= exact <= s.upper(arb(w))
                assert s.lower(arb(w), arb(0.01)) <= symbol(family, ball.mid()).at(arb(w + 0.008))[0]


def test_definite_agrees_with_levinson():
    with ctx.workprec(300):
        for family, slope in itertools.product((TWO, THREE), (F(1, 4), F(1, 10), F(1, 16), F(1, 40))):
            found = broken(family.mixture(slope), Property.CONDITIONALLY, 100)
            assert definite_laws.definite(family, BALLS.number(slope)) is (found is None)


def test_a_bracket_narrows_and_refuses_wrong_ends():
    with ctx.workprec(100):
        low, high = definite_laws.bracket(TWO, F(6, 100), F(8, 100), 10)
        assert high - low == F(2, 100) / 1024
        assert low < F(69441, 10**6) < high
        with pytest.raises(ValueError, match="two kernels, slope 1: not indefinite; give another end"):
            definite_laws.bracket(TWO, F(1), F(2), 1)


def test_a_cover_tells_where_it_fails():
    with ctx.workprec(100):
        found = definite_laws.covered(TWO, F(1, 10), F(1, 15), True)
        assert isinstance(found, F)
        assert F(6944, 10**5) < found < F(7, 100)


def test_small_rates_bound_the_symbol():
    with ctx.workprec(80):
        for family in (TWO, THREE):
            theta, eps = ANGLES[family.name], F(1, 100)
            bound = symbol_over_rate(family, theta, eps)
            assert bound is not None
            for share in (1, 2, 3):
                r = eps**2 / share**2
                s = symbol(family, BALLS.number(r)).at(BALLS.number(theta * eps / share))[0]
                assert s / BALLS.number(r) < bound
        assert symbol_over_rate(TWO, F(2), F(1, 100)) is None
        assert symbol_over_rate(TWO, F(22, 5), F(1, 5)) is None


def test_witnesses_and_factors():
    with ctx.workprec(300):
        vector = witness(two_kernels(F(1, 64)), 60)
        assert vector is not None
        assert (len(vector), sum(vector)) == (33, 0)
        assert form([two_kernels(F(1, 64))(d) for d in range(33)], vector) < 0
        assert witness(two_kernels(F(1, 64)), 32) is None
        assert witness(alibi(F(1)), 30) is None
    q = factor(np.array([2.5, -1.0]), 0.0)
    assert q @ q == pytest.approx(2.5, rel=2.0**-40)
    assert q[0] * q[1] == pytest.approx(-1.0, rel=2.0**-40)
    with pytest.raises(ValueError, match="it has no factor"):
        factor(np.array([1.0, -1.0]), 0.0)


def test_windows_by_plain_sums():
    for kernel, terms in ((three_kernels(F(1, 8)), 2000), (Tanh(F(1, 2)), 200), (Power(F(1), F(1, 2)), 4000)):
        direct = float(np.exp(kernel.log(np.arange(terms), FLOATS)).sum())
        with ctx.workprec(100):
            width = window_laws.window(kernel, 200)
        assert float(width.lower()) - 1e-9 <= direct <= float(width.upper()) + 1e-9
    with ctx.workprec(100):
        assert float(window_laws.closed_form(Exponential(window_laws.matched(arb(7))))) == pytest.approx(
            7, rel=2.0**-50
        )


def test_windows_for_all_lengths():
    with ctx.workprec(80):
        for kernel, B in ((three_kernels(F(1, 4)), F(0)), (Logarithmic(F(1), F(2)), F(1, 2))):
            w = far_mass_laws.window_for(kernel, F(1, 10), B)
            assert far_mass_laws.uniform_mass(kernel, w, B) <= BALLS.number(F(1, 10))
            assert far_mass_laws.uniform_mass(kernel, w - 1, B) > BALLS.number(F(1, 10))
        assert far_mass_laws.escapes_at(Constant(), 4, F(1, 2), 100) == 9
        assert far_mass_laws.escapes_at(Exponential(F(1)), 4, F(1, 2), 100) is None


@given(x=st.fractions(-30, 0), name=st.sampled_from(["bf16", "fp16", "fp32", "fp8_e5m2"]))
def test_rounded_exponentials_are_nearest(x, name):
    from theory.formats import FORMATS

    fmt = FORMATS[name]
    with ctx.workprec(300):
        scaled = BALLS.number(x).exp() * arb(2) ** 250
        exact = F(int(scaled.mid().floor().unique_fmpz()), 2**250)
    assert rounded.exponential(x, fmt) == fmt.round(exact)


def test_the_mean_as_written_is_the_bias_where_nothing_underflows():
    d = np.arange(40)
    for mixture in (two_kernels(F(1, 4)), three_kernels(F(1, 2))):
        bias = mixture.log(d, FLOATS)
        # as written: exponentials, a sum of three and a quotient, six roundings; each logarithm rounds |b|, logsumexp as often again
        assert (np.abs(naive(mixture, d, FLOATS) - bias) <= (4 * np.abs(bias) + 16) * 2.0**-53).all()


def test_mixtures_declare_what_the_closure_rules_give():
    both = Mixture((Exponential(F(1)), Logarithmic(F(1), F(1, 2))))
    assert both.declared == {**dict.fromkeys(Property, True), Property.SUMMABLE: False}
    assert two_kernels(F(1)).declared[Property.CONDITIONALLY] is None
    assert two_kernels(F(1)).declared[Property.LOG_CONVEX] is None
    assert alibi(F(1)).declared == Exponential(F(1)).declared
    assert Mixture((Exponential(F(1)), Buckets((F(1), F(0)), (0, 1)))).declared[Property.POSITIVE_DEFINITE] is None
    assert str(two_kernels(F(1, 2))) == "the mean of exponential 1/2, gaussian 1/2"
    assert str(Mixture((Exponential(F(1)), Constant()), (F(1, 4), F(3, 4)))) == "1/4 * exponential 1 + 3/4 * constant"
