"""From where does training come back? Constructed weights plus noise, before and after; and the radii that are proved and observed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from empirics.rates.figures import COLOURS, MARKS
from empirics.store import Progress, Store, Values
from empirics.tasks import Reachability, SwapTracking, generator_of
from empirics.training.derived import Derived, read, record
from empirics.training.evaluation import evaluate_rows
from empirics.training.fingerprint import code_fingerprint
from empirics.training.hand_built import constructed
from empirics.training.loop import Trained
from empirics.training.plan import Plan
from empirics.training.radius import broken, corner, first_wrong, radius_of
from empirics.training.run import beginning
from empirics.training.statistics import accuracies, mean_accuracy
from empirics.training.study import Results, Study, seeds_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["BEFORE", "LENGTHS", "draw", "fill", "radii", "reaching", "results", "returning", "study", "table"]

LENGTHS = (5, 12, 32)
"""Of the words for which radii are compared."""
NOISES = (0.1, 0.3, 0.5, 0.7, 1.0, 2.0, 4.0)
SWAPS = SwapTracking(3)
STEP = 2**0.25


def returning(noise: float | None, steps: int = 200, rate: float = 3e-3) -> Plan:
    """The swap tracker with that noise, trained on short words; None begins at random."""
    architecture = constructed(SWAPS).architecture
    return Plan(SWAPS, architecture, steps, 32, (6, 12), rate=rate, tests=(12, 32, 128), tested=128, noise=noise)


def reaching(noise: float | None, rate: float, steps: int = 100) -> Plan:
    """The construction for reachability in chains of 8 names, likewise, at the greatest length."""
    task = Reachability("chains", "edges", 8)
    length = task.longest or task.shortest
    how: dict[str, Any] = {"rate": rate, "warmup": 10, "tests": (length,), "tested": 256, "noise": noise}
    return Plan(task, constructed(task).architecture, steps, 16, (length, length), **how)


def study(budget: str = "quick", seed: int = 0) -> Study:
    """quick: 4 seeds, the noises that the claims name; full: 8 seeds, all noises and random beginnings, for reachability too.
    ValueError for another budget."""
    if budget not in ("quick", "full"):
        raise ValueError(f"basin: budget = {budget!r}; give 'quick' or 'full'")
    full = budget == "full"
    noises = (*NOISES, None) if full else (0.5, 4.0)
    plans = {f"swaps, {_named(noise)}": returning(noise) for noise in noises}
    slow = (0.1, 0.3, 0.5, None) if full else (0.1, 0.3)
    plans |= {f"reachability, {_named(noise)}": reaching(noise, 1e-4) for noise in slow}
    plans |= {"reachability, noise 0.1, rate 0.003": reaching(0.1, 3e-3)}
    return Study("basin", plans, seeds_of(seed, 8 if full else 4))


def _named(noise: float | None) -> str:
    return "random" if noise is None else f"noise {noise:g}"


def before(plan: Plan, seeds: Sequence[int], trained: Trained) -> list[Values]:
    """The test of a plan at the weights that its seeds begin with: right answers, of how many, by length."""
    device = next(trained.shell.model.parameters()).device
    rows = torch.stack([trained.shell.flatten(beginning(plan, seed)) for seed in seeds]).to(device)
    made: list[dict[str, Any]] = [{"tests": {}} for _ in seeds]
    for length in plan.tests:
        for held, counts in zip(made, evaluate_rows(trained.shell, rows, plan.task, length, plan.tested), strict=True):
            held["tests"][str(length)] = counts.values()
    return list(made)


BEFORE: Derived = ("before training", before)


@lru_cache(maxsize=32)
def radii(tokens: int, seeds: tuple[int, ...], drawn_from: int = 0, device: str = "cpu") -> dict[str, Any]:
    """For words of so many tokens, drawn from a seed: the radius proved; one that gradients break, where a quarter of an octave less
    was not broken; and for each seed the radius up to which a random corner holds on 256 words, likewise."""
    model = constructed(SWAPS).to(device)
    certified = float(radius_of(SWAPS, model, tokens))
    drawn = SWAPS.draw(256, tokens, generator_of(drawn_from, tokens, device=device))
    attack = _first(certified, lambda r: broken(SWAPS, model, r, tokens, seed=drawn_from) is not None)
    corners = []
    for seed in seeds:
        signs = {name: x.to(device) for name, x in random_signs(seed).items()}
        fails = _first(certified, lambda r, s=signs: first_wrong(model, corner(model, r, s), SWAPS, drawn) is not None)
        corners.append(fails / STEP)
    return {"certified": certified, "attack": attack, "corners": corners}


def _first(least: float, fails: Callable[[float], bool]) -> float:
    """A radius least 2^(i/4), i >= 1, that fails, where the one before does not or is the least; by bisection below least 2^16."""
    return least * STEP ** (1 + bisect_left(range(1, 64), True, key=lambda i: fails(least * STEP**i)))


def random_signs(seed: int) -> dict[str, Tensor]:
    """A corner's signs, for the swap tracker."""
    generator = torch.Generator().manual_seed(seed)
    named = constructed(SWAPS).named_parameters()
    return {name: 2.0 * torch.randint(0, 2, p.shape, generator=generator).double() - 1 for name, p in named}


def fill(store: Store, budget: str = "full", progress: Progress | None = None) -> None:
    """Put what the tables and the figure read into the store: trainings, tests before them, radii."""
    record(study(budget), store, BEFORE, progress=progress)
    seeds = study(budget).seeds
    for tokens in LENGTHS:
        key = {"kind": "radii", "tokens": tokens, "seeds": list(seeds), "code": code_fingerprint()}
        store.get(key, lambda tokens=tokens: radii(tokens, seeds))


def results(store: Store, budget: str = "full") -> tuple[Results, Results]:
    """What was trained, and what it was before, from the store. ValueError for what it does not hold."""
    return study(budget).read(store), read(study(budget), store, BEFORE[0])


def table(trained: Results, begun: Results) -> list[dict[str, Any]]:
    """A row a plan and length tested: accuracy before and after, means with intervals, and the seeds that reach 97 in 100."""
    rows = []
    for name, entries in trained.items():
        for length in entries[0].key["plan"]["tests"]:
            after = accuracies(entries, length)
            told = {
                "begins": name,
                "length": length,
                "seeds": len(entries),
                "before": mean_accuracy(accuracies(begun[name], length)),
            }
            rows.append({**told, "after": mean_accuracy(after), "returned": sum(a >= 0.97 for a in after)})
    return rows


def draw(trained: Results, begun: Results, store: Store) -> Figure:
    """Left: accuracy at 12 tokens before and after training against noise, a point a seed, means joined. Right: radii against T."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.5, 4.0), layout="constrained")
    left, right = figure.subplots(1, 2)
    named = {name: entries[0].key["plan"]["noise"] for name, entries in trained.items() if name.startswith("swaps")}
    noisy = {name: noise for name, noise in named.items() if noise is not None}
    for i, (label, results) in enumerate({"before training": begun, "after 200 steps": trained}.items()):
        found = [mean_accuracy(accuracies(results[name], 12)) for name in noisy]
        both = [[f.value - f.low for f in found], [f.high - f.value for f in found]]
        values = [f.value for f in found]
        left.errorbar(list(noisy.values()), values, both, fmt=f"{MARKS[i]}-", ms=5, lw=1, color=COLOURS[i], label=label)
    left.axhline(1 / 3, ls=":", lw=1, color="0.5")
    left.annotate("a guess", (list(noisy.values())[-1], 1 / 3), xytext=(-10, 4), textcoords="offset points", fontsize=7)
    left.set(xlabel="noise, in root mean squares of a parameter", ylabel="accuracy at 12 tokens", xscale="log")
    left.set_title("construction plus noise: mean over seeds, 95 % interval", fontsize=9)
    left.legend(fontsize=7)
    told = sorted(store.select(kind="radii"), key=lambda entry: entry.key["tokens"])
    tokens = [entry.key["tokens"] for entry in told]
    for i, label in enumerate(("certified", "attack")):
        right.plot(tokens, [e.values[label] for e in told], f"{MARKS[i]}-", color=COLOURS[i], lw=1, label=label)
    for entry in told:
        corners = entry.values["corners"]
        right.plot([entry.key["tokens"]] * len(corners), corners, MARKS[2], ms=4, color=COLOURS[2])
    right.plot([], [], MARKS[2], color=COLOURS[2], label="random corners, a point a seed")
    right.set(xlabel="tokens T", ylabel="radius, in root mean squares of a parameter", xscale="log", yscale="log")
    right.set_title("every entry moved by so much: proved right, broken", fontsize=9)
    right.legend(fontsize=7)
    return figure
