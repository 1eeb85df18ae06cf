"""The frozen read-out: features against the basis, the perturbation bound on any matrices, both fits, other formats and devices."""

import re
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.takakura_suzuki.transformer import Plan
from empirics.rates import readout
from empirics.rates.basis import Basis
from empirics.rates.targets import fixed
from theory.takakura_suzuki import frozen_laws
from theory.takakura_suzuki.counting import count, next_level
from theory.takakura_suzuki.smoothness import Power, Smoothness

LINEAR, SQUARES = Smoothness("mixed", Power(1)), Smoothness("mixed", Power(2))
NOISE = Fraction(1, 4)


@pytest.mark.parametrize(("smoothness", "T"), [(LINEAR, 3), (LINEAR, 4), (SQUARES, 4)], ids=str)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
def test_features_are_the_basis_up_to_the_bound(smoothness, T, dtype):
    plan = readout.FinePlan(smoothness, T)
    x = np.random.default_rng(0).random((200, 2 * plan.reach + 1))
    found = readout.frozen_features(plan, x, dtype=dtype).numpy()
    exact = Basis(readout.matrix(plan.kept, plan.coordinates))(x)
    off = np.abs(found - exact).max(0)
    allowed = readout.feature_errors(plan, torch.finfo(dtype).eps / 2)
    assert (off <= allowed).all()
    assert found.shape == (200, count(smoothness, T))


def test_a_fine_plan_is_sixteen_times_as_accurate():
    fine, plain = readout.FinePlan(LINEAR, 4), Plan(LINEAR, 4)
    assert fine.accuracy == plain.accuracy / 16
    assert fine.kept == plain.kept
    assert fine.class_error <= plain.accuracy / 16


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.sampled_from([0.0, 1e-6, 1e-3, 1e-1]), st.sampled_from([0, 1]))
def test_no_matrices_pass_the_bound(seed, N, size, noisy):
    """Any basis, any features within e of it, any data: coefficients move by the bound at most."""
    rng = np.random.default_rng(seed)
    n = 4 * N + 3
    A = rng.standard_normal((n, N))
    errors = size * rng.random(N)
    shifted = A + errors * rng.choice([-1.0, 1.0], (n, N))  # as far as allowed, everywhere
    y = A @ rng.standard_normal(N) + noisy * rng.standard_normal(n)
    first, second = (readout.least_squares(torch.from_numpy(m)[None], torch.from_numpy(y)[None]) for m in (A, shifted))
    allowed = frozen_laws.coefficients_moved(first.coefficients, first.residual, first.least, errors, n)
    moved = np.linalg.norm(first.coefficients - second.coefficients, axis=1)
    assert (moved <= allowed).all()
    if not size:
        assert moved[0] <= frozen_laws.rounded(n, N) * (1 + np.linalg.norm(y)) / first.least[0] ** 2 * N


def test_features_that_may_be_dependent_have_no_bound():
    allowed = frozen_laws.coefficients_moved(np.ones((1, 2)), np.ones(1), np.array([0.1]), np.array([0.1, 0.1]), 10)
    assert np.isinf(allowed).all()


def test_least_squares_is_that_of_numpy():
    rng = np.random.default_rng(1)
    A, y = rng.standard_normal((3, 40, 5)), rng.standard_normal((3, 40))
    found = readout.least_squares(torch.from_numpy(A), torch.from_numpy(y))
    for i in range(3):
        c, rest, _, singular = np.linalg.lstsq(A[i], y[i], rcond=None)
        near = frozen_laws.rounded(40, 5) * (singular[0] / singular[-1]) ** 2 * (1 + np.linalg.norm(y[i]))
        assert np.abs(found.coefficients[i] - c).max() <= near
        assert abs(found.residual[i] ** 2 - rest[0] / 40) <= near
        assert abs(found.least[i] - singular[-1] / 40**0.5) <= near


def test_the_level_balances():
    for n in (64, 512, 4096):
        T = readout.best_level(LINEAR, n, NOISE)
        risks = {
            t: 4.0 ** -float(next_level(LINEAR, t)) + count(LINEAR, t) / 16 / n
            for t in range(2, 7)
            if 2 * count(LINEAR, t) <= n
        }
        assert risks[T] == min(risks.values())
    assert readout.best_level(LINEAR, 64, NOISE) < readout.best_level(LINEAR, 4096, NOISE)


def test_risks_of_both_fits_lie_together():
    target = fixed(LINEAR, 60, 0)
    found = readout.read_outs(target, 3, 300, NOISE, 4, 0)
    low, high = found.enclosure
    assert (low <= found.frozen).all()
    assert (found.frozen <= high).all()
    assert (np.abs(np.sqrt(found.risks) - np.sqrt(found.frozen)) <= found.moved).all(), "a norm's triangle inequality"
    assert (found.moved <= found.allowed).all()
    assert found.tail <= float(4.0**-3)
    again = readout.read_outs(target, 3, 300, NOISE, 4, 0)
    assert (again.frozen == found.frozen).all()


def test_curve_takes_the_best_levels():
    found = readout.curve(fixed(LINEAR, 60, 0), [64, 256], NOISE, 2, 0, most=3)
    assert [r.n for r in found] == [64, 256]
    assert [r.T for r in found] == [readout.best_level(LINEAR, n, NOISE, 3) for n in (64, 256)]


def _on(device, dtype):
    found = readout.read_outs(fixed(LINEAR, 60, 0), 3, 512, NOISE, 2, 0, device=device, dtype=dtype)
    assert (found.moved <= found.allowed).all()
    assert np.isfinite(found.allowed).all()


def test_read_out_in_float32():
    _on("cpu", torch.float32)


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
def test_read_out_on_an_accelerator(dtype):
    _on("cuda", dtype)


def _half(device, dtype):
    """No bound is finite at these depths; the least squares still must beat the zero function, and mend what is systematic."""
    target = fixed(LINEAR, 60, 0)
    found = readout.read_outs(target, 3, 512, NOISE, 2, 0, device=device, dtype=dtype)
    assert np.isinf(found.allowed).all()
    assert found.frozen.max() < float(target.tail(0)) / 8


def test_read_out_of_features_in_bfloat16():
    _half("cpu", torch.bfloat16)


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
def test_read_out_of_features_in_half_precision_on_an_accelerator(dtype):
    _half("cuda", dtype)


REFUSALS = {
    "data": (
        lambda: readout.least_squares(torch.zeros(1, 3, 4, dtype=torch.float64), torch.zeros(1, 3)),
        "n = 3 data for N = 4 features",
    ),
    "coordinates": (
        lambda: readout.frozen_features(Plan(LINEAR, 4), np.zeros((2, 2))),
        "points of 2 coordinates: the windows of this plan hold 3",
    ),
    "level": (lambda: readout.best_level(LINEAR, 4, NOISE), "n = 4: no level from 2 to 6"),
    "replicates": (lambda: readout.read_outs(fixed(LINEAR, 9, 0), 3, 64, NOISE, 0, 0), "replicates = 0, seed = 0"),
    "noise": (lambda: readout.best_level(LINEAR, 100, 0), "sigma = 0"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(name):
    call, words = REFUSALS[name]
    with pytest.raises(ValueError, match=re.escape(words)):
        call()
