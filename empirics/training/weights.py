"""Numbers read off trained weights: gates, slopes. In a store they stand under a kind of their own, beside the training's key.

put(store, "gates", trained, "beta")        {"kind": "gates", "training": key}: {name of the parameter: its numbers}
read(store, "gates", plan, seeds)           the same, a seed each, the latest
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from empirics.store import Progress, Store
from empirics.training.loop import Trained, train
from empirics.training.plan import Plan
from empirics.training.study import Results, Study

__all__ = ["Numbers", "named", "put", "read", "replaced", "run"]

Numbers = Mapping[str, list[float]]
"""A parameter's numbers by its name."""


def _held(trained: Trained) -> Tensor:
    if trained.weights is None:
        raise ValueError("weights: the results are there and no checkpoint has the weights; train into an empty store")
    return trained.weights


def named(trained: Trained, ending: str) -> list[Numbers]:
    """The parameters whose names end so, a seed each. ValueError where there is none, or no weights are kept."""
    shell = trained.shell
    if not any(name.endswith(ending) for name in shell.names):
        raise ValueError(f"weights: no parameter's name ends in {ending!r}; there are {', '.join(shell.names)}")
    rows = [shell.named(row) for row in _held(trained)]
    return [{name: x.flatten().tolist() for name, x in row.items() if name.endswith(ending)} for row in rows]


def replaced(trained: Trained, ending: str, value: float) -> Tensor:
    """The weights `(seeds, parameters)` with every number of these parameters replaced. ValueError as `named`."""
    named(trained, ending)
    rows = _held(trained).clone()
    for row in rows:
        for name, x in trained.shell.named(row).items():
            if name.endswith(ending):
                x.fill_(value)
    return rows


def run(
    study: Study,
    store: Store,
    keep: Path,
    ending: Callable[[str], str | None],
    what: str,
    *,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
) -> Results:
    """A study's results, and for plans of which `ending(kind)` names parameters their numbers as `what`; keep: for checkpoints."""
    found = {}
    for done, (name, plan) in enumerate(study.plans.items()):
        if progress is not None:
            progress(done, len(study.plans), f"{study.name}: {name}")
        trained = train(plan, study.seeds, device=device, store=store, keep=keep)
        found[name] = trained.entries
        if (part := ending(plan.architecture.kind)) is not None:
            put(store, what, trained, part)
    return found


def put(store: Store, what: str, trained: Trained, ending: str) -> None:
    """Write what the store does not hold yet."""
    for entry, numbers in zip(trained.entries, named(trained, ending), strict=True):
        store.get({"kind": what, "training": entry.key}, lambda numbers=numbers: numbers)


def read(store: Store, what: str, plan: Plan, seeds: Sequence[int]) -> list[Numbers]:
    """A seed each, whatever code computed it. ValueError for one that the store does not hold."""
    told = json.loads(json.dumps(plan.configuration()))
    held = {e.key["training"]["seed"]: e.values for e in store.select(kind=what, training={"plan": told})}
    missing = [seed for seed in seeds if seed not in held]
    if missing:
        raise ValueError(f"weights: the store holds no {what} of seeds {missing}; run the study")
    return [held[seed] for seed in seeds]
