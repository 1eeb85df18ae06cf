"""A question to training: the plans that answer it, and their results from a store.

`run` trains what the store does not hold; `read` takes what it holds, whatever code computed it, so that tables and figures of an
earlier run can be drawn again. Both give {name of a plan: its results, a seed each}.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from empirics.store import Entry, Progress, Store
from empirics.training.loop import train
from empirics.training.plan import Plan

__all__ = ["Results", "Study", "seeds_of"]

Results = Mapping[str, list[Entry]]


def seeds_of(seed: int, count: int) -> tuple[int, ...]:
    """So many seeds of trainings for one seed of a verification, none of them another one's; those of 0 are the recorded ones."""
    return tuple(range(1000 * seed, 1000 * seed + count))


@dataclass(frozen=True)
class Study:
    """name: one word; plans by the name they have in tables and figures; the same seeds for all."""

    name: str
    plans: Mapping[str, Plan]
    seeds: tuple[int, ...]

    def only(self, keep: Callable[[Plan], bool]) -> Study:
        """The study of some of its plans."""
        return replace(self, plans={name: plan for name, plan in self.plans.items() if keep(plan)})

    def run(self, store: Store, *, device: Any = "cpu", progress: Progress | None = None) -> Results:
        """Every plan's results, those in the store as they are and the others trained and added."""
        found = {}
        for done, (name, plan) in enumerate(self.plans.items()):
            if progress is not None:
                progress(done, len(self.plans), f"{self.name}: {name}")
            found[name] = train(plan, self.seeds, device=device, store=store, progress=progress).entries
        return found

    def read(self, store: Store) -> Results:
        """Every plan's results from the store alone, the latest of each seed. ValueError for one that it does not hold."""
        found = {}
        for name, plan in self.plans.items():
            told = json.loads(json.dumps(plan.configuration()))
            held = {entry.key["seed"]: entry for entry in store.select(kind="training", plan=told)}
            missing = [seed for seed in self.seeds if seed not in held]
            if missing:
                raise ValueError(f"{self.name}: the store holds no result of {name} for seeds {missing}; run the study")
            found[name] = [held[seed] for seed in self.seeds]
        return found
