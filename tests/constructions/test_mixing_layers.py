"""Sorting, Fourier mixing and experts against brute force."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_oracles import gamma

from constructions.layers.fft_mixing import fft_mixing
from constructions.layers.mixture_of_experts import MixtureOfExperts, slots
from constructions.layers.sort_mixing import sort_mixing


@given(st.lists(st.integers(0, 4), max_size=9), st.integers(0, 10**6))
def test_sorting_pairs_neighbours_in_order(scores, seed):
    v = torch.randint(-9, 10, (len(scores), 2), generator=torch.Generator().manual_seed(seed))
    order = sorted(range(len(scores)), key=lambda t: scores[t])
    expected = torch.zeros_like(v)
    for place, t in enumerate(order):
        expected[t] = v[t] + v[order[max(place - 1, 0)]]
    assert torch.equal(sort_mixing(torch.tensor(scores, dtype=torch.int64), v), expected)


def test_members_of_a_batch_do_not_mix():
    x = torch.randint(-9, 10, (3, 4, 2), generator=torch.Generator().manual_seed(0)).double()
    assert torch.equal(sort_mixing(x[..., 0], x), torch.stack([sort_mixing(one[:, 0], one) for one in x]))
    assert torch.equal(fft_mixing(x), torch.stack([fft_mixing(one) for one in x]))


def prime_factors(n):
    return next(([p, *prime_factors(n // p)] for p in range(2, n + 1) if n % p == 0), [])


def fourier_growth(n):
    """For a transform of length n by factors p: in the Euclidean norm a stage sqrt(p) times unitary errs by at most
    sqrt(p) gamma(p + 8) of its input, relative to its own growth: a sum of p products with twiddles good to 4 u."""
    return sum(math.sqrt(p) * gamma(p + 8) for p in prime_factors(n))


@pytest.mark.parametrize("tokens", [1, 2, 3, 5, 8, 12])
@pytest.mark.parametrize("d", [1, 4, 6])
def test_fourier_mixing_is_two_dft_matrices(tokens, d):
    x = torch.randn(tokens, d, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    def cosines(n, of):
        """The angle j k / n is reduced exactly, in integers."""
        turns = torch.tensor([[(j * k) % n for k in range(n)] for j in range(n)], dtype=torch.float64)
        return of(turns * (2 * math.pi / n))

    real = cosines(tokens, torch.cos) @ x @ cosines(d, torch.cos) - cosines(tokens, torch.sin) @ x @ cosines(
        d, torch.sin
    )
    # The matrices err entry by entry: an angle up to 2 pi good to 3 u, a cosine to 1 u more, at most 2 pi 3 + 1 < 20 u.
    oracle = 2 * gamma(tokens + d + 2 * 20 + 2) * x.abs().sum()
    norm = math.sqrt(tokens * d) * float(x.norm())
    growth = fourier_growth(tokens) + fourier_growth(d)
    assert float((fft_mixing(x) - real).abs().max()) <= float(oracle) + (1 + growth) * growth * norm
    assert fft_mixing(x)[0, 0] == pytest.approx(float(x.sum()), abs=float(oracle) + growth * norm)


def test_fourier_mixing_on_integers_and_quarter_turns_is_exact():
    """Twiddles of length 4 are 1, -i, -1, i."""
    x = torch.arange(16.0, dtype=torch.float64).reshape(4, 4) ** 2
    power = {0: 1, 1: -1j, 2: -1, 3: 1j}
    for j in range(4):
        for k in range(4):
            total = sum(power[(a * j + b * k) % 4] * x[a, b].item() for a in range(4) for b in range(4))
            assert fft_mixing(x)[j, k].item() == complex(total).real


@given(st.lists(st.integers(0, 2), max_size=9), st.integers(0, 4))
def test_slots_are_given_in_order_until_they_are_full(expert, capacity):
    slot, token = slots(torch.tensor(expert, dtype=torch.int64), 3, capacity)
    taken = [0, 0, 0]
    holds = [len(expert)] * (3 * capacity)
    for t, e in enumerate(expert):
        if taken[e] < capacity:
            assert slot[t] == e * capacity + taken[e]
            holds[e * capacity + taken[e]] = t
        else:
            assert slot[t] == 3 * capacity
        taken[e] += 1
    assert token.tolist() == holds


@settings(max_examples=20)
@given(st.integers(1, 7), st.integers(1, 3), st.integers(1, 4), st.integers(0, 10**6))
def test_experts_one_token_at_a_time(tokens, experts, capacity, seed):
    torch.manual_seed(seed)
    layer = MixtureOfExperts(3, experts, 5, capacity=capacity, dtype=torch.float64)
    x = torch.randn(1, tokens, 3, dtype=torch.float64)
    taken = [0] * experts
    with torch.no_grad():
        y = layer(x)[0]
        for t in range(tokens):
            p = layer.router(x[0, t]).softmax(-1)
            e = int(p.argmax())
            taken[e] += 1
            expected, bound = torch.zeros(3, dtype=torch.float64), torch.zeros(3, dtype=torch.float64)
            if taken[e] <= capacity:
                inner, outer = layer.inner[e], layer.outer[e]
                expected = p[e] * ((x[0, t] @ inner).relu() @ outer)
                # relu moves no error apart; the products twice, from either side; the router's scores and softmax.
                router = 2 * gamma(3) * float((x[0, t].abs() @ layer.router.weight.abs().mT).max())
                roundings = 2 * gamma(3 + 5 + 2 * (experts + 6) + 2) + 2 * math.expm1(2 * router)
                bound = roundings * ((x[0, t].abs() @ inner.abs()) @ outer.abs())
            assert ((y[t] - expected).abs() <= bound).all()


def test_every_token_has_a_slot_at_full_capacity_and_one_expert_is_a_dense_layer():
    torch.manual_seed(0)
    layer = MixtureOfExperts(4, 1, 6, dtype=torch.float64)
    x = torch.randn(2, 5, 4, dtype=torch.float64)
    dense = (x @ layer.inner[0]).relu() @ layer.outer[0]
    bound = 2 * gamma(4 + 6) * (x.abs() @ layer.inner[0].abs()) @ layer.outer[0].abs()
    assert ((layer(x) - dense).abs() <= bound).all()
