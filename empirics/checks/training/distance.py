"""Trained models against the constructions on copy and recall."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.tasks import Copying, Recall
from empirics.training import copiers
from empirics.training.evaluation import evaluate
from empirics.training.kept import measured
from empirics.training.loop import Trained
from empirics.training.models import TokenModel
from empirics.training.statistics import accuracies, mean, share
from empirics.training.studies.distance import LEARNED, study
from theory.training import distance as claims

LIMIT = 600
"""Seconds: a check trains what no other has trained before it."""
HALF = 0.5
ABOVE, BELOW = 0.05, 0.15


def trained(name: str, run: Run) -> Trained:
    """A plan of the study, trained or taken from what is kept."""
    asked = study(run.budget, run.seed)
    return measured(asked.plans[name], asked.seeds, run.device)


def scope(task: str, *lengths: int) -> Callable[[Run], dict[str, Any]]:
    """What a verdict is about: of the first plan whose name begins so, at these lengths or all that it tests."""

    def told(run: Run) -> dict[str, Any]:
        asked = study(run.budget, run.seed)
        plan = next(plan for name, plan in asked.plans.items() if name.startswith(task))
        shown = ", ".join(map(str, lengths or plan.tests))
        sizes = f"{len(asked.seeds)} seeds, {plan.steps} steps of {plan.batch} sequences, tested at {shown} tokens"
        parameters = sorted(
            {f"{name}: {p.architecture.kind}" for name, p in asked.plans.items() if name.startswith(task)}
        )
        return {
            "sizes": sizes,
            "models": "; ".join(parameters),
            "device": run.device,
            "threads": torch.get_num_threads(),
        }

    return told


def built(task: Any, length: int, make: Callable[[Any], TokenModel], run: Run) -> list[float]:
    """A construction's accuracy, as if of one seed."""
    return [evaluate(make(task).to(run.device), task, length, 64).accuracy]


def _copies(model: str, distance: int, run: Run) -> list[float]:
    length = 2 * distance + 8
    if model == "hand-built":
        return built(Copying(distance, distance, 8), length, lambda task: copiers.copier(task, length), run)
    return accuracies(trained(f"copy-{distance} {model}", run).entries, length)


@check(
    claims.copy_by_position, "measured", given={"distance": [4, 12]}, scope=scope("copy-4 learned", 16, 32), limit=LIMIT
)
def every_seed_copies(distance: int, run: Run, model: str = "learned") -> Evidence:
    """The least accuracy of the seeds against `LEARNED`."""
    found = _copies(model, distance, run)
    if min(found) < LEARNED:
        told = f"distance {distance}, {model}: {share(found, LEARNED)} answer {LEARNED} right, on average {mean(found)}"
        return fails(told, f"at least {LEARNED} in every seed", f"{min(found):.3f}")
    return holds(cases=len(found))


control(every_seed_copies, "no-positions", "refuted", model="nope", reason="a set of tokens has no order")
control(every_seed_copies, "memory", "refuted", model="infini", reason="a sum over tokens has no order either")
control(every_seed_copies, "construction", "confirmed", model="hand-built", reason="the weights are written down")


@check(
    claims.copy_without_positions,
    "measured",
    given={"distance": [4, 12]},
    scope=scope("copy-4 infini", 16, 32),
    limit=LIMIT,
)
def no_seed_copies_half(distance: int, run: Run, model: str = "infini") -> Evidence:
    """The greatest accuracy of the seeds against a half."""
    found = _copies(model, distance, run)
    if max(found) > HALF:
        told = f"distance {distance}, {model}: a seed answers {max(found):.3f} right, on average {mean(found)}"
        return fails(told, f"at most {HALF} in every seed", f"{max(found):.3f}")
    return holds(cases=len(found))


control(
    no_seed_copies_half, "told-positions", "refuted", model="learned", reason="a table of positions is what is missing"
)
control(no_seed_copies_half, "construction", "refuted", model="hand-built", reason="it copies by its table")
control(
    no_seed_copies_half, "attention-alone", "confirmed", model="nope", reason="without memory it knows no order either"
)


@check(claims.copy_pointer, "measured", scope=scope("copy-4 pointer"), limit=LIMIT)
def every_pointer_copies(run: Run, model: str = "pointer") -> Evidence:
    """The least accuracy of the seeds at distance 4 against `LEARNED`."""
    return every_seed_copies(4, run, model)


control(
    every_pointer_copies,
    "attention",
    "confirmed",
    model="learned",
    reason="in as many steps softmax attention learns it",
)
control(every_pointer_copies, "construction", "confirmed", model="hand-built", reason="the weights are written down")
control(every_pointer_copies, "no-positions", "refuted", model="nope", reason="a set of tokens has no order")


@check(claims.copy_pointer_slower, "measured", scope=scope("copy-4 pointer"), limit=LIMIT)
def a_pointer_is_between(run: Run, model: str = "pointer") -> Evidence:
    """Mean accuracies at distance 4: without positions, the model's, with a table of positions."""
    low, found, high = (mean(_copies(name, 4, run)) for name in ("nope", model, "learned"))
    told = f"without positions {low}, {model} {found}, with a table {high}"
    if not low.value + ABOVE <= found.value <= high.value - BELOW:
        return fails(told, f"{ABOVE} above the first and {BELOW} below the last", f"{found}")
    return holds(accuracies=told)


control(a_pointer_is_between, "attention", "refuted", model="learned", reason="it is not below itself")
control(a_pointer_is_between, "no-positions", "refuted", model="nope", reason="it is not above itself")
control(
    a_pointer_is_between, "memory", "refuted", model="infini", reason="a segment long it is attention without positions"
)


def _recalls(model: str, run: Run) -> list[float]:
    if model == "hand-built":
        return built(Recall(8, 8), 24, lambda task: copiers.recaller(task, 24), run)
    return accuracies(trained(f"recall {model}", run).entries, 24)


@check(claims.recall_in_two, "measured", scope=scope("recall"), limit=LIMIT)
def two_layers_recall(run: Run, model: str = "rope-2", one: str = "rope-1") -> Evidence:
    """The least accuracy of the seeds against `LEARNED`, and the greatest of one layer's against a half."""
    found, alone = _recalls(model, run), _recalls(one, run)
    if min(found) < LEARNED:
        told = f"{model}: {share(found, LEARNED)} recall {LEARNED} right, on average {mean(found)}"
        return fails(told, f"at least {LEARNED} in every seed", f"{min(found):.3f}")
    if max(alone) > HALF:
        told = f"beside it, {one}: a seed recalls {max(alone):.3f} right, on average {mean(alone)}"
        return fails(told, f"at most {HALF} in every seed", f"{max(alone):.3f}")
    return holds(two=f"{mean(found)}", one=f"{mean(alone)}")


control(two_layers_recall, "one-layer", "refuted", model="rope-1", reason="a query meets keys without their values")
control(two_layers_recall, "one-that-recalls", "refuted", one="rope-2", reason="what stands beside it recalls as well")
control(two_layers_recall, "construction", "confirmed", model="hand-built", reason="the weights are written down")
