"""What the decorators refuse, and what they say."""

from __future__ import annotations

import pytest

import weightproof as wp
from theory.verdict import Outcome, Strength

CLAIM = wp.Claim(id="toy/claim", statement="S.", expected="confirmed", strength="tested", reason="r")


def declare(function, strength="tested", given=None):
    return wp.check(CLAIM, strength, given)(function)


def test_an_input_without_a_source_is_refused_with_the_remedy():
    def check(n, subject=0): ...

    with pytest.raises(TypeError, match=r"n has neither a default \(a subject\) nor a source.*given=\{'n': strategy"):
        declare(check)


def test_given_must_name_the_inputs():
    def check(n, subject=0): ...

    with pytest.raises(TypeError, match=r"given names \['m'\].*without default are \['n'\]"):
        declare(check, given={"m": range(3)})


def test_a_check_needs_a_subject():
    def check(n): ...

    with pytest.raises(TypeError, match="no keyword argument with a default names its subject"):
        declare(check, given={"n": range(3)})


def test_run_is_no_subject():
    def check(run=wp.Run()): ...

    with pytest.raises(TypeError, match="names its subject"):
        declare(check)


@pytest.mark.parametrize("function", [lambda *a, s=0: None, lambda s=0, **k: None])
def test_star_arguments_are_refused(function):
    with pytest.raises(TypeError, match=r"name every argument; \*args and \*\*kwargs hide the subject"):
        declare(function)


def test_a_derived_check_needs_a_written_argument():
    with pytest.raises(TypeError, match="give the claim argument="):
        declare(lambda s=0: None, "derived")


def test_strengths_are_parsed_in_any_case_and_unknown_ones_listed():
    assert declare(lambda s=0: None, "EXHAUSTED").strength is Strength.EXHAUSTED
    with pytest.raises(ValueError, match="unknown strength 'sure'; one of proved, derived, certified"):
        declare(lambda s=0: None, "sure")


def test_a_check_stays_callable_and_documented():
    def adds(a, b=1):
        """Adds.

        More.
        """
        return a + b

    made = declare(adds, given={"a": range(3)})
    assert made(2) == 3
    assert made(2, b=5) == 7
    assert (made.name, made.summary, made.subject, made.inputs) == ("adds", "Adds.", {"b": 1}, ("a",))


def subject_check():
    return declare(lambda n, s=0: None, given={"n": range(3)})


@pytest.mark.parametrize("outcome", ["undecided", "error", "timeout", "vacuous", "skipped"])
def test_controls_come_out_confirmed_or_refuted(outcome):
    with pytest.raises(ValueError, match=f"expected confirmed or refuted, not {outcome}"):
        wp.control(subject_check(), "c", outcome, s=1)


def test_an_unknown_outcome_is_listed():
    with pytest.raises(ValueError, match="unknown outcome 'wrong'; one of confirmed, refuted"):
        wp.control(subject_check(), "c", "wrong", s=1)


def test_a_symmetry_is_not_refuted():
    with pytest.raises(ValueError, match="an edit that changes nothing cannot be expected refuted"):
        wp.control(subject_check(), "c", "refuted", symmetry="none", s=1)


def test_names_are_unique():
    made = subject_check()
    wp.control(made, "c", "refuted", s=1)
    with pytest.raises(ValueError, match="that name is taken"):
        wp.control(made, "c", "confirmed", s=2)
    assert len(made.controls) == 1


@pytest.mark.parametrize("subject", [{}, {"n": 1}, {"t": 1}])
def test_unknown_subjects_are_refused(subject):
    with pytest.raises(TypeError, match=r"unknown; this check's are \['s'\]"):
        wp.control(subject_check(), "c", "refuted", **subject)


def test_kinds():
    made = subject_check()
    kinds = [
        wp.control(made, "a", "refuted", s=1).kind,
        wp.control(made, "b", "confirmed", s=1).kind,
        wp.control(made, "c", "confirmed", symmetry="all", s=1).kind,
    ]
    assert kinds == ["negative", "positive", "symmetry"]
    assert made.control(None) is None
    assert made.control("a").expected is Outcome.REFUTED


def test_assume_leaves_out():
    wp.assume(1)
    from empirics.checking import Unmet

    with pytest.raises(Unmet):
        wp.assume([])


def test_the_budget_picks():
    assert [wp.Run(budget=budget).pick(1, 2) for budget in ("quick", "full")] == [1, 2]
