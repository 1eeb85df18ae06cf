"""The benchmark of Pointer layers runs at tiny sizes, says what it measured, and compares layers that are what it calls them."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

from empirics.subjects import SUBJECTS, formulas
from theory.cost.formulas import evaluate, parse

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
DIGITS = 1e-3
"""Floats are written with four significant digits; a quotient of two of them is off by at most twice half a unit of the last."""
CANDIDATES = ("window", "strides")


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARKS / "bench_pointer.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=BENCHMARKS.parent)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file = tmp_path_factory.mktemp("bench") / "found.json"
    run = _run("--quick", "--repeat", "2", "--json", str(file))
    assert run.returncode == 0, run.stderr
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def stacks():
    spec = importlib.util.spec_from_file_location("pointer_stacks", BENCHMARKS / "pointer_stacks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look up their annotations
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_every_stack_is_timed_at_every_length(found):
    names = {row["stack"] for row in found["results"]}
    assert len(names) == 6
    assert [(r["stack"], r["N"]) for r in found["results"]] == [
        (name, n) for name in dict.fromkeys(r["stack"] for r in found["results"]) for n in found["sizes"]["N"]
    ]
    assert all(0 < row["seconds"] <= row["lower_quartile"] for row in found["results"])
    assert {"benchmark", "device", "threads", "repeat", "versions", "what"} <= found.keys()


def test_an_exponent_lies_in_its_interval(found):
    assert len(found["exponents"]) == 6 * (len(found["sizes"]["N"]) - 1)
    for row in found["exponents"]:
        assert row["interval"][0] <= row["exponent"] <= row["interval"][1]


def test_ratios_are_those_of_the_times(found):
    at = {(row["stack"], row["N"]): row["seconds"] for row in found["results"]}
    (peer,) = {row["stack"] for row in found["results"]} - {row["stack"] for row in found["ratios"]}
    for row in found["ratios"]:
        assert row["ratio"] == pytest.approx(at[peer, row["N"]] / at[row["stack"], row["N"]], rel=DIGITS)
        assert row["printed"] is None, "nothing is printed at these lengths"


def test_work_over_candidates_is_affine_in_tokens_and_over_all_positions_is_not(found):
    work = {}
    for row in found["results"]:
        work.setdefault(row["stack"], []).append(row["work"])
    for name, (a, b, c) in work.items():  # at N, 2 N, 4 N
        assert (c - b == 2 * (b - a)) is (name in CANDIDATES), name


def test_copies_are_counted(found):
    for row in found["copies"]:
        assert row["interval"][0] <= row["right"] / row["items"] <= row["interval"][1]
        assert row["items"] == 800
    assert found["copies"][-1]["right"] == 787, "98.38 % of 800"


@pytest.mark.parametrize(
    ("name", "subject", "others"),
    [
        ("all j, written out", "pointer_all", {}),
        ("all j, tiled", "pointer_all_tiled", {"C": 4}),
        ("window", "pointer_window", {"K": 3}),
        ("strides", "pointer_strides", {"K": 2}),
    ],
)
def test_with_one_head_the_work_is_that_of_the_claimed_formula(stacks: ModuleType, name, subject, others):
    stack = next(stack for stack in stacks.STACKS if stack.name == name)
    sizes = stacks.Sizes(width=8, heads=1, layers=3, tile=4, window=3, strides=2)
    claimed = parse(formulas(SUBJECTS[subject]).work)
    for n in (5, 12):
        assert stacks.work(stack, sizes, n, "hard") == 3 * evaluate(claimed, {"N": n, "d": 8, **others})


@pytest.mark.parametrize("place", range(6))
def test_every_stack_is_causal_and_looks_back(stacks: ModuleType, place: int):
    stack, sizes = stacks.STACKS[place], stacks.Sizes(width=8, heads=2, layers=2, tile=2, window=3, strides=2)
    torch.manual_seed(0)
    made, x = stack.build(sizes, 6, "hard").double(), torch.randn(1, 6, 8, dtype=torch.float64)
    x.requires_grad_()
    read = torch.randn(8, dtype=torch.float64)  # a normalised row has a constant sum, so the sum would read nothing
    reached = [torch.autograd.grad(made(x)[0, i] @ read, x)[0][0].ne(0).any(-1) for i in range(6)]
    assert not any(reached[i][i + 1 :].any() for i in range(6)), "an output depends on a later row"
    assert any(reached[i][:i].any() for i in range(6)), "no output depends on another row"


def test_the_tiled_form_is_the_written_out_one(stacks: ModuleType):
    written, tiled = stacks.STACKS[:2]
    sizes = stacks.Sizes(width=8, heads=2, layers=2, tile=2, window=3, strides=2)
    torch.manual_seed(1)
    a, b = (stack.build(sizes, 7, "hard").double() for stack in (written, tiled))
    b.load_state_dict(a.state_dict())
    x = torch.randn(1, 7, 8, dtype=torch.float64)
    with torch.no_grad():
        assert torch.equal(a(x), b(x)), "with the same targets everything else is the same arithmetic"


def test_bad_arguments_are_told_at_once():
    run = _run("--repeat", "0")
    assert run.returncode == 2
    assert "--repeat 0: at least 1" in run.stderr
