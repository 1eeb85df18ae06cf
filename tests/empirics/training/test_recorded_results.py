"""The recorded results of the full studies: they are whole, and every measured claim and its controls come out on them as said."""

from dataclasses import replace
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import pytest

from empirics.checking import Check, Evidence, Run
from empirics.checks.training import paths as paths_checks
from empirics.checks.training import swaps as swaps_checks
from empirics.store import Store
from empirics.training.studies import paths, swaps
from theory.verdict import Outcome, Strength

RECORDED = Path(__file__).parents[3] / "notebooks" / "results"
LARGEST = 10**6
QUESTIONS = {"swaps": (swaps, swaps_checks), "paths": (paths, paths_checks)}
RUN = Run(budget="full")


def measured_checks():
    for name, (_, checks) in QUESTIONS.items():
        for found in vars(checks).values():
            if isinstance(found, Check) and found.strength is Strength.MEASURED:
                yield pytest.param(name, found, id=f"{name}-{found.name}")


@pytest.fixture(scope="module")
def recorded():
    return {name: Store(RECORDED / f"{name}.jsonl") for name in QUESTIONS}


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_full_study_is_recorded_and_small(name, recorded):
    study = QUESTIONS[name][0].study("full")
    found = study.read(recorded[name])
    assert list(found) == list(study.plans)
    assert len(recorded[name]) == len(study.plans) * len(study.seeds)
    assert all(entry.values["end"] == "budget" for entries in found.values() for entry in entries)
    assert (RECORDED / f"{name}.jsonl").stat().st_size < LARGEST


def outcome_of(check, subject):
    """Over all cases, as verification decides: one refutation refutes."""
    domain = check.domain(RUN)
    found = []
    for values in product(*domain.values()):
        told = check(**dict(zip(domain, values, strict=True)), run=RUN, **subject)
        assert isinstance(told, Evidence)
        found.append(told.outcome)
    return Outcome.REFUTED if Outcome.REFUTED in found else Outcome.CONFIRMED


@pytest.mark.parametrize(("name", "check"), list(measured_checks()))
def test_claims_and_controls_come_out_on_the_recorded_results(name, check, recorded, monkeypatch):
    study, checks = QUESTIONS[name]
    asked = study.study("full")

    def held(plan, seeds):
        (named,) = [key for key, value in asked.plans.items() if value == plan]
        return SimpleNamespace(entries=replace(asked, plans={named: plan}, seeds=seeds).read(recorded[name])[named])

    monkeypatch.setattr(checks, "measured", held)
    assert outcome_of(check, {}) is check.claim.expected_outcome
    for control in check.controls:
        assert outcome_of(check, control.subject) is control.expected, control.name
