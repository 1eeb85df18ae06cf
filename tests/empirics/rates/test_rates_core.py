"""Basis, oracle, targets, least squares, slopes: against brute force, against closed forms, and at the door."""

import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from constructions.takakura_suzuki.target import basis as one_by_one
from empirics.rates import basis, least_squares, oracle, slopes, targets
from empirics.rates.least_squares import Experiment, sample
from theory.takakura_suzuki import least_squares_laws as laws
from theory.takakura_suzuki import refined
from theory.takakura_suzuki.counting import TooLarge
from theory.takakura_suzuki.smoothness import Power, Smoothness, anisotropic, mixed

F = Fraction
LINEAR = Smoothness("mixed", Power(1))
CLASSES = (LINEAR, Smoothness("mixed", Power(1, F(1, 2))), Smoothness("anisotropic", Power(2)), anisotropic(1, 1, 1))


@pytest.mark.parametrize("smoothness", CLASSES)
def test_all_functions_at_once_are_those_one_by_one(smoothness):
    index = refined.first(smoothness, 150)
    made = basis.Basis(index)
    x = np.random.default_rng(0).random((2, 40, made.active + 1))
    values = made(x)
    assert values.shape == (2, 40, 150)
    for j, row in enumerate(index.tolist()):
        k, f = sum(1 for v in row if v), max(map(abs, row))
        # the reference rounds the angle 2 pi f x: 2 pi f (2 + 1.4) roundings, and two for the wave and its root
        allowed = basis.error(k, f) + math.sqrt(2) ** k * k * (22 * f + 4) * 2.0**-53
        assert np.abs(values[..., j].ravel() - one_by_one(tuple(row), x.reshape(80, -1))).max() <= allowed


def test_chunks_are_the_whole_and_bounded():
    made = basis.Basis(refined.first(LINEAR, 60))
    x = np.random.default_rng(1).random((3, 101, made.active))
    parts = list(made.chunks(x, memory=200_000))
    assert len(parts) > 3
    assert np.array_equal(np.concatenate([values for _, values in parts], axis=1), made(x))
    with pytest.raises(TooLarge, match="60 basis functions at 303 points take 1 MiB"):
        made(x, memory=100_000)
    with pytest.raises(TooLarge, match="at one point of each of 3 samples"):
        list(made.chunks(x, memory=100))
    with pytest.raises(ValueError, match=r"D >= \d"):
        made(x[..., :1])
    with pytest.raises(ValueError, match="a basis function a row"):
        basis.Basis(np.ones((2, 2)))


@pytest.mark.parametrize("smoothness", [*CLASSES, mixed(1, F(3, 2), 3), anisotropic(F(1, 2), 2)])
def test_widths_are_those_of_the_sorted_functions(smoothness):
    N = 120
    squares = targets.order_squares(smoothness, refined.first(smoothness, N + 1))
    assert oracle.width_squares(smoothness, N) == [1 / s for s in squares]
    dyadic = oracle.dyadic_width_squares(smoothness, N)
    assert all(d >= w for d, w in zip(dyadic, oracle.width_squares(smoothness, N), strict=True))


@pytest.mark.parametrize("smoothness", CLASSES)
def test_the_oracle_is_the_minimum_over_all_sizes(smoothness):
    widths = oracle.width_squares(smoothness, 800)
    for n, sigma in product((1, 10, 200, 500), (F(1), F(1, 2))):
        found = oracle.oracle(smoothness, n, sigma)
        risks = [w + sigma**2 * F(N, n) for N, w in enumerate(widths)]
        assert sigma**2 * F(800, n) > found.risk, "larger N cannot be better"
        assert (found.risk, found.N) == (min(risks), risks.index(min(risks)))
        capped = oracle.oracle(smoothness, n, sigma, 5)
        assert capped.risk == min(risks[:6])


def test_the_exponent_of_one_coordinate():
    """d_N^2 = (N+1)^-2 for odd N: the slope of the exact oracle tends to -2/3 from above, and is within 1 % at n = 2^30."""
    n = [2**30, 2**34]
    found = oracle.local_slopes(n, [float(oracle.oracle(anisotropic(1), m, 1).risk) for m in n])
    assert oracle.exponent(F(1)) == F(-2, 3) < found[0] < F(-66, 100)
    assert oracle.line([1, 8], -2 / 3, (1, 1.0)) == pytest.approx([1.0, 0.25], rel=2**-50)


def test_targets_are_in_the_ball_exactly_and_as_hard_as_said():
    worst = targets.worst(LINEAR, 9)
    width = oracle.width_squares(LINEAR, 9)[9]
    assert (worst.norm, worst.tail(9), worst.tail(10)) == (1, width, 0)
    assert [float(c) for c in worst.coefficients] == worst.floats().tolist()
    fixed = targets.fixed(LINEAR, 200, 3)
    assert 0 < 1 - fixed.norm < F(1, 10**6), "on the boundary but for rounding"
    shares = [s * c**2 for s, c in zip(targets.order_squares(LINEAR, fixed.index), fixed.coefficients, strict=True)]
    octaves = [float(sum(shares[2**k - 1 : 2 ** (k + 1) - 1])) for k in range(7)]
    assert max(octaves[3:]) < min(octaves[3:]) * 1.1
    assert fixed.tail(0) == sum(c**2 for c in fixed.coefficients)


def test_the_mean_over_the_noise_is_what_many_noises_give():
    """Given one design, the risk's mean: over many standard normal noises, against the formula."""
    target = targets.fixed(LINEAR, 30, 0)
    experiment = Experiment(target, 256, 9, 1, 2, 5)
    found = sample(experiment)
    x, _ = least_squares.draw(256, 3, range(1), 5)
    phi = basis.Basis(target.index)(x)[0]
    noises = np.random.default_rng(1).standard_normal((256, 4000))
    y = (phi @ target.floats())[:, None] + noises
    fit = np.linalg.lstsq(phi[:, :9], y, rcond=None)[0]
    risks = ((fit - target.floats()[:9, None]) ** 2).sum(axis=0) + float(experiment.tail)
    deviation = risks.std() / math.sqrt(4000)
    assert abs(risks.mean() - found.means[0]) < 4 * deviation, "four standard deviations: once in 16000 seeds"


def test_one_replicate_is_numpys_least_squares():
    target = targets.fixed(anisotropic(1, 1), 40, 2)
    experiment = Experiment(target, 300, 9, F(1, 2), 3, 7)
    found = sample(experiment)
    x, e = least_squares.draw(300, 2, range(3), 7)
    for r in range(3):
        phi = basis.Basis(target.index)(x[r])
        y = phi @ target.floats() + 0.5 * e[r]
        c = np.linalg.lstsq(phi[:, :9], y, rcond=None)[0]
        risk = ((c - target.floats()[:9]) ** 2).sum() + float(experiment.tail)
        assert found.risks[r] == pytest.approx(risk, rel=300 * 9 * 2**-50)


def test_replicates_do_not_depend_on_how_many_there_are_or_how_they_are_cut(monkeypatch):
    experiment = Experiment(targets.worst(LINEAR, 7), 200, 7, 1, 6, 0)
    whole = sample(experiment)
    fewer = sample(Experiment(experiment.target, 200, 7, 1, 4, 0))
    assert np.array_equal(fewer.risks, whole.risks[:4])
    monkeypatch.setattr(least_squares, "_CHUNK", 40_000)
    assert sample(experiment).risks == pytest.approx(whole.risks, rel=200 * 7 * 2**-50)


def test_the_trace_is_the_number_of_functions_and_bad_designs_are_counted():
    """Closed under signs, sum psi^2 = N at every point."""
    index = refined.first(LINEAR, 9)
    assert least_squares.closed(index)
    assert not least_squares.closed(index[:8])
    x = np.random.default_rng(0).random((500, 9))
    sizes = (basis.Basis(index)(x) ** 2).sum(axis=1)
    assert np.abs(sizes - 9).max() <= 2 * 9 * 2 * basis.error(2, 4)
    crowded = sample(Experiment(targets.worst(LINEAR, 23), 30, 23, 1, 20, 0))
    assert crowded.good == 0
    assert (crowded.risks == float(crowded.experiment.tail)).all(), "the zero function's"


@pytest.mark.parametrize(("smoothness", "n"), [(LINEAR, 512), (anisotropic(1, 1), 2048)])
def test_mean_risks_lie_in_the_derived_bracket(smoothness, n):
    best = oracle.oracle(smoothness, n, 1, n // laws.SAMPLES_PER_TERM)
    found = sample(Experiment(targets.worst(smoothness, best.N), n, best.N, 1, 60, 0))
    low, high = (float(bound) for bound in found.experiment.bracket(found.good))
    interval = slopes.ratios([found.risks], [1.0], 0, F(999, 1000))[0]
    assert interval.meets(low, high)
    assert found.means.min() >= low * (1 - 2.0**-40), "given any design the mean is at least the ideal"
    assert float(best.risk) == float(found.experiment.ideal) == low


def test_slopes_of_powers_are_found_with_their_interval():
    n = [2**k for k in range(5, 11)]
    rng = np.random.default_rng(0)
    risks = [m**-0.5 * (1 + 0.1 * rng.standard_normal(50)) for m in n]
    found = slopes.slope(n, risks, 0)
    assert found.low < -0.5 < found.high
    assert found.high - found.low < 0.05
    assert slopes.exact_slope(n, [m**-0.5 for m in n]) == pytest.approx(-0.5, rel=2**-45)
    low, high = slopes.slope_between(n, [0.9 * m**-0.5 for m in n], [1.1 * m**-0.5 for m in n])
    assert low < -0.5 < high
    inside = slopes.slope(n, risks, 0, window=(64, 256))
    assert inside.high - inside.low > found.high - found.low
    assert str(found).startswith("-0.5")


T9 = targets.worst(LINEAR, 9)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Experiment(T9, 8, 9, 1, 2, 0), "n = 8 samples for N = 9 basis functions: least squares needs n >= N"),
        (lambda: Experiment(T9, 100, 9, 0, 2, 0), "sigma = 0: the noise needs a positive standard deviation"),
        (lambda: Experiment(T9, 100, 9, -1, 2, 0), "sigma = -1"),
        (lambda: Experiment(T9, 100, 9, 0.5, 2, 0), "sigma = 0.5 of type float"),
        (lambda: Experiment(T9, 0, 9, 1, 2, 0), "n = 0: give the number of samples"),
        (lambda: Experiment(T9, 100, 0, 1, 2, 0), "N = 0: fit at least one"),
        (lambda: Experiment(T9, 100, 9, 1, 1, 0), "replicates = 1: an interval needs at least 2"),
        (lambda: Experiment(T9, 100, 9, 1, 2, -1), "seed = -1"),
        (lambda: Experiment(T9, 100, 8, 1, 2, 0).bracket(), "N = 8 cuts a set of signs apart"),
        (lambda: sample(Experiment(T9, 10**9, 9, 1, 2, 0)), "take 38148 MiB a replicate, above memory = 1024 MiB"),
        (lambda: targets.RateTarget(LINEAR, T9.index, (F(0),) * 9 + (F(1),)), "coefficients of norm 8 in the ball"),
        (lambda: targets.RateTarget(LINEAR, T9.index, (F(0),) * 9), "9 coefficients for 10 basis functions"),
        (lambda: targets.RateTarget(LINEAR, T9.index[::-1], T9.coefficients), "the least orders first"),
        (lambda: targets.RateTarget(LINEAR, T9.index, (F(1, 3),) * 10), "coefficient 0 = 1/3: give a multiple"),
        (lambda: T9.tail(-1), "N = -1"),
        (lambda: targets.fixed(LINEAR, 0, 0), "N = 0: give at least one"),
        (lambda: oracle.oracle(mixed(F(1, 3), 1), 10, 1), "common denominator 3"),
        (lambda: oracle.oracle(LINEAR, 10, 1, -1), "most = -1"),
        (lambda: oracle.exponent(0), "the rate needs it positive"),
        (lambda: oracle.local_slopes([4, 2], [1.0, 1.0]), "at least two growing n"),
        (lambda: oracle.ladder(LINEAR, -1), "dimension 0 or more"),
        (lambda: slopes.exact_slope([1, 2, 4], [1, 1, 1], (3, 5)), "the window 3 <= n <= 5 holds 1 of the n"),
        (lambda: slopes.exact_slope([], []), "holds 0 of the n"),
        (lambda: slopes.exact_slope([2, 1], [1, 1]), "give growing n"),
        (lambda: slopes.ratios([np.ones(3)], [0.0], 0), "give a positive one each"),
    ],
)
def test_refused_at_the_door(call, words):
    with pytest.raises(ValueError, match=words):
        call()
