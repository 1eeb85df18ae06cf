"""The study of reachability: what it trains, its table and figure from a store, and what the look-up alone earns."""

from dataclasses import replace

import pytest

from empirics.store import Store
from empirics.tasks import IGNORE
from empirics.training.sizing import parameters
from empirics.training.studies import paths
from empirics.training.studies.paths import (
    BUILT,
    CHAINS,
    TREES,
    UNTRAINED,
    figure,
    length_of,
    look_up,
    name_of,
    plan_of,
    save,
    table,
)
from empirics.training.study import Study

ASKED = [(BUILT, CHAINS), (UNTRAINED, CHAINS), ("linear-attention", CHAINS), ("linear-attention", TREES)]
SEQUENCES = 64


def tiny(*one):
    plan = plan_of(*one)
    return replace(plan, steps=min(plan.steps, 3), batch=2, every=2, watched=2, tested=SEQUENCES)


STUDY = Study("paths", {name_of(*one): tiny(*one) for one in ASKED}, (0, 1))


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    path = tmp_path_factory.mktemp("paths") / "paths.jsonl"
    STUDY.run(Store(path))
    return STUDY.read(Store(path))


def test_every_model_has_as_many_parameters_and_every_graph_one_length():
    for budget in ("quick", "full"):
        for name, plan in paths.study(budget).plans.items():
            assert plan.lengths == (length_of(plan.task),) * 2
            assert plan.task.nodes(plan.lengths[0]) == plan.task.names == 6
            if not name.startswith(BUILT):
                spent = parameters(plan.architecture, plan.task.vocabulary, plan.task.classes)
                assert 0.97 * paths.PARAMETERS < spent <= paths.PARAMETERS, name


def test_the_full_study_has_more_kinds_layers_steps_graphs_and_seeds():
    quick, full = paths.study("quick"), paths.study("full")
    assert set(quick.plans) < set(full.plans)
    assert {plan.architecture.layers for plan in full.plans.values()} == {1, 2}
    assert {plan.task for plan in full.plans.values()} == {CHAINS, TREES}
    assert paths.STEPS * paths.LONGER in {plan.steps for plan in full.plans.values()}
    assert len(quick.seeds) >= 4
    assert len(full.seeds) >= 8
    assert not set(paths.study("full", 1).seeds) & set(full.seeds)


def test_a_row_for_each_plan_by_path_length(results):
    rows = table(results)
    assert [row.name for row in rows] == list(STUDY.plans)
    for row in rows:
        assert set(row.by_length) >= {0, 1, 2, 3}
        for at in (row.accuracy, *row.by_length.values()):
            assert 0 <= at.low <= at.value <= at.high <= 1
    assert {at.low for at in rows[0].by_length.values()} == {1.0}
    assert rows[1].accuracy.high < 0.8


def test_the_look_up_by_looking(results):
    """Edges are 1 + 6 x + y and questions 37 + 6 x + y: right where the answer is whether the edge is among the tokens."""
    plan = STUDY.plans[name_of(BUILT)]
    from empirics.tasks import generator_of
    from empirics.training.plan import TESTED

    length = length_of(CHAINS)
    tokens, targets, _ = CHAINS.sample(SEQUENCES, length, generator_of(TESTED, length))
    right = asked = 0
    for row, answers in zip(tokens.tolist(), targets.tolist(), strict=True):
        for token, answer in zip(row, answers, strict=True):
            if answer != IGNORE:
                asked += 1
                right += int((token - 36 in row) == bool(answer))
    assert plan.tested == SEQUENCES
    assert look_up(results) == pytest.approx(right / asked)
    assert 0.5 < look_up(results) < 1


def test_the_figure_has_a_line_for_each_kind_and_is_written_the_same_twice(results, tmp_path):
    (axis,) = figure(results).axes
    labels = [line.get_label() for line in axis.lines if not line.get_label().startswith("_")]
    assert labels == ["construction", "linear attention"]
    for name in ("one.svg", "two.svg"):
        save(figure(results), tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_what_is_not_there_is_refused(results):
    with pytest.raises(ValueError, match="budget = 'long'; give 'quick' or 'full'"):
        paths.study("long")
    with pytest.raises(ValueError, match="no results of random to draw"):
        figure(results, family="random")
    with pytest.raises(ValueError, match="no results of random"):
        look_up(results, "random")
