"""How many examples a second: swap tracking enumerated, certified and run as a layer, each against its peer.

    python benchmarks/bench_swap_tracking.py [--json FILE] [--repeat N]

One thread. What is compared runs in turns, repetition by repetition, and each side reports its minimum: noise on a
machine only ever adds time. A ratio is peer / ours, so more is better; the recurrence is the peer of the other forms.

- exhaustive: every program of S swaps on n slots by the operator's recurrence in integers, prefixes shared, and every
  read-out compared with the contents. The peer compiles, runs, decodes and compares one program after another, a sample
  of them, through the same operator.
- certificate: an instance made and written as JSON text, then checked by `theory/checker.py` in a process of its own,
  the start of the process included.
- layer: the first stage in float32, recurrence, solve and chunked, at the lengths people use.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from reporting import device, rounded

from constructions.deltaformer.swap_tracking import OneHotSwaps, certificate, decode
from constructions.layers import deltaformer as operator
from empirics.checks.deltaformer.swap_tracking import enumerate_tree
from theory.programs import SwapProgram, SwapTree

CHECKER = Path(__file__).resolve().parents[1] / "theory" / "checker.py"
SIZES = ((4, 8), (5, 6))
SAMPLE = 300
N, SWAPS = 128, 256
LAYER = {"batch": 8, "time": 1024, "d": 64, "m": 64}
CHUNKS = (32, 64, 128)

Row = dict[str, Any]


def interleaved(sides: Mapping[str, Callable[[], object]], repeat: int) -> dict[str, float]:
    """The least seconds of each side over `repeat` rounds in turns, after one round that is not counted."""
    least = dict.fromkeys(sides, float("inf"))
    for turn in range(repeat + 1):
        for name, run in sides.items():
            start = time.perf_counter()
            run()
            taken = time.perf_counter() - start
            if turn:
                least[name] = min(least[name], taken)
    return least


def enumerate_and_compare(n: int, length: int) -> int:
    """All programs of at most `length` swaps, every read-out compared. Returns how many, prefixes counted too."""
    slots, decided = np.arange(n, dtype=np.int8), 0
    for _, read, contents in enumerate_tree(SwapTree.complete(n, length), OneHotSwaps()):
        if (read != (contents[:, :, None] == slots)).any():
            raise AssertionError(f"n = {n}: a read-out is wrong")
        decided += len(contents)
    return decided


def one_at_a_time(programs: list[SwapProgram]) -> None:
    """The peer: the same operator on integers, one program at a time."""
    made = OneHotSwaps()
    for program in programs:
        tokens = made.compile(program)
        if decode(tokens.read_out(tokens.first_stage("recurrence"))) != program.contents():
            raise AssertionError(f"{program}: the read-out is wrong")


def exhaustive(repeat: int) -> list[Row]:
    rows = []
    draw = np.random.default_rng(0)
    for n, length in SIZES:
        tree = SwapTree.complete(n, length)
        total = len(tree.choices[0]) ** length
        programs = [tree.program(length, int(index)) for index in draw.integers(total, size=SAMPLE)]

        def ours(n: int = n, length: int = length) -> object:
            return enumerate_and_compare(n, length)

        def peer(programs: list[SwapProgram] = programs) -> object:
            return one_at_a_time(programs)

        least = interleaved({"ours": ours, "peer": peer}, repeat)
        rate, peer_rate = total / least["ours"], SAMPLE / least["peer"]
        rows.append(
            {
                "what": f"every program, n = {n}, S = {length}",
                "programs": total,
                "seconds": least["ours"],
                "programs_per_second": rate,
                "peer": f"one program at a time, {SAMPLE} of them",
                "peer_programs_per_second": peer_rate,
                "ratio": rate / peer_rate,
                "target": "at least 1e6 programs/s",
                "met": rate >= 1e6,
            }
        )
    return rows


def certificates(repeat: int) -> list[Row]:
    draw = np.random.default_rng(0)
    program = SwapProgram(N, [draw.choice(N, 2, replace=False).tolist() for _ in range(SWAPS)])

    def make() -> str:
        return json.dumps(certificate(program))

    text = make()
    rows = [
        {
            "what": f"certificate made, n = {N}, S = {SWAPS}",
            "bytes": len(text),
            "seconds": interleaved({"make": make}, repeat)["make"],
            "target": "under 0.05 s",
        }
    ]
    with tempfile.TemporaryDirectory() as folder:
        file, empty = Path(folder) / "certificate.json", Path(folder) / "nothing.py"
        file.write_text(text, encoding="utf-8")
        empty.write_text("", encoding="utf-8")

        def check() -> None:
            command = [sys.executable, "-I", "-S", str(CHECKER), str(file)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(f"the checker rejects the certificate:\n{done.stdout}{done.stderr}")

        def start() -> None:
            subprocess.run([sys.executable, "-I", "-S", str(empty)], check=True)

        least = interleaved({"check": check, "start": start}, repeat)
    rows.append(
        {
            "what": f"certificate checked, n = {N}, S = {SWAPS}",
            "seconds": least["check"],
            "process_start_seconds": least["start"],
            "target": "under 1 s",
        }
    )
    for row, most in zip(rows, (0.05, 1.0), strict=True):
        row["met"] = row["seconds"] < most
    return rows


def layer(repeat: int) -> list[Row]:
    generator = torch.Generator().manual_seed(0)
    batch, length, d, m = LAYER["batch"], LAYER["time"], LAYER["d"], LAYER["m"]
    k = torch.nn.functional.normalize(torch.randn(batch, length, d, generator=generator), dim=-1)
    v = torch.randn(batch, length, m, generator=generator)
    beta = torch.rand(batch, length, generator=generator)
    sides: dict[str, Callable[[], torch.Tensor]] = {
        "recurrence": lambda: operator.recurrence(k, None, v, beta),
        "solve": lambda: operator.solve(k, None, v, beta),
    }
    for chunk in CHUNKS:
        sides[f"chunked, {chunk}"] = lambda chunk=chunk: operator.chunked(k, None, v, beta, chunk=chunk)
    with torch.inference_mode():
        # A guard against timing different things, with room to spare; the bound that is proved is a check of its own.
        right = operator.recurrence(k.double(), None, v.double(), beta.double())
        bound = length * d * torch.finfo(torch.float32).eps * float(right.abs().max())
        for name, run in sides.items():
            error = float((run().double() - right).abs().max())
            if not error <= bound:
                raise AssertionError(f"{name}: the error is {error}, more than {bound}")
        least = interleaved(sides, repeat)
    return [
        {
            "what": f"layer, {name}",
            "seconds": seconds,
            "tokens_per_second": batch * length / seconds,
            "peer": "recurrence",
            "ratio": least["recurrence"] / seconds,
        }
        for name, seconds in least.items()
    ]


def table(rows: list[Row]) -> str:
    """The rows as lines of text: what, seconds, rate, ratio to the peer, target."""
    lines = [("", "seconds", "a second", "ratio", "target")]
    for row in rows:
        rate = row.get("programs_per_second", row.get("tokens_per_second"))
        met = {True: "met", False: "MISSED", None: ""}[row.get("met")]
        lines.append(
            (
                row["what"],
                f"{row['seconds']:.4f}",
                f"{rate:,.0f}" if rate else "",
                f"{row['ratio']:,.1f} x" if "ratio" in row else "",
                f"{row.get('target', '')} {met}".strip(),
            )
        )
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in (0, 4) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Swap tracking: examples a second against peers, one thread.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the same figures there")
    parser.add_argument("--repeat", type=int, default=5, help="rounds; the least time counts (default 5)")
    given = parser.parse_args()
    if given.repeat < 1:
        parser.error(f"--repeat {given.repeat}: at least 1")
    torch.set_num_threads(1)
    rows = [*exhaustive(given.repeat), *certificates(given.repeat), *layer(given.repeat)]
    sizes = ", ".join(f"{name} = {size}" for name, size in LAYER.items())
    print(f"{device()}, one thread, least of {given.repeat}; layer: {sizes}, float32\n\n{table(rows)}")
    if given.json:
        made = {
            "benchmark": Path(__file__).stem,
            "device": device(),
            "threads": 1,
            "repeat": given.repeat,
            "versions": {"python": platform.python_version(), "numpy": np.__version__, "torch": torch.__version__},
            "layer": LAYER,
            "results": rows,
        }
        given.json.write_text(json.dumps(rounded(made), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
