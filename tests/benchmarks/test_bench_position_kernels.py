"""The benchmark of position kernels runs at tiny sizes and says what it measured and what it left out."""

import json
import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "bench_position_kernels.py"


def test_it_runs_and_agrees(tmp_path):
    file = tmp_path / "found.json"
    command = [sys.executable, str(BENCHMARK), "--quick", "--repeat", "1", "--without-flex", "--json", str(file)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=BENCHMARK.parents[1], check=False)
    assert run.returncode == 0, run.stderr
    assert "not run: flex_attention: left out, as asked" in run.stdout
    found = json.loads(file.read_text(encoding="utf-8"))
    rows = found["results"]
    assert {row["road"] for row in rows} == {"written out", "fused, mask"}
    assert len(rows) == 2 * 6 * 2
    assert all(row["off"] <= 64 * 4 * 2.0**-24 for row in rows)  # (N + 8) u of the weights and a few u |score| each
    assert all(row["ratio"] == 1 for row in rows if row["road"] == "fused, mask")
    assert all(row["bias"] == 4 * 8 * row["N"] ** 2 for row in rows)


def test_wrong_use_is_one_line():
    run = subprocess.run([sys.executable, str(BENCHMARK), "--repeat", "0"], capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "--repeat 0: at least 1" in run.stderr
