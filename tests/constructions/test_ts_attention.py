"""Extraction of offsets and of tokens by importance: in torch, against what is to be read; refusals."""

import re
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.takakura_suzuki.importance import ImportanceAttention
from constructions.takakura_suzuki.importance_module import ImportanceRounds
from constructions.takakura_suzuki.offsets import CircleCode, OffsetAttention, dyadic, single
from theory.takakura_suzuki import importance_laws, offset_laws

EPS = Fraction(1, 10**4)


def rounding(layer, unit=2.0**-53):
    """What rounding moves a head's output by: scores of at most chi L are off by chi (2 L + 4) u each, weights by that relatively."""
    circles = len(layer.code.periods)
    return 2 * (float(layer.chi) * circles * (2 * circles + 8) + 2 * layer.reach + 4) * unit


@pytest.mark.parametrize("reach", [1, 3, 6])
@pytest.mark.parametrize(
    ("code", "temperature"), [(dyadic, offset_laws.dyadic_temperature), (single, offset_laws.single_temperature)]
)
def test_heads_read_their_offsets(reach, code, temperature):
    offsets = [-reach, 0, reach]
    layer = OffsetAttention(code(reach), reach, offsets, temperature(reach, EPS), torch.float64)
    tokens = torch.rand(3, 4 * reach + 5, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    out = layer(tokens)
    n = tokens.shape[1]
    for head, r in enumerate(offsets):
        wanted = tokens[:, reach + r : n - reach + r]
        assert (out[:, :, head] - wanted).abs().max() <= float(EPS) + rounding(layer)


def test_a_shift_of_the_tokens_shifts_the_output():
    reach = 4
    layer = OffsetAttention(dyadic(reach), reach, [-2, 3], offset_laws.dyadic_temperature(reach, EPS), torch.float64)
    tokens = torch.rand(1, 30, 1, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    here, there = layer(tokens[:, :-7]), layer(tokens[:, 7:])
    assert (here[:, 7:] - there[:, :-7]).abs().max() <= 2 * rounding(layer)
    # the longest period divides this shift, so the very codes repeat and the two are the same bits
    period = max(layer.code.periods)
    long = torch.rand(1, 3 * period, 1, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    assert torch.equal(layer(long)[:, period:], layer(long[:, period:]))


def test_worst_tokens_read_the_leak():
    reach = 3
    chi = offset_laws.dyadic_temperature(reach, EPS)
    layer = OffsetAttention(dyadic(reach), reach, [reach], chi, torch.float64)
    tokens = torch.ones(1, 2 * reach + 1, 1, dtype=torch.float64)
    tokens[0, 2 * reach] = 0
    least, most = offset_laws.leak(layer.code.periods, chi, reach, reach)
    assert float(least) - rounding(layer) <= float(layer(tokens)) <= float(most) + rounding(layer)


def test_dimensions_and_periods():
    assert [dyadic(u).dimension for u in (1, 2, 3, 4, 7, 8)] == [4, 6, 6, 8, 8, 10]
    assert single(5).dimension == 2
    code = dyadic(2)
    assert code.key(0) == code.key(8)
    assert code.query(3, 2) == code.key(5)


@pytest.mark.gpu
def test_heads_on_an_accelerator():
    reach = 6
    layer = OffsetAttention(dyadic(reach), reach, [-6, 1], offset_laws.dyadic_temperature(reach, EPS), torch.float32)
    tokens = torch.rand(2, 40, 3, generator=torch.Generator().manual_seed(0))
    there = layer.cuda()(tokens.cuda()).cpu()
    for head, r in enumerate(layer.offsets):
        wanted = tokens[:, reach + r : 40 - reach + r]
        assert (there[:, :, head] - wanted).abs().max() <= float(EPS) + rounding(layer, 2.0**-24)


def test_rounds_pick_the_most_important_first():
    rng = np.random.default_rng(0)
    gap = Fraction(1, 12)
    chi = importance_laws.temperature(8, gap, Fraction(1, 100))
    made = ImportanceAttention(gap, chi)
    assert made.hats == 49
    for _ in range(5):
        places = np.sort(rng.choice(np.arange(0, 24, 3), 8, replace=False)) + rng.integers(0, 2)
        importances = (rng.permutation(places) / 24).tolist()
        attention = made.rounds(importances, 8)
        assert [max(range(8), key=row.__getitem__) for row in attention] == sorted(
            range(8), key=lambda j: -importances[j]
        )
        assert max(1 - max(row) for row in attention) <= float(importance_laws.leak(8, gap, chi)) + 2.0**-40


def reads_in_order(dtype, device, unit):
    """Windows on a grid a gap apart: what each round reads is the sorted token, up to the leak and rounding."""
    gap, count, size = Fraction(1, 8), 4, 6
    chi = importance_laws.temperature(size, gap, Fraction(1, 1000))
    made = ImportanceAttention(gap, chi)
    generator = torch.Generator().manual_seed(0)
    places = torch.stack([torch.randperm(9, generator=generator)[:size] for _ in range(50)])
    importances = (places / 8).to(dtype)
    values = torch.rand(50, size, 2, generator=generator).to(dtype)
    module = ImportanceRounds(made, count, dtype).to(device)
    found = module(importances.to(device), values.to(device)).cpu()
    order = importances.argsort(dim=1, descending=True)[:, :count]
    wanted = values.gather(1, order[..., None].expand(-1, -1, 2))
    # overlaps are sums of K products of at most 1, times M and chi; the softmax turns a score's error into a relative one
    moved = float(chi) * (float(made.strength) * count * (made.hats + 8) + 4) * unit
    assert (found - wanted).abs().max() <= float(importance_laws.leak(size, gap, chi)) + 2 * moved + (size + 4) * unit


def test_batched_rounds_read_in_order():
    reads_in_order(torch.float64, "cpu", 2.0**-53)


@pytest.mark.gpu
def test_batched_rounds_on_an_accelerator():
    reads_in_order(torch.float32, "cuda", 2.0**-24)


@settings(max_examples=25)
@given(st.permutations([0, 2, 3, 5, 8]), st.integers(1, 5))
def test_batched_rounds_are_those_of_the_exact_form(places, count):
    gap = Fraction(1, 8)
    made = ImportanceAttention(gap, importance_laws.temperature(5, gap, Fraction(1, 100)))
    importances = [p / 8 for p in places]
    rows = made.rounds(importances, count)
    module = ImportanceRounds(made, count, torch.float64)
    found = module(torch.tensor([importances], dtype=torch.float64), torch.eye(5, dtype=torch.float64)[None])[0]
    moved = 2 * float(made.chi) * (float(made.strength) * count * (made.hats + 8) + 4) * 2.0**-53
    assert np.abs(found.numpy() - np.array(rows)).max() <= 2 * moved


def test_a_code_is_a_partition_of_one():
    made = ImportanceAttention(Fraction(1, 3), Fraction(1))
    for k in range(25):
        code = made.code(Fraction(k, 24))
        assert sum(code) == 1
        assert sum(x > 0 for x in code) <= 2


REFUSALS = {
    "reach": (lambda: dyadic(0), "U = 0: give a reach of at least 1"),
    "eps": (lambda: offset_laws.dyadic_temperature(2, Fraction(3, 2)), "eps = 3/2: give a share of the attention"),
    "eps 0": (lambda: offset_laws.single_temperature(2, Fraction(0)), "eps = 0: give a share of the attention"),
    "offset": (lambda: OffsetAttention(dyadic(2), 2, [3], Fraction(1)), "offsets [3]: give at least one, from -2 to 2"),
    "no offset": (lambda: OffsetAttention(dyadic(2), 2, [], Fraction(1)), "offsets []: give at least one"),
    "chi": (lambda: OffsetAttention(dyadic(2), 2, [0], Fraction(0)), "chi = 0: an inverse temperature is positive"),
    "tokens": (
        lambda: OffsetAttention(CircleCode((2,)), 2, [0], Fraction(1))(torch.zeros(1, 4, 1)),
        "4 tokens: a window of U = 2 needs at least 5",
    ),
    "gap": (lambda: ImportanceAttention(Fraction(0), Fraction(1)), "gap = 0: importances lie in [0, 1]"),
    "cold": (lambda: ImportanceAttention(Fraction(1, 2), Fraction(-1)), "chi = -1: an inverse temperature is positive"),
    "window": (lambda: importance_laws.temperature(1, Fraction(1, 2), EPS), "W = 1: give a window of at least 2"),
    "wide gap": (lambda: importance_laws.temperature(2, Fraction(2), EPS), "gap = 2: importances lie in [0, 1]"),
    "empty": (lambda: ImportanceAttention(Fraction(1, 2), Fraction(1)).rounds([], 1), "1 rounds over 0 tokens"),
    "batched rounds": (
        lambda: ImportanceRounds(ImportanceAttention(Fraction(1, 2), Fraction(1)), 3)(
            torch.zeros(1, 2), torch.zeros(1, 2, 1)
        ),
        "3 rounds over 2 tokens",
    ),
    "no rounds": (
        lambda: ImportanceRounds(ImportanceAttention(Fraction(1, 2), Fraction(1)), 0),
        "0 rounds: give at least 1",
    ),
    "rounds": (lambda: ImportanceAttention(Fraction(1, 2), Fraction(1)).rounds([0.5], 2), "2 rounds over 1 tokens"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(name):
    call, words = REFUSALS[name]
    with pytest.raises(ValueError, match=re.escape(words)):
        call()
