"""Training many seeds at once beside one torch loop a seed: seconds a step of all of them.

    python benchmarks/bench_training.py [--json FILE] [--repeat N] [--device cpu|cuda] [--quick]

Swap tracking with five objects, every kind of model that stacks, about 12,000 parameters each (50,000 and longer sequences on a GPU),
one thread on the CPU. Ours steps the rows of one matrix by vmap; the peer is the usual loop, torch.optim.Adam with clipping on one
module, timed once and taken as many times as there are seeds, which is what running them in turn costs. Both draw the same kind of
batches. The least of the rounds counts, in turns. A ratio is the peer / ours: how many times faster the seeds are together.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

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
from torch import nn

from empirics.tasks import IGNORE, generator_of, named
from empirics.training.flat import Shell, computing
from empirics.training.models import MODELS, build
from empirics.training.plan import Plan
from empirics.training.run import Run, beginning
from empirics.training.sizing import sized

TASK = named("swaps-5")
KINDS = ("deltaformer-linear", "deltanet-2", "transformer-rope", "transformer-alibi", "infini", "pointer")
Row = dict[str, Any]


def plan_of(kind: str, quick: bool, where: str) -> Plan:
    budget, longest = (3000, 16) if quick else (12_000, 32) if where == "cpu" else (50_000, 128)
    architecture = sized(kind, budget, TASK.vocabulary, TASK.classes)
    return Plan(TASK, architecture, steps=1000, batch=8 if quick else 64, lengths=(longest, longest))


def together(plan: Plan, seeds: int, where: str) -> Callable[[], object]:
    """A step of all seeds."""
    shell = Shell(beginning(plan, 0), MODELS[plan.architecture.kind].stacked, where)
    run, step = Run(plan, list(range(seeds)), shell, where, None, 1), iter(range(plan.steps))
    return lambda: run.step(next(step))


def usual(plan: Plan, where: str) -> Callable[[], object]:
    """A step of the usual loop on one model."""
    model = build(plan.architecture, plan.task.vocabulary, plan.task.classes, 0).to(where)
    optimiser, steps = torch.optim.Adam(model.parameters(), plan.rate), iter(range(plan.steps))

    def step() -> None:
        drawn = plan.task.sample(plan.batch, plan.lengths[1], generator_of(0, next(steps), device=where), where)
        optimiser.zero_grad(set_to_none=True)
        with computing("float32", where):
            logits = model(drawn.tokens)
            nn.functional.cross_entropy(logits.flatten(0, 1), drawn.targets.flatten(), ignore_index=IGNORE).backward()
        nn.utils.clip_grad_norm_(model.parameters(), plan.clip)
        optimiser.step()

    return step


def measured(kinds: tuple[str, ...], counts: tuple[int, ...], given: argparse.Namespace) -> list[Row]:
    rows = []
    for kind in kinds:
        plan = plan_of(kind, given.quick, given.device)
        alone, stacks = usual(plan, given.device), {n: together(plan, n, given.device) for n in counts}
        least: dict[Any, float] = {}
        for turn in range(given.repeat + 1):
            for name, step in {"alone": alone, **stacks}.items():
                taken = seconds(step, given.device)
                if turn:
                    least[name] = min(least.get(name, taken), taken)
        for n in counts:
            rows.append(
                {
                    "kind": kind,
                    "width": plan.architecture.width,
                    "tokens": plan.lengths[1],
                    "batch": plan.batch,
                    "seeds": n,
                    "seconds": least[n],
                    "peer_seconds": n * least["alone"],
                    "ratio": n * least["alone"] / least[n],
                    "peak": peak(stacks[n], given.device),
                }
            )
    return rows


def table(rows: list[Row]) -> Table:
    made = Table("model", "width", "tokens", "seeds", "ms a step, together", "ms, one by one", "ratio", "MiB")
    for row in rows:
        memory = "" if row["peak"] is None else f"{row['peak'] / 2**20:.0f}"
        times = [f"{1000 * row[x]:.1f}" for x in ("seconds", "peer_seconds")]
        made.add_row(
            row["kind"], *(str(row[x]) for x in ("width", "tokens", "seeds")), *times, f"{row['ratio']:.2f}", memory
        )
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description="Training many seeds at once beside one torch loop a seed.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--repeat", type=int, default=5, help="rounds; the least time counts (default 5)")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--quick", action="store_true", help="tiny sizes")
    given = parser.parse_args()
    if given.repeat < 1:
        parser.error(f"--repeat {given.repeat}: at least 1")
    if given.device == "cuda" and not torch.cuda.is_available():
        parser.error("--device cuda: torch sees no such device here; leave it out")
    torch.set_num_threads(1)
    counts = (1, 2) if given.quick else (1, 4, 16) if given.device == "cpu" else (1, 16, 64, 256)
    rows = measured(KINDS[:2] if given.quick else KINDS, counts, given)
    name = torch.cuda.get_device_name() if given.device == "cuda" else f"{device()}, one thread"
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(f"{name}, least of {given.repeat}; swaps of five objects, batches of {rows[0]['batch']}")
    console.print(table(rows))
    if given.json:
        made = {
            "benchmark": Path(__file__).stem,
            "device": name,
            "repeat": given.repeat,
            "versions": {"python": platform.python_version(), "torch": torch.__version__},
            "results": rows,
        }
        given.json.write_text(json.dumps(rounded(made), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
