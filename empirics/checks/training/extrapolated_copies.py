"""Copies at eight times the length of training, by what was trained and by rotary weights and tables that are written down."""

from __future__ import annotations

from collections.abc import Callable

import torch

from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.training.extrapolation import FAR, LIMIT, scope, trained
from empirics.tasks import Copying
from empirics.training import copiers
from empirics.training.evaluation import evaluate
from empirics.training.models import TokenModel
from empirics.training.statistics import accuracies, mean
from empirics.training.studies.extrapolation import N
from theory.training import extrapolation as claims

COPIES = 0.9
BUCKETS_NEAR, BUCKETS_FAR = 0.8, 0.6
NOT_LEARNED = 0.5


def _blunt(model: TokenModel) -> TokenModel:
    with torch.no_grad():
        for name, p in model.named_parameters():
            if name.endswith("query.weight"):
                p.zero_()
    return model


MADE: dict[str, Callable[[Copying], TokenModel]] = {
    "table": lambda task: copiers.copier(task, FAR),
    "turned": lambda task: copiers.turned_copier(task, FAR),
    "turned, blunt": lambda task: _blunt(copiers.turned_copier(task, FAR)),
}


def _copies(model: str, run: Run) -> tuple[list[float], list[float]]:
    """Accuracies at N and at 8 N; of `MADE`: constructions."""
    task = Copying(4, 4, 8)
    if model in MADE:
        made = MADE[model](task).to(run.device)
        near, far = ([evaluate(made, task, length, 64).accuracy] for length in (N, FAR))
        return near, far
    entries = trained(f"copy {model}", run).entries
    return accuracies(entries, N), accuracies(entries, FAR)


def _copy_lost(model: str, least: float, run: Run) -> Evidence:
    near, far = _copies(model, run)
    if min(near) < COPIES:
        told = f"copy, {model}: {mean(near)} right at {N} tokens, so there is little to lose"
        return fails(told, f"at least {COPIES} in every seed", f"{min(near):.3f}")
    lost = mean([a - b for a, b in zip(near, far, strict=True)])
    if lost.value < least:
        told = f"copy, {model}: {mean(near)} right at {N} tokens, {mean(far)} at {FAR}"
        return fails(told, f"a loss of at least {least}", f"{lost}")
    return holds(cases=len(near), near=f"{mean(near)}", far=f"{mean(far)}")


@check(claims.learned_copy, "measured", scope=scope("copy"), limit=LIMIT)
def a_table_loses_its_copies(run: Run, model: str = "learned") -> Evidence:
    """Every seed at N, and the mean loss at 8 N against 0.3."""
    return _copy_lost(model, 0.3, run)


control(a_table_loses_its_copies, "construction", "refuted", model="table", reason="a table that is written to its end")
control(
    a_table_loses_its_copies, "not-learned", "refuted", model="alibi", reason="one layer of a falling kernel has no 4"
)


@check(claims.rope_copy, "measured", scope=scope("copy"), limit=LIMIT)
def rotation_loses_its_copies(run: Run, model: str = "rope", made: str = "turned") -> Evidence:
    """Every seed at N, and the mean loss at 8 N against 0.1; and whether the weights that are written down are never wrong at 8 N."""
    _, (reached,) = _copies(made, run)
    if reached < 1:
        told = f"copy, the construction {made}: {reached:.3f} right at {FAR} tokens"
        return fails(told, "every answer right", f"{reached:.3f}")
    return _copy_lost(model, 0.1, run)


control(
    rotation_loses_its_copies, "construction", "refuted", model="turned", reason="rotary weights as sharp as 8 N needs"
)
control(
    rotation_loses_its_copies,
    "blunt",
    "refuted",
    made="turned, blunt",
    reason="without a query every distance weighs alike",
)
control(rotation_loses_its_copies, "table", "confirmed", model="learned", reason="positions never met are worse")


@check(claims.bucket_copy, "measured", scope=scope("copy"), limit=LIMIT)
def buckets_copy(run: Run, model: str = "mep-learned", falling: str = "alibi") -> Evidence:
    """Mean accuracies at N and at 8 N against two bounds, and the greatest at N of a kernel that only falls against a half."""
    best = max(_copies(falling, run)[0])
    if best > NOT_LEARNED:
        told = f"copy, beside it {falling}: a seed answers {best:.3f} right at {N} tokens"
        return fails(told, f"at most {NOT_LEARNED} in every seed", f"{best:.3f}")
    near, far = map(mean, _copies(model, run))
    if near.value < BUCKETS_NEAR or far.value < BUCKETS_FAR:
        told = f"copy, {model}: {near} right at {N} tokens, {far} at {FAR}"
        return fails(told, f"at least {BUCKETS_NEAR} and {BUCKETS_FAR}", f"{near.value:.3f} and {far.value:.3f}")
    return holds(near=f"{near}", far=f"{far}")


control(
    buckets_copy,
    "falling-kernel",
    "refuted",
    model="alibi",
    reason="nearer tokens always weigh more than the one asked for",
)
control(
    buckets_copy, "beside-rotation", "refuted", falling="rope", reason="what stands beside it is sharp at a distance"
)
control(buckets_copy, "table", "refuted", model="learned", reason="positions never met")
control(buckets_copy, "construction", "confirmed", model="turned", reason="rotary weights as sharp as 8 N needs")
