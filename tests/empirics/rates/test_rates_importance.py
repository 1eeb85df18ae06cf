"""Tokens by importance: the law of the windows, invariance under their order, projections by brute force, refusals."""

import itertools
import re
from fractions import Fraction

import numpy as np
import pytest
import torch

from empirics.rates import importance, readout
from empirics.rates.basis import Basis
from empirics.rates.targets import fixed
from theory.takakura_suzuki import fixed_order_laws
from theory.takakura_suzuki.smoothness import Power, Smoothness

LINEAR = Smoothness("mixed", Power(1))
WINDOWS = importance.Windows(5, Fraction(1, 10))
STUDY = importance.Study(fixed(LINEAR, 7, 0), 3, WINDOWS)


def test_windows_keep_their_gap_and_law():
    n = 4000
    importances, values = WINDOWS.draw(n, np.random.default_rng(0))
    ordered = np.sort(importances, axis=1)
    assert np.diff(ordered, axis=1).min() >= 0.1 - 2.0**-50
    assert importances.min() >= 0
    assert importances.max() <= 1
    # the k-th smallest of 5 uniforms on [0, 1 - 4 gap] has mean k / 6 of it and variance below 1/30; five standard errors
    wanted = 0.6 * np.arange(1, 6) / 6 + 0.1 * np.arange(5)
    assert np.abs(ordered.mean(0) - wanted).max() <= 5 * (1 / 30 / n) ** 0.5
    first = np.bincount(importances.argmax(1), minlength=5) / n
    assert np.abs(first - 1 / 5).max() <= 5 * (0.16 / n) ** 0.5, "every place is the most important equally often"
    assert abs(np.corrcoef(importances[:, 0], values[:, 0])[0, 1]) <= 5 / n**0.5


def test_sorted_features_are_the_basis_in_sorted_tokens_whatever_the_order():
    plan = STUDY.plan
    model = importance.SortedTransformer(plan, WINDOWS)
    importances, values = WINDOWS.draw(100, np.random.default_rng(1))
    exact = Basis(readout.matrix(plan.kept, plan.coordinates))(importance.in_order(importances, values))
    allowed = readout.feature_errors(plan)
    for order in itertools.islice(itertools.permutations(range(5)), 0, 120, 17):
        shuffled = torch.from_numpy(importances[:, order]), torch.from_numpy(values[:, order])
        found = model(*shuffled).numpy() * readout.scales(plan)
        assert (np.abs(found - exact).max(0) <= allowed).all()


@pytest.mark.parametrize("order", importance.ORDERS)
@pytest.mark.parametrize("size", [3, 5])
def test_projections_are_correlations(order, size):
    """b_l is the mean of f psi_l in that order's coordinates: five standard errors of a simple mean. In three tokens both ends meet."""
    windows = importance.Windows(size, Fraction(1, 10))
    study = importance.Study(fixed(LINEAR, 19, 0), 3, windows)
    n, kept = 20000, study.plan.kept
    importances, values = windows.draw(n, np.random.default_rng(2))
    signal = Basis(study.target.index)(importance.in_order(importances, values)) @ study.target.floats()
    x = {
        "sorted": importance.in_order(importances, values),
        "least first": importance.in_order(1 - importances, values),
        "fixed order": values,
    }[order]
    products = signal[:, None] * Basis(readout.matrix(kept, study.plan.coordinates))(x)
    off = np.abs(products.mean(0) - np.array([float(b) for b in study.best(order, kept)]))
    assert (off <= 5 * products.std(0) / n**0.5).all()


def test_a_fixed_order_stays_above_the_floor_and_sorting_does_not():
    found = {order: STUDY.read(order, 200, Fraction(1, 8), 4, 0) for order in importance.ORDERS}
    floor = float(STUDY.floor)
    assert STUDY.bias("fixed order") >= STUDY.floor
    assert found["fixed order"].risks.min() >= floor
    assert found["least first"].risks.min() >= floor
    assert found["sorted"].risks.max() < floor / 5
    for reading in found.values():
        low, high = reading.bracket
        assert reading.mean(0, Fraction(999, 1000)).meets(low, high)


def test_a_single_wave_keeps_its_share():
    assert fixed_order_laws.floor({(1,): Fraction(1)}, 5) == Fraction(4, 5)
    assert fixed_order_laws.floor({(): Fraction(1)}, 5) == 0
    same = {tuple([0] * i + [1]): Fraction(1, 3) for i in range(4)}
    assert fixed_order_laws.floor(same, 4) == 0, "a symmetric target does not depend on the order"


def test_one_reading_again_has_the_same_bytes():
    first, second = (STUDY.read("sorted", 64, Fraction(1, 8), 2, 3) for _ in range(2))
    assert (first.risks == second.risks).all()


REFUSALS = {
    "window": (lambda: importance.Windows(1, Fraction(1, 10)), "W = 1: give a window of at least 2"),
    "gap": (
        lambda: importance.Windows(6, Fraction(1, 5)),
        "gap = 1/5, W = 6: give a gap above 0 and below 1 / (W - 1)",
    ),
    "target": (
        lambda: importance.Study(fixed(LINEAR, 19, 0), 3, importance.Windows(2, Fraction(1, 3))),
        "a target of 3 tokens in a window of W = 2",
    ),
    "level": (
        lambda: importance.Study(fixed(LINEAR, 3, 0), 4, importance.Windows(2, Fraction(1, 3))).read(
            "sorted", 64, 1, 2, 0
        ),
        "3 coordinates from W = 2 tokens",
    ),
    "order": (lambda: STUDY.read("random", 64, 1, 2, 0), "order 'random': one of sorted, least first, fixed order"),
    "replicates": (lambda: STUDY.read("sorted", 64, 1, 1, 0), "replicates = 1"),
    "share": (lambda: fixed_order_laws.share((1, 1, 1), 2), "a function of 3 tokens in a window of W = 2"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(name):
    call, words = REFUSALS[name]
    with pytest.raises(ValueError, match=re.escape(words)):
        call()


def test_coefficients_of_the_pair():
    """1[u > v] on a grid: a mean over m^2 cells, off by at most the share of cells that the diagonal or the wave cuts."""
    m, K = 512, 3
    u = (np.arange(m) + 0.5) / m
    above = (u[:, None] > u[None, :]) + 0.5 * np.eye(m)
    waves = np.exp(-2j * np.pi * np.outer(np.arange(-K, K + 1), u))
    squares = np.abs(waves @ above @ waves.T / m**2) ** 2
    near = 4 * np.pi * K / m
    for j, k in itertools.product(range(-K, K + 1), repeat=2):
        wanted = 1 / 4 if j == k == 0 else 0.0
        if (j == 0) + (k == 0) + (j == -k) == 1:
            wanted = 1 / (4 * np.pi**2 * max(abs(j), abs(k)) ** 2)
        assert abs(squares[j + K, k + K] - wanted) <= near
    assert abs(2 * (1 / 2 - squares.sum()) - fixed_order_laws.pair_tail(K)) <= 2 * near
    assert fixed_order_laws.pair_tail(0) == 0.5
    assert fixed_order_laws.pair_tail(100) <= 3 / (100 * np.pi**2)
    assert fixed_order_laws.pair_functions(1) == 18
