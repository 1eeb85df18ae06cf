"""Attention with a position bias: written out, torch's fused function with a mask, torch's flex_attention with a score function.

    python benchmarks/bench_position_kernels.py [--json FILE] [--repeat N] [--device cpu|cuda] [--without-flex] [--quick]

8 heads of 64 coordinates, batch 1, float32, causal, N = 256, 512, 1024; forward without gradients. Every road makes its bias anew
in each pass, as a layer does: the first two a mask of all pairs, flex_attention a table of the distances (FIRE: all pairs). The last
is compiled, and given a causal block mask so that it leaves out blocks of the future; where it does not compile, a line says why and
its rows are missing. On one thread in CPU seconds, or on a device by its own events. Roads and methods take turns, round by round,
after a round that is not counted; the least time counts.

- off: the greatest difference from attention in float64, over the greatest value.
- ratio: seconds of the road / seconds of the fused function with the same method, so less is better.
- to ALiBi: seconds of the method / seconds of ALiBi on the same road.
- bias: bytes of the bias that the road holds, counted from its shape; on a device also the peak of the pass above what was there.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import json
import platform
import sys
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from reporting import device, rounded
from rich.console import Console
from rich.table import Table
from timing import peak, seconds

from constructions.layers.position_kernels import (
    T5,
    Alibi,
    Fire,
    KernelBias,
    Mep,
    ParameterisedMep,
    PositionBias,
    biased_attention,
    flex_score_mod,
)

METHODS: dict[str, Callable[[int], PositionBias]] = {
    "ALiBi": Alibi,
    "MEP of two": lambda heads: Mep(heads, 2),
    "MEP of three": Mep,
    "parameterised MEP": ParameterisedMep,
    "T5": T5,
    "FIRE": Fire,
}
LENGTHS, QUICK_LENGTHS = (256, 512, 1024), (32, 64)
HEADS, WIDTH = 8, 64
Row = dict[str, Any]
Road = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


def plain_roads(position: PositionBias) -> dict[str, Road]:
    def through(form: str) -> Road:
        return lambda q, k, v: biased_attention(q, k, v, position(len(q[0, 0]), len(k[0, 0]), q), form=form)

    return {"written out": through("written-out"), "fused, mask": through("fused")}


def flex_road(position: PositionBias, n: int, where: str) -> Road:
    """flex_attention, compiled; raises whatever keeps it from compiling, at the first call."""
    from torch.nn.attention.flex_attention import create_block_mask, flex_attention

    blocks = create_block_mask(lambda b, h, query, key: query >= key, None, None, n, n, device=where)
    compiled = torch.compile(flex_attention, dynamic=False)

    def run(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        return compiled(q, k, v, score_mod=flex_score_mod(position, n, n, q), block_mask=blocks)

    return run


def bias_bytes(position: PositionBias, road: str, n: int) -> int:
    table = road == "flex_attention" and isinstance(position, KernelBias)
    return 4 * HEADS * (2 * n if table else n * n)


def measured(lengths: tuple[int, ...], given: argparse.Namespace) -> tuple[list[Row], list[str]]:
    """A row for each road, method and length; and what could not run, with its reason."""
    torch.manual_seed(0)
    rows: list[Row] = []
    missing = ["flex_attention: left out, as asked"] if given.without_flex else []
    positions = {name: make(HEADS).to(given.device) for name, make in METHODS.items()}
    for n in lengths:
        q, k, v = (torch.randn(1, HEADS, n, WIDTH, device=given.device) for _ in range(3))
        runs: dict[tuple[str, str], Callable[[], torch.Tensor]] = {}
        for name, position in positions.items():
            for road, f in plain_roads(position).items():
                runs[name, road] = partial(f, q, k, v)
            if given.without_flex:
                continue
            try:
                flex = flex_road(position, n, given.device)
                flex(q, k, v)
            except Exception as error:  # whatever the compiler says is the reason
                reason = next(line for line in str(error).splitlines() if line.strip())
                missing.append(f"flex_attention, {name}, N = {n}: {type(error).__name__}: {reason[:160]}")
            else:
                runs[name, "flex_attention"] = partial(flex, q, k, v)
        wide = [x.double() for x in (q, k, v)]
        exact = {name: plain_roads(position)["written out"](*wide) for name, position in positions.items()}
        taken: dict[tuple[str, str], list[float]] = {which: [] for which in runs}
        for turn in range(given.repeat + 1):
            for which, run in runs.items():
                found = seconds(run, given.device)
                if turn:
                    taken[which].append(found)
        for (name, road), run in runs.items():
            row = {"method": name, "road": road, "N": n, "seconds": min(taken[name, road])}
            row["off"] = float((run() - exact[name]).abs().max() / v.abs().max())
            row["bias"], row["peak"] = bias_bytes(positions[name], road, n), peak(run, given.device)
            rows.append(row)
    return rows, missing


def compared(rows: list[Row]) -> None:
    """Adds the two ratios to each row."""
    times = {(row["method"], row["road"], row["N"]): row["seconds"] for row in rows}
    for row in rows:
        row["ratio"] = row["seconds"] / times[row["method"], "fused, mask", row["N"]]
        base = times.get(("ALiBi", row["road"], row["N"]))
        row["to_alibi"] = row["seconds"] / base if base else None


def shown(rows: list[Row]) -> Table:
    table = Table(*("method", "road", "N", "ms", "ratio", "to ALiBi", "off", "bias, bytes", "peak, bytes"), box=None)
    for row in rows:
        to = "-" if row["to_alibi"] is None else f"{row['to_alibi']:.2f}"
        most = "-" if row["peak"] is None else str(row["peak"])
        told = (f"{1000 * row['seconds']:.3g}", f"{row['ratio']:.2f}", to, f"{row['off']:.1e}", str(row["bias"]), most)
        table.add_row(row["method"], row["road"], str(row["N"]), *told)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description="Attention with position biases by three roads.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the same figures there")
    parser.add_argument("--repeat", type=int, default=7, help="rounds; the least time counts (default 7)")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument(
        "--without-flex", action="store_true", help="leave out flex_attention, whose compilation takes a minute"
    )
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that everything runs")
    given = parser.parse_args()
    if given.repeat < 1:
        parser.error(f"--repeat {given.repeat}: at least 1")
    if given.device == "cuda" and not torch.cuda.is_available():
        parser.error("--device cuda: torch sees no such device here; leave it out")
    torch.set_num_threads(1)
    load = os.getloadavg()[0]
    lengths = QUICK_LENGTHS if given.quick else LENGTHS
    torch._dynamo.config.recompile_limit = (
        2 * len(METHODS) * len(lengths)
    )  # each method and length is a function of its own
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's about its own compiler
        rows, missing = measured(lengths, given)
    compared(rows)
    name = torch.cuda.get_device_name() if given.device == "cuda" else device()
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(f"{name}, one thread, least of {given.repeat}; {HEADS} heads of {WIDTH}, float32\n", markup=False)
    console.print(shown(rows))
    for line in missing:
        console.print(f"not run: {line}", markup=False)
    if given.json:
        told = {
            "benchmark": Path(__file__).stem,
            "device": name,
            "threads": 1,
            "load": load,
            "repeat": given.repeat,
            "versions": {"python": platform.python_version(), "torch": torch.__version__},
            "sizes": {"batch": 1, "heads": HEADS, "head": WIDTH, "N": list(lengths)},
            "results": rows,
            "missing": missing,
        }
        given.json.write_text(json.dumps(rounded(told), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
