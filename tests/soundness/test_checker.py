"""The trusted checker: its tables, its command line, its limits, its enclosures."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from checker_cases import ACCEPTED, REJECTED, SWAPS
from flint import arb, ctx, fmpq
from hypothesis import given
from hypothesis import strategies as st
from judge import is_true

from theory import checker

CHECKER = Path(checker.__file__)


def text_of(case):
    return case if isinstance(case, str) else json.dumps(case)


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepts(name):
    result = checker.check_text(text_of(ACCEPTED[name]))
    assert (result.accepted, result.reason) == (True, ""), result.detail
    assert result.statement
    assert is_true(ACCEPTED[name])


@pytest.mark.parametrize(("name", "reason", "case"), REJECTED, ids=[name for name, _, _ in REJECTED])
def test_rejects(name, reason, case):
    result = checker.check_text(text_of(case))
    assert (result.accepted, result.reason) == (False, reason), result.detail
    assert result.detail
    assert result.statement_false == checker.REASONS[reason].startswith("FALSE")


def test_every_kind_and_every_reason_has_its_cases():
    kinds = [case["kind"] for case in ACCEPTED.values()]
    assert all(kinds.count(kind) >= 2 for kind in checker.KINDS)
    elsewhere = {"not-a-file", "too-large", "not-utf8"}  # reasons of files, not of texts: tested below
    assert set(checker.REASONS) == {reason for _, reason, _ in REJECTED} | elsewhere


def test_a_file_cut_anywhere_is_rejected():
    text = json.dumps(SWAPS)
    for length in range(len(text)):
        assert not checker.check_text(text[:length]).accepted


def test_a_certificate_of_huge_numbers_is_stopped():
    big = int("9" * 3999)
    matrix = [[big - i * j for j in range(60)] for i in range(60)]
    case = {"weightproof": 1, "kind": "determinant", "claim": "a", "data": {"matrix": matrix, "determinant": 0}}
    assert checker.check_text(json.dumps(case)).reason in ("", "time-limit", "memory-limit")


def test_work_is_limited_in_steps(monkeypatch):
    monkeypatch.setattr(checker, "MAX_STEPS", 10)
    assert checker.check_text(json.dumps(SWAPS)).reason == "time-limit"


def test_out_of_memory_has_a_reason(monkeypatch):
    def exhausted(text):
        raise MemoryError

    monkeypatch.setattr(checker, "parse", exhausted)
    assert checker.check_text("{}").reason == "memory-limit"


def run(*arguments):
    command = [sys.executable, "-I", "-S", str(CHECKER), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_command_line(tmp_path):
    good, bad, big, odd, fifo = (tmp_path / name for name in ("good", "bad", "big", "odd", "fifo"))
    good.write_text(json.dumps(SWAPS))
    bad.write_text(json.dumps(SWAPS).replace('"swaps": [[0, 2]', '"swaps": [[0, 1]'))
    odd.write_bytes(b"\xff\xfe{}")
    with big.open("wb") as stream:
        stream.truncate(10 * checker.MAX_BYTES)
    os.mkfifo(fifo)
    done = run(good)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"accepted {good}: 3 slots are read right after each of 3 swaps, for all contents")
    done = run(good, bad, tmp_path / "none", tmp_path, big, odd, fifo)
    assert done.returncode == 1
    words = [line.split(": ")[1] for line in done.stdout.splitlines()[1:]]
    assert words == ["wrong-readout", "not-a-file", "not-a-file", "too-large", "not-utf8", "not-a-file"]
    rows = json.loads(run("--json", good, bad).stdout)
    assert [(row["accepted"], row["statement_false"]) for row in rows] == [(True, False), (False, True)]
    assert run().returncode == 2
    assert "usage" in run("--what", good).stderr
    assert run("--help").stdout.strip().startswith("The trusted checker")


def test_main_in_process(tmp_path, capsys):
    good = tmp_path / "good"
    good.write_text(json.dumps(SWAPS))
    mark = tmp_path / "mark"
    mark.write_bytes(b"\xef\xbb\xbf{}")
    assert checker.main([str(good)]) == 0
    assert checker.main([str(mark), "--json"]) == 1
    assert checker.main(["--help"]) == 0
    assert checker.main([]) == 2
    assert "not-utf8" in capsys.readouterr().out


def test_it_imports_only_the_standard_library_and_runs_nothing():
    tree = ast.parse(CHECKER.read_text())
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= set(sys.stdlib_module_names)
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {"eval", "exec", "compile", "__import__"}
    assert not imported & {"importlib", "subprocess", "pickle", "socket", "ctypes"}


rationals = st.builds(Fraction, st.integers(-(10**6), 10**6), st.integers(1, 10**6))


@given(x=rationals, bits=st.sampled_from([64, 128, 512]), name=st.sampled_from(["exp", "log", "cos"]))
def test_enclosures_contain_the_value_and_are_narrow(x, bits, name):
    x = x % 500 if name != "log" else abs(x) + Fraction(1, 10**9)
    low, high = getattr(checker, f"{name}_enclosure")(x, bits, checker.Budget())
    before = ctx.prec
    ctx.prec = 4 * bits + 2000
    try:
        true = getattr(arb(fmpq(x.numerator, x.denominator)), name)()
        assert (true - arb(fmpq(low.numerator, low.denominator))) >= 0 or low == high
        assert (arb(fmpq(high.numerator, high.denominator)) - true) >= 0 or low == high
    finally:
        ctx.prec = before
    assert high - low <= max(1, abs(low)) * Fraction(4, 2**bits)


@given(x=rationals, name=st.sampled_from(["exp", "log", "cos"]))
def test_two_precisions_agree(x, name):
    x = x % 200 if name != "log" else abs(x) + 1
    function = getattr(checker, f"{name}_enclosure")
    (low, high), (low2, high2) = function(x, 64, checker.Budget()), function(x, 256, checker.Budget())
    assert max(low, low2) <= min(high, high2)


def test_even_powers_of_enclosures_around_zero():
    around = ["-", ["exp", ["exp", 0]], ["exp", 1]]
    low, high = checker.enclose(["pow", around, 2], 64, checker.Budget())
    assert low == 0 < high


def test_long_numbers_are_described():
    assert "bits" in checker.clipped(Fraction(3**500, 2))


def test_time_runs_out_with_a_reason():
    with pytest.raises(checker.Rejected) as caught:
        checker.out_of_time()
    assert caught.value.reason == "time-limit"


def test_files_in_process(tmp_path):
    assert checker.check_file(tmp_path).reason == "not-a-file"
    assert checker.check_file(tmp_path / "none").reason == "not-a-file"
    odd = tmp_path / "odd"
    odd.write_bytes(b"\xff")
    assert checker.check_file(odd).reason == "not-utf8"


def test_large_files_are_not_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(checker, "MAX_BYTES", 10)
    long = tmp_path / "long"
    long.write_text(" " * 11)
    assert checker.check_file(long).reason == "too-large"


def test_rejected_lines_in_process(tmp_path, capsys):
    bad = tmp_path / "bad"
    bad.write_text("[")
    assert checker.main([str(bad)]) == 1
    assert capsys.readouterr().out.startswith(f"rejected {bad}: not-json")
