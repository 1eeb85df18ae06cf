"""Kernels on swap tokens, what is invariant, and the study of resemblance on plans that take a second."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from empirics.checking import Run
from empirics.checks.training import resemblance as checks
from empirics.checks.training.resemblance_forced import relations_force_the_kernel
from empirics.store import Store
from empirics.tasks import SwapTracking
from empirics.training.hand_built import swap_tracker
from empirics.training.kept import FOLDER
from empirics.training.kernels import kernels_of, signed, theorem
from empirics.training.models import Architecture, build
from empirics.training.studies import resemblance
from empirics.training.study import Study


@pytest.mark.parametrize("n", [3, 4, 5])
def test_the_construction_has_the_theorems_kernel(n):
    """Weights are float32: each entry of a key is off by a few roundings of 2^-24 of numbers below 2."""
    told = kernels_of(SwapTracking(n), swap_tracker(SwapTracking(n)))
    assert abs(np.array(told["kernel"]) - theorem(n)).max() <= 64 * 2.0**-24
    assert min(told["beta"]) >= 2 - 2.0**-22
    assert min(told["reads"]) >= 1 - 64 * 2.0**-24
    assert told["writes"] >= 1 - 64 * 2.0**-24


def test_the_theorems_values_are_those_of_slots_shared():
    for n in (3, 4):
        pairs = SwapTracking(n).pairs
        shared = [[len({*s} & {*t}) for t in pairs] for s in pairs]
        assert abs(theorem(n)).tolist() == [[float(x) for x in row] for row in shared]


def test_a_change_of_basis_and_signs_changes_nothing():
    task = SwapTracking(3)
    model = build(Architecture("deltaformer-linear", 28, 1, 1, 0), task.vocabulary, task.classes, 1)
    half = torch.tensor([[1, 1], [1, -1]])
    turn = torch.kron(torch.eye(7), torch.kron(half, half)) / 2  # orthogonal, and exact on weights of 12 binary digits
    block = model.blocks[0]

    def off():
        """How far a unit key may be off by the roundings of its projection, alone in float32; one more is for all in float64."""
        weight, x = block.mixer.key.weight.double(), block.before(model.embedding.weight).double()
        gamma = 29 * 2.0**-24 / (1 - 29 * 2.0**-24)
        found = 2 * gamma * (x.abs() @ weight.abs().T).norm(dim=1) / (x @ weight.T).norm(dim=1)
        return found[task.first_swap : task.first_read].detach().numpy()

    with torch.no_grad():
        for name in ("key", "query"):
            weight = getattr(block.mixer, name).weight
            weight.copy_((4096 * weight).round() / 4096)
        before, offs = kernels_of(task, model), off()
        for name in ("key", "query"):
            weight = getattr(block.mixer, name).weight
            weight.copy_(turn @ weight)
        after = kernels_of(task, model)
    most = sum(2 * (e[:, None] + e + np.outer(e, e)) for e in (offs, off()))  # beta is at most 2
    assert (abs(np.array(before["kernel"]) - after["kernel"]) <= most).all()
    flips = np.array([1, -1, -1])
    found = np.array(before["kernel"])
    best = [abs(signed(x, theorem(3)) - theorem(3)).max() for x in (found, found * np.outer(flips, flips))]
    assert best[0] == best[1]


def test_signs_are_those_nearest():
    flips = np.array([1, -1, 1])
    assert np.array_equal(signed(theorem(3) * np.outer(flips, flips), theorem(3)), theorem(3))
    # three keys at 60 degrees out of one plane: no signs make them the theorem's
    apart = np.array([[2.0, 1, 1], [1, 2, 1], [1, 1, 2]])
    assert abs(signed(apart, theorem(3)) - theorem(3)).max() == 2


def test_models_without_beta_and_many_swaps_are_refused():
    task = SwapTracking(3)
    model = build(Architecture("linear-attention", 28, 1, 1, 0), task.vocabulary, task.classes)
    with pytest.raises(ValueError, match="LinearAttention has no beta"):
        kernels_of(task, model)
    with pytest.raises(ValueError, match="signed: 15 swaps; give at most 10"):
        signed(np.eye(15), np.eye(15))


def test_tables_and_figure_come_from_the_store_alone(monkeypatch, tmp_path):
    monkeypatch.setenv(FOLDER, str(tmp_path / "trained"))
    plans = {
        name: resemblance.study("quick").plans[name] for name in ("deltanet-2, 3 slots", "deltaformer-linear, 4 slots")
    }
    small = {
        name: replace(plan, steps=2, batch=2, tests=(32, 128), tested=4, watched=4) for name, plan in plans.items()
    }
    monkeypatch.setattr(resemblance, "study", lambda budget: Study("resemblance", small, (0, 1)))
    with pytest.raises(ValueError, match="holds no result of deltanet-2, 3 slots"):
        resemblance.results(Store(), "quick")
    resemblance.fill(Store(tmp_path / "kept.jsonl"), "quick")
    trained, kernels = resemblance.results(Store(tmp_path / "kept.jsonl"), "quick")
    rows = resemblance.table(trained, kernels)
    assert [row["model"] for row in rows] == list(small)
    for row in rows:
        assert 0 < row["beta"].value < 2
        assert row["distance"].low <= row["distance"].value <= row["distance"].high
    figure = resemblance.draw(trained, kernels)
    assert figure.axes[1].get_xlabel() == "greatest distance from the theorem's kernel"


def test_another_budget_is_refused():
    with pytest.raises(ValueError, match="resemblance: budget = 'bogus'; give 'quick' or 'full'"):
        resemblance.study("bogus")


def told(**changed):
    """The numbers of the construction of 3 slots, but for what is changed."""
    return {"beta": [2.0] * 3, "kernel": theorem(3).tolist(), "reads": [1.0] * 3, "writes": 1.0, **changed}


@pytest.mark.parametrize(
    ("check", "changed"),
    [
        (checks.swaps_reflect, {"beta": [2.0, 1.7, 2.0]}),
        (checks.kernel_is_the_theorems, {"kernel": (2 * np.eye(3)).tolist()}),
        (checks.queries_differ_along_swaps, {"reads": [0.1] * 3}),
        (checks.one_key_a_slot, {"writes": 0.4}),
    ],
)
def test_a_property_is_refuted_for_what_it_says_and_accuracy_by_its_gate(check, changed):
    asked = []

    def observe(values, accuracy):
        def found(plan, seeds, device):
            asked.append((seeds, device))
            return [(accuracy, values)] * len(seeds)

        return found

    def words(values, accuracy, **subject):
        run = Run(seed=1, device="cuda")
        return check("deltanet-2, 3 slots", run, observe=observe(values, accuracy), **subject).words

    assert words(told(), 1.0) == ""
    assert words(told(), 0.4, tracks=0.0) == ""
    assert "does not track" in words(told(), 0.4)
    assert "does not track" not in words(told(**changed), 0.4, tracks=0.0) != ""
    assert set(map(repr, asked)) == {repr(((1000, 1001, 1002, 1003), "cuda"))}


def test_signs_of_keys_are_forced_by_what_commutes():
    assert relations_force_the_kernel().words == ""
    assert relations_force_the_kernel(commuting=False).words == "signs (1, 1, -1): keys of another kernel"
