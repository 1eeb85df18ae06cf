"""Trained models against the constructions on copy, recall and passkey; models altered so that they cannot, as negative controls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.tasks import Copying, Passkey, Recall
from empirics.training import copiers, weights
from empirics.training.evaluation import evaluate, evaluate_rows
from empirics.training.kept import measured
from empirics.training.loop import Trained
from empirics.training.models import TokenModel
from empirics.training.statistics import accuracies, mean, share
from empirics.training.studies.distance import FAR, LEARNED, PASSKEY, TRAINED, gates, study
from theory.training import distance as claims

LIMIT = 600
HALF = 0.5
SPECIAL, MOVED = 19 / 20, 52 / 100
DEPTH_LOST, LENGTH_LOST = 0.25, 0.3
ABOVE, BELOW = 0.05, 0.15


def _trained(name: str, run: Run) -> Trained:
    asked = study(run.budget)
    return measured(asked.plans[name], asked.seeds, run.device)


def _scope(task: str, *lengths: int) -> Callable[[Run], dict[str, Any]]:
    def told(run: Run) -> dict[str, Any]:
        asked = study(run.budget)
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


def _built(task: Any, length: int, make: Callable[[Any], TokenModel]) -> list[float]:
    """A construction's accuracy, as if of one seed."""
    return [evaluate(make(task), task, length, 64).accuracy]


def _copies(model: str, distance: int, run: Run) -> list[float]:
    length = 2 * distance + 8
    if model == "hand-built":
        return _built(Copying(distance, distance, 8), length, lambda task: copiers.copier(task, length))
    return accuracies(_trained(f"copy-{distance} {model}", run).entries, length)


@check(claims.copy_by_position, "measured", given={"distance": [4, 12]}, scope=_scope("copy-4 learned"), limit=LIMIT)
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
    claims.copy_without_positions, "measured", given={"distance": [4, 12]}, scope=_scope("copy-4 infini"), limit=LIMIT
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


@check(claims.copy_pointer, "measured", scope=_scope("copy-4 pointer"), limit=LIMIT)
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


@check(claims.copy_pointer_slower, "measured", scope=_scope("copy-4 pointer"), limit=LIMIT)
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


def _shut(model: TokenModel) -> TokenModel:
    with torch.no_grad():
        for name, p in model.named_parameters():
            if name.endswith("beta"):
                p.fill_(-copiers.OPEN)
    return model


def _finds(model: str, length: int, depth: int | None, run: Run) -> list[float]:
    """Accuracies on the passkey: trained, trained and its gates then shut, or a construction."""
    task = Passkey(PASSKEY.size, PASSKEY.noise, depth)
    made: dict[str, Callable[[Any], TokenModel]] = {
        "hand-built": copiers.memory_finder,
        "hand-built, shut": lambda task: _shut(copiers.memory_finder(task)),
        "pointing": copiers.pointing_finder,
        "pointing within reach": lambda task: copiers.pointing_finder(task, TRAINED),
    }
    if model in made:
        return _built(task, length, made[model])
    kind, _, shut = model.partition(", ")
    trained = _trained(f"passkey {kind}", run)
    if shut:
        rows = weights.replaced(trained, "beta", -copiers.OPEN)
        return [c.accuracy for c in evaluate_rows(trained.shell, rows, task, length, 64)]
    plan = trained.entries[0].key["plan"]
    also = None if depth is None else [other["depth"] for other in plan["also"]].index(depth)
    return accuracies(trained.entries, length, also)


@check(claims.passkey_infini, "measured", scope=_scope("passkey infini", FAR), limit=LIMIT)
def the_key_is_found_far_beyond_training(run: Run, model: str = "infini") -> Evidence:
    """The mean accuracy at `FAR` against a half."""
    found = _finds(model, FAR, None, run)
    if mean(found).value <= HALF:
        return fails(f"{model}, {FAR} tokens: {mean(found)} right", f"more than {HALF}", f"{mean(found)}")
    return holds(cases=len(found), accuracy=f"{mean(found)}")


control(
    the_key_is_found_far_beyond_training,
    "gates-shut",
    "refuted",
    model="infini, shut",
    reason="the same weights without their memory see the open segment",
)
control(
    the_key_is_found_far_beyond_training,
    "construction",
    "confirmed",
    model="hand-built",
    reason="a head reads the memory",
)
control(
    the_key_is_found_far_beyond_training,
    "construction-shut",
    "refuted",
    model="hand-built, shut",
    reason="both heads see the open segment",
)


@check(claims.passkey_depth, "measured", scope=_scope("passkey infini", FAR), limit=LIMIT)
def the_beginning_is_as_good_as_the_end(run: Run, model: str = "infini") -> Evidence:
    """Mean accuracies at depth 100 and at depth 0."""
    late, early = (mean(_finds(model, FAR, depth, run)) for depth in (100, 0))
    if late.value - early.value > DEPTH_LOST:
        told = f"{model}, {FAR} tokens: {late} right at the end, {early} at the beginning"
        return fails(told, f"at most {DEPTH_LOST} less", f"{late.value - early.value:.3f} less")
    return holds(beginning=f"{early}", end=f"{late}")


control(
    the_beginning_is_as_good_as_the_end, "gates-shut", "refuted", model="infini, shut", reason="only the end is seen"
)
control(
    the_beginning_is_as_good_as_the_end, "construction", "confirmed", model="hand-built", reason="a sum knows no depth"
)


@check(claims.passkey_pointer, "measured", scope=_scope("passkey pointer"), limit=LIMIT)
def as_good_at_eight_times_the_length(run: Run, model: str = "pointer") -> Evidence:
    """Mean accuracies at `TRAINED` and at `FAR`."""
    near, far = (mean(_finds(model, length, None, run)) for length in (TRAINED, FAR))
    if near.value - far.value > LENGTH_LOST:
        told = f"{model}: {near} right at {TRAINED} tokens, {far} at {FAR}"
        return fails(told, f"at most {LENGTH_LOST} less", f"{near.value - far.value:.3f} less")
    return holds(near=f"{near}", far=f"{far}")


control(
    as_good_at_eight_times_the_length,
    "short-reach",
    "refuted",
    model="pointing within reach",
    reason="the last 48 tokens hold the digit always at 48 tokens, one time in eight at 384",
)
control(as_good_at_eight_times_the_length, "construction", "confirmed", model="pointing", reason="an argmax over all")


def _shares(model: str, run: Run) -> list[list[float]]:
    """The memory's share by head after training, a seed each; "at the start": before it."""
    if model == "hand-built":
        beta = copiers.memory_finder(PASSKEY).blocks[0].get_parameter("mixer.beta")
        return gates([{"beta": beta.tolist()}])
    trained = _trained("passkey-segment infini" if model == "one segment" else "passkey infini", run)
    numbers = weights.named(trained, "beta")
    if model == "at the start":
        numbers = [{name: [0.0] * len(x) for name, x in one.items()} for one in numbers]
    return gates(numbers)


def _told(shares: list[list[float]]) -> str:
    return "; ".join(" ".join(f"{x:.3f}" for x in one) for one in shares)


@check(claims.gates_specialise, "measured", scope=_scope("passkey infini"), limit=LIMIT)
def every_seed_has_a_head_of_its_own(run: Run, model: str = "infini") -> Evidence:
    """In every seed the gate that is farthest from a half, against 19/20 and 1/20."""
    found = _shares(model, run)
    if any(max(max(x, 1 - x) for x in one) <= SPECIAL for one in found):
        return fails(f"{model}: gates by seed {_told(found)}", f"one of each seed beyond {SPECIAL}", _told(found))
    return holds(cases=len(found))


control(
    every_seed_has_a_head_of_its_own, "construction", "confirmed", model="hand-built", reason="its gates are 0 and 1"
)
control(
    every_seed_has_a_head_of_its_own,
    "one-segment",
    "refuted",
    model="one segment",
    reason="a gate with no gradient stays",
)


@check(claims.gates_learned, "measured", scope=_scope("passkey infini"), limit=LIMIT)
def every_seed_opens_a_gate_a_little(run: Run, model: str = "infini") -> Evidence:
    """In every seed the greatest gate, against 52/100 and 19/20."""
    found = _shares(model, run)
    if any(not MOVED < max(one) <= SPECIAL for one in found):
        told = f"above {MOVED} and at most {SPECIAL} in every seed"
        return fails(f"{model}: gates by seed {_told(found)}", told, _told(found))
    return holds(cases=len(found), gates=_told(found))


control(
    every_seed_opens_a_gate_a_little,
    "one-segment",
    "refuted",
    model="one segment",
    reason="trained where nothing is ever stored, the gate has no gradient: it is stuck at its start",
)
control(
    every_seed_opens_a_gate_a_little, "at-the-start", "refuted", model="at the start", reason="gates begin at a half"
)


def _recalls(model: str, run: Run) -> list[float]:
    if model == "hand-built":
        return _built(Recall(8, 8), 24, lambda task: copiers.recaller(task, 24))
    return accuracies(_trained(f"recall {model}", run).entries, 24)


@check(claims.recall_in_two, "measured", scope=_scope("recall"), limit=LIMIT)
def two_layers_recall(run: Run, model: str = "rope-2") -> Evidence:
    """The least accuracy of the seeds against `LEARNED`."""
    found = _recalls(model, run)
    if min(found) < LEARNED:
        told = f"{model}: {share(found, LEARNED)} recall {LEARNED} right, on average {mean(found)}"
        return fails(told, f"at least {LEARNED} in every seed", f"{min(found):.3f}")
    return holds(cases=len(found))


control(two_layers_recall, "one-layer", "refuted", model="rope-1", reason="a query meets keys without their values")
control(two_layers_recall, "construction", "confirmed", model="hand-built", reason="the weights are written down")
