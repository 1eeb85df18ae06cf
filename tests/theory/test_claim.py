"""What a claim must say, and what is said to one that does not."""

from __future__ import annotations

import pytest

from theory.claim import Claim, Source
from theory.verdict import Outcome, Strength

GOOD = {"id": "a/b", "statement": "S.", "expected": "confirmed", "strength": "tested", "reason": "r"}
SOURCE = {"key": "k2025x", "authors": "Ada Lovelace, Alan Turing", "title": "On X", "year": 2025, "where": "arXiv 1"}


def test_outcome_and_strength_are_parsed():
    claim = Claim(**GOOD)
    assert (claim.expected, claim.strength) == (Outcome.CONFIRMED, Strength.TESTED)
    assert (claim.expected_outcome, claim.expected_strength) == (Outcome.CONFIRMED, Strength.TESTED)
    assert (claim.system, claim.scope) == ("a", {})


def test_scope_holds_variant_and_arithmetic():
    assert Claim(**GOOD, variant="linear", arithmetic="Q").scope == {"variant": "linear", "arithmetic": "Q"}


@pytest.mark.parametrize("name", ["a/b", "my-paper/theorem-1", "a/b/c", "2/3"])
def test_ids(name):
    assert Claim(**GOOD | {"id": name}).id == name


@pytest.mark.parametrize(
    "name", ["", "a", "a/", "/a", "A/b", "a//b", "a/b-", "a/-b", "a_b/c", "a/b ", "a/../b", "a/b\n"]
)
def test_other_ids_are_refused_with_an_example(name):
    with pytest.raises(ValueError, match="at least two parts, for example 'my-paper/theorem-1'"):
        Claim(**GOOD | {"id": name})


@pytest.mark.parametrize("field", ["statement", "reason"])
@pytest.mark.parametrize("text", ["", " \n"])
def test_empty_words_are_refused(field, text):
    with pytest.raises(ValueError, match=f"claim a/b: {field} is empty"):
        Claim(**GOOD | {field: text})


@pytest.mark.parametrize("outcome", ["error", "timeout", "vacuous", "skipped"])
def test_only_decisions_and_open_problems_are_expected(outcome):
    with pytest.raises(ValueError, match=f"expected must be confirmed, refuted or undecided, not {outcome}"):
        Claim(**GOOD | {"expected": outcome})


@pytest.mark.parametrize(
    ("outcome", "strength"), [("confirmed", "cited"), ("refuted", "cited"), ("undecided", "tested")]
)
def test_cited_and_undecided_go_together(outcome, strength):
    with pytest.raises(ValueError, match="cited evidence leaves a claim undecided"):
        Claim(**GOOD | {"expected": outcome, "strength": strength})
    assert Claim(**GOOD | {"expected": "undecided", "strength": "cited"}).expected is Outcome.UNDECIDED


def test_unknown_words_are_answered_with_the_choices():
    with pytest.raises(ValueError, match="unknown outcome 'true'; one of confirmed, refuted, undecided"):
        Claim(**GOOD | {"expected": "true"})
    with pytest.raises(ValueError, match="unknown strength 'very'; one of proved, derived, certified"):
        Claim(**GOOD | {"strength": "very"})


def test_the_argument_is_dedented():
    assert Claim(**GOOD, argument="\n    one\n        two\n    ").argument == "one\n    two"


def test_a_source_has_a_status():
    with pytest.raises(ValueError, match="source 'k2025x': status 'read' is none of quoted, recalled, derived"):
        Source(**SOURCE, status="read")
    meanings = {Source(**SOURCE, status=status).meaning for status in ("quoted", "recalled", "derived")}
    assert len(meanings) == 3


def test_bibtex_with_and_without_an_eprint():
    assert Source(**SOURCE, eprint="2505.1").bibtex() == (
        "@misc{k2025x,\n"
        "  author        = {Ada Lovelace and Alan Turing},\n"
        "  title         = {{On X}},\n"
        "  year          = {2025},\n"
        "  eprint        = {2505.1},\n"
        "  archivePrefix = {arXiv}\n"
        "}"
    )
    assert "  howpublished = {arXiv 1}\n}" in Source(**SOURCE).bibtex()


def test_bibtex_separates_authors_as_bibtex_does():
    """BibTeX joins authors by ' and '; commas between names make one person of them."""
    assert "{Ada Lovelace and Alan Turing}" in Source(**SOURCE).bibtex()


def test_short_names_the_first_author():
    assert Source(**SOURCE).short == "Ada Lovelace et al. 2025, arXiv 1"
