"""The study of swap tracking: what it trains, its table and figure from a store, and that the construction stands still."""

from dataclasses import replace

import pytest
import torch

from empirics.store import Store
from empirics.training.hand_built import swap_tracker
from empirics.training.kept import FOLDER
from empirics.training.loop import train
from empirics.training.sizing import parameters
from empirics.training.studies import swaps
from empirics.training.studies.swaps import (
    BUILT,
    LENGTHS,
    TRAINED,
    equal_time,
    figure,
    name_of,
    plan_of,
    save,
    skill,
    table,
)
from empirics.training.study import Study

TESTS = (8, 16, 32)
ASKED = [(BUILT, 3, 1), ("deltanet-2", 3, 1), ("deltanet", 3, 1), ("gru", 5, 1), ("deltanet", 3, 2)]


def tiny(*one):
    plan = plan_of(*one)
    steps = {} if one[0] == BUILT else {"steps": 4, "batch": 2}
    return replace(plan, every=2, watched=2, tests=TESTS, tested=4, **steps)


STUDY = Study("swaps", {name_of(*one): tiny(*one) for one in ASKED}, (0, 1))


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    path = tmp_path_factory.mktemp("swaps") / "swaps.jsonl"
    STUDY.run(Store(path))
    return STUDY.read(Store(path))


def test_every_model_has_as_many_parameters_and_the_same_steps():
    for budget in ("quick", "full"):
        found = swaps.study(budget)
        for name, plan in found.plans.items():
            if name.startswith(BUILT):
                continue
            spent = parameters(plan.architecture, plan.task.vocabulary, plan.task.classes)
            assert 0.97 * swaps.PARAMETERS < spent <= swaps.PARAMETERS, name
            assert (plan.steps, plan.lengths[1], plan.tests) == (swaps.STEPS, TRAINED, LENGTHS)


def test_the_full_study_has_three_four_and_five_slots_and_two_layers_and_more_seeds():
    quick, full = swaps.study("quick"), swaps.study("full")
    assert set(quick.plans) <= set(full.plans)
    assert {(plan.task.n, plan.architecture.layers) for plan in full.plans.values()} == {
        (3, 1), (4, 1), (5, 1), (3, 2), (5, 2),
    }  # fmt: skip
    assert len(quick.seeds) >= 4
    assert len(full.seeds) >= 8
    assert not set(swaps.study("full", 1).seeds) & set(full.seeds)


def test_a_row_for_each_plan_with_its_interval(results):
    rows = table(results)
    assert [(row.kind, row.n, row.layers) for row in rows] == ASKED
    for row in rows:
        assert list(row.accuracy) == list(TESTS)
        for length, at in row.accuracy.items():
            assert 0 <= at.low <= at.value <= at.high <= 1
            assert row.worst[length] <= at.value
        assert row.seconds > 0
        assert f"{row.parameters} parameters" in str(row)
    assert set(rows[0].worst.values()) == {1.0}


def test_the_construction_stands_still():
    """Its one step moves zeros by the rate at most, and other weights not at all."""
    plan = tiny(BUILT, 3)
    trained = train(plan, [0])
    before = trained.shell.flatten(swap_tracker(plan.task))
    assert trained.weights is not None
    after = trained.weights[0]
    assert torch.equal(before[before != 0], after[before != 0])
    assert (after - before).abs().max() <= 2 * plan.rate


def test_equal_time_is_that_of_the_fastest(results):
    found = equal_time(results, 3)
    assert set(found) == {"deltanet-2", "deltanet"}
    taken = {row.kind: row.seconds for row in table(results) if (row.n, row.layers) == (3, 1) and row.kind != BUILT}
    for kind, (seconds, steps, at) in found.items():
        assert seconds == pytest.approx(min(taken.values()))
        assert steps <= max(2, 4 * seconds / taken[kind] * (1 + 1e-9))
        assert at.low <= at.value <= at.high
    assert max(steps for _, steps, _ in found.values()) == 4
    told = equal_time(results, 3, seconds={"deltanet-2": 1.0, "deltanet": 2.0})
    assert {kind: (seconds, steps) for kind, (seconds, steps, _) in told.items()} == {
        "deltanet-2": (4, 4), "deltanet": (4, 2),
    }  # fmt: skip


def test_a_filled_store_has_trainings_without_strata_and_paces(results, tmp_path, monkeypatch):
    monkeypatch.setattr(swaps, "study", lambda budget: STUDY.only(lambda plan: plan.architecture.layers == 1))
    monkeypatch.setenv(FOLDER, str(tmp_path / "trained"))
    store = Store(tmp_path / "filled.jsonl")
    swaps.fill(store, "quick")
    assert set(swaps.paces(store, 3)) == {"deltanet-2", "deltanet"}
    assert set(swaps.paces(store, 5)) == {"gru"}
    assert all(seconds > 0 for seconds in swaps.paces(store, 3).values())
    told = equal_time(swaps.study("quick").read(store), 3, seconds=swaps.paces(store, 3))
    assert {seconds for seconds, _, _ in told.values()} == {4 * min(swaps.paces(store, 3).values())}
    trainings = store.select(kind="training")
    assert len(trainings) == len(STUDY.seeds) * len(swaps.study("quick").plans)
    for entry in trainings:
        assert all(counts["strata"] == [] for counts in entry.values["tests"].values())
    found = table(swaps.study("quick").read(store))
    assert [(row.kind, row.accuracy) for row in found] == [
        (row.kind, row.accuracy) for row in table(results) if row.layers == 1
    ]
    held = len(store)
    swaps.fill(store, "quick")
    assert len(store) == held


def test_the_figure_has_a_panel_for_each_number_of_slots_and_is_written_the_same_twice(results, tmp_path):
    drawn = figure(results)
    labels = [[line.get_label() for line in axis.lines if not line.get_label().startswith("_")] for axis in drawn.axes]
    assert labels == [["construction", "DeltaNet, β to 2", "DeltaNet, β to 1"], ["GRU"]]
    for name in ("one.svg", "two.svg"):
        save(figure(results), tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    assert len(figure(results, layers=2).axes) == 1


def test_skill_goes_from_a_guess_to_no_mistake():
    assert (skill(0.25, 4), skill(1, 4), skill(0.625, 4)) == (0, 1, 0.5)


def test_what_is_not_there_is_refused(results, tmp_path):
    with pytest.raises(ValueError, match="budget = 'long'; give 'quick' or 'full'"):
        swaps.study("long")
    with pytest.raises(ValueError, match="no results of 4 slots and 1 layers"):
        equal_time(results, 4)
    with pytest.raises(ValueError, match="no results of 3 layers to draw"):
        figure(results, layers=3)
    with pytest.raises(ValueError, match="the store holds no result of construction, 3 slots, 1 layer"):
        swaps.study("quick").read(Store(tmp_path / "none.jsonl"))
