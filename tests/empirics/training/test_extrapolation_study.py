"""Position kernels far beyond training: matched windows, extra parameters, rises, table, figure, and slopes from a store."""

from dataclasses import replace

import pytest
import torch
from matplotlib.figure import Figure

from constructions.layers.position_kernels import Alibi, Mep
from empirics.checking import Run
from empirics.checks.training import extrapolation as checks
from empirics.store import Store
from empirics.tasks import Text
from empirics.training import derived, weights
from empirics.training.kept import FOLDER
from empirics.training.loop import train
from empirics.training.models import MODELS, Architecture, build
from empirics.training.statistics import mean, nats
from empirics.training.studies import extrapolation
from empirics.training.study import Study

TINY = {
    name: replace(
        plan,
        steps=2,
        batch=2,
        watched=4,
        tested=4,
        architecture=replace(plan.architecture, width=8, hidden=8 if plan.architecture.hidden else 0),
    )
    for name, plan in extrapolation.study("quick").plans.items()
    if name in ("text alibi", "text learned", "text alibi-learned", "copy rope")
}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    study, store = Study("tiny", TINY, (0, 1)), Store()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extrapolation, "study", lambda budget: study)
        patch.setenv(FOLDER, str(tmp_path_factory.mktemp("trained")))
        extrapolation.fill(store, "quick")
        results = study.read(store)
    return study, store, results


@pytest.mark.parametrize("heads", [1, 2, 4, 8])
def test_matched_alibi_has_the_window_of_three_kernels(heads):
    """Sums of so many terms that what is left out, e^-(r T / 2) of the least slope, is below a rounding of float64.

    A slope in double is off by half a unit in the last place, which moves a window 1 / (1 - e^-r) by about that share; sums of T
    positive terms are off by T roundings at most."""
    terms, like = 2**15, torch.empty((), dtype=torch.float64)
    matched = MODELS["transformer-alibi-matched"].mixer(4 * heads, heads).position
    assert isinstance(matched, Alibi)
    one, three = (bias.table(terms, like).exp().sum(1) for bias in (matched, Mep(heads)))
    assert ((one - three).abs() <= terms * torch.finfo(torch.float64).eps * three).all()
    released = Alibi(heads).table(terms, like).exp().sum(1)
    assert (three - released > terms * torch.finfo(torch.float64).eps * three).all()


def test_parameters_of_a_kernel_are_counted():
    heads = extrapolation.HEADS
    counts = {model: extrapolation.extra(model) for model in (*extrapolation.FREE, *extrapolation.LEARNABLE)}
    assert all(counts[model] == 0 for model in extrapolation.FREE)
    assert counts["alibi-learned"] == heads
    assert counts["kerple"] == 2 * heads
    assert counts["mep-learned"] == (32 + 2) * heads


def test_a_table_of_positions_counts_as_many_parameters_as_it_adds():
    plans = extrapolation.study("full").plans
    with_table, without = (plans[f"text {model}"] for model in ("learned", "nope"))
    sizes = [
        sum(p.numel() for p in build(x.architecture, x.task.vocabulary, x.task.classes).parameters())
        for x in (with_table, without)
    ]
    assert extrapolation.extra("learned") == sizes[0] - sizes[1]


def test_text_is_read_from_modules_that_nothing_was_trained_on(tiny):
    _, _, results = tiny
    entries = results["text alibi"]
    also = entries[0].key["plan"]["also"][extrapolation.HELD]
    assert also["text"] == Text("held-out").configuration()["text"] != entries[0].key["plan"]["task"]["text"]
    for row in extrapolation.table(results):
        if (row.task, row.model) == ("text", "alibi"):
            assert row.nats == mean(nats(entries, row.length, extrapolation.HELD))
            assert row.nats != mean(nats(entries, row.length))


def test_a_rise_is_a_difference_of_differences(tiny):
    _, _, results = tiny
    assert extrapolation.rises(results, "alibi") == [0, 0]
    far, near = (
        [
            a - b
            for a, b in zip(
                *(nats(results[f"text {m}"], n, extrapolation.HELD) for m in ("learned", "alibi")), strict=True
            )
        ]
        for n in (extrapolation.LENGTHS[-1], extrapolation.N)
    )
    assert extrapolation.rises(results, "learned") == [f - n for f, n in zip(far, near, strict=True)]
    with pytest.raises(ValueError, match="no test at length 5"):
        extrapolation.rises(results, "learned", length=5)


def test_the_table_has_a_row_for_every_length_and_tells_the_text(tiny):
    study, store, results = tiny
    rows = extrapolation.table(results)
    assert len(rows) == 2 * len(TINY)
    assert extrapolation.table(study.read(store)) == rows
    for row in rows:
        assert row.nats.low <= row.nats.value <= row.nats.high
        assert row.accuracy.low <= row.accuracy.value <= row.accuracy.high
    for entry in results["text alibi"]:
        assert entry.key["plan"]["task"]["text"] == Text().configuration()["text"]


def slopes(study, store):
    only = study.only(lambda plan: plan is study.plans["text alibi-learned"])
    return extrapolation.slopes(
        [entry.values for entry in derived.read(only, store, "log slopes")["text alibi-learned"]]
    )


def test_slopes_are_read_off_the_weights(tiny):
    study, store, _ = tiny
    found = slopes(study, store)
    assert len(found) == 2
    for one in found:
        for slope, start in zip(one, extrapolation.RELEASED, strict=True):
            assert slope > 0
            assert slope != start
    assert found[0] != found[1]


def test_the_figure_shows_every_model(tiny):
    study, store, results = tiny
    found = slopes(study, store)
    axes = Figure().subplots(1, 5)
    made = extrapolation.constructed("quick", store)
    assert made == {extrapolation.N: 1, extrapolation.LENGTHS[-1]: 1}
    with pytest.raises(ValueError, match="the store holds no test of rope on Text"):
        extrapolation.built.read(store, "rope", Text())
    extrapolation.draw(results, made, found, axes)
    told = [{text.get_text() for text in axis.texts} for axis in axes]
    text = {"alibi", "learned", "alibi-learned"}
    assert told == [text, {"rope"}, set(), text, set()]
    assert [len(axis.containers) for axis in axes] == [3, 1, 0, 3, 0]
    assert all(axis.get_xlabel() and axis.get_ylabel() for axis in axes)


@pytest.mark.parametrize("budget", ["quick", "full"])
def test_studies_reach_eight_times_the_training(budget):
    for name, plan in extrapolation.study(budget).plans.items():
        assert max(plan.tests) == 8 * plan.lengths[1], name
        assert min(plan.tests) == plan.lengths[1], name


def test_weights_are_named_replaced_and_asked_for():
    plan = replace(TINY["text alibi-learned"], tests=())
    trained = train(plan, (0, 1))
    rows = weights.replaced(trained, "slopes.log", 0.5)
    assert trained.weights is not None
    for row, before in zip(rows, trained.weights, strict=True):
        parts, old = trained.shell.named(row), trained.shell.named(before)
        assert all((x == 0.5).all() if name.endswith("slopes.log") else x.equal(old[name]) for name, x in parts.items())
    with pytest.raises(ValueError, match="no parameter's name ends in 'beta'"):
        weights.named(trained, "beta")
    with pytest.raises(ValueError, match="no checkpoint has the weights"):
        weights.named(replace(trained, weights=None), "slopes.log")


def test_a_table_of_positions_is_as_long_as_the_longest_test():
    for plan in extrapolation.study("full").plans.values():
        assert isinstance(plan.architecture, Architecture)
        assert plan.architecture.longest >= max(plan.tests)


def test_another_seed_is_other_seeds_and_the_recorded_ones_are_of_seed_0():
    assert extrapolation.study("quick").seeds == (0, 1, 2, 3)
    assert extrapolation.study("full", 2).seeds == tuple(range(2000, 2008))


def test_another_budget_is_refused():
    with pytest.raises(ValueError, match="extrapolation: budget = 'bogus'; give 'quick' or 'full'"):
        extrapolation.study("bogus")


@pytest.mark.parametrize("seed", [0, 1])
def test_checks_ask_for_the_seeds_and_the_device_of_the_run(seed, monkeypatch):
    asked = []
    monkeypatch.setattr(checks, "measured", lambda plan, seeds, device: asked.append((seeds, device)))
    checks.trained("copy rope", Run(seed=seed, device="cuda"))
    assert asked == [(extrapolation.study("quick", seed).seeds, "cuda")]
