"""The benchmarks of training and of the operator on a GPU run at tiny sizes, and say what did not run and why."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from empirics.peers import fla_first_stage, fla_naive

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
DIGITS = 1e-3
"""Floats are written with four significant digits; a quotient of two of them is off by at most twice half a unit of the last."""


def ran(name: str, file: Path | None, *options: str) -> tuple[str, dict[str, Any]]:
    command = [sys.executable, str(BENCHMARKS / f"{name}.py"), *options, *(["--json", str(file)] if file else [])]
    run = subprocess.run(command, capture_output=True, text=True, cwd=BENCHMARKS.parent)
    assert run.returncode == 0, run.stderr
    return run.stdout, json.loads(file.read_text(encoding="utf-8")) if file else {}


def test_seeds_together_are_timed_beside_one_loop_each(tmp_path):
    out, found = ran("bench_training", tmp_path / "found.json", "--quick", "--repeat", "1")
    assert [(row["kind"], row["seeds"]) for row in found["results"]] == [
        (kind, seeds) for kind in ("deltaformer-linear", "deltanet-2") for seeds in (1, 2)
    ]
    for row in found["results"]:
        assert row["ratio"] == pytest.approx(row["peer_seconds"] / row["seconds"], rel=DIGITS)
        assert row["kind"] in out
    for one, two in (found["results"][:2], found["results"][2:]):
        assert two["peer_seconds"] == pytest.approx(2 * one["peer_seconds"], rel=DIGITS)


def test_the_operator_beside_its_peers(tmp_path):
    out, found = ran("bench_deltaformer_gpu", tmp_path / "found.json", "--device", "cpu", "--quick", "--repeat", "1")
    assert "fla kernel: not run" in out
    assert "GPU" in found["absent"]["fla kernel"]
    assert ("fla naive" in found["absent"]) is (fla_naive() is None)
    sides = {(row["stage"], row["side"]) for row in found["results"]}
    assert {("first", "ours"), ("both", "ours")} <= sides
    for row in found["results"]:
        if row["training"]:
            roundoff = torch.finfo(getattr(torch, row["dtype"])).eps
            assert 0 < row["error"] < row["T"] * roundoff
            assert row["ratio"] == pytest.approx(1) or row["side"] != "ours"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_the_reason_is_said():
    out, _ = ran("bench_deltaformer_gpu", None)
    assert out.startswith("skipped: torch sees no GPU here")
    kernel, why = fla_first_stage()
    assert kernel is None
    assert "GPU" in why
    refused = [sys.executable, str(BENCHMARKS / "bench_training.py"), "--device", "cuda"]
    run = subprocess.run(refused, capture_output=True, text=True)
    assert run.returncode == 2
    assert "torch sees no such device here" in run.stderr


@pytest.mark.gpu
def test_the_kernel_of_flash_linear_attention_is_this_variant():
    """Their first stage in bfloat16 against ours in float64, a bound per unit of roundoff as for the naive form."""
    from constructions.layers import deltaformer as operator
    from constructions.layers.kernels import Softmax

    kernel, why = fla_first_stage()
    if kernel is None:
        pytest.skip(why)
    generator = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(1, 2, 64, 64, generator=generator).cuda() for _ in range(3))
    beta = torch.rand(1, 2, 64, generator=generator).cuda()
    right = operator.chunked(*(x.double() for x in (k, q, v, beta)), kernel=Softmax(64**-0.5))
    found = kernel(*(x.bfloat16() for x in (q, k, v, beta)))
    unit = 64 * 64 * torch.finfo(torch.bfloat16).eps * float(right.abs().max())
    assert float((found.double() - right).abs().max()) < unit
