"""The benchmark of index sets runs at tiny sizes, leaves absent packages out in words, and counts an answer only if it is the set."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from theory.takakura_suzuki.counting import count_blocks
from theory.takakura_suzuki.smoothness import mixed

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    file = tmp_path_factory.mktemp("rates") / "found.json"
    command = [sys.executable, str(BENCHMARKS / "bench_rates.py"), "--quick", "--repeat", "1", "--json", str(file)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=BENCHMARKS.parent)
    assert run.returncode == 0, run.stderr
    return run.stdout, json.loads(file.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def peers():
    spec = importlib.util.spec_from_file_location("rates_peers", BENCHMARKS / "rates_peers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look up their annotations
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_every_package_is_measured_or_left_out_with_a_reason(told, peers):
    printed, found = told
    named = {row["package"] for row in found["sets"]}
    for enumerator in peers.ENUMERATORS:
        assert (enumerator.name in named) is not bool(enumerator.absent)
        if enumerator.absent:
            assert f"left out: {enumerator.absent}" in printed
            assert enumerator.absent in found["absent"]


def test_rows_are_those_of_the_sets(told, peers):
    _, found = told
    sizes = {"total degree 4, d = 4": count_blocks(mixed(*(1,) * 4, ties=True), 5), "w = 1..4, T = 20": 609}
    assert {row["set"]: row["rows"] for row in found["sets"]} == sizes
    ours = [row for row in found["sets"] if row["package"] == peers.OURS]
    assert all(row["ratio"] == 1 and row["seconds"] > 0 for row in ours)
    assert all(row["dimension"] == 8 for row in found["dimensions"] if row["package"] == peers.OURS)


def test_least_squares_agree(told):
    _, found = told
    assert len(found["least_squares"]) == 4
    for row in found["least_squares"]:
        # condition of the Gram matrices of these designs below 10, so 512 * 8 roundings times that at most
        assert row["deviation"] <= 10 * 512 * 8 * 2.0**-53
        assert row["ratio"] > 0


def test_another_set_has_another_digest(peers):
    rows = np.array([[0, 0], [1, 0], [0, 1]])
    assert peers.digest(rows, 2) == peers.digest(rows[::-1].astype(float), 2)
    assert peers.digest(rows, 2) != peers.digest(rows[:2], 2)
    assert peers.digest(rows, 2) != peers.digest(rows + np.array([[0, 0], [0, 0], [0, 1]]), 2)


def test_packages_that_are_here_return_the_set(peers):
    which = peers.Set("total degree 3, d = 3", (1,) * 3, 4)
    wanted = peers.digest(peers.ENUMERATORS[0].call(which), which.d)
    for enumerator in peers.ENUMERATORS:
        if enumerator.absent or enumerator.name == "equadratures":  # which needs an older numpy
            continue
        assert peers.digest(enumerator.rows(enumerator.call(which), which), which.d) == wanted, enumerator.name
