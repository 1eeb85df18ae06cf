"""Sharing among outputs, and networks trained apart: windows by hand, exact corners, batched training against training alone."""

import re
from fractions import Fraction

import numpy as np
import pytest
import torch

from empirics.rates import sharing, trained
from empirics.rates.targets import fixed
from theory.takakura_suzuki import sharing_laws
from theory.takakura_suzuki.counting import TooLarge
from theory.takakura_suzuki.smoothness import Power, Smoothness

LINEAR = Smoothness("mixed", Power(1))
NOISE = Fraction(1, 4)


def test_windows_by_hand():
    tokens = np.arange(8.0)[None]
    found = sharing.windows(tokens, 4, sharing.reach_of(4))
    assert sharing.reach_of(4) == 2
    assert found[0].tolist() == [[i, i - 1, i + 1, i - 2] for i in range(2, 6)]


def test_one_output_has_nothing_to_share():
    found = sharing.share(fixed(LINEAR, 9, 0), 1, 400, NOISE, 4, 0)
    assert (np.abs(found.shared - found.separate) <= 2.0**-40 * found.shared).all()
    assert found.failed == 0


def test_sharing_among_eight():
    found = sharing.share(fixed(LINEAR, 9, 0), 8, 900, NOISE, 16, 0)
    low, high = found.bracket
    assert float(low) <= 8 <= float(high)
    assert found.ratio(0, Fraction(999, 1000)).meets(float(low), float(high))
    assert found.floor == 0


def test_what_differs_cannot_be_shared():
    """The floor is turn^2 |c|^2 for an even number of outputs; the shared risk stays above it, separate ones do not see it."""
    target = fixed(LINEAR, 9, 0)
    found = sharing.share(target, 4, 900, NOISE, 4, 0, turn=0.5)
    assert abs(found.floor - 0.25 * float(target.tail(0))) <= 2.0**-45
    assert found.shared.min() >= found.floor > 10 * found.separate.max()


def test_the_brackets_law():
    low, high = sharing_laws.ratio(8, 10**6, 9, 1)
    assert 8 * (1 - Fraction(1, 10**4)) < low < 8 < high < 8 * (1 + Fraction(1, 10**4))
    assert sharing_laws.ratio(8, 1000, 9, 3)[0] < sharing_laws.ratio(8, 1000, 9, 1)[0], "wider windows, more dependence"
    assert sharing_laws.bad(10, 9) == 1
    assert sharing_laws.parameters(16, 100) == (100, 1600)


def make(d):
    return trained.MLP(d, width=16)


def test_batched_training_starts_as_each_alone():
    """The first losses of three seeds at once are those of fewer: forward passes of three layers, so many roundings of 2^-24."""
    target = fixed(LINEAR, 19, 0)
    several, one = (trained.train(make, target, 64, NOISE, seeds, 5, steps=1) for seeds in (3, 1))
    assert abs(several.losses[0] - one.losses[0]) <= 2 * (3 + 16 + 16 + 64 + 8) * 2.0**-24 * one.losses[0] * 8
    assert len(set(several.losses.tolist())) == 3, "each seed has its own data and weights"


@pytest.mark.parametrize("model", [make, lambda d: trained.SmallTransformer(d, width=16)], ids=["mlp", "transformer"])
def test_training_learns_and_says_what_it_is_no_evidence_for(model):
    target = fixed(LINEAR, 9, 0)
    found = trained.train(model, target, 128, NOISE, 2, 0, steps=60, rate=1e-2)
    begun = trained.train(model, target, 128, NOISE, 2, 0, steps=1)
    assert (found.losses < begun.losses).all()
    assert found.risks.shape == (2,)
    assert "no evidence" in found.label
    again = trained.train(model, target, 128, NOISE, 2, 0, steps=60, rate=1e-2)
    assert (again.risks == found.risks).all()


def test_training_leaves_the_global_generator_alone():
    torch.manual_seed(3)
    before = torch.get_rng_state()
    trained.train(make, fixed(LINEAR, 9, 0), 32, NOISE, 1, 0, steps=1)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.gpu
def test_training_on_an_accelerator():
    found = trained.train(make, fixed(LINEAR, 9, 0), 128, NOISE, 4, 0, steps=60, rate=1e-2, device="cuda")
    begun = trained.train(make, fixed(LINEAR, 9, 0), 128, NOISE, 4, 0, steps=1, device="cuda")
    assert (found.losses < begun.losses).all()


REFUSALS = {
    "few data": (
        lambda: sharing.share(fixed(LINEAR, 9, 0), 2, 9, 1, 2, 0),
        "n = 9, L = 2, replicates = 2: give n > N = 9",
    ),
    "signs": (lambda: sharing.share(fixed(LINEAR, 8, 0), 2, 90, 1, 2, 0), "8 functions are not closed under signs"),
    "memory": (lambda: sharing.share(fixed(LINEAR, 9, 0), 10**6, 10**6, 1, 2, 0), "above memory = 1024 MiB"),
    "bracket": (lambda: sharing_laws.ratio(8, 20, 9, 1), "perhaps no design is well conditioned"),
    "outputs": (lambda: sharing_laws.ratio(0, 20, 9, 1), "L = 0, n = 20, N = 9, U = 1: give at least 1 of each"),
    "seeds": (lambda: trained.train(make, fixed(LINEAR, 9, 0), 32, 1, 0, 0), "seeds = 0, steps = 500: give at least 1"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(name):
    call, words = REFUSALS[name]
    with pytest.raises((ValueError, TooLarge), match=re.escape(words)):
        call()
