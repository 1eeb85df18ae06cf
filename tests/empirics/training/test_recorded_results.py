"""The recorded results of the full studies: they are whole, and every measured claim on swaps and paths comes out on them as said."""

from dataclasses import replace
from functools import cache
from importlib import import_module
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import pytest

from empirics.checking import Check, Evidence, Run, Unmet
from empirics.checks.training import paths as paths_checks
from empirics.checks.training import swaps as swaps_checks
from empirics.store import Store
from empirics.training.studies import STUDIES
from theory.verdict import Outcome, Strength

RECORDED = Path(__file__).parents[3] / "notebooks" / "results"
LARGEST = 10**6
MODULES = {name: import_module(f"empirics.training.studies.{name}") for name in STUDIES}
CHECKS = {"swaps": swaps_checks, "paths": paths_checks}
BESIDE_THE_STORE = ("formats",)
"""Studies whose table reads the store too."""
RUN = Run(budget="full")


@cache
def full(name):
    return MODULES[name].study("full")


def measured_checks():
    for name, checks in CHECKS.items():
        for found in vars(checks).values():
            if isinstance(found, Check) and found.strength is Strength.MEASURED:
                yield pytest.param(name, found, id=f"{name}-{found.name}")


@pytest.fixture(scope="module")
def recorded():
    return {name: Store(RECORDED / f"{name}.jsonl") for name in STUDIES}


@pytest.mark.parametrize("name", STUDIES)
def test_the_full_study_is_recorded_and_small(name, recorded):
    asked, store = full(name), recorded[name]
    found = asked.read(store)
    assert list(found) == list(asked.plans)
    assert len(store.select(kind="training")) == len(asked.plans) * len(asked.seeds)
    for plan, entries in found.items():
        assert [entry.key["seed"] for entry in entries] == list(asked.seeds), plan
        assert all(entry.values["diverged"] is None for entry in entries), plan
    assert (RECORDED / f"{name}.jsonl").stat().st_size < LARGEST


@pytest.mark.parametrize("name", STUDIES)
def test_the_table_is_made_of_the_recorded_results(name, recorded):
    module, store = MODULES[name], recorded[name]
    if not hasattr(module, "results"):
        rows = module.table(full(name).read(store))
    elif name in BESIDE_THE_STORE:
        rows = module.table(module.results(store, "full"), store)
    else:
        rows = module.table(*module.results(store, "full"))
    assert len(rows) >= len(full(name).plans)


def test_swaps_are_recorded_as_filling_writes_them(recorded):
    for entry in recorded["swaps"].select(kind="training"):
        assert all(counts["strata"] == [] for counts in entry.values["tests"].values())


def outcome_of(check, subject):
    """Over all cases that are not left out, as verification decides: one refutation refutes, and no confirmation is of nothing."""
    domain = check.domain(RUN)
    found = []
    for values in product(*domain.values()):
        try:
            told = check(**dict(zip(domain, values, strict=True)), run=RUN, **subject)
        except Unmet:
            continue
        assert isinstance(told, Evidence)
        assert told.cases > 0
        found.append(told.outcome)
    assert found
    return Outcome.REFUTED if Outcome.REFUTED in found else Outcome.CONFIRMED


@pytest.mark.parametrize(("name", "check"), list(measured_checks()))
def test_claims_and_controls_come_out_on_the_recorded_results(name, check, recorded, monkeypatch):
    asked = full(name)

    def held(plan, seeds, device):
        assert device == RUN.device
        (named,) = [key for key, value in asked.plans.items() if value == plan]
        return SimpleNamespace(entries=replace(asked, plans={named: plan}, seeds=seeds).read(recorded[name])[named])

    monkeypatch.setattr(CHECKS[name], "measured", held)
    assert outcome_of(check, {}) is check.claim.expected_outcome
    for control in check.controls:
        assert outcome_of(check, control.subject) is control.expected, control.name
