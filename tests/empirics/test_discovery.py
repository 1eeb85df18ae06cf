"""Files that hold no claims, and why, in one sentence."""

from __future__ import annotations

import sys

import pytest

from empirics.discovery import BadFile, Origin, gather, load_file, systems

GOOD = """
import weightproof as wp
claim = wp.Claim(id="mine/first", statement="S.", expected="confirmed", strength="tested", reason="r")
again = claim
@wp.check(claim, "tested")
def check(subject=0): ...
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = (\n", r"bad\.py:1: does not import: '\(' was never closed"),
        ("import no_such_module_here\n", r"bad\.py:1: does not import: ModuleNotFoundError: No module named"),
        ("\n\n1 / 0\n", r"bad\.py:3: does not import: ZeroDivisionError: division by zero"),
        ("raise ValueError('own words')\n", r"bad\.py:?1?: does not import: (ValueError: )?own words"),
        ("x = 1\n", r"bad\.py: defines no claim; `weightproof new FILE\.py` shows what one looks like"),
        ("", r"bad\.py: defines no claim"),
        (
            "import weightproof as wp\nwp.Claim(id='one', statement='s', expected='confirmed', strength='tested', reason='r')",
            r"bad\.py.*does not import: .*claim id 'one'",
        ),
    ],
)
def test_bad_files_are_refused_and_forgotten(tmp_path, text, words):
    (tmp_path / "bad.py").write_text(text)
    before = set(sys.modules)
    with pytest.raises(BadFile, match=words):
        load_file(str(tmp_path / "bad.py"))
    assert not {name for name in set(sys.modules) - before if name.startswith("weightproof_file_")}


def test_a_bad_file_is_told_in_one_line(tmp_path):
    (tmp_path / "bad.py").write_text("raise RuntimeError('first\\nsecond')\n")
    with pytest.raises(BadFile) as caught:
        load_file(str(tmp_path / "bad.py"))
    assert "\n" not in str(caught.value)


def test_a_file_that_exits_is_a_bad_file(tmp_path):
    (tmp_path / "bad.py").write_text("import sys\nsys.exit(0)\n")
    with pytest.raises(BadFile, match="does not import"):
        load_file(str(tmp_path / "bad.py"))


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "bad.py").write_bytes(b"\x00\xff\xfe")
    with pytest.raises(BadFile, match="does not import"):
        load_file(str(tmp_path / "bad.py"))


def test_a_missing_file_says_how_to_write_one(tmp_path):
    for path in (tmp_path / "none.py", tmp_path):
        with pytest.raises(BadFile, match=r"no such file; `weightproof new .*` writes one that runs"):
            load_file(str(path))


def test_a_file_is_loaded_once_until_it_changes(tmp_path):
    path = tmp_path / "good.py"
    path.write_text(GOOD)
    first = load_file(str(path))
    assert load_file(str(path)) is first
    path.write_text(GOOD + "changed = True\n")
    assert load_file(str(path)) is not first


def test_a_claim_under_two_names_is_one_claim(tmp_path):
    (tmp_path / "good.py").write_text(GOOD)
    origin = Origin(path=str(tmp_path / "good.py"))
    assert [c.id for c in origin.claims()] == ["mine/first"]
    assert [c.name for c in origin.checks()] == ["check"]


def test_neighbours_can_be_imported(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "neighbour_of_good.py").write_text("WORDS = 'from next door'\n")
    (tmp_path / "good.py").write_text("from neighbour_of_good import WORDS\n" + GOOD)
    assert load_file(str(tmp_path / "good.py")).WORDS == "from next door"


def test_two_claims_of_one_id_are_refused(tmp_path):
    (tmp_path / "good.py").write_text(GOOD)
    (tmp_path / "twin.py").write_text(GOOD + "# another file\n")
    with pytest.raises(ValueError, match="two claims have the id 'mine/first'"):
        gather([Origin(path=str(tmp_path / name)) for name in ("good.py", "twin.py")])


def test_every_system_has_claims_and_each_check_is_of_a_claim_in_the_ledger():
    ledger, where = gather(systems())
    assert "deltaformer/swap-tracking/linear-kernel" in ledger
    for origin in systems():
        assert origin.claims()
        assert {check.claim.id for check in origin.checks()} <= {claim.id for claim in origin.claims()}
    assert set(where) == {claim.id for claim in ledger}
