"""Whole verifications in processes of their own: what breaks breaks alone, and the same seed gives the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from empirics import verifier
from empirics.discovery import BadFile
from theory.ledger import UnknownClaim
from theory.verdict import Outcome

HEAD = """
import os, time
import weightproof as wp

def claim(name, expected="confirmed", strength="exhausted"):
    return wp.Claim(id=f"trial/{name}", statement="S.", expected=expected, strength=strength, reason="r")
"""

TROUBLE = f"""{HEAD}
hangs, exits, lives, wrong, opens, fickle, memory = map(claim, ("hangs", "exits", "lives", "wrong", "opens", "fickle", "raises"))

@wp.check(hangs, "exhausted", limit=1)
def sleeps(seconds=600):
    time.sleep(seconds)

@wp.check(exits, "exhausted")
def leaves(code=9):
    os._exit(code)

@wp.check(lives, "exhausted", {{"n": range(5)}})
def counts(n, bound=5):
    assert n < bound, f"n = {{n}}"

wp.control(counts, "bound-short", "refuted", bound=4)
wp.control(counts, "bound-long", "confirmed", bound=6)

@wp.check(wrong, "exhausted", {{"n": range(5)}})
def counts_again(n, bound=5):
    assert n < bound, f"n = {{n}}"

wp.control(counts_again, "no-edit", "refuted", bound=7)

@wp.check(opens, "exhausted")
def cannot_tell(why="no bound is known"):
    return wp.undecided(why)

@wp.check(fickle, "exhausted")
def depends_on_the_process(subject=0):
    assert False, f"process {{os.getpid()}}"

@wp.check(memory, "exhausted")
def raises(subject=0):
    return 1 // subject
"""

SEEDED = f"""{HEAD}
holds, fails = claim("holds", strength="tested"), claim("fails", "refuted", "tested")

@wp.check(holds, "tested", {{"n": wp.strategies.sizes(0, 99)}})
def small(n, bound=100):
    return n < bound

wp.control(small, "half", "refuted", bound=50)

@wp.check(fails, "tested", {{"program": wp.strategies.swap_programs(most_slots=4, most_swaps=6)}})
def stays(program, moved=False):
    return moved or program.contents() == tuple(range(program.n))

wp.control(stays, "let-move", "confirmed", moved=True)
"""

HANGING = f"""{HEAD}
fast, slow = claim("fast"), claim("slow")

@wp.check(fast, "exhausted")
def at_once(subject=0): ...

@wp.check(slow, "exhausted", limit=600)
def never(subject=600):
    time.sleep(subject)
"""


def start(*arguments: object, cwd: Path, **how) -> subprocess.Popen:
    command = [sys.executable, "-m", "empirics", *map(str, arguments)]
    return subprocess.Popen(command, cwd=cwd, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how)


def finish(process: subprocess.Popen) -> subprocess.CompletedProcess:
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@pytest.fixture(scope="module")
def troubled(tmp_path_factory):
    """One verification of claims that each go wrong in a way of their own."""
    folder = tmp_path_factory.mktemp("trouble")
    (folder / "trouble.py").write_text(TROUBLE)
    done = finish(start("verify", "trouble.py", "--jobs", 2, "--json", "all.json", "--out", "out", cwd=folder))
    document = json.loads((folder / "all.json").read_text())
    return folder, done, {r["claim"].removeprefix("trial/"): r for r in document["results"]}


def test_each_trouble_is_told_and_none_spreads(troubled):
    _, done, results = troubled
    assert done.returncode == 1, done.stderr
    assert {name: r["outcome"] for name, r in results.items()} == {
        "hangs": "TIMEOUT",
        "exits": "ERROR",
        "lives": "CONFIRMED",
        "wrong": "CONFIRMED",
        "opens": "UNDECIDED",
        "fickle": "UNDECIDED",
        "raises": "ERROR",
    }


def test_a_healthy_claim_beside_them_has_no_problem(troubled):
    _, _, results = troubled
    assert results["lives"]["problems"] == []
    assert results["lives"]["controls"]["counts[bound-short]"]["outcome"] == "REFUTED"
    assert results["lives"]["controls"]["counts[bound-long]"]["kind"] == "positive"


def test_a_check_that_hangs_is_stopped_at_its_limit(troubled):
    _, _, results = troubled
    assert results["hangs"]["problems"] == ["sleeps: stopped after 1 s"]


def test_a_worker_that_dies_is_an_error(troubled):
    _, _, results = troubled
    assert results["exits"]["problems"][0].startswith("leaves: the worker process ended: ")


def test_an_exception_is_told_with_its_place(troubled):
    _, _, results = troubled
    assert results["raises"]["problems"][0].startswith("raises: ZeroDivisionError: ")
    assert "(trouble.py:" in results["raises"]["problems"][0]


def test_a_control_that_comes_out_wrong_is_named(troubled):
    _, done, results = troubled
    assert results["wrong"]["controls"]["counts_again[no-edit]"]["outcome"] == "CONFIRMED"
    assert "! trial/wrong: control counts_again[no-edit] was to be refuted, came out confirmed" in done.stdout


def test_a_counterexample_that_does_not_replay_leaves_the_claim_open(troubled):
    _, done, results = troubled
    assert results["fickle"]["problems"] == [
        "a counterexample did not replay: counterexamples/depends_on_the_process.json: "
        "the check no longer refutes these inputs in these words"
    ]
    assert "! trial/fickle: a counterexample did not replay" in done.stdout


def test_every_verdict_is_a_file_of_its_own_and_no_partial_is_left(troubled):
    folder, _, results = troubled
    for name, result in results.items():
        assert json.loads((folder / "out" / f"trial.{name}" / "verdict.json").read_text()) == result
    assert {p.name for p in (folder / "out").iterdir()} == {f"trial.{name}" for name in results} | {"verification.json"}
    assert list((folder / "out").rglob("*.partial")) == []
    assert {p.name for p in folder.iterdir()} - {"__pycache__"} == {"trouble.py", "all.json", "out"}


def test_the_seconds_of_a_claim_are_those_of_its_checks_and_controls(troubled):
    for result in troubled[2].values():
        parts = [part["seconds"] for part in (*result["checks"], *result["controls"].values())]
        rounded = 0.0005 * (len(parts) + 1)  # each to a thousandth
        assert abs(result["seconds"] - sum(parts)) <= rounded


def without_seconds(value):
    if isinstance(value, dict):
        return {k: without_seconds(v) for k, v in value.items() if k != "seconds"}
    return [without_seconds(v) for v in value] if isinstance(value, list) else value


def test_the_same_seed_gives_the_same_bytes_whatever_the_number_of_jobs(tmp_path):
    texts, files = [], []
    for jobs in (1, 2):
        folder = tmp_path / str(jobs)
        folder.mkdir()
        (folder / "seeded.py").write_text(SEEDED)
        done = finish(start("verify", "seeded.py", "--seed", 7, "--jobs", jobs, "--json", "-", cwd=folder))
        assert done.returncode == 0, done.stdout + done.stderr
        texts.append(json.dumps(without_seconds(json.loads(done.stdout))))
        kept = {path for path in folder.rglob("*.json") if path.parent.name in ("counterexamples", "controls")}
        files.append({path.relative_to(folder): path.read_bytes() for path in kept})
        assert not (folder / ".hypothesis").exists()
    assert texts[0] == texts[1]
    assert files[0] == files[1]
    assert {path.name for path in files[0]} == {"stays.json", "small-half.json"}
    assert '"seed": 7' in texts[0]


def test_undecided_where_a_decision_was_expected_exits_with_3(tmp_path):
    (tmp_path / "open.py").write_text(
        HEAD + "opens = claim('opens')\n@wp.check(opens, 'exhausted')\ndef f(why='?'): return wp.undecided(why)\n"
    )
    (found,) = verifier.verify(verifier.plan([str(tmp_path / "open.py")], jobs=1, out=tmp_path / "out"))
    assert (found.outcome, found.exit_code, found.words) == (Outcome.UNDECIDED, 3, "?")


def test_an_interrupted_run_keeps_what_was_decided(tmp_path):
    (tmp_path / "hanging.py").write_text(HANGING)
    heeding = {
        "preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    }  # jobs in the background may ignore it
    where = {"cwd": tmp_path, "start_new_session": True}
    process = start("verify", "hanging.py", "--jobs", 2, "--out", "out", **where, **heeding)
    kept = tmp_path / "out" / "trial.fast" / "verdict.json"
    watchdog = threading.Timer(90, os.killpg, (process.pid, signal.SIGKILL))
    watchdog.start()
    try:
        first = process.stderr.readline()  # printed once the verdict is written
        os.kill(process.pid, signal.SIGINT)
        rest = process.stderr.read()
        process.communicate()
    finally:
        watchdog.cancel()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert first.startswith("[1/2] trial/fast: holds, exhausted")
    assert process.returncode == 130, rest
    assert rest == "interrupted: 1 of 2 claims decided, kept in out/\n"
    assert json.loads(kept.read_text())["outcome"] == "CONFIRMED"
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"trial.fast", "verification.json"}


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"budget": "huge"}, ValueError, "budget 'huge': quick or full"),
        ({"device": "tpu"}, ValueError, "device 'tpu': cpu or cuda"),
        ({"jobs": 0}, ValueError, "jobs 0: at least 1"),
        ({"targets": ["none/such"]}, UnknownClaim, "no claim matches 'none/such'"),
        ({"targets": ["absent.py"]}, BadFile, "absent.py: no such file"),
    ],
)
def test_a_plan_is_refused_at_the_door(arguments, error, words, tmp_path):
    with pytest.raises(error, match=words):
        verifier.plan(**arguments, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_output_folder_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    for out in ("file", "file/below"):
        with pytest.raises(verifier.BadOutput, match=f"--out .*{out}: .*; name another folder"):
            verifier.plan(["deltaformer/*"], out=tmp_path / out)


def test_the_same_file_twice_is_one():
    once = verifier.plan(["deltaformer/operator/*"]).claims
    assert verifier.plan(["deltaformer/operator/*", "deltaformer/operator/forms-agree"]).claims == once


def test_an_interrupt_waits_for_a_safe_place_and_the_second_does_not():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with verifier._interrupts() as interrupted:
            interrupted()
            signal.raise_signal(signal.SIGINT)
            with pytest.raises(KeyboardInterrupt):
                interrupted()
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
