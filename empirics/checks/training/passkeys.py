"""The passkey far beyond training, trained and constructed, with gates shut or pointers short; and where gates end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.training.distance import HALF, LIMIT, built, scope, trained
from empirics.tasks import Passkey
from empirics.training import copiers, weights
from empirics.training.evaluation import evaluate_rows
from empirics.training.models import TokenModel
from empirics.training.statistics import accuracies, mean
from empirics.training.studies.distance import FAR, PASSKEY, TRAINED, gates
from theory.training import distance as claims

SPECIAL, MOVED = 19 / 20, 52 / 100
DEPTH_LOST, LENGTH_LOST = 0.25, 0.3


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
        return built(task, length, made[model], run)
    kind, _, shut = model.partition(", ")
    found = trained(f"passkey {kind}", run)
    if shut:
        rows = weights.replaced(found, "beta", -copiers.OPEN)
        return [c.accuracy for c in evaluate_rows(found.shell, rows, task, length, 64)]
    plan = found.entries[0].key["plan"]
    also = None if depth is None else [other["depth"] for other in plan["also"]].index(depth)
    return accuracies(found.entries, length, also)


@check(claims.passkey_infini, "measured", scope=scope("passkey infini", FAR), limit=LIMIT)
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


@check(claims.passkey_depth, "measured", scope=scope("passkey infini", FAR), limit=LIMIT)
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


@check(claims.passkey_pointer, "measured", scope=scope("passkey pointer"), limit=LIMIT)
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
    found = trained("passkey-segment infini" if model == "one segment" else "passkey infini", run)
    numbers = weights.named(found, "beta")
    if model == "at the start":
        numbers = [{name: [0.0] * len(x) for name, x in one.items()} for one in numbers]
    return gates(numbers)


def _told(shares: list[list[float]]) -> str:
    return "; ".join(" ".join(f"{x:.3f}" for x in one) for one in shares)


@check(claims.gates_specialise, "measured", scope=scope("passkey infini"), limit=LIMIT)
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


@check(claims.gates_learned, "measured", scope=scope("passkey infini"), limit=LIMIT)
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
