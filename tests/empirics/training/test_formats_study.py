"""The study of formats: rounding, the construction in either layer, its store, table and figure."""

from dataclasses import replace

import pytest
import torch

from empirics.checking import Run
from empirics.checks.training import formats as checks
from empirics.store import Store
from empirics.tasks import IGNORE, SwapTracking
from empirics.training.hand_built import swap_tracker
from empirics.training.kept import FOLDER
from empirics.training.studies import formats
from empirics.training.study import Study


def test_the_construction_is_right_in_either_layer_and_every_format():
    for kind in formats.TRACKERS:
        told = formats.built(kind, (12, 33))
        assert set(told) == set(formats.FORMATS)
        assert all(accuracy == 1 for by_length in told.values() for accuracy in by_length.values())


def test_a_gate_that_hardly_opens_is_wrong():
    assert formats.built("deltanet-2", (32,), 0.05)["float32"]["32"] < 1


def test_both_layers_read_the_same_up_to_the_length_of_queries():
    """Only the Deltaformer makes queries unit, so what is read is of another size, and the contents in the same order."""
    task = SwapTracking(3)
    made = swap_tracker(task)
    words, targets, _ = task.sample(8, 12, 0)
    with torch.no_grad():
        found = [model(words)[targets != IGNORE].argmax(-1) for model in (made, formats._as_delta_rule(made))]
    assert torch.equal(found[0], targets[targets != IGNORE])
    assert torch.equal(found[1], targets[targets != IGNORE])


def test_powers_of_two_are_the_nearest_and_keep_signs_and_zeros():
    rows = torch.tensor([[0.0, 3.0, -1.4, 0.75, -1.0]])
    assert formats._rounded(rows, formats.POWERS).tolist() == [[0.0, 4.0, -1.0, 1.0, -1.0]]
    assert formats._rounded(rows, "bfloat16").dtype == torch.bfloat16
    assert formats._rounded(rows, "float8_e5m2").tolist() == [[0.0, 3.0, -1.5, 0.75, -1.0]]


def test_table_and_figure_come_from_the_store_alone(monkeypatch, tmp_path):
    monkeypatch.setenv(FOLDER, str(tmp_path / "trained"))
    plans = formats.study("quick").plans
    small = {name: replace(plan, steps=2, batch=2, tests=(12,), tested=4, watched=4) for name, plan in plans.items()}
    monkeypatch.setattr(formats, "study", lambda budget: Study("formats", small, (0, 1)))
    monkeypatch.setattr(formats, "LENGTHS", {"quick": (12, 16)})
    with pytest.raises(ValueError, match="the store holds no formats at 12, 16 of deltaformer-linear"):
        formats.results(Store(), "quick")
    formats.fill(Store(tmp_path / "kept.jsonl"), "quick")
    store = Store(tmp_path / "kept.jsonl")
    found = formats.results(store, "quick")
    rows = formats.table(found, store)
    assert len(rows) == len(plans) * len(formats.FORMATS) * 2
    assert all(row["construction"] == 1 for row in rows)
    assert all(0 <= row["trained"].low <= row["trained"].high <= 1 for row in rows)
    where = formats.failing(rows)
    assert set(where) == {(kind, form) for kind in plans for form in formats.FORMATS}
    assert set(where.values()) == {(12, None)}  # two steps learn nothing
    with pytest.raises(
        ValueError, match="holds no construction for deltaformer-linear at 12, 16 tokens; fill the store"
    ):
        formats.table(found, Store())
    figure = formats.draw(found, store)
    assert [axis.get_title() for axis in figure.axes] == list(plans)


def test_another_budget_is_refused():
    for refused in (formats.study, lambda b: formats.results(Store(), b), lambda b: formats.fill(Store(), b)):
        with pytest.raises(ValueError, match="formats: budget = 'bogus'; give 'quick' or 'full'"):
            refused("bogus")


def test_checks_take_the_seed_and_the_device_of_the_run():
    asked = []

    def observe(plan, seeds, told):
        lengths, names, device = told
        asked.append((seeds, device))
        return [{name: {str(length): 1.0 for length in lengths} for name in names} for _ in seeds]

    run = Run(seed=2, device="cuda")
    assert checks.halves_lose_little("deltanet-2", run, observe=observe).words == ""
    assert checks.float32_goes_on("deltanet-2", run, observe=observe).words == ""
    assert asked == [((2000, 2001, 2002, 2003), "cuda")] * 2
