"""Infini-attention against infini-transformer-pytorch, with the same weights on the same inputs, and a stream of a million tokens.

    python benchmarks/bench_infini_attention.py [--json FILE] [--repeat N] [--device cpu|cuda] [--quick]

One thread; float32, batch 1, width 256, 4 heads, rotary positions, 4096 tokens in segments of 256; the stream: width 64, 2 heads,
segments of 128, pieces of 4096 tokens. Both sides take turns, round by round; the least CPU seconds count, on a device those of its
events.

- agreement: the largest difference of the outputs in float64, in units of the roundoff of the largest output; with their rotary
  frequencies as they are, rounded to float32, and with ours.
- ratio: seconds of the peer / ours, so more is better; forward without gradients, and forward and backward. Memory: the most resident
  memory of a process of its own, above what it held with the arguments made, the peer's / ours.
- stream: microseconds a token up to 2^14 tokens, then in each doubling up to 2^20, and the most resident memory after each, in MiB;
  a process of its own for each rule.

What needs the peer is skipped with the reason where it is not installed.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import json
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from bench_deltaformer_layer import most_resident
from bench_pointer import named_device, seconds
from infini_peer import WHY_ABSENT, Peer, present, version
from reporting import rounded
from rich.console import Console
from rich.table import Table
from torch import Tensor

from constructions.layers.infini_attention import InfiniAttention

Row = dict[str, Any]


@dataclass(frozen=True)
class Sizes:
    """Of what is compared, and of the stream, whose lengths are powers of two."""

    width: int = 256
    heads: int = 4
    segment: int = 256
    tokens: int = 4096
    stream_width: int = 64
    stream_heads: int = 2
    stream_segment: int = 128
    piece: int = 4096
    first: int = 14
    last: int = 20


QUICK = Sizes(16, 2, 8, 40, 8, 1, 4, 16, 5, 7)
RULES = ("linear", "delta")


def layer(sizes: Sizes, rule: str, dtype: torch.dtype = torch.float32) -> InfiniAttention:
    torch.manual_seed(0)
    made = InfiniAttention(sizes.width, sizes.heads, segment=sizes.segment, rule=rule, position="rotary", dtype=dtype)
    torch.nn.init.normal_(made.beta)
    return made


def inputs(sizes: Sizes, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(1, sizes.tokens, sizes.width, dtype=dtype, generator=torch.Generator("cpu").manual_seed(1))


def agreement(sizes: Sizes) -> list[Row]:
    rows = []
    x = inputs(sizes, torch.float64)
    for rule in RULES:
        ours = layer(sizes, rule, torch.float64)
        for turns in ("theirs", "ours"):
            with torch.no_grad():
                y, other = ours(x), Peer(ours, exact_turns=turns == "ours")(x)
            roundoff = torch.finfo(torch.float64).eps / 2 * float(y.abs().max())
            rows.append({"rule": rule, "frequencies": turns, "roundoffs": float((y - other).abs().max()) / roundoff})
    return rows


def passing(module: torch.nn.Module, x: Tensor, train: bool) -> Callable[[], object]:
    def forward() -> None:
        with torch.no_grad():
            module(x)

    def step() -> None:
        made = module(x)
        made.backward(torch.ones_like(made))
        module.zero_grad(set_to_none=True)

    return step if train else forward


def ratios(sizes: Sizes, repeat: int, where: str) -> list[Row]:
    rows = []
    for rule in RULES:
        ours, x = layer(sizes, rule).to(where), inputs(sizes).to(where)
        for train in (False, True):
            sides = {"ours": passing(ours, x, train), "peer": passing(Peer(ours).to(where), x, train)}
            least = dict.fromkeys(sides, float("inf"))
            for turn in range(repeat + 1):
                for name, run in sides.items():
                    taken = seconds(run, where)
                    least[name] = min(least[name], taken) if turn else least[name]
            row = {"rule": rule, "what": "forward and backward" if train else "forward"}
            rows.append({**row, **least, "ratio": least["peer"] / least["ours"]})
    return rows


def peak(sizes: Sizes, rule: str, side: str, train: bool) -> float:
    """In this process: how far one pass raises the most resident memory."""
    ours, x = layer(sizes, rule), inputs(sizes)
    run = passing(ours if side == "ours" else Peer(ours), x, train)
    before = most_resident()
    run()
    return most_resident() - before


def alone(*arguments: str, quick: bool) -> str:
    """What this file prints in a process of its own."""
    command = [sys.executable, __file__, *arguments, *(["--quick"] if quick else [])]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def memories(quick: bool) -> list[Row]:
    rows = []
    for rule in RULES:
        for train in (False, True):
            found = {}
            for side in ("ours", "peer"):
                found[side] = float(alone("--peak", rule, side, str(int(train)), quick=quick))
            row = {"rule": rule, "what": "forward and backward" if train else "forward", **found}
            rows.append({**row, "ratio": found["peer"] / found["ours"] if found["ours"] else None})
    return rows


def stream(sizes: Sizes, rule: str, where: str) -> list[Row]:
    """Microseconds a token between one power of two and the next, as one stream goes on."""
    made = InfiniAttention(
        sizes.stream_width, sizes.stream_heads, segment=sizes.stream_segment, rule=rule, device=where
    )
    generator = torch.Generator(where).manual_seed(2)

    def pieces() -> Iterator[Tensor]:
        for _ in range(2**sizes.last // sizes.piece):
            yield torch.randn(1, sizes.piece, sizes.stream_width, device=where, generator=generator)

    rows, flow = [], made.stream(pieces())
    done = 0
    with torch.no_grad():
        for power in range(sizes.first, sizes.last + 1):
            count = 2**power // sizes.piece - done

            def run(count: int = count) -> None:
                for _ in range(count):
                    next(flow)

            taken = seconds(run, where)
            done += count
            row = {"rule": rule, "tokens": 2**power, "microseconds": 1e6 * taken / (count * sizes.piece)}
            rows.append({**row, "resident": most_resident()})
    return rows


def shown(title: str, rows: list[Row]) -> Table:
    table = Table(*rows[0], title=title, title_justify="left", box=None)
    for row in rows:
        table.add_row(*(f"{x:.4g}" if isinstance(x, float) else str(x) for x in row.values()))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description="Infini-attention against a peer, and as a stream.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the same figures there")
    parser.add_argument("--repeat", type=int, default=7, help="rounds; the least time counts (default 7)")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that everything runs")
    parser.add_argument("--stream", choices=RULES, help=argparse.SUPPRESS)
    parser.add_argument("--peak", nargs=3, metavar=("RULE", "SIDE", "TRAIN"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    torch.set_num_threads(1)
    sizes = QUICK if given.quick else Sizes()
    if given.peak:
        rule, side, train = given.peak
        print(peak(sizes, rule, side, bool(int(train))))
        return
    if given.stream:
        print(json.dumps(stream(sizes, given.stream, given.device)))
        return
    if given.repeat < 1:
        parser.error(f"--repeat {given.repeat}: at least 1")
    if given.device == "cuda" and not torch.cuda.is_available():
        parser.error("--device cuda: torch sees no such device here; leave it out")
    load, console = os.getloadavg()[0], Console(width=None if sys.stdout.isatty() else 160)
    console.print(f"{named_device(given.device)}, one thread, least of {given.repeat}; {sizes}\n", markup=False)
    found: dict[str, Any] = {"agreement": [], "ratios": [], "memory": []}
    if present():
        found["agreement"] = agreement(sizes)
        found["ratios"] = ratios(sizes, given.repeat, given.device)
        found["memory"] = memories(given.quick) if given.device == "cpu" else []
    else:
        console.print(f"skipped: {WHY_ABSENT}\n", markup=False)
    streams = (alone("--stream", rule, "--device", given.device, quick=given.quick) for rule in RULES)
    found["stream"] = [row for each in streams for row in json.loads(each)]
    for title, rows in found.items():
        if rows:
            console.print(shown(title, rows), "")
    if given.json:
        told = {
            "benchmark": Path(__file__).stem,
            "device": named_device(given.device),
            "threads": 1,
            "load": load,
            "repeat": given.repeat,
            "versions": {"python": platform.python_version(), "torch": torch.__version__, "peer": version()},
            "skipped": None if present() else WHY_ABSENT,
            "sizes": asdict(sizes),
            **found,
        }
        given.json.write_text(json.dumps(rounded(told), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
