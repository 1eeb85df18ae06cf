"""The explicit transformer: torch against the target, laws at larger T, equivariance, low precision, refusals."""

import math
import re
from fractions import Fraction

import numpy as np
import pytest
import torch

from constructions.takakura_suzuki.explicit_module import ExplicitTransformer, coordinates, explicit_row, explicit_table
from constructions.takakura_suzuki.module import ReLUNetwork
from constructions.takakura_suzuki.offsets import dyadic
from constructions.takakura_suzuki.target import Layout, Target, basis, spread, support, trimmed
from constructions.takakura_suzuki.transformer import Plan
from theory.takakura_suzuki.counting import count
from theory.takakura_suzuki.network_laws import rounding_error
from theory.takakura_suzuki.smoothness import Power, Smoothness, anisotropic, mixed

LINEAR, SQUARES = Smoothness("mixed", Power(1)), Smoothness("mixed", Power(2))
ANISOTROPIC = Smoothness("anisotropic", Power(2))


def rounding(plan, target, unit):
    """The bound on what rounding adds to the network's output: every product's own, and N + 1 additions."""
    scaled = {index: abs(float(c)) * math.sqrt(2) ** support(index) for index, c in target.coefficients.items()}
    products = sum(c * float(rounding_error(plan.depths, support(index), unit)) for index, c in scaled.items())
    return products + (4 * len(scaled) + 4) * float(unit) * sum(scaled.values())


@pytest.mark.parametrize("smoothness", [LINEAR, SQUARES, ANISOTROPIC], ids=["i", "i^2", "max i^2"])
def test_table(smoothness):
    rows = explicit_table(smoothness, range(2, 6), points=32)
    for row in rows:
        assert row["N"] == count(smoothness, row["T"])
        assert row["l2"] <= row["sup"] <= row["bound"] <= row["accuracy"] == 2.0 ** -row["T"]
        assert all(row[name] == row[f"{name} law"] for name in ("depth", "width", "nonzeros"))
        assert row["largest inner weight"] == 4
        assert row["largest last weight"] <= row["last weight bound"] < 4
    assert rows[-1]["sup"] < rows[0]["sup"] / 8


def test_largest_level():
    row = explicit_row(SQUARES, 7, points=4)
    assert row["N"] == count(SQUARES, 7) == 141
    assert row["sup"] <= row["bound"] <= 2.0**-7
    assert row["nonzeros"] == row["nonzeros law"]


def test_half_integer_levels_and_finite_dimension():
    smoothness = mixed(Fraction(3, 4), 1)
    row = explicit_row(smoothness, Fraction(5, 2), points=16)
    assert row["N"] == count(smoothness, Fraction(5, 2))
    assert row["sup"] <= row["bound"] <= row["accuracy"] == 2.0**-3


def test_several_channels_and_shifts():
    plan = Plan(LINEAR, 4, Layout(2))
    assert [plan.layout.place(i) for i in range(6)] == [(0, 0), (0, 1), (-1, 0), (-1, 1), (1, 0), (1, 1)]
    assert (plan.offsets, plan.coordinates) == ([-1, 0], 3)
    target = spread(LINEAR, 4, 1)
    tokens = np.random.default_rng(0).random((2, 20, 2))
    module = ExplicitTransformer(plan, target, torch.float64)
    out = module(torch.from_numpy(tokens))
    assert out.shape == (2, 18)
    wanted = target(coordinates(plan, tokens)).reshape(2, 18)
    allowed = float(plan.error(target)) + rounding(plan, target, Fraction(1, 2**53))
    assert np.abs(out.numpy() - wanted).max() <= allowed
    period = max(module.attention.code.periods)
    shifted = module(torch.from_numpy(tokens[:, period:]))
    assert torch.equal(out[:, period:], shifted)


def test_features_are_the_basis_functions():
    plan = Plan(LINEAR, 4)
    x = np.random.default_rng(0).random((20, plan.coordinates))
    out = ReLUNetwork(plan.features, torch.float64)(torch.from_numpy(x)).numpy()
    one = Target(LINEAR, {})
    assert one(x).tolist() == [0] * 20
    for column, index in zip(out.T, plan.kept, strict=True):
        scale = math.sqrt(2) ** support(index)
        error = float(plan.network_error(Target(LINEAR, {index: Fraction(1, 2**8)}))) * 2**8
        assert np.abs(scale * column - basis(index, x)).max() <= error


def test_coefficients_beyond_the_level_are_left_out_and_counted():
    target = Target(mixed(1, 2), {(-1,): Fraction(1, 4), (0, 3): Fraction(1, 64)})
    assert target.tail(2) == Fraction(1, 64**2) <= Fraction(1, 4**2)
    assert target.tail(5) == 0
    plan = Plan(mixed(1, 2), 2)
    assert plan.network(target) == plan.network(Target(mixed(1, 2), {(-1,): Fraction(1, 4)}))


def rounds_within_its_bound(dtype, device):
    plan, unit = Plan(LINEAR, 4), Fraction(1, 2**24 if dtype is torch.float32 else 2**53)
    target = spread(LINEAR, 4, 0)
    network = plan.network(target)
    x = torch.rand(16, plan.coordinates, generator=torch.Generator().manual_seed(0), dtype=dtype)
    found = ReLUNetwork(network, dtype).to(device)(x.to(device))[:, 0].cpu()
    exact = [network([Fraction(float(v)) for v in row])[0] for row in x[:4]]
    assert max(abs(Fraction(float(a)) - b) for a, b in zip(found, exact, strict=False)) <= rounding(plan, target, unit)
    wanted = target(x.double().numpy())
    assert np.abs(found.double().numpy() - wanted).max() <= float(plan.network_error(target)) + rounding(
        plan, target, unit
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_rounding_stays_below_its_bound(dtype):
    rounds_within_its_bound(dtype, "cpu")


@pytest.mark.gpu
def test_transformer_on_an_accelerator_in_single_precision():
    rounds_within_its_bound(torch.float32, "cuda")
    plan, target = Plan(SQUARES, 6), spread(SQUARES, 6, 0)
    tokens = torch.rand(4, 200, 1, generator=torch.Generator().manual_seed(0))
    out = ExplicitTransformer(plan, target, torch.float32).cuda()(tokens.cuda()).cpu().double().numpy()
    wanted = target(coordinates(plan, tokens.double().numpy())).reshape(out.shape)
    # scores of at most chi L are off by chi L (4 L + 8) u, which moves what a head reads by twice that, and the target by its slope
    circles, unit = len(dyadic(plan.reach).periods), Fraction(1, 2**24)
    moved = 2 * (plan.chi * circles * (2 * circles + 8) + 2 * plan.reach + 4) * unit
    slopes = [
        abs(float(c)) * math.sqrt(2) ** support(index) * sum(map(abs, index))
        for index, c in target.coefficients.items()
    ]
    read = 2 * math.pi * sum(slopes) * float(moved)
    assert np.abs(out - wanted).max() <= float(plan.error(target)) + read + rounding(plan, target, unit)


REFUSALS = {
    "outside": (
        lambda: Target(mixed(1, 2), {(-1,): Fraction(3, 4)}),
        "coefficients of norm 1.5: the class is the unit ball",
    ),
    "float": (
        lambda: Target(mixed(1, 2), {(-1,): 0.5}),
        "the coefficient of (-1,) = 0.5 of type float: give an int or a Fraction",
    ),
    "zeros": (lambda: Target(mixed(1, 2), {(1, 0): Fraction(1, 4)}), "index (1, 0): leave trailing zeros out"),
    "dimension": (lambda: Target(mixed(1, 2), {(0, 0, 1): Fraction(1, 64)}), "coordinate 3 of 2"),
    "T": (lambda: Plan(mixed(1, 2), 1), "T = 1 reaches the constant function alone: take T above a_1"),
    "no T": (lambda: Plan(mixed(1, 2), 0), "T = 0 reaches no index"),
    "channels": (lambda: Layout(0), "channels = 0: give a token at least one"),
    "tokens": (
        lambda: ExplicitTransformer(Plan(mixed(1, 2), 2))(torch.zeros(1, 5, 3)),
        "tokens of 3 channels: the plan's layout has 1",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(name):
    call, words = REFUSALS[name]
    with pytest.raises(ValueError, match=re.escape(words)):
        call()


def test_the_bound_of_the_last_layer_may_pass_four_where_a_1_is_small():
    assert Plan(anisotropic(Fraction(1, 2), 1), 2).last_weight_bound > 4
    assert trimmed((0, 3, 0)) == (0, 3)
