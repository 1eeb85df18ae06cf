"""Do models that learned to track swaps resemble the construction? The kernel on swap tokens against the theorem's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from empirics.rates.figures import COLOURS, MARKS
from empirics.store import Progress, Store
from empirics.tasks import SwapTracking
from empirics.training.derived import Derived, read, record
from empirics.training.kernels import of_trained, signed, theorem
from empirics.training.models import Architecture
from empirics.training.plan import Plan
from empirics.training.statistics import accuracies, mean, mean_accuracy
from empirics.training.study import Results, Study, seeds_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["KERNELS", "TRACKERS", "draw", "fill", "results", "study", "table", "tracker"]

KERNELS: Derived = ("kernels", of_trained)
TRACKERS = ("deltaformer-linear", "deltanet-2")
"""Kinds that can reflect: linear kernel, w = k, unit keys, beta in (0, 2)."""


def tracker(kind: str, n: int, steps: int) -> Plan:
    """Trained on words of n + 3 to 4 n tokens, as wide as the construction for n slots; nothing else is from it."""
    architecture = Architecture(kind, 2 * (4 * n + 2), 1, 1, 0)
    return Plan(
        SwapTracking(n), architecture, steps, 32, (n + 3, 4 * n), rate=0.01, tests=(12, 32, 64, 128), tested=128
    )


def study(budget: str = "quick", seed: int = 0) -> Study:
    """Both trackers of 3 slots, one of 4, where some swaps share no slot; and two controls that cannot track: beta stays below 1, and
    one step is no training. quick: 4 seeds, 200 steps; full: 8 seeds, 600 steps, 5 slots too. ValueError for another
    budget."""
    if budget not in ("quick", "full"):
        raise ValueError(f"resemblance: budget = {budget!r}; give 'quick' or 'full'")
    full = budget == "full"
    steps = 600 if full else 200
    plans = {f"{kind}, {n} slots": tracker(kind, n, steps) for n in (3, 4) for kind in TRACKERS[: 2 if n == 3 else 1]}
    if full:
        plans |= {f"{kind}, {n} slots": tracker(kind, n, steps) for kind, n in ((TRACKERS[1], 4), (TRACKERS[0], 5))}
    plans |= {"deltanet, 3 slots": tracker("deltanet", 3, steps), "untrained, 3 slots": tracker(TRACKERS[0], 3, 1)}
    return Study("resemblance", plans, seeds_of(seed, 8 if full else 4))


def fill(store: Store, budget: str = "full", progress: Progress | None = None) -> None:
    """Put what the table and the figure read into the store: trainings and kernels."""
    record(study(budget), store, KERNELS, progress=progress)


def results(store: Store, budget: str = "full") -> tuple[Results, Results]:
    """What was trained, and its kernels, from the store. ValueError for what it does not hold."""
    return study(budget).read(store), read(study(budget), store, KERNELS[0])


def distance(values: Any, n: int) -> float:
    """The greatest distance of an entry of the kernel from the theorem's, with the best signs."""
    target = theorem(n)
    return float(abs(signed(values["kernel"], target) - target).max())


def table(trained: Results, kernels: Results) -> list[dict[str, Any]]:
    """A row a plan; means over seeds with intervals: accuracy at 32 tokens, beta at swaps, distance of the kernel from the theorem's,
    the cosines of reads, the least inner product of keys of writes into one slot."""
    rows = []
    for name, entries in kernels.items():
        n = entries[0].key["plan"]["task"]["n"]
        told = [entry.values for entry in entries]
        columns = {
            "accuracy": accuracies(trained[name], 32),
            "beta": [min(v["beta"]) for v in told],
            "distance": [distance(v, n) for v in told],
            "reads": [float(np.mean(v["reads"])) for v in told],
            "writes": [v["writes"] for v in told],
        }
        found = {column: mean_accuracy(x) if column == "accuracy" else mean(x) for column, x in columns.items()}
        rows.append({"model": name, "seeds": len(told), **found})
    return rows


def draw(trained: Results, kernels: Results) -> Figure:
    """Left: each model's kernel on pairs of swaps, signed, against the theorem's value. Right: accuracy at 128 tokens against the
    distance from the theorem, a point a seed."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.5, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    for i, (name, entries) in enumerate(kernels.items()):
        colour, mark = ((*COLOURS, "0.5")[i], (*MARKS, "X")[i])
        n = entries[0].key["plan"]["task"]["n"]
        target = theorem(n)
        values = np.array([signed(entry.values["kernel"], target) for entry in entries])
        x = np.broadcast_to(target, values.shape) + 0.06 * (i - len(kernels) / 2)
        left.plot(x.ravel(), values.ravel(), mark, ms=3, color=colour, alpha=0.6, label=name)
        far = [distance(entry.values, n) for entry in entries]
        right.plot(far, accuracies(trained[name], 128), mark, ms=5, color=colour, label=name)
    for value in (-1, 0, 1, 2):
        left.axhline(value, lw=0.6, color="0.7", zorder=0)
    left.set(
        xlabel=r"theorem: $2\langle k_s, k_t\rangle$", ylabel=r"model: $\beta_t\langle k_s, k_t\rangle$, best signs"
    )
    left.set_title("kernel on pairs of swap tokens", fontsize=9)
    right.set(xlabel="greatest distance from the theorem's kernel", ylabel="accuracy at 128 tokens", xscale="log")
    right.set_title("how long words are tracked, a point a seed", fontsize=9)
    right.legend(fontsize=7)
    return figure
