"""The Deltaformer operator on a GPU beside flash-linear-attention's kernel and naive form: time, memory, errors, over many T.

    python benchmarks/bench_deltaformer_gpu.py [--json FILE] [--repeat N] [--device cuda|cpu] [--quick]

Batch 1, 4 heads of dimension 64, both kernels softmax, w = q, beta free; in bfloat16 and float32. First stage, and both stages, forward
and with the backward pass. What is compared runs in turns after a round that is not counted, and the least time counts, by the
device's own clock; memory is the most allocated above what was there. The peer's second stage is torch's
fused causal attention. Errors are the greatest differences from our operator in float64 on the same numbers, of outputs and of
gradients, over the greatest magnitude; they are measured, no bounds. A ratio is ours / theirs, so less is better.

What cannot run is said with its reason: without a GPU the kernel, without fla-core the naive form, and the naive form beyond 4096
tokens, where it would hold several T x T matrices a head.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from reporting import device, rounded
from rich.console import Console
from rich.table import Table
from timing import peak, seconds
from torch.nn.functional import scaled_dot_product_attention

from constructions.layers import deltaformer as operator
from constructions.layers.kernels import Softmax
from empirics.peers import WHY_ABSENT, fla_first_stage, fla_naive

HEADS, D = 4, 64
KERNEL = Softmax(D**-0.5)
LENGTHS, QUICK_LENGTHS = (512, 1024, 2048, 4096, 8192, 16384), (32, 64)
LONGEST_NAIVE = 4096
LONGEST_CHECKED = 4096
"""Beyond it float64 is not run: it has a small part of the throughput."""
CHUNK = 256
Row = dict[str, Any]
Side = Callable[..., torch.Tensor]


def first_stage(q: Any, k: Any, v: Any, beta: Any) -> torch.Tensor:
    return operator.chunked(k, q, v, beta, kernel=KERNEL, chunk=CHUNK)


def both_stages(q: Any, k: Any, v: Any, beta: Any) -> torch.Tensor:
    return operator.attention(q, k, q, v, beta, kernel=KERNEL, chunk=CHUNK)


def sides(stage: str, where: str) -> tuple[dict[str, Side], dict[str, str]]:
    """What runs, ours first; and what does not, with its reason."""
    kernel, why = fla_first_stage()
    found: dict[str, Side] = {"ours": first_stage if stage == "first" else both_stages}
    absent = {}
    if kernel is None or where != "cuda":
        absent["fla kernel"] = why or "its kernels need a GPU; give --device cuda"
    elif stage == "first":
        found["fla kernel"] = kernel
    else:
        found["fla kernel"] = lambda q, k, v, beta: scaled_dot_product_attention(
            q, k, kernel(q, k, v, beta), is_causal=True
        )
    naive = fla_naive()
    if stage == "both":
        if naive is None:
            absent["fla naive"] = WHY_ABSENT
        else:
            found["fla naive"] = lambda q, k, v, beta: naive(q, k, v, beta).to(q.dtype)
    return found, absent


def arguments(length: int, dtype: torch.dtype, where: str) -> list[torch.Tensor]:
    """q, k, v, beta `(1, HEADS, T, D)` and `(1, HEADS, T)`, which ask for gradients; the same numbers on every device."""
    generator = torch.Generator().manual_seed(length)
    drawn = [torch.randn(1, HEADS, length, D, generator=generator) for _ in range(3)]
    drawn.append(torch.rand(1, HEADS, length, generator=generator))
    return [x.to(where, dtype).requires_grad_() for x in drawn]


def passing(run: Side, given: list[torch.Tensor], train: bool) -> Callable[[], object]:
    def forward() -> None:
        with torch.no_grad():
            run(*given)

    def step() -> None:
        torch.autograd.grad(run(*given).sum(), given)

    return step if train else forward


def results(run: Side, given: list[torch.Tensor]) -> list[torch.Tensor]:
    """Output and gradients, in float64 on the CPU."""
    out = run(*given)
    return [x.detach().double().cpu() for x in (out, *torch.autograd.grad(out.double().square().sum(), given))]


def errors(run: Side, ours: Side, given: list[torch.Tensor]) -> tuple[float, float]:
    """Of the output and, the greatest, of the gradients of the sum of its squares."""
    wide = [x.detach().double().requires_grad_() for x in given]
    off = [
        float((a - b).abs().max() / b.abs().max())
        for a, b in zip(results(run, given), results(ours, wide), strict=True)
    ]
    return off[0], max(off[1:])


def measured(lengths: tuple[int, ...], where: str, repeat: int) -> tuple[list[Row], dict[str, str]]:
    rows, absent = [], {}
    for stage in ("first", "both"):
        found, missing = sides(stage, where)
        absent |= missing
        for dtype in (torch.bfloat16, torch.float32):
            for length in lengths:
                here = {n: run for n, run in found.items() if n != "fla naive" or length <= LONGEST_NAIVE}
                rows += _measured(stage, here, length, dtype, where, repeat)
    return rows, absent


def _measured(stage: str, here: dict[str, Side], length: int, dtype: torch.dtype, where: str, repeat: int) -> list[Row]:
    given = arguments(length, dtype, where)
    told = {"stage": stage, "T": length, "dtype": str(dtype).removeprefix("torch.")}
    made: dict[tuple[str, bool], Row] = {}
    failed: dict[str, str] = {}
    for turn in range(repeat + 1):
        for name, run in here.items():
            for train in (False, True):
                if name in failed:
                    continue
                try:
                    taken = seconds(passing(run, given, train), where)
                except (
                    RuntimeError,
                    ValueError,
                ) as error:  # a peer's kernel that takes no such dtype, or no memory left
                    failed[name] = f"{type(error).__name__}: {str(error).splitlines()[0][:120]}"
                    continue
                row = made.setdefault((name, train), {**told, "side": name, "training": train, "seconds": taken})
                if turn > 1:
                    row["seconds"] = min(row["seconds"], taken)
                elif turn == 1:
                    row["seconds"] = taken
    for (name, train), row in made.items():
        row["peak"] = peak(passing(here[name], given, train), where)
        row["ratio"] = made["ours", train]["seconds"] / row["seconds"] if ("ours", train) in made else None
        if train and length <= LONGEST_CHECKED:
            row["error"], row["gradient error"] = errors(here[name], here["ours"], given)
    return [*made.values(), *({**told, "side": name, "failed": why} for name, why in failed.items())]


def table(rows: list[Row]) -> Table:
    made = Table(
        "stage",
        "dtype",
        "T",
        "side",
        "ms forward",
        "ms training",
        "MiB training",
        "error",
        "of gradients",
        "ratio, training",
    )
    for row in rows:
        if "failed" in row:
            made.add_row(row["stage"], row["dtype"], str(row["T"]), row["side"], row["failed"])
        elif row["training"]:
            same = ("stage", "dtype", "T", "side")
            forward = next(r for r in rows if not r.get("training", True) and all(r[x] == row[x] for x in same))
            memory = "" if row["peak"] is None else f"{row['peak'] / 2**20:.1f}"
            told = [f"{row[x]:.1e}" if x in row else "" for x in ("error", "gradient error")]
            times = [f"{1000 * r['seconds']:.3f}" for r in (forward, row)]
            made.add_row(
                row["stage"], row["dtype"], str(row["T"]), row["side"], *times, memory, *told, f"{row['ratio']:.2f}"
            )
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description="The Deltaformer operator beside flash-linear-attention's on a GPU.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--repeat", type=int, default=5, help="rounds; the least time counts (default 5)")
    parser.add_argument("--device", choices=("cpu", "cuda"), help="where (default cuda, skipped where there is none)")
    parser.add_argument("--quick", action="store_true", help="tiny sizes")
    given = parser.parse_args()
    if given.repeat < 1:
        parser.error(f"--repeat {given.repeat}: at least 1")
    if given.device == "cuda" and not torch.cuda.is_available():
        parser.error("--device cuda: torch sees no such device here; leave it out")
    where = given.device or ("cuda" if torch.cuda.is_available() else None)
    if where is None:
        print("skipped: torch sees no GPU here; --device cpu --quick runs what needs none")
        return
    rows, absent = measured(QUICK_LENGTHS if given.quick else LENGTHS, where, given.repeat)
    name = torch.cuda.get_device_name() if where == "cuda" else device()
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(f"{name}, least of {given.repeat}; {HEADS} heads, d = {D}")
    console.print(table(rows))
    for side, why in absent.items():
        console.print(f"{side}: not run, {why}")
    if given.json:
        made = {
            "benchmark": Path(__file__).stem,
            "device": name,
            "repeat": given.repeat,
            "versions": {"python": platform.python_version(), "torch": torch.__version__},
            "layer": {"batch": 1, "heads": HEADS, "d": D, "chunk": CHUNK},
            "absent": absent,
            "results": rows,
        }
        given.json.write_text(json.dumps(rounded(made), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
