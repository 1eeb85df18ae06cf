"""A mutated construction makes `verify` exit 1 with a counterexample that a fresh process replays; undone, it does not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SWAPS, GRAPHS = "deltaformer/swap-tracking/linear-kernel", "deltaformer/reachability/path-counts"
MUTATIONS = {
    "key-sign": (
        SWAPS,
        "constructions/deltaformer/swap_tracking.py",
        "Token(k=e(a) - e(b), w",
        "Token(k=e(a) + e(b), w",
    ),
    "both-signs": (
        SWAPS,
        "constructions/deltaformer/swap_tracking.py",
        "Token(k=e(a) - e(b), w=e(a) - e(b), beta=self.beta)",
        "Token(k=e(a) + e(b), w=e(a) + e(b), beta=self.beta)",
    ),
    "beta": (SWAPS, "constructions/deltaformer/swap_tracking.py", "beta=self.beta)", "beta=3 * self.beta)"),
    "decoding": (
        SWAPS,
        "constructions/deltaformer/swap_tracking.py",
        "    return tuple(contents)",
        "    return tuple(contents.index(x) for x in range(len(contents)))",
    ),
    "module-contents": (SWAPS, "constructions/deltaformer/swap_tracker.py", "argmax(dim=-1)", "argmax(dim=-2)"),
    "query": (
        SWAPS,
        "constructions/deltaformer/swap_tracking.py",
        "queries=self.read(e, slots)",
        "queries=self.read(e, slots[::-1])",
    ),
    "state": (SWAPS, "constructions/layers/deltaformer/linear.py", "outer(k, u)", "outer(k + k, u)"),
    "graph-sign": (GRAPHS, "constructions/deltaformer/reachability.py", "sign: int = -1", "sign: int = 1"),
}


def weightproof(folder, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-m", "empirics", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_is_caught_and_replays(name, tmp_path):
    claim, file, before, after = MUTATIONS[name]
    for part in ("theory", "constructions", "empirics"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "weightproof.py", tmp_path)
    source = tmp_path / file
    text = source.read_text()
    assert before in text
    source.write_text(text.replace(before, after))
    done = weightproof(tmp_path, "verify", claim)
    assert done.returncode == 1, done.stdout + done.stderr
    found = sorted(
        str(path.relative_to(tmp_path)) for path in tmp_path.glob("weightproof-out/*/counterexamples/*.json")
    )
    assert found, done.stdout
    assert weightproof(tmp_path, "replay", *found).returncode == 0
    source.write_text(text)
    assert weightproof(tmp_path, "replay", *found).returncode == 1
