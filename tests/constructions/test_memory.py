"""Memories: kernels, keys, signal and noise by hand, the delta rule, laws against sums and quadrature, doors."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from constructions.deltaformer.memory import Halved, Pairs, Power, rational_circle
from constructions.layers.kernels import LINEAR, Exponential, Softmax
from theory.deltaformer import retrieval_laws as laws


def pairs(*keys):
    return Pairs(np.array([keys], dtype=float), np.array([[[float(i + 1)] for i in range(len(keys))]]))


def test_signal_and_noise_by_hand():
    signal, noise = pairs((1, 0), (1, 2)).signal_and_noise(LINEAR)
    assert signal.tolist() == [((1 * 1) ** 2 + (5 * 2) ** 2) / 2]
    assert noise.tolist() == [((1 * 2) ** 2 + (1 * 1) ** 2) / 2]


def test_the_rectified_power_sees_positive_inner_products_only():
    x, y = np.array([[1.0, 0.0]]), np.array([[-2.0, 1.0], [2.0, 5.0]])
    assert Power(2).weights(x, y).tolist() == [[0, 4]]
    assert Power(2, rectified=False).weights(x, y).tolist() == [[4, 4]]


def test_errors_of_two_pairs():
    memory = pairs((1, 0), (0.6, 0.8))
    assert np.allclose(memory.read_errors(LINEAR), [[(0.6 * 2) ** 2, 0.6**2]], rtol=1e-15, atol=0)
    delta = memory.read_errors(LINEAR, delta=True)
    assert np.allclose(delta[0, 0], (0.6 * (2 - 0.6)) ** 2, rtol=1e-14, atol=0)
    assert delta[0, 1] < 1e-30
    assert np.allclose(delta, memory.read_errors(Power(1, rectified=False), delta=True), rtol=1e-14, atol=1e-31)


def test_softmax_of_one_pair_is_exact():
    assert pairs((3, 4)).read_errors(Softmax(2.0)).tolist() == [[0]]


@pytest.mark.parametrize("law", laws.KEY_LAWS)
def test_draws_repeat_and_have_their_law(law):
    first, again = (Pairs.draw(np.random.default_rng(3), 50, 4, 5, law) for _ in range(2))
    assert (first.keys == again.keys).all()
    assert (first.values == again.values).all()
    assert set(np.unique(first.values)) == {-1, 1}
    lengths = np.linalg.norm(first.keys, axis=-1)
    assert (abs(lengths - 1) < 1e-15).all() if law == "sphere" else lengths.std() > 0.1


def by_quadrature(d, function, nodes=200_001):
    """The mean of a function of a coordinate of a uniform point of the sphere, by the trapezoidal rule in the angle."""
    angle = np.linspace(0, np.pi, nodes)
    weight = np.sin(angle) ** (d - 2)
    return float((function(np.cos(angle)) * weight).sum() / weight.sum())


@pytest.mark.parametrize("d", [3, 4, 9])
@pytest.mark.parametrize("p", [1, 2, 3])
def test_powers_on_the_sphere_against_quadrature(d, p):
    assert float(laws.power_noise("sphere", d, p, False)) == pytest.approx(
        by_quadrature(d, lambda t: t ** (2 * p)), rel=1e-8
    )


@pytest.mark.parametrize(("d", "temperature"), [(3, 1.0), (4, 5.0), (16, 8.0), (9, 0.0)])
def test_the_bessel_law_against_quadrature(d, temperature):
    wanted = by_quadrature(d, lambda t: np.exp(2 * temperature * (t - 1)))
    assert laws.exponential_noise("sphere", d, temperature) == pytest.approx(wanted, rel=1e-8)


def test_the_bessel_law_in_three_dimensions_is_a_hyperbolic_sine():
    assert laws.exponential_moment(3, 2.5) == pytest.approx(math.sinh(2.5) / 2.5, rel=1e-14)


@pytest.mark.parametrize(
    ("d", "p", "wanted"), [(4, 1, Fraction(1, 6)), (1, 2, Fraction(3, 35)), (2, 2, Fraction(3, 48))]
)
def test_powers_with_gaussian_keys_by_hand(d, p, wanted):
    assert laws.power_noise("gaussian", d, p, False) == wanted
    assert laws.power_noise("gaussian", d, p, True) == wanted / 2


def test_on_a_line_every_key_is_one_key_or_its_negative():
    assert laws.power_noise("sphere", 1, 3, False) == 1
    assert laws.delta_error(3, 2, 1) == 2


def test_capacity_is_bounded_at_a_fixed_temperature_and_not_when_it_grows():
    assert all(laws.exponential_noise("sphere", d, 1.0) >= math.exp(-2) for d in (1, 2, 8, 64, 4096))
    assert all(laws.exponential_noise("sphere", d, d / 2) <= math.exp(-d / 2) for d in (1, 2, 8, 64))


def test_the_law_of_forgetting_at_its_ends():
    assert laws.delta_error(0, 5, 7) == 0
    for d in (1, 2, 7):  # <k1, k2> (v2 - <k1, k2> v1): E t^2 + E t^4
        assert laws.delta_error(1, 0, d) == Fraction(1, d) + Fraction(3, d * (d + 2))
    assert laws.delta_error(10**3, 3, 4) < 2
    assert laws.delta_error(10**3, 3, 4) > 2 - Fraction(1, 10**9)


@pytest.mark.parametrize("n", range(17))
def test_the_circle_has_different_unit_vectors(n):
    points = rational_circle(n)
    assert all(x * x + y * y == 1 for x, y in points)
    assert len({(x, y) for x, y in points}) == n


def test_halved_weighs_a_unit_vector_with_one():
    points = rational_circle(5)
    assert [Halved(3).weights(points, points)[i, i] for i in range(5)] == [1] * 5
    assert Halved(2).weights(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])).tolist() == [[0.25]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Power(0), "p = 0; give a positive power"),
        (lambda: Halved(0), "p = 0; give a positive power"),
        (lambda: Pairs.draw(np.random.default_rng(0), 1, 1, 1, "cube"), "keys 'cube': one of gaussian, sphere"),
        (lambda: laws.power_noise("cube", 2, 1, True), "keys 'cube': one of gaussian, sphere"),
        (lambda: laws.power_noise("sphere", 0, 1, True), "d = 0: keys have at least one coordinate"),
        (lambda: laws.power_noise("sphere", 2, 0, True), "p = 0: give a positive power"),
        (lambda: laws.exponential_noise("gaussian", 2, 0.5), "temperature 0.5: with gaussian keys"),
        (lambda: laws.exponential_moment(3, 800.0), "overflows for d = 3; keep"),
        (lambda: laws.delta_error(-1, 0, 3), "age -1, earlier 0: numbers of pairs are not negative"),
        (lambda: rational_circle(17), "n = 17; give 0..16"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_gaussian_keys_have_no_signal_moment_from_a_quarter_on():
    assert laws.exponential_noise("gaussian", 6, 0.25) == 0
    assert Exponential(0.25).weights(np.ones((1, 1)), np.ones((1, 1))).tolist() == [[1]]
