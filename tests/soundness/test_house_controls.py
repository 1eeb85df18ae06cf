"""Every check of the house can come out both ways, and says so with controls."""

import pytest

from empirics.discovery import gather, systems
from theory.verdict import Outcome

LEDGER, ORIGINS = gather(systems())
CHECKS = {claim.id: [c for c in ORIGINS[claim.id].checks() if c.claim.id == claim.id] for claim in LEDGER}
CITED = [claim for claim in LEDGER if claim.expected_outcome is Outcome.UNDECIDED]
DECIDED = [claim for claim in LEDGER if claim not in CITED]


@pytest.mark.parametrize("claim", CITED, ids=lambda claim: claim.id)
def test_a_cited_claim_is_left_open_by_having_no_check_and_names_its_source(claim):
    assert not CHECKS[claim.id]
    assert claim.source is not None
    assert claim.source.status in ("quoted", "recalled")


@pytest.mark.parametrize("claim", DECIDED, ids=lambda claim: claim.id)
def test_every_claim_has_checks_with_controls_both_ways(claim):
    checks = CHECKS[claim.id]
    assert checks
    for check in checks:
        reached = {claim.expected_outcome} | {control.expected for control in check.controls}
        assert reached == {Outcome.CONFIRMED, Outcome.REFUTED}, check.name
        assert all(control.reason or control.symmetry for control in check.controls)
    kinds = {control.kind for check in checks for control in check.controls}
    assert sum(len(check.controls) for check in checks) >= 2
    assert claim.expected_outcome is not Outcome.REFUTED or "positive" in kinds


@pytest.mark.parametrize("claim", DECIDED, ids=lambda claim: claim.id)
def test_a_check_reaches_the_strength_expected(claim):
    assert max(check.strength.rank for check in CHECKS[claim.id]) >= claim.expected_strength.rank


def test_every_check_belongs_to_a_claim_of_its_system():
    for origin in systems():
        ids = {claim.id for claim in origin.claims()}
        assert {check.claim.id for check in origin.checks()} <= ids
