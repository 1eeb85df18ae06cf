"""Constructions beside what was trained, in the same store: tested on the very sequences that trained models are tested on.

put(store, "copier", task, model, lengths)      {"kind": "construction", "name", "task", "length", "sequences", "code"}: counts
read(store, "copier", task)                     {length: accuracy}, the latest
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from empirics.store import Store
from empirics.tasks import Task
from empirics.training.evaluation import evaluate
from empirics.training.fingerprint import code_fingerprint
from empirics.training.models import TokenModel

__all__ = ["put", "read"]


def put(store: Store, name: str, task: Task, model: TokenModel, lengths: Sequence[int], sequences: int) -> None:
    """Test the model where the store holds no test of it by this code."""
    for length in lengths:
        told = {"task": task.configuration(), "length": length, "sequences": sequences, "code": code_fingerprint()}
        store.get(
            {"kind": "construction", "name": name, **told},
            lambda length=length: evaluate(model, task, length, sequences).values(),
        )


def read(store: Store, name: str, task: Task) -> dict[int, float]:
    """The share of right answers by length. ValueError where the store has none."""
    told = json.loads(json.dumps(task.configuration()))
    held = {e.key["length"]: e.values for e in store.select(kind="construction", name=name, task=told)}
    if not held:
        raise ValueError(f"built: the store holds no test of {name} on {task}; run the study")
    return {length: counts["right"] / counts["of"] for length, counts in sorted(held.items())}
