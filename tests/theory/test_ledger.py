"""Claims by id and by glob."""

from __future__ import annotations

import pytest

from theory.claim import Claim
from theory.ledger import Ledger, UnknownClaim


def claim(name):
    return Claim(id=name, statement="S.", expected="confirmed", strength="tested", reason="r")


NAMES = ("paper/swap/one", "paper/swap/two", "paper/graph", "other/swap/one")


@pytest.fixture
def ledger():
    return Ledger(map(claim, NAMES))


def chosen(ledger, *globs):
    return [c.id for c in ledger.select(globs)]


def test_order_length_and_membership(ledger):
    assert [c.id for c in ledger] == list(NAMES)
    assert len(ledger) == 4
    assert "paper/graph" in ledger
    assert "paper" not in ledger
    assert ledger["paper/graph"].id == "paper/graph"


def test_a_star_crosses_slashes(ledger):
    assert chosen(ledger, "*") == list(NAMES)
    assert chosen(ledger, "paper/*") == list(NAMES[:3])
    assert chosen(ledger, "*/one") == ["paper/swap/one", "other/swap/one"]
    assert chosen(ledger, "*swap*") == ["paper/swap/one", "paper/swap/two", "other/swap/one"]
    assert chosen(ledger, "paper/swap/t?o") == ["paper/swap/two"]
    assert [c.id for c in ledger.select()] == list(NAMES)


def test_several_globs_give_each_claim_once_in_ledger_order(ledger):
    assert chosen(ledger, "other/*", "*/one", "paper/swap/one") == ["paper/swap/one", "other/swap/one"]


def test_every_glob_must_match(ledger):
    with pytest.raises(UnknownClaim, match="no claim matches 'paper/grph'; did you mean paper/graph"):
        ledger.select(["*", "paper/grph"])
    with pytest.raises(UnknownClaim, match="no claim matches 'swap'; did you mean "):
        ledger.select(["swap"])
    with pytest.raises(UnknownClaim, match=r"no claim matches 'PAPER/\*'"):
        ledger.select(["PAPER/*"])


def test_an_unknown_id_is_answered_with_the_nearest(ledger):
    with pytest.raises(UnknownClaim, match="^no claim 'paper/swap/tow'; did you mean paper/swap/two"):
        ledger["paper/swap/tow"]
    with pytest.raises(UnknownClaim, match="^no claim 'zzz'; `weightproof list` prints them all$"):
        ledger["zzz"]


def test_an_empty_ledger_says_so():
    with pytest.raises(UnknownClaim):
        Ledger().select()


def test_two_claims_of_one_id_are_refused():
    with pytest.raises(ValueError, match="two claims have the id 'a/b'; give one of them another"):
        Ledger([claim("a/b"), claim("a/c"), claim("a/b")])


def test_the_same_claim_twice_is_one():
    one = claim("a/b")
    assert len(Ledger([one, one])) == 1
