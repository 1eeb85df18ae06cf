"""A run killed at any moment goes on to the same bytes; files that are no checkpoints are refused."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import killed_run
import pytest
import torch

from empirics.store import Store
from empirics.threads import one_thread
from empirics.training import checkpoint
from empirics.training.kept import FOLDER, measured


def told(path):
    """The results, time and device apart."""
    rows = [json.loads(line) for line in Path(path).read_text().splitlines()]
    assert all(row.pop("about")["seconds"] > 0 for row in rows)
    return json.dumps(rows)


def state(directory):
    """The last checkpoint but for its time."""
    (file,) = Path(directory).glob("*.pt")
    held = torch.load(file, weights_only=True)["state"]
    del held["seconds"]
    return {name: x.numpy().tobytes() if isinstance(x, torch.Tensor) else x for name, x in held.items()}


@one_thread()
def test_a_run_killed_in_the_middle_goes_on_to_the_same_bytes(tmp_path):
    command = [sys.executable, killed_run.__file__, str(tmp_path / "cut.jsonl"), str(tmp_path / "cut")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, env=environment) as process:
        deadline = time.monotonic() + 60
        while not list((tmp_path / "cut").glob("*.pt")) and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.01)
        time.sleep(0.12)  # into the steps after a checkpoint
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    steps = state(tmp_path / "cut")["step"]
    assert 0 < steps < killed_run.PLAN.steps
    assert not (tmp_path / "cut.jsonl").exists()
    whole = killed_run.run(tmp_path / "whole.jsonl", tmp_path / "whole")
    cut = killed_run.run(tmp_path / "cut.jsonl", tmp_path / "cut")
    assert told(tmp_path / "cut.jsonl") == told(tmp_path / "whole.jsonl")
    assert state(tmp_path / "cut") == state(tmp_path / "whole")
    assert torch.equal(cut.weights, whole.weights)


class Killed(Exception):
    """Stands for a signal."""


def test_a_kill_at_every_other_moment(tmp_path, monkeypatch):
    """While a checkpoint is written, between the results of two seeds, and while a result is."""
    whole = killed_run.run(tmp_path / "whole.jsonl", tmp_path / "whole")
    save, calls = torch.save, []

    def dies(held, file):
        calls.append(1)
        if len(calls) == 3:
            file.write(b"half a check")
            file.flush()
            raise Killed
        save(held, file)

    monkeypatch.setattr(torch, "save", dies)
    with pytest.raises(Killed):
        killed_run.run(tmp_path / "cut.jsonl", tmp_path / "cut")
    monkeypatch.setattr(torch, "save", save)
    assert state(tmp_path / "cut")["step"] == 2 * killed_run.SAVING
    killed_run.run(tmp_path / "cut.jsonl", tmp_path / "cut")
    assert told(tmp_path / "cut.jsonl") == told(tmp_path / "whole.jsonl")
    first, second = (tmp_path / "cut.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "cut.jsonl").write_bytes(first + second[:50])
    again = killed_run.run(tmp_path / "cut.jsonl", tmp_path / "cut")
    assert told(tmp_path / "cut.jsonl") == told(tmp_path / "whole.jsonl")
    assert torch.equal(again.weights, whole.weights)


def test_what_is_in_the_store_is_not_computed_again(tmp_path):
    first = killed_run.run(tmp_path / "s.jsonl", tmp_path / "kept")
    before = (tmp_path / "s.jsonl").read_bytes()

    def never(done, total, words):
        raise AssertionError("computed again")

    second = killed_run.run(tmp_path / "s.jsonl", tmp_path / "kept", never)
    assert torch.equal(second.weights, first.weights)
    assert killed_run.run(tmp_path / "s.jsonl", None, never).weights is None
    assert (tmp_path / "s.jsonl").read_bytes() == before


def test_files_that_are_no_checkpoints(tmp_path):
    path = checkpoint.place(tmp_path, {"a": 1})
    assert checkpoint.load(path, {"a": 1}) is None
    checkpoint.save(path, {"a": 1}, {"x": torch.ones(2)})
    assert torch.equal(checkpoint.load(path, {"a": 1})["x"], torch.ones(2))
    with pytest.raises(ValueError, match="a checkpoint of another run; move the file away"):
        checkpoint.load(path, {"a": 2})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ValueError, match="no checkpoint .*move the file away"):
        checkpoint.load(path, {"a": 1})


def test_a_store_is_only_appended_to(tmp_path):
    store = Store(tmp_path / "s.jsonl")
    store.put({"kind": "a", "plan": {"n": 1, "m": 2}}, {"x": 0.1}, {"seconds": 3})
    store.put({"kind": "b", "plan": {"n": 1}}, {"x": 1 / 3})
    with pytest.raises(ValueError, match="only appended to"):
        store.put({"kind": "b", "plan": {"n": 1}}, {"x": 2})
    again = Store(tmp_path / "s.jsonl")
    assert [e.values["x"] for e in again.select(plan={"n": 1})] == [0.1, 1 / 3]
    assert [e.about for e in again.select(kind="a", plan={"m": 2})] == [{"seconds": 3}]
    assert again.select(plan={"n": 2}) == []


def test_who_reads_cuts_nothing_off_and_who_writes_does(tmp_path):
    path = tmp_path / "s.jsonl"
    Store(path).put({"n": 1}, {"x": 1})
    begun = path.read_bytes() + b'{"key": {"n": 2}, "val'
    path.write_bytes(begun)
    reader = Store(path)
    assert len(reader) == 1
    assert path.read_bytes() == begun
    reader.put({"n": 2}, {"x": 2})
    assert [entry.values for entry in Store(path)] == [{"x": 1}, {"x": 2}]


def test_a_folder_that_cannot_be_made_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv(FOLDER, str(tmp_path / "file" / "trained"))
    with pytest.raises(ValueError, match="no folder for what is trained .*name another one by WEIGHTPROOF_TRAINED"):
        measured(killed_run.PLAN, (0,))


ASK = """
import sys
from dataclasses import replace
sys.path.insert(0, sys.argv[1])
import killed_run
from empirics.training.kept import measured
for entry in measured(replace(killed_run.PLAN, steps=20), (0, 1)).entries:
    print(entry.about["seconds"])
"""


def test_processes_that_ask_at_once_train_once(tmp_path):
    command = [sys.executable, "-c", ASK, str(Path(killed_run.__file__).parent)]
    environment = {**os.environ, FOLDER: str(tmp_path), "OMP_NUM_THREADS": "1"}
    asking = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told_by = [process.communicate()[0] for process in asking]
    assert [process.returncode for process in asking] == [0, 0]
    assert told_by[0] == told_by[1]  # times, of one training
    assert len(told_by[0].split()) == 2
    assert len(list(tmp_path.glob("*.jsonl"))) == 1
