"""The study of the basin: its store, tables, figure, refusals, on plans that take a second."""

from dataclasses import replace

import pytest

from empirics.checking import Run
from empirics.checks.training import basin as checks
from empirics.store import Store
from empirics.training import derived
from empirics.training.kept import FOLDER
from empirics.training.studies import basin
from empirics.training.study import Study


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """Two steps of the plans of the quick study for swaps, radii at one length."""
    monkeypatch.setenv(FOLDER, str(tmp_path / "trained"))
    plans = {name: plan for name, plan in basin.study("quick").plans.items() if name.startswith("swaps")}
    small = {name: replace(plan, steps=2, batch=2, tests=(12, 16), tested=8, watched=4) for name, plan in plans.items()}
    monkeypatch.setattr(basin, "study", lambda budget: Study("basin", small, (0, 1)))
    monkeypatch.setattr(basin, "LENGTHS", (5,))
    return tmp_path / "basin.jsonl"


def test_tables_and_figure_come_from_the_store_alone(tiny):
    basin.fill(Store(tiny), "quick")
    written = tiny.read_bytes()
    basin.fill(Store(tiny), "quick")
    assert tiny.read_bytes() == written
    store = Store(tiny)
    trained, begun = basin.results(store, "quick")
    rows = basin.table(trained, begun)
    assert [(row["begins"], row["length"]) for row in rows] == [
        (name, length) for name in ("swaps, noise 0.5", "swaps, noise 4") for length in (12, 16)
    ]
    for row in rows:
        assert row["seeds"] == 2
        assert 0 <= row["before"].low <= row["before"].value <= row["before"].high <= 1
        assert 0 <= row["returned"] <= 2
    [radii] = store.select(kind="radii")
    assert radii.values["certified"] < radii.values["attack"]
    assert len(radii.values["corners"]) == 2
    figure = basin.draw(trained, begun, store)
    assert [axis.get_xlabel() for axis in figure.axes] == [
        "noise, in root mean squares of a parameter",
        "tokens T",
    ]


def test_an_empty_store_is_refused(tiny):
    with pytest.raises(ValueError, match="holds no result of swaps, noise 0.5 for seeds"):
        basin.results(Store(), "quick")
    with pytest.raises(ValueError, match="basin: the store holds no before training of swaps, noise 0.5 for seeds"):
        derived.read(basin.study("quick"), Store(), basin.BEFORE[0])


def test_before_training_is_the_noisy_construction():
    plan = basin.returning(0.0, steps=1, rate=1e-6)
    [entry] = derived.derive(basin.BEFORE, replace(plan, tests=(12,), tested=8), [0])
    assert entry.values["tests"]["12"]["right"] == entry.values["tests"]["12"]["of"]


def test_the_full_study_holds_the_noises_of_the_quick_one():
    quick, full = (basin.study(budget).plans for budget in ("quick", "full"))
    assert set(quick) <= set(full)
    assert full["swaps, random"].noise is None


def test_another_budget_is_refused():
    with pytest.raises(ValueError, match="basin: budget = 'bogus'; give 'quick' or 'full'"):
        basin.study("bogus")


def test_radii_take_the_seed_and_the_device_of_the_run(monkeypatch):
    asked = []
    monkeypatch.setattr(checks, "radii", lambda *given: asked.append(given) or basin.radii(5, (0,)))
    checks.observed_is_larger(5, Run(seed=3, device="cuda"), first=100)
    assert asked == [(5, (3100, 3101, 3102, 3103), 3, "cuda")]


def test_trainings_take_the_seed_and_the_device_of_the_run(monkeypatch):
    asked = []

    def observe(plan, seeds, device):
        asked.append((seeds, device))
        return [0.5] * 4, [1.0] * 4

    monkeypatch.setattr(checks, "_at", lambda length: observe)
    assert checks.comes_back(Run(seed=2, device="cuda")).words == ""
    assert asked == [([2000, 2001, 2002, 2003], "cuda")]


def test_what_is_wrong_before_training_does_not_stay(monkeypatch):
    monkeypatch.setattr(checks, "_reached", lambda plan: lambda *_: ([1.0, 0.8, 1.0, 1.0], [1.0] * 4))
    assert checks.paths_stay(Run()).words == "rate 0.0001, seed 1: wrong before training"
