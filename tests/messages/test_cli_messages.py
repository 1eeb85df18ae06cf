"""What the command line says, above all when it is used wrongly: exit codes, one-line messages, nothing written."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from empirics.cli import app

COMMANDS = ("list", "show", "verify", "check", "replay", "new", "diff")
LINEAR = "deltaformer/swap-tracking/linear-kernel"


def run(*arguments: object):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def process(
    *arguments: object, cwd: Path, program: tuple[str, ...] = ("-m", "empirics")
) -> subprocess.CompletedProcess:
    command = [sys.executable, *program, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


def refused(result) -> str:
    """The one line with which a command refuses; exit 2 and nothing on standard output."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    (line,) = result.stderr.splitlines()
    assert line.startswith("weightproof: ")
    return line.removeprefix("weightproof: ")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("command", [[], *([c] for c in COMMANDS)])
def test_help_has_an_example(command):
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert all(name in result.stdout for name in COMMANDS) if not command else "Example: weightproof " in result.stdout


def test_an_unknown_claim_is_answered_with_the_nearest():
    words = refused(run("show", "deltaformer/swap-traking/linear-kernel"))
    assert words.startswith(f"no claim 'deltaformer/swap-traking/linear-kernel'; did you mean {LINEAR}")
    assert refused(run("show", "zzz")) == "no claim 'zzz'; `weightproof list` prints them all"


@pytest.mark.parametrize("command", ["list", "verify"])
def test_a_glob_that_matches_nothing_is_wrong_usage(command, tmp_path):
    assert refused(run(command, "pointers/*")).startswith("no claim matches 'pointers/*'; ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "mine.py: no such file; `weightproof new mine.py` writes one that runs"),
        ("def f(:\n", "mine.py:1: does not import: "),
        ("\nimport nothing_of_that_name\n", "mine.py:2: does not import: ModuleNotFoundError: "),
        ("x = 1\n", "mine.py: defines no claim; "),
        ("raise SystemExit(0)\n", "mine.py:1: does not import: SystemExit: 0"),
    ],
)
@pytest.mark.parametrize("command", ["verify", "show"])
def test_a_bad_file_is_refused_and_nothing_is_written(command, text, words, tmp_path):
    if text is not None:
        (tmp_path / "mine.py").write_text(text)
    assert refused(run(command, "mine.py")).startswith(words)
    assert {p.name for p in tmp_path.iterdir()} <= {"mine.py"}


@pytest.mark.parametrize("out", ["file", "file/below", "file/below/further"])
def test_an_output_folder_that_cannot_be_is_refused(out, tmp_path):
    (tmp_path / "file").write_text("kept")
    words = refused(run("verify", "deltaformer/*", "--out", out))
    assert words.startswith(f"--out {out}: ")
    assert words.endswith("name another folder")
    assert (tmp_path / "file").read_text() == "kept"


@pytest.mark.parametrize("target", ["absent/all.json", "."])
def test_a_json_file_that_cannot_be_is_refused_before_running(target, tmp_path):
    started = time.perf_counter()
    words = refused(run("verify", "--json", target))
    assert words == f"--json {target}: no file can be written there; name a file in a folder that exists"
    assert list(tmp_path.iterdir()) == []
    assert time.perf_counter() - started < 10  # the whole ledger takes longer


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["--budget", "big"], "budget 'big': quick or full"),
        (["--device", "tpu"], "device 'tpu': cpu or cuda"),
        (["--jobs", "0"], "jobs 0: at least 1"),
    ],
)
def test_options_are_checked_before_running(option, words, tmp_path):
    assert refused(run("verify", *option)) == words
    assert list(tmp_path.iterdir()) == []


def test_a_missing_device_is_refused(tmp_path):
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device here")
    assert refused(run("verify", LINEAR, "--device", "cuda")).startswith(
        "--device cuda: torch sees no CUDA device here"
    )
    assert list(tmp_path.iterdir()) == []


def test_list_prints_a_line_a_claim_and_the_same_as_json():
    lines = run("list", "*/reachability/*").stdout.splitlines()
    rows = json.loads(run("list", "*/reachability/*", "--json", "-").stdout)
    assert [line.split()[0] for line in lines] == [row["claim"] for row in rows]
    assert {row["expected"] for row in rows} == {"CONFIRMED", "REFUTED"}
    assert all(row["claim"].startswith("deltaformer/reachability/") for row in rows)


def test_show_prints_everything_about_a_claim():
    page = run("show", LINEAR).stdout
    for title in (
        "Claim",
        "Formula",
        "Quantifier",
        "Hypotheses",
        "Argument",
        "Checks",
        "Controls",
        "Last verdict",
        "Cite",
    ):
        assert f"\n{title}\n" in page
    assert "none here; run `weightproof verify`" in page
    assert "@misc{" in page
    document = json.loads(run("show", LINEAR, "--json", "-").stdout)
    assert document["claim"] == LINEAR
    assert document["last_verdict"] is None
    assert {c["kind"] for c in document["controls"]} == {"negative", "symmetry"}


def test_diff_refuses_what_verify_did_not_write(tmp_path):
    assert refused(run("diff", "a.json", "b.json")) == "a.json: No such file or directory"
    (tmp_path / "a.json").write_text("[1, 2]")
    assert refused(run("diff", "a.json", "a.json")) == "a.json: not a file that `weightproof verify --json` writes"


def test_diff_tells_what_changed(tmp_path):
    def document(**results):
        rows = [
            {"claim": f"c/{name}", "outcome": outcome, "seconds": i}
            for i, (name, outcome) in enumerate(results.items())
        ]
        return json.dumps({"results": rows})

    (tmp_path / "old.json").write_text(document(a="CONFIRMED", b="CONFIRMED", gone="REFUTED"))
    (tmp_path / "new.json").write_text(document(b="REFUTED", a="CONFIRMED", come="REFUTED"))
    assert run("diff", "old.json", "old.json").stdout == "no verdict changed\n"
    assert run("diff", "old.json", "new.json").stdout.splitlines() == [
        "changed: c/b",
        "  outcome: CONFIRMED -> REFUTED",
        "added: c/come",
        "removed: c/gone",
    ]
    changes = json.loads(run("diff", "old.json", "new.json", "--json", "-").stdout)
    assert [(c["claim"], c["change"]) for c in changes] == [
        ("c/b", "changed"),
        ("c/come", "added"),
        ("c/gone", "removed"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "no such file"),
        ("{", "not a counterexample file: "),
        ("[" * 100_000, "not a counterexample file"),
        ("{}", "not a counterexample file of this version; `weightproof verify` writes them"),
    ],
)
def test_a_file_that_is_no_counterexample_does_not_replay(text, words, tmp_path):
    if text is not None:
        (tmp_path / "c.json").write_text(text)
    result = run("replay", "c.json")
    assert result.exit_code == 1
    assert result.stdout.startswith(f"does not replay c.json: {words}")
    assert "Traceback" not in result.output
    (answer,) = json.loads(run("replay", "c.json", "--json", "-").stdout)["results"]
    assert answer["replays"] is False
    assert answer["file"] == "c.json"


@pytest.mark.parametrize(
    "change",
    [
        {"claim": "no/such"},
        {"run": {"seed": 0, "lunch": "free"}},
        {"run": []},
        {"inputs": {"size": {"object": "os:system", "fields": {}}}},
        {"inputs": []},
        {"inputs": {"nodes": "two"}},
        {"inputs": {"nodes": 2, "more": 3}},
        {"inputs": {"nothing": 1}},
        {"control": "absent"},
        {"file": "absent.py"},
        {"claim": ["unhashable"]},
    ],
)
def test_a_counterexample_of_wrong_content_does_not_replay(change, tmp_path):
    document = {
        "weightproof-counterexample": 1,
        "claim": "deltaformer/reachability/unsigned-positive",
        "check": "positive_without_sign",
        "control": None,
        "file": None,
        "run": {"seed": 0, "budget": "quick", "device": "cpu"},
        "words": "2 nodes, edges 0 -> 1: 1 is reached from 0, the value is -1",
        "expected": "True",
        "got": "-1",
        "inputs": {"nodes": 2},
    }
    (tmp_path / "c.json").write_text(json.dumps(document))
    assert run("replay", "c.json").exit_code == 0
    (tmp_path / "c.json").write_text(json.dumps(document | change))
    result = run("replay", "c.json")
    assert (result.exit_code, result.exception and type(result.exception)) == (1, SystemExit)
    assert result.stdout.startswith("does not replay c.json: ")


def test_check_tells_what_it_accepts_and_rejects(tmp_path):
    from constructions.deltaformer.reachability import certificate
    from theory.programs import Dag

    good = certificate(Dag(2, [(0, 1)]))
    (tmp_path / "good.json").write_text(json.dumps(good))
    good["data"]["counts"][1] = [[0, 2], [1, 1]]
    (tmp_path / "bad.json").write_text(json.dumps(good))
    assert run("check", "good.json").exit_code == 0
    result = run("check", "good.json", "bad.json", "absent.json")
    assert result.exit_code == 1
    assert [line.split(" ")[:2] for line in result.stdout.splitlines()] == [
        ["accepted", "good.json:"],
        ["rejected", "bad.json:"],
        ["rejected", "absent.json:"],
    ]
    answers = json.loads(run("check", "good.json", "bad.json", "--json", "-").stdout)
    assert [a["accepted"] for a in answers] == [True, False]


def test_new_does_not_overwrite(tmp_path):
    (tmp_path / "mine.py").write_text("kept")
    assert refused(run("new", "mine.py")) == "mine.py: exists already; name another file"
    assert (tmp_path / "mine.py").read_text() == "kept"
    assert refused(run("new", "mine.txt")) == "mine.txt: name a file that ends in .py"
    assert refused(run("new", "absent/mine.py")).startswith("absent/mine.py: cannot be written (")


def test_the_file_that_new_writes_runs_under_verify(tmp_path):
    assert run("new", "mine.py").stdout == "wrote mine.py; next: weightproof verify mine.py, or: pytest mine.py\n"
    assert len((tmp_path / "mine.py").read_text().splitlines()) < 40
    done = process("verify", "mine.py", "--json", "all.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1 hold, 0 are false as stated, 0 open; 2 of 2 controls right; " in done.stdout
    assert "\nnext: weightproof show mine.py" in done.stdout
    assert {p.name for p in tmp_path.iterdir()} - {"__pycache__"} == {"mine.py", "all.json", "weightproof-out"}
    (result,) = json.loads((tmp_path / "all.json").read_text())["results"]
    counterexample = result["controls"]["ends_reversed[one-swap-short]"]["counterexample"]
    assert "n = 2" in json.loads(Path(counterexample).read_text())["words"]
    assert run("replay", counterexample).exit_code == 0
    (tmp_path / "mine.py").write_text((tmp_path / "mine.py").read_text().replace("mirror(n)[1:]", "mirror(n)"))
    again = process("replay", counterexample, cwd=tmp_path)
    assert (again.returncode, again.stdout.split(":")[0]) == (1, f"does not replay {counterexample}")


def test_the_file_that_new_writes_runs_under_pytest(tmp_path):
    run("new", "mine.py")
    pytest_ = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
    done = process("mine.py", "-v", cwd=tmp_path, program=pytest_)
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout
    assert not (tmp_path / ".hypothesis").exists()
    chosen = process("mine.py", "-k", "inside", "--hypothesis-seed=5", cwd=tmp_path, program=pytest_)
    assert "1 passed, 2 deselected" in chosen.stdout
    (tmp_path / "mine.py").write_text((tmp_path / "mine.py").read_text().replace("(n // 2)", "(n // 3)"))
    broken = process("mine.py", cwd=tmp_path, program=pytest_)
    assert broken.returncode == 1
    assert (
        "mine/reversal-is-swaps: ends_reversed was to be confirmed, came out refuted (seed 0): n = 2" in broken.stdout
    )
    assert "Traceback" not in broken.stdout


@pytest.mark.parametrize("arguments", ["--help", "list", "list --json -"])
def test_what_only_lists_is_quick_and_imports_nothing_heavy(arguments, tmp_path):
    code = (
        "import sys, time; started = time.process_time()\n"
        f"sys.argv = ['weightproof', *{arguments.split()!r}]\n"
        "from empirics.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = sorted({'torch', 'sympy', 'numpy', 'hypothesis', 'flint', 'networkx'} & set(sys.modules))\n"
        "print(heavy, time.process_time() - started < 2, file=sys.stderr)"
    )
    done = process(code, cwd=tmp_path, program=("-c",))
    assert done.stdout
    assert done.stderr.strip() == "[] True"


def test_python_minus_m_reports_wrong_usage_too(tmp_path):
    done = process("show", "zzz", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "weightproof: no claim 'zzz'; `weightproof list` prints them all\n"
    assert process("no-such-command", cwd=tmp_path).returncode == 2
