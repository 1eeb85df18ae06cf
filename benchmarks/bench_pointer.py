"""Pointer layers over all positions and over K candidates against softmax attention, at the lengths of the printed table.

    python benchmarks/bench_pointer.py [--json FILE] [--repeat N] [--train] [--device cpu|cuda] [--markdown] [--quick]

Six layers of width 256 with 8 heads, batch 1, N = 256, 512, 1024, 2048, float32; forward without gradients, or with --train forward
and backward, pointers straight-through. On one thread in CPU seconds, or on a device by its own events. Stacks and lengths take turns,
round by round, after a round that is not counted; the least time counts, as noise only ever adds time.

- exponent: log2(t(2N) / t(N)). Its interval takes each time anywhere between the least and the lower quartile of its rounds.
- work: scalar operations, counted exactly on tensors without contents; its exponent has no interval.
- ratio: seconds of torch's encoder layer (its fused attention) / ours, so more is better. Beside it the printed ratio of throughputs,
  tokens a second of Pointer over those of the Transformer, which belongs to other code on another machine.
- copies: a model of two layers of width 32 for each distance, the printed ones divided by 64, trained for 800 steps, tried on a token
  of each of 800 new sequences; with hard pointers but for "attention", softmax attention of the same scores. Intervals are exact, 95 %.
  Left out with --train.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import json
import math
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pointer_stacks import PEER, STACKS, Sizes, Stack, work
from pointer_tables import copy_lines, markdown, printed_ratio, tables
from reporting import device, rounded
from rich.console import Console
from rich.table import Table
from timing import seconds

from empirics.copy_accuracy import DISTANCES, Copied, copies, printed
from theory.pointer.printed import LENGTHS

QUICK = Sizes(width=16, heads=2, layers=2, tile=8, window=4, strides=3)
QUICK_LENGTHS = (16, 32, 64)
COPIERS = ("straight-through", "attention")
Row = dict[str, Any]


def passing(stack: torch.nn.Module, x: torch.Tensor, train: bool) -> Callable[[], object]:
    def forward() -> None:
        with torch.no_grad():
            stack(x)

    def step() -> None:
        made = stack(x)
        made.backward(torch.ones_like(made))
        stack.zero_grad(set_to_none=True)

    return step if train else forward


def measured(stacks: list[Stack], sizes: Sizes, lengths: tuple[int, ...], given: argparse.Namespace) -> list[Row]:
    """A row for each stack and length: the least and the lower quartile of its seconds, and its work."""
    runs: dict[tuple[str, int], Callable[[], object]] = {}
    training = "straight-through" if given.train else "hard"
    torch.manual_seed(0)
    with torch.device(given.device):
        for n in lengths:
            x = torch.randn(1, n, sizes.width)
            for stack in stacks:
                runs[stack.name, n] = passing(stack.build(sizes, n, training), x, given.train)
    taken: dict[tuple[str, int], list[float]] = {which: [] for which in runs}
    for turn in range(given.repeat + 1):
        for which, run in runs.items():
            found = seconds(run, given.device)
            if turn:
                taken[which].append(found)
    return [
        {
            "stack": stack.name,
            "N": n,
            "seconds": min(taken[stack.name, n]),
            "lower_quartile": float(np.quantile(taken[stack.name, n], 0.25)),
            "work": work(stack, sizes, n, training),
        }
        for stack in stacks
        for n in lengths
    ]


def exponents(rows: list[Row]) -> list[Row]:
    """From each length to the next: how time grows, between which bounds, and how work does."""
    made = []
    for a, b in pairwise(rows):
        if a["stack"] != b["stack"]:
            continue
        doublings = math.log2(b["N"] / a["N"])
        low, time_, high, counted = (
            math.log2(y / x) / doublings
            for x, y in (
                (a["lower_quartile"], b["seconds"]),
                (a["seconds"], b["seconds"]),
                (a["seconds"], b["lower_quartile"]),
                (a["work"], b["work"]),
            )
        )
        row = {"stack": a["stack"], "from": a["N"], "to": b["N"]}
        made.append({**row, "exponent": time_, "interval": [low, high], "work_exponent": counted})
    return made


def ratios(rows: list[Row]) -> list[Row]:
    """Throughput of each stack over the peer's at the same length, and the same of work; the printed one where there is one."""
    peer = {row["N"]: row for row in rows if row["stack"] == PEER}
    return [
        {
            "stack": row["stack"],
            "N": row["N"],
            "ratio": peer[row["N"]]["seconds"] / row["seconds"],
            "work_ratio": peer[row["N"]]["work"] / row["work"],
            "printed": printed_ratio(row["N"]),
        }
        for row in rows
        if row["stack"] != PEER
    ]


def copy_row(copied: Copied) -> Row:
    return {**asdict(copied), "accuracy": copied.right / copied.items, "interval": [float(x) for x in copied.interval]}


def copied_right(quick: bool) -> list[Row]:
    """Models trained here, then the printed ones; a distance of each when quick."""
    if quick:
        return [copy_row(copied) for copied in (*copies(COPIERS, DISTANCES[:1], 5), *printed()[:1])]
    return [copy_row(copied) for copied in (*copies(COPIERS), *printed())]


def named_device(where: str) -> str:
    return torch.cuda.get_device_name() if where == "cuda" else device()


def main() -> None:
    parser = argparse.ArgumentParser(description="Pointer layers against softmax attention at the printed lengths.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the same figures there")
    parser.add_argument("--repeat", type=int, default=7, help="rounds; the least time counts (default 7)")
    parser.add_argument("--train", action="store_true", help="forward and backward, in place of forward alone")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--markdown", action="store_true", help="print the tables as Markdown too")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that everything runs")
    given = parser.parse_args()
    if given.repeat < 1:
        parser.error(f"--repeat {given.repeat}: at least 1")
    if given.device == "cuda" and not torch.cuda.is_available():
        parser.error("--device cuda: torch sees no such device here; leave it out")
    torch.set_num_threads(1)
    load = os.getloadavg()[0]
    sizes, lengths = (QUICK, QUICK_LENGTHS) if given.quick else (Sizes(), LENGTHS)
    rows = measured([s for s in STACKS if s.trains or not given.train], sizes, lengths, given)
    grown, compared = exponents(rows), ratios(rows)
    right = [] if given.train else copied_right(given.quick)
    console = Console(width=None if sys.stdout.isatty() else 200)
    what = "forward and backward" if given.train else "forward"
    console.print(f"{named_device(given.device)}, one thread, least of {given.repeat}; {what}, {sizes}\n", markup=False)
    shown = tables(rows, grown, compared, lengths)
    if right:
        shown.append(("per cent copied right, by distance (95 % interval)", copy_lines(right)))
    for title, lines in shown:
        table = Table(*lines[0], title=title, title_justify="left", box=None)
        for line in lines[1:]:
            table.add_row(*line)
        console.print(table, "")
        if given.markdown:
            print(markdown(lines) + "\n")
    if given.json:
        told = {
            "benchmark": Path(__file__).stem,
            "device": named_device(given.device),
            "threads": 1,
            "load": load,
            "repeat": given.repeat,
            "versions": {"python": platform.python_version(), "numpy": np.__version__, "torch": torch.__version__},
            "what": what,
            "sizes": {"batch": 1, "N": list(lengths), **asdict(sizes)},
            "results": rows,
            "exponents": grown,
            "ratios": compared,
            "copies": right,
        }
        given.json.write_text(json.dumps(rounded(told), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
