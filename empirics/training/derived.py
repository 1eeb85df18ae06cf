"""Numbers that need the weights of what was trained, as results of their own kind beside the trainings in a store.

`derive` computes them in memory; `record` runs a study and puts both into its store; `read` takes them from the store alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from empirics.store import Entry, Progress, Store, Values
from empirics.training.kept import measured
from empirics.training.loop import Trained
from empirics.training.plan import Plan
from empirics.training.study import Results, Study

__all__ = ["Compute", "Derived", "derive", "read", "record"]

Compute = Callable[[Plan, Sequence[int], Trained], list[Values]]
"""From a plan, its seeds and what was trained: the values, a seed each."""
Derived = tuple[str, Compute]
"""The kind of the numbers, which tells the options they were computed with too, and how they are computed."""


def derive(derived: Derived, plan: Plan, seeds: Sequence[int], device: Any = "cpu") -> list[Entry]:
    """The numbers of each seed, in memory; trains what `kept.measured` does not hold."""
    kind, compute = derived
    trained = measured(plan, seeds, device)
    if trained.weights is None:
        raise ValueError(f"derive: the weights of seeds {list(seeds)} were removed; remove their results, too")
    values = compute(plan, seeds, trained)
    found = zip(trained.entries, values, strict=True)
    return [Entry({**entry.key, "kind": kind}, held, entry.about) for entry, held in found]


def record(
    study: Study, store: Store, derived: Derived | None = None, *, device: Any = "cpu", progress: Progress | None = None
) -> None:
    """Put every plan's trainings, and numbers where they are asked for, into the store, those that are not there."""
    for done, (name, plan) in enumerate(study.plans.items()):
        if progress is not None:
            progress(done, len(study.plans), f"{study.name}: {name}")
        numbers = [] if derived is None else derive(derived, plan, study.seeds, device)
        for entry in (*measured(plan, study.seeds, device).entries, *numbers):
            if entry.key not in store:
                store.put(entry.key, entry.values, entry.about)


def read(study: Study, store: Store, kind: str) -> Results:
    """Every plan's numbers of that kind from the store alone, the latest of each seed. ValueError for those it does not hold."""
    found = {}
    for name, plan in study.plans.items():
        told = json.loads(json.dumps(plan.configuration()))
        held = {entry.key["seed"]: entry for entry in store.select(kind=kind, plan=told)}
        missing = [seed for seed in study.seeds if seed not in held]
        if missing:
            raise ValueError(f"{study.name}: the store holds no {kind} of {name} for seeds {missing}; record the study")
        found[name] = [held[seed] for seed in study.seeds]
    return found
