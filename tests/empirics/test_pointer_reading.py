"""Statistics of pointers counted by hand, exact tails, nulls, models, figures."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from constructions.layers.pointer import PointerModel, Strides, Window
from empirics.collapse import distinct_targets
from empirics.pointer_training import train
from empirics.reading import (
    COLLAPSED,
    UNIFORM,
    UNTRAINED,
    count,
    divergence,
    draw,
    read,
    read_model,
    reinitialised,
    sample,
    specialisation,
)
from theory.formats import FP64
from theory.pointer.in_degrees import WIDTHS, allowed, tails
from theory.pointer.nulls import NULLS
from theory.summation import gamma

POINTERS = np.array([[[[0, 0, 2, 0]], [[0, 1, 1, 0]]]])
"""One layer, two sequences, one head, N = 4: hops 0 1 0 3 and 0 0 1 3."""


def only(array):
    assert array.shape == (1, 1)
    return array[0, 0]


def test_statistics_by_hand():
    s = count(POINTERS)
    assert s.hops.tolist() == [[[4, 2, 0, 2]]]
    assert (only(s.mean_hop), only(s.median_hop), only(s.max_hop)) == (1.0, 0.5, 3)
    assert (only(s.self_loops), only(s.utilisation)) == (0.5, 0.5)
    assert (only(s.distinct), only(s.distinct_share)) == (2.0, 0.5)
    assert (s.long, only(s.long_jumps)) == (2, 0.25)
    assert s.in_degrees[0, :, 0].tolist() == [[3, 0, 1, 0], [2, 2, 0, 0]]
    assert only(s.changes) == 0.5, "positions 1 and 2 differ"
    assert only(s.information) == 0.5, "half of the positions have one bit"


def test_heat_by_hand():
    assert count(POINTERS, bins=2).heat[0, 0].tolist() == [[4, 0], [3, 1]]
    assert count(POINTERS, bins=2).edges.tolist() == [0, 2, 4]
    whole = count(POINTERS)
    assert whole.heat[0, 0].tolist() == [[2, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [2, 0, 0, 0]]
    assert count(POINTERS, bins=3).edges.tolist() == [0, 1, 2, 4]


def test_clusters_by_hand():
    """N = 4, one sequence, tests = 4: P(in-degree of 0 >= 4) = 1/24, of 3 pointers 7/24."""
    assert allowed(WIDTHS["uniform_causal"](4), Fraction(1, 6), 4, exact=True)[0] == 3
    assert allowed(WIDTHS["uniform_causal"](4), Fraction(1, 7), 4, exact=True)[0] == 4
    s = count(np.zeros((1, 1, 1, 4), dtype=int), level=0.2)
    assert s.clusters.tolist() == [[[[True, False, False, False]]]]
    assert only(s.clustered) == 1
    assert only(count(np.zeros((1, 1, 1, 4), dtype=int), level=0.1).clustered) == 0


def test_single_sequence_has_no_changes():
    s = count(POINTERS[:, :1])
    assert np.isnan(only(s.changes))
    assert only(s.information) == 0
    assert (s.specialisation.p_value, s.specialisation.exact) == (1.0, True)


@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(1, 4), st.integers(1, 2), st.integers(1, 9))
def test_parts_add_up(seed, layers, batch, heads, n):
    p = sample("uniform_all", (layers, batch, heads, n), seed)
    s = count(p, causal=False, permutations=3, bins=4)
    assert (s.hops.sum(-1) == batch * n).all()
    assert (s.heat.sum((-1, -2)) == batch * n).all()
    assert (s.in_degrees.sum(-1) == n).all()
    assert (s.self_loops == (p == np.arange(n)).mean((1, 3))).all()
    assert (s.distinct == distinct_targets(torch.from_numpy(p)).double().mean(1).numpy()).all()
    roundings = batch + n + 3
    assert (s.information <= math.log2(batch) * (1 + roundings * 2**-53)).all()


@given(st.integers(0, 10**6))
def test_changes_are_those_of_pairs(seed):
    p = sample("uniform_causal", (2, 3, 2, 5), seed)
    pairs = [(p[:, a] != p[:, b]).mean(-1) for a in range(3) for b in range(a)]
    roundings = 1 + (len(pairs) - 1) + 1  # of a pair's share, of the sums, of their quotient; shares are at most 1
    assert np.allclose(count(p, permutations=1).changes, np.mean(pairs, 0), rtol=0, atol=roundings * 2**-53)


@pytest.mark.parametrize("name", WIDTHS)
def test_float_tails_are_within_their_bound(name):
    n = 40
    bound = gamma(FP64, 5 * n)
    for (j, exact), (_, rounded) in zip(tails(WIDTHS[name](n), exact=True), tails(WIDTHS[name](n)), strict=True):
        assert all(abs(Fraction(float(x)) - e) <= bound * e for x, e in zip(rounded, exact, strict=True)), j


@pytest.mark.parametrize("name", NULLS)
def test_samples_follow_their_law(name):
    """Targets that the law names only; deterministic nulls exactly."""
    n, p = 7, sample(name, (2, 50, 2, 7), 1)
    for i in range(n):
        law = NULLS[name].row(i, n)
        assert set(np.unique(p[..., i])) == set(law), "400 draws of at most 7 targets miss one with probability < 1e-24"
    assert (sample(name, (2, 50, 2, 7), 1) == p).all()


def test_shared_scores_point_at_records():
    p = sample("shared_scores", (1, 4, 1, 30), 0)
    assert ((p == np.arange(30)) | (p == np.roll(p, 1, -1)))[..., 1:].all()


def test_sampled_means_at_512_are_near_the_exact_ones():
    """Hoeffding over rows, hop i of range i: off by more than the bound with probability <= 1e-9."""
    n, batch = 512, 64
    s = count(sample("uniform_causal", (1, batch, 1, n), 3))
    law = NULLS["uniform_causal"]
    off = math.sqrt(math.log(2e9) / 2 * batch * sum(i * i for i in range(n))) / (batch * n)
    assert abs(only(s.mean_hop) - float(law.mean_hop(n))) <= off
    assert off < 10
    assert abs(only(s.self_loops) - float(law.own(n) / n)) <= math.sqrt(math.log(2e9) / 2 / (batch * n))


def test_divergence_by_hand():
    assert divergence(np.array([[4, 0], [0, 4]])) == 1
    assert divergence(np.array([[2, 2], [2, 2]])) == 0
    assert divergence(np.eye(4, dtype=int)) == 2


def test_divergence_does_not_know_the_order_of_layers():
    counts = np.random.default_rng(0).multinomial(50, np.ones(9) / 9, size=5)
    assert len({divergence(np.random.default_rng(s).permutation(counts)) for s in range(20)}) == 1


def test_many_sequences_are_permuted_at_random():
    counts = np.zeros((2, 20, 3), dtype=int)
    counts[0, :, 0], counts[1, :, 2] = 1, 1
    found = specialisation(counts, permutations=99, seed=1)
    assert (found.exact, found.permutations, found.p_value, found.spread) == (False, 99, 0.01, 2.0)
    assert found.mean_hops.tolist() == [0, 2]
    again = specialisation(counts, permutations=99, seed=1)
    assert again.p_value == found.p_value


def test_a_reading_has_its_nulls():
    r = read(POINTERS, np.zeros_like(POINTERS))
    assert set(r.nulls) == {UNTRAINED, UNIFORM, COLLAPSED}
    assert {name: law.name for name, law in r.laws.items()} == {UNIFORM: "uniform_causal", COLLAPSED: "first"}
    assert only(r.nulls[UNTRAINED].distinct) == 1
    both = read(POINTERS, POINTERS, causal=False)
    assert {name: law.name for name, law in both.laws.items()} == {UNIFORM: "uniform_all", COLLAPSED: "centre"}
    text = str(r)
    assert [row["pointers"] for row in r.rows()] == ["read", UNTRAINED, UNIFORM, COLLAPSED]
    assert "uniform, exactly: mean hop 0.750, not own 0.479, targets 0.625" in text


def test_a_model_is_read_and_left_as_it_was():
    torch.manual_seed(0)
    model = PointerModel(5, 8, 2, Window(4), heads=2, encode="offset", tied=True)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    tokens = torch.randint(5, (3, 12))
    state = torch.random.get_rng_state()
    r = read_model(model, tokens, seed=4)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())
    assert (r.found.in_degrees == count(model.follow(tokens).pointers).in_degrees).all()
    assert r.found.max_hop.max() <= 3
    assert (read_model(model, tokens, seed=4).nulls[UNTRAINED].hops == r.nulls[UNTRAINED].hops).all()


@pytest.mark.parametrize("options", [{}, {"tied": True}, {"encode": "offset", "reach": 3}, {"bias": True}])
def test_reinitialised_is_a_new_model(options):
    """Constants return, all else is drawn."""
    torch.manual_seed(1)
    model = PointerModel(5, 8, 2, **options)
    with torch.no_grad():
        for p in model.parameters():
            p.fill_(9.0)
    new = reinitialised(model)
    fresh = PointerModel(5, 8, 2, **options)
    for (name, a), b in zip(new.named_parameters(), fresh.parameters(), strict=True):
        constant = bool((b == b.flatten()[0]).all())
        assert torch.equal(a, b) if constant else (a != 9).all() and a.unique().numel() > 1, name
    assert all((p == 9).all() for p in model.parameters())
    if options.get("tied"):
        assert new.out.weight is new.embedding.weight
        assert new.embedding.weight.std() > 0.5, "as an embedding, not as a linear map"


def test_fresh_makes_the_untrained_model():
    model = PointerModel(5, 8, 1)
    tokens = torch.randint(5, (2, 6))
    r = read_model(model, tokens, fresh=lambda: PointerModel(5, 8, 1, Window(1)))
    assert only(r.nulls[UNTRAINED].self_loops) == 1


def test_figures_show_every_layer_and_null():
    p = sample("uniform_causal", (3, 2, 2, 20), 0)
    figure = draw(read(p, p), head=1, sequence=1)
    assert len(figure.axes) == 12
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == ["read", UNTRAINED, UNIFORM, COLLAPSED]
    shown = figure.axes[1].images[0].get_array()
    assert np.allclose(shown.sum(-1), 1)


def test_training_repeats_from_its_seed():
    a, b = (train(3, steps=3, width=8) for _ in range(2))
    assert a.history == b.history
    assert torch.equal(a.tokens, b.tokens)
    assert train(4, steps=3, width=8).history != a.history


@pytest.mark.slow
def test_straight_through_pointers_learn_to_copy():
    """Hoeffding: from a guesser's 1/8 a mean of 256 sequences exceeds 1/2 with probability below 1e-30; hops show what
    was learnt."""
    trained = train(0, steps=500)
    assert trained.history.hard > 0.5
    found = read_model(trained.model, trained.tokens)
    layer = found.found.hops[-1, 0]
    assert layer[3::4].sum() > found.nulls[UNTRAINED].hops[-1, 0][3::4].sum(), (
        "hops of 3 modulo 4 find the token to copy"
    )


def test_a_stride_bounds_hops():
    model = PointerModel(5, 8, 2, Strides((3,)))
    r = read_model(model, torch.randint(5, (2, 12)))
    assert set(np.flatnonzero(r.found.hops.sum((0, 1)))) <= {0, 3}


@pytest.mark.gpu
def test_a_model_on_an_accelerator_is_read():
    torch.manual_seed(0)
    model = PointerModel(5, 8, 2, Window(1), heads=2).cuda()
    r = read_model(model, torch.randint(5, (3, 12), device="cuda"))
    assert (r.found.self_loops == 1).all()
    assert (r.nulls[UNTRAINED].self_loops == 1).all()
