"""The benchmark of Infini-attention runs at tiny sizes and says what it measured; without its peer it says why it skips."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
DIGITS = 1e-3
"""Floats are written with four significant digits; a quotient of two of them is off by at most twice half a unit of the last."""
PRESENT = importlib.util.find_spec("infini_transformer_pytorch") is not None


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    file = tmp_path_factory.mktemp("bench") / "found.json"
    command = [
        sys.executable,
        str(BENCHMARKS / "bench_infini_attention.py"),
        "--quick",
        "--repeat",
        "1",
        "--json",
        str(file),
    ]
    run = subprocess.run(command, capture_output=True, text=True, cwd=BENCHMARKS.parent)
    assert run.returncode == 0, run.stderr
    return run.stdout, json.loads(file.read_text(encoding="utf-8"))


def test_a_stream_is_timed_in_every_doubling(ran):
    _, found = ran
    assert [(row["rule"], row["tokens"]) for row in found["stream"]] == [
        (rule, 2**power) for rule in ("linear", "delta") for power in (5, 6, 7)
    ]
    assert all(row["microseconds"] > 0 and row["resident"] > 0 for row in found["stream"])
    assert {"benchmark", "device", "threads", "repeat", "versions", "load", "sizes"} <= found.keys()


def test_the_peer_is_compared_or_its_absence_told(ran):
    told, found = ran
    if not PRESENT:
        assert "skipped: infini-transformer-pytorch is not installed" in told
        assert found["skipped"]
        assert found["versions"]["peer"] is None
        assert not found["agreement"]
        return
    assert found["skipped"] is None
    for row in found["ratios"]:
        assert row["ratio"] == pytest.approx(row["peer"] / row["ours"], rel=DIGITS)
    by = {(row["rule"], row["frequencies"]): row["roundoffs"] for row in found["agreement"]}
    for rule in ("linear", "delta"):
        assert by[rule, "ours"] < 2**10 < by[rule, "theirs"] < 2**32  # float32's roundoff is 2^29 of float64's
