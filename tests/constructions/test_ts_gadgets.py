"""ReLU gadgets: one definition in exact, float and compiled form; pieces against a dense grid; refusals."""

import math
import re
from fractions import Fraction

import numpy as np
import pytest
import torch
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.takakura_suzuki.gadgets import folded, half_turn_cosine, held, product, square, tree, wave, waves
from constructions.takakura_suzuki.module import ReLUNetwork
from constructions.takakura_suzuki.network import Affine, Layer, Network, compiled, run, together
from constructions.takakura_suzuki.pieces import distance, pieces
from theory.takakura_suzuki import gadget_laws as laws
from theory.takakura_suzuki.network_laws import Depths, rounding_error

UNIT = st.fractions(0, 1, max_denominator=997)
SIGNED = st.fractions(-1, 1, max_denominator=997)


@given(UNIT, st.integers(2, 9))
def test_square_errs_upwards_and_by_the_law_at_most(t, levels):
    assert 0 <= run(square(t, levels)) - t * t <= laws.square_error(levels)


@given(SIGNED, SIGNED, st.integers(2, 7))
def test_product_errs_by_the_law_at_most(u, v, levels):
    found = run(product(u, v, levels))
    assert abs(found - u * v) <= laws.product_error(levels)
    assert abs(found) <= 1


@given(UNIT, st.integers(-7, 7).filter(bool), st.sampled_from([(2, 3), (2, 5), (3, 6)]))
@settings(max_examples=20)
def test_one_definition_exact_compiled_and_in_torch(x, frequency, size):
    network = compiled(lambda inputs: wave(inputs[0], frequency, 3, *size), 1)
    x = Fraction(float(x))
    exact = run(wave(x, frequency, 3, *size))
    assert network([x]) == [exact]
    there = ReLUNetwork(network, torch.float64)(torch.tensor([float(x)], dtype=torch.float64))[0]
    depths = Depths(3, *size, product_levels=2, stages=0)
    assert abs(Fraction(float(there)) - exact) <= rounding_error(depths, 1, Fraction(1, 2**53))


@given(UNIT, st.integers(1, 5))
def test_folding_is_the_distance_to_the_even_integers(t, times):
    y = t * 2**times
    even = 2 * round(y / 2)
    assert run(folded(t, times)) == abs(y - even)


def test_pieces_agree_with_a_dense_grid():
    network = compiled(lambda x: half_turn_cosine(x[0], 2, 4), 1)
    found = pieces(network, [0], [1])
    ends = found.fractions()
    grid = np.linspace(0, 1, 2001)
    line = np.interp(grid, [float(t) for t, _ in ends], [float(v[0]) for _, v in ends])
    exact = [float(network([Fraction(float(z))])[0]) for z in grid]
    assert np.abs(line - exact).max() <= 16 * 2.0**-53  # interpolation rounds four times on numbers of at most 2
    seen = distance(found, lambda t: t.cos_pi(), arb.pi() ** 2)
    errors = np.abs(exact - np.cos(np.pi * grid))
    assert errors.max() <= float(seen.most)
    assert float(seen.seen) <= float(seen.most) <= float(laws.cosine_error(2, 4))
    assert float(seen.seen) >= errors.max() - math.pi / 2000


def test_pieces_of_a_hand_made_network():
    hinge = Network(
        (Layer(1, (((0, Fraction(3)),),), (Fraction(-1),)), Layer(1, (((0, Fraction(2)),),), (Fraction(1),)))
    )
    assert pieces(hinge, [0], [1]).fractions() == [(0, (1,)), (Fraction(1, 3), (1,)), (1, (5,))]
    assert (hinge.depth, hinge.width, hinge.nonzeros, hinge.largest_inner, hinge.largest_last) == (1, 1, 4, 3, 2)


def test_levels_solve_the_bound_and_no_shallower_pair_does():
    for T in range(1, 9):
        eps = Fraction(1, 2**T)
        m, j = laws.cosine_levels(eps)
        assert laws.cosine_error(m, j) <= eps
        shallower = [(n, k) for n in range(1, m + 3) for k in range(3, 3 * m + 9) if k * (n + 1) < j * (m + 1)]
        assert all(laws.cosine_error(*pair) > eps for pair in shallower)
        assert laws.product_error(laws.product_levels(eps)) <= eps


def test_tree_of_three_has_two_products():
    u, v, w = Fraction(1, 3), Fraction(-2, 7), Fraction(5, 11)
    found = run(tree([u, v, w], 6, 2))
    assert abs(found - u * v * w) <= laws.basis_error(3, Fraction(0), laws.product_error(6))
    assert run(held(u, 4)) == u


def folds_exactly(name, device):
    """A number of [0, 1] with p bits keeps p bits under the tent map, so each layer is exact in the format."""
    dtype = getattr(torch, name)
    numbers = torch.arange(257, dtype=torch.float64).div(256).to(dtype).unique()
    network = compiled(lambda x: folded(x[0], 6), 1)
    there = ReLUNetwork(network, dtype).to(device)(numbers[:, None].to(device))[:, 0].cpu()
    exact = [network([Fraction(float(t))])[0] for t in numbers]
    assert [Fraction(float(t)) for t in there] == exact
    assert len(set(exact)) > 2


@pytest.mark.parametrize("name", ["bfloat16", "float16", "float32"])
def test_folding_is_exact_in_low_precision(name):
    folds_exactly(name, "cpu")


@pytest.mark.gpu
@pytest.mark.parametrize("name", ["bfloat16", "float16", "float32"])
def test_folding_is_exact_on_an_accelerator(name):
    folds_exactly(name, "cuda")


REFUSALS = {
    "frequency": (lambda: run(wave(Fraction(1, 2), 8, 3, 2, 4)), "frequency 8 with 3 folds: give 1 to 7"),
    "no frequency": (lambda: run(wave(Fraction(1, 2), 0, 3, 2, 4)), "frequency 0 with 3 folds"),
    "square": (lambda: run(square(Fraction(1, 2), 1)), "levels = 1: give 2 or more"),
    "cosine levels": (lambda: run(wave(Fraction(1, 2), 1, 1, 2, 2)), "levels = 2: give 3 or more"),
    "steps": (lambda: run(half_turn_cosine(Fraction(1, 2), 0, 4)), "steps = 0: give 1 or more"),
    "bound": (lambda: laws.cosine_error(0, 4), "m = 0, J = 4: give m >= 1"),
    "eps 0": (lambda: laws.cosine_levels(Fraction(0)), "eps = 0: give a number between 0 and 1"),
    "eps 1": (lambda: laws.product_levels(Fraction(1)), "eps = 1: give a number between 0 and 1"),
    "stages": (lambda: run(tree([Fraction(1)] * 3, 4, 1)), "3 factors in 1 stages: give 2"),
    "depths": (
        lambda: run(together([folded(Fraction(1, 2), 1), folded(Fraction(1, 2), 2)])),
        "1 of 2 gadgets end before the others",
    ),
    "inputs": (lambda: compiled(lambda x: folded(x[0], 1), 1)([1, 2]), "2 inputs: this network has 1"),
    "segment": (lambda: pieces(compiled(lambda x: folded(x[0], 1), 1), [0, 0], [1]), "ends of 2 and 1 numbers"),
    "read-out": (lambda: compiled(lambda x: folded(x[0], 1), 1).read_out([]), "0 coefficients: this network has 1"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(name):
    call, words = REFUSALS[name]
    with pytest.raises(ValueError, match=re.escape(words)):
        call()


def test_affine_forms_forget_zero_weights():
    form = Affine({0: Fraction(1)}) - Affine({0: Fraction(1), 1: Fraction(2)}) + 3
    assert (form.row, form.constant) == (((1, Fraction(-2)),), 3)
    assert (1 - form).constant == -2


def test_product_of_waves_reads_one_input_each():
    network = compiled(lambda x: waves(x, (1, -2), 2, 2, 4, 4), 2)
    x = [Fraction(1, 5), Fraction(2, 7)]
    exact = math.sin(2 * math.pi / 5) * math.cos(8 * math.pi / 7)
    allowed = laws.basis_error(2, laws.cosine_error(2, 4), laws.product_error(4))
    assert abs(float(network(x)[0]) - exact) <= float(allowed)
