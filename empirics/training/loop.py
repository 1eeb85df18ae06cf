"""The training loop: many seeds as rows of one matrix, one step a step of all, each seed by itself.

    step t of seed s    sequences from a generator of (s, t), so nothing random is held between steps;
                        mean cross entropy of the answers asked; gradient clipped; Adam

A seed stops when its rule says so, when its loss or gradient is no longer finite (it diverged, which is recorded), or at the last step;
its row then stands still. Results go to the store, one a seed, and the state to a checkpoint, from which a killed run goes on: to the
same bytes on a CPU, as long as threads and the seeds that train together are the same; on a GPU as far as its sums are repeatable.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from constructions.layers.shapes import check_positive
from empirics.store import Entry, Progress, Store
from empirics.training.flat import Shell
from empirics.training.models import MODELS
from empirics.training.plan import Plan
from empirics.training.run import Run, beginning, key_of

__all__ = ["Trained", "seconds_a_step", "train"]


@dataclass(frozen=True, eq=False)
class Trained:
    """Results by seed, and their weights `(seeds, parameters)` for `shell`; no weights where the store had all results already and no
    checkpoint holds them."""

    entries: list[Entry]
    shell: Shell
    weights: Tensor | None


def train(
    plan: Plan,
    seeds: Sequence[int],
    *,
    device: Any = "cpu",
    together: int | None = None,
    store: Store | None = None,
    keep: str | os.PathLike[str] | None = None,
    saving: int = 100,
    progress: Progress | None = None,
) -> Trained:
    """Train one model a seed, or read what is in the store.

    together: at most so many seeds at once; kinds that do not stack go one by one. keep: a directory for checkpoints, written every
    `saving` steps, and for the final weights. progress: called at every look with the steps done, of how many, and what.
    ValueError for no seeds or one given twice.
    """
    seeds = [int(s) for s in seeds]
    if not seeds or len(set(seeds)) < len(seeds):
        raise ValueError(f"train: seeds = {seeds}; give at least one, each once")
    most = len(seeds) if together is None else together
    check_positive("train", together=most, saving=saving)
    stacked = MODELS[plan.architecture.kind].stacked
    most = most if stacked else 1
    store = Store() if store is None else store
    shell = Shell(beginning(plan, seeds[0]), stacked, device)
    entries, rows = [], []
    for start in range(0, len(seeds), most):
        group = seeds[start : start + most]
        run = Run(plan, group, shell, device, keep, saving)
        keys = [key_of(plan, seed, group, device) for seed in group]
        if not all(key in store for key in keys):
            run.go(_told(progress, start // most, -(-len(seeds) // most)))
            found, about = run.values(), run.about()
            for key, values in zip(keys, found, strict=True):
                if key not in store:
                    store.put(key, values, about)
        entries += [store[key] for key in keys]
        rows.append(run.weights if run.finished else None)
    whole = [r for r in rows if r is not None]
    return Trained(entries, shell, torch.cat(whole) if len(whole) == len(rows) else None)


def _told(progress: Progress | None, part: int, parts: int) -> Progress | None:
    if progress is None or parts == 1:
        return progress
    return lambda done, total, words: progress(part * total + done, parts * total, words)


def seconds_a_step(plan: Plan, seeds: Sequence[int], *, device: Any = "cpu", steps: int = 5) -> float:
    """The median time of a step of all seeds together, after one that is not counted: what equal time is made from. CPU seconds of this
    process on the CPU, which other programs take less from; seconds of the clock on a device."""
    check_positive("seconds_a_step", steps=steps)
    shell = Shell(beginning(plan, seeds[0]), MODELS[plan.architecture.kind].stacked, device)
    groups = [list(seeds)] if shell.stacked else [[s] for s in seeds]
    runs = [Run(plan, group, shell, device, None, 1) for group in groups]
    clock = time.process_time if torch.device(device).type == "cpu" else time.perf_counter

    def times() -> Iterator[float]:
        for step in range(steps + 1):
            began = clock()
            for run in runs:
                run.step(step)
            if torch.device(device).type == "cuda":
                torch.cuda.synchronize()
            yield clock() - began

    return sorted(list(times())[1:])[steps // 2]
