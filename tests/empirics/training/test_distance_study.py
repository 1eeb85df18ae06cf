"""Copy, recall and passkey: constructions that are never wrong and what they lack when altered; tables, figure, gates from a store."""

from dataclasses import replace

import pytest
import torch
from matplotlib.figure import Figure

from empirics.checking import Run
from empirics.checks.training import distance as checks
from empirics.store import Store
from empirics.tasks import Copying, Passkey, Recall
from empirics.training import copiers, derived
from empirics.training.evaluation import evaluate
from empirics.training.kept import FOLDER
from empirics.training.studies import distance
from empirics.training.study import Study

COPY, RECALL, KEY = Copying(5, 5, 6), Recall(5, 4), Passkey(1, 6)
BUILT = {
    "copier": (COPY, lambda: copiers.copier(COPY, 24), (6, 24)),
    "copier of the token before": (Copying(1, 1, 4), lambda: copiers.copier(Copying(1, 1, 4), 8), (2, 8)),
    "turned copier": (COPY, lambda: copiers.turned_copier(COPY, 64), (6, 64)),
    "recaller": (RECALL, lambda: copiers.recaller(RECALL, 17), (3, 17)),
    "memory finder": (KEY, lambda: copiers.memory_finder(KEY), (3, 17, 100)),
    "pointing finder": (KEY, lambda: copiers.pointing_finder(KEY), (3, 100)),
}


@pytest.mark.parametrize("name", BUILT)
def test_a_construction_is_never_wrong(name):
    task, make, lengths = BUILT[name]
    for length in lengths:
        counts = evaluate(make(), task, length, 64)
        assert counts.right == counts.of


def zeroed(model, ending):
    with torch.no_grad():
        for name, p in model.named_parameters():
            if name.endswith(ending):
                p.zero_()
    return model


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("copier", "positions.weight"),
        ("turned copier", "query.weight"),
        ("recaller", "blocks.0.mixer.out.weight"),
        ("memory finder", "value.weight"),
        ("pointing finder", "block.key.weight"),
    ],
)
def test_a_construction_without_a_part_is_wrong(name, ending):
    task, make, lengths = BUILT[name]
    counts = evaluate(zeroed(make(), ending), task, lengths[-1], 64)
    assert counts.right < counts.of


def test_a_pointer_of_short_reach_finds_what_it_reaches():
    model = copiers.pointing_finder(KEY, 8)
    counts = evaluate(model, KEY, 40, 128)
    for since, (right, of) in counts.strata.items():
        assert since > 7 or right == of
    assert counts.right < counts.of


TINY = {
    name: replace(
        plan,
        steps=2,
        batch=2,
        watched=4,
        tested=4,
        stop=None,
        architecture=replace(plan.architecture, width=8, hidden=8 if plan.architecture.hidden else 0),
    )
    for name, plan in distance.study("quick").plans.items()
    if name in ("copy-4 learned", "copy-4 infini", "recall rope-2", "passkey infini", "passkey pointer")
}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    study, store = Study("tiny", TINY, (0, 1)), Store()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distance, "study", lambda budget: study)
        patch.setenv(FOLDER, str(tmp_path_factory.mktemp("trained")))
        distance.fill(store, "quick")
        results = study.read(store)
    return study, store, results


def test_a_row_for_every_length_and_depth(tiny):
    rows = distance.table(tiny[2])
    assert len(rows) == 3 + 2 * 2 * 4
    assert {(r.task, r.model) for r in rows} == {tuple(name.split()) for name in TINY}
    assert {r.depth for r in rows if r.task == "passkey"} == {None, 0, 50, 100}
    for row in rows:
        assert row.accuracy.low <= row.accuracy.value <= row.accuracy.high
        assert row.learned.of == 2
        assert row.steps == 2


def test_the_table_is_read_from_the_store_alone(tiny):
    study, store, results = tiny
    assert distance.table(study.read(store)) == distance.table(results)


def shares(study, store):
    only = study.only(lambda plan: plan is study.plans["passkey infini"])
    return distance.gates([entry.values for entry in derived.read(only, store, "gates")["passkey infini"]])


def test_gates_are_in_the_store_where_there_are_gates(tiny):
    study, store, _ = tiny
    assert len(store.select(kind="gates")) == 2 * 2
    found = shares(study, store)
    assert [len(one) for one in found] == [2, 2]
    assert all(0 < x < 1 for one in found for x in one)
    with pytest.raises(ValueError, match=r"no gates of copy-4 learned for seeds \[0, 1\]; record the study"):
        derived.read(study, store, "gates")


def test_the_figure_has_every_model_with_its_intervals(tiny, monkeypatch):
    study, store, results = tiny
    monkeypatch.setattr(distance, "study", lambda budget: study)
    found = shares(study, store)
    axes = Figure().subplots(1, 4)
    made = distance.constructions("quick", store)
    assert set(made) == {"copy-4", "recall", "passkey"}
    assert all(accuracy == 1 for reached in made.values() for accuracy in reached.values())
    distance.draw(results, made, {"passkey": found}, axes)
    told = [{text.get_text() for text in axis.texts} for axis in axes]
    assert told == [{"learned", "infini"}, {"rope-2"}, {"infini", "pointer"}, set()]
    assert [label.get_text() for label in axes[3].get_xticklabels()] == ["passkey"]
    assert [len(axis.containers) for axis in axes] == [2, 1, 2, 0]
    assert [sum(line.get_label() == "constructed" for line in axis.lines) for axis in axes] == [1, 1, 1, 0]
    assert all(axis.get_ylabel() for axis in axes)
    drawn = {float(y) for container in axes[2].containers for y in container[0].get_ydata()}
    assert drawn == {
        row.accuracy.value for row in distance.table(results) if row.task == "passkey" and row.depth is None
    }


@pytest.mark.parametrize("budget", ["quick", "full"])
def test_studies_are_as_the_budget_says(budget):
    study = distance.study(budget)
    assert len(study.seeds) == {"quick": 4, "full": 8}[budget]
    assert all(len(name.split()) == 2 for name in study.plans)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: copiers.copier(Copying(2, 3, 4), 8), "distances 2 to 3; by position one distance is copied"),
        (lambda: copiers.turned_copier(Copying(2, 3, 4), 8), "distances 2 to 3; by position one distance is copied"),
        (lambda: copiers.copier(Copying(8, 8, 4), 7), "longest = 7; give more tokens than the distance 8"),
        (lambda: copiers.recaller(RECALL, 2), "longest = 2; a recall has at least 3 tokens"),
        (lambda: copiers.memory_finder(Passkey(2, 4)), "size = 2; these weights find one digit, give size 1"),
        (lambda: copiers.pointing_finder(Passkey(2, 4)), "size = 2; these weights find one digit, give size 1"),
    ],
)
def test_the_door(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_another_seed_is_other_seeds_and_the_recorded_ones_are_of_seed_0():
    assert distance.study("quick").seeds == (0, 1, 2, 3)
    assert distance.study("full", 2).seeds == tuple(range(2000, 2008))


def test_another_budget_is_refused():
    with pytest.raises(ValueError, match="distance: budget = 'bogus'; give 'quick' or 'full'"):
        distance.study("bogus")


@pytest.mark.parametrize("seed", [0, 1])
def test_checks_ask_for_the_seeds_and_the_device_of_the_run(seed, monkeypatch):
    asked = []
    monkeypatch.setattr(checks, "measured", lambda plan, seeds, device: asked.append((seeds, device)))
    checks.trained("copy-4 learned", Run(seed=seed, device="cuda"))
    assert asked == [(distance.study("quick", seed).seeds, "cuda")]
