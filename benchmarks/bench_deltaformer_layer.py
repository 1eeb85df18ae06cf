"""The Deltaformer layer in float32 against causal attention and against flash-linear-attention's naive form.

    python benchmarks/bench_deltaformer_layer.py [--json FILE] [--repeat N] [--time T]

One thread; batch 1, 4 heads of dimension 64, T = 4096 unless given; both kernels softmax, w = q, beta free. What is compared
runs in turns, repetition by repetition, and each side reports its minimum of CPU seconds, which on one thread are those of the
clock but for what other processes take away: noise on a machine only ever adds time. A ratio is
ours / theirs for causal attention, so less is better, and theirs / ours for the naive form, so more is better.

- causal attention: torch.nn.functional.scaled_dot_product_attention, against the first stage, and against both stages with
  the backward pass.
- the naive form computes both stages; it is beside our first stage and beside both of ours. Skipped where it is not installed.
- memory: the most resident memory of a process of its own, above what it held with the arguments made, at T / 2 and at T.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import json
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from reporting import device, rounded
from torch.nn.functional import scaled_dot_product_attention

from constructions.layers import deltaformer as operator
from constructions.layers.kernels import Softmax
from empirics.peers import WHY_ABSENT, fla_naive

HEADS, D = 4, 64
KERNEL = Softmax(D**-0.5)
Row = dict[str, Any]


def interleaved(sides: Mapping[str, Callable[[], object]], repeat: int) -> dict[str, float]:
    """The least CPU seconds of each side over `repeat` rounds in turns, after one round that is not counted."""
    least = dict.fromkeys(sides, float("inf"))
    for turn in range(repeat + 1):
        for name, run in sides.items():
            start = time.process_time()
            run()
            taken = time.process_time() - start
            if turn:
                least[name] = min(least[name], taken)
    return least


def arguments(length: int) -> tuple[torch.Tensor, ...]:
    """q, k, v and beta, which ask for gradients."""
    generator = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(1, HEADS, length, D, generator=generator) for _ in range(3))
    beta = torch.rand(1, HEADS, length, generator=generator)
    return tuple(x.requires_grad_() for x in (q, k, v, beta))


def first_stage(q: Any, k: Any, v: Any, beta: Any) -> torch.Tensor:
    return operator.chunked(k, q, v, beta, kernel=KERNEL)


def both_stages(q: Any, k: Any, v: Any, beta: Any) -> torch.Tensor:
    return operator.attention(q, k, q, v, beta, kernel=KERNEL)


def causal_attention(q: Any, k: Any, v: Any, beta: Any) -> torch.Tensor:
    return scaled_dot_product_attention(q, k, v, is_causal=True)


def forward(run: Callable[..., torch.Tensor], given: tuple[torch.Tensor, ...]) -> Callable[[], object]:
    def timed() -> None:
        with torch.no_grad():
            run(*given)

    return timed


def training(run: Callable[..., torch.Tensor], given: tuple[torch.Tensor, ...]) -> Callable[[], object]:
    """Forward and backward."""

    def timed() -> None:
        made = run(*given)
        made.backward(torch.ones_like(made))
        for x in given:
            x.grad = None

    return timed


def against_attention(length: int, repeat: int) -> list[Row]:
    given, rows = arguments(length), []
    for what, ours, how, target in (
        ("first stage, forward", first_stage, forward, 1.5),
        ("both stages, forward", both_stages, forward, None),
        ("both stages, forward and backward", both_stages, training, 4.0),
    ):
        least = interleaved({"ours": how(ours, given), "peer": how(causal_attention, given)}, repeat)
        ratio = least["ours"] / least["peer"]
        rows.append(
            {
                "what": what,
                "seconds": least["ours"],
                "peer": "causal attention, " + ("forward and backward" if how is training else "forward"),
                "peer_seconds": least["peer"],
                "ratio": ratio,
                "target": f"at most {target} x" if target else "",
                "met": ratio <= target if target else None,
            }
        )
    return rows


def against_naive(length: int, repeat: int) -> list[Row]:
    naive = fla_naive()
    if naive is None:
        return [{"what": "naive form", "skipped": WHY_ABSENT}]
    given, rows = arguments(length), []
    with torch.no_grad():
        # A guard against timing different things: the derived bounds are checked elsewhere.
        theirs, right = naive(*given), both_stages(*(x.double() for x in given))
        error = float((theirs.double() - right).abs().max())
        if error > length * torch.finfo(torch.float32).eps * float(right.abs().max()):
            raise AssertionError(f"the naive form and ours differ by {error}")
    for what, ours in (("first stage, forward", first_stage), ("both stages, forward", both_stages)):
        least = interleaved({"ours": forward(ours, given), "peer": forward(naive, given)}, repeat)
        ratio = least["peer"] / least["ours"]
        rows.append(
            {
                "what": what,
                "seconds": least["ours"],
                "peer": "flash-linear-attention's naive form, both stages",
                "peer_seconds": least["peer"],
                "ratio": ratio,
                "target": "at least 10 x" if ours is first_stage else "",
                "met": ratio >= 10 if ours is first_stage else None,
            }
        )
    return rows


def peak(length: int) -> float:
    """MiB of resident memory that both stages, forward and backward, need above the arguments and their gradients."""
    small = arguments(8)
    training(both_stages, small)()
    given = arguments(length)
    for x in given:
        x.grad = torch.zeros_like(x)
    before = most_resident()
    made = both_stages(*given)
    made.backward(torch.ones_like(made))
    return most_resident() - before


def most_resident() -> float:
    """MiB: the most this process has held. Linux's `ru_maxrss` would count what its parent held when it began."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = [line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM")]
        return int(lines[0].split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def memory(length: int) -> list[Row]:
    found = {}
    for size in (length // 2, length):
        command = [sys.executable, __file__, "--peak", str(size)]
        found[size] = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    half, whole = found.values()
    square = HEADS * length * length * 4 / 2**20
    return [
        {
            "what": f"peak memory, both stages, forward and backward, T = {length // 2} and {length}",
            "mebibytes": [half, whole],
            "ratio": whole / half,
            "peer": f"one T x T of weights for all heads: {square:.0f} MiB",
            "target": "at most 2.5 x for twice the tokens",
            "met": whole / half <= 2.5,
        }
    ]


def table(rows: list[Row]) -> str:
    """The rows as lines of text: what, ours, theirs, ratio, target."""
    lines = [("", "ours", "theirs", "ratio", "target", "beside")]
    for row in rows:
        if "skipped" in row:
            lines.append((row["what"], "", "", "", "skipped: " + row["skipped"], ""))
            continue
        met = {True: "met", False: "MISSED", None: ""}[row["met"]]
        if "seconds" in row:
            ours, theirs = f"{row['seconds']:.4f} s", f"{row['peer_seconds']:.4f} s"
        else:
            ours, theirs = " and ".join(f"{size:.0f}" for size in row["mebibytes"]) + " MiB", ""
        lines.append(
            (row["what"], ours, theirs, f"{row['ratio']:.2f} x", f"{row['target']} {met}".strip(), row["peer"])
        )
    widths = [max(len(line[column]) for line in lines) for column in range(6)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in (1, 2, 3) else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="The Deltaformer layer against causal attention, one thread.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the same figures there")
    parser.add_argument("--repeat", type=int, default=5, help="rounds; the least time counts (default 5)")
    parser.add_argument("--time", type=int, default=4096, metavar="T", help="tokens (default 4096)")
    parser.add_argument("--peak", type=int, metavar="T", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.repeat < 1:
        parser.error(f"--repeat {given.repeat}: at least 1")
    if given.time < 2:
        parser.error(f"--time {given.time}: at least 2")
    torch.set_num_threads(1)
    if given.peak:
        print(peak(given.peak))
        return
    rows = [*against_attention(given.time, given.repeat), *against_naive(given.time, max(1, given.repeat // 3))]
    rows += memory(given.time)
    print(
        f"{device()}, one thread, least of {given.repeat}; T = {given.time}, {HEADS} heads, d = {D}, float32\n\n{table(rows)}"
    )
    if given.json:
        made = {
            "benchmark": Path(__file__).stem,
            "device": device(),
            "threads": 1,
            "repeat": given.repeat,
            "versions": {"python": platform.python_version(), "numpy": np.__version__, "torch": torch.__version__},
            "layer": {"batch": 1, "heads": HEADS, "time": given.time, "d": D},
            "results": rows,
        }
        given.json.write_text(json.dumps(rounded(made), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
