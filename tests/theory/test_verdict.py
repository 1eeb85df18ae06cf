"""How checks combine into a verdict, and what a verdict says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory.verdict import (
    PLAIN,
    CheckResult,
    ControlResult,
    Outcome,
    Strength,
    Verdict,
    decide,
    parse_outcome,
    parse_strength,
)

ORDER = ["REFUTED", "ERROR", "TIMEOUT", "CONFIRMED", "UNDECIDED", "VACUOUS", "SKIPPED"]


def result(outcome="CONFIRMED", strength="TESTED", covers=False, name="c"):
    return CheckResult("a/b", name, None, Strength(strength), Outcome(outcome), covers=covers)


RESULTS = st.builds(result, st.sampled_from(list(Outcome)), st.sampled_from(list(Strength)), st.booleans())
VERDICT = Verdict(
    "a/b", Outcome.CONFIRMED, Strength.TESTED, {"sizes": "n <= 3"}, False, Outcome.CONFIRMED, Strength.TESTED
)


@given(st.lists(RESULTS, min_size=1))
def test_the_first_outcome_in_the_order_decides(checks):
    outcome, deciding = decide(checks)
    assert outcome == min((c.outcome for c in checks), key=lambda o: ORDER.index(o))
    assert deciding in checks
    assert deciding.outcome is outcome


@given(st.lists(RESULTS, min_size=1))
def test_the_strongest_of_those_that_agree_speaks(checks):
    outcome, deciding = decide(checks)
    agreeing = [c for c in checks if c.outcome is outcome]
    assert deciding.strength.rank == max(c.strength.rank for c in agreeing)
    assert deciding.covers == any(c.covers for c in agreeing if c.strength is deciding.strength)


def test_every_outcome_has_a_place_in_the_order_and_plain_words():
    assert set(ORDER) == set(Outcome) == set(PLAIN)


def test_no_check_leaves_a_claim_open():
    assert decide([]) == (Outcome.UNDECIDED, None)


def test_a_weak_refutation_stands_against_a_proof():
    outcome, deciding = decide([result("CONFIRMED", "PROVED", True), result("REFUTED", "MEASURED")])
    assert (outcome, deciding.strength) == (Outcome.REFUTED, Strength.MEASURED)


def test_what_broke_is_not_hidden_by_a_confirmation():
    assert decide([result("CONFIRMED", "DERIVED"), result("TIMEOUT", "TESTED")])[0] is Outcome.TIMEOUT
    assert decide([result("TIMEOUT", "DERIVED"), result("ERROR", "TESTED")])[0] is Outcome.ERROR


def test_strengths_are_ranked_from_proved_to_cited():
    names = ["PROVED", "DERIVED", "CERTIFIED", "EXHAUSTED", "TESTED", "MEASURED", "CITED"]
    assert [s.rank for s in map(Strength, names)] == [6, 5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize("text", ["confirmed", "CONFIRMED", "Confirmed"])
def test_outcomes_are_parsed_in_any_case(text):
    assert parse_outcome(text) is Outcome.CONFIRMED


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="unknown outcome 'x'; one of confirmed, .*, skipped$"):
        parse_outcome("x")
    with pytest.raises(ValueError, match="unknown strength 'x'; one of proved, .*, cited$"):
        parse_strength("x")


@pytest.mark.parametrize(
    ("outcome", "strength", "expected", "code"),
    [
        ("CONFIRMED", "TESTED", True, 0),
        ("CONFIRMED", "DERIVED", True, 0),
        ("CONFIRMED", "MEASURED", False, 1),
        ("REFUTED", "DERIVED", False, 1),
        ("ERROR", "DERIVED", False, 1),
        ("TIMEOUT", "DERIVED", False, 1),
        ("VACUOUS", "DERIVED", False, 1),
        ("UNDECIDED", "DERIVED", False, 3),
        ("SKIPPED", "TESTED", True, 0),
    ],
)
def test_exit_codes(outcome, strength, expected, code):
    verdict = replace(VERDICT, outcome=Outcome(outcome), strength=Strength(strength))
    assert (verdict.as_expected, verdict.exit_code) == (expected, code)


def test_an_expected_open_problem_exits_with_0():
    verdict = replace(VERDICT, outcome=Outcome.UNDECIDED, strength=Strength.CITED)
    assert replace(verdict, expected=Outcome.UNDECIDED, expected_strength=Strength.CITED).exit_code == 0


def test_problems_and_wrong_controls_exit_with_1_first():
    assert replace(VERDICT, problems=("a counterexample did not replay",)).exit_code == 1
    open_verdict = replace(VERDICT, outcome=Outcome.UNDECIDED, problems=("a check broke",))
    assert open_verdict.exit_code == 1
    right = ControlResult("c[d]", "c", "negative", Outcome.REFUTED, Outcome.REFUTED)
    assert replace(VERDICT, controls=(right,)).exit_code == 0
    for outcome in set(Outcome) - {Outcome.REFUTED, Outcome.SKIPPED}:
        wrong = replace(right, outcome=outcome)
        assert not wrong.right
        assert replace(VERDICT, controls=(right, wrong)).exit_code == 1


def test_plain_words_name_outcome_strength_and_sizes():
    assert VERDICT.plain == "holds, tested, n <= 3"
    assert replace(VERDICT, outcome=Outcome.REFUTED, scope={}).plain == "false, tested"


def test_labels():
    assert result(name="c").label == "c"
    assert replace(result(name="c"), control="d").label == "c[d]"
