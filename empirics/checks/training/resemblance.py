"""Kernels of trained trackers against the theorem's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.store import Values
from empirics.tasks import SwapTracking
from empirics.training.derived import derive
from empirics.training.evaluation import evaluate
from empirics.training.hand_built import swap_tracker
from empirics.training.kernels import kernels_of, signed, theorem
from empirics.training.plan import Plan
from empirics.training.statistics import accuracies
from empirics.training.studies.resemblance import KERNELS, TRACKERS, study, tracker
from theory.training import resemblance as claims

LIMIT = 300
Found = list[tuple[float, Values]]
"""Accuracy at 32 tokens and the kernels, a seed each."""
Observe = Callable[[Plan, Sequence[int], str], Found]
TRACKS = 0.99
"""Accuracy at 32 tokens of a model that tracks; 0 lets a control show what others have."""


def observed(plan: Plan, seeds: Sequence[int], device: str) -> Found:
    """What training found; trained once for all claims."""
    from empirics.training.kept import measured

    told = derive(KERNELS, plan, seeds, device)
    right = accuracies(measured(plan, seeds, device).entries, 32)
    return list(zip(right, (entry.values for entry in told), strict=True))


def _built(plan: Plan, seeds: Sequence[int], device: str) -> Found:
    """The construction in place of what was trained."""
    model = swap_tracker(_task(plan)).to(device)
    return [(evaluate(model, plan.task, 32).accuracy, kernels_of(_task(plan), model)) for _ in seeds]


def _no_reflection(plan: Plan, seeds: Sequence[int], device: str) -> Found:
    """Of 3 slots, which the study trains, whatever the plan's: kernels of the first models, of 3 slots, are compared."""
    return observed(tracker("deltanet", 3, plan.steps), seeds, device)


def _untrained(plan: Plan, seeds: Sequence[int], device: str) -> Found:
    return observed(replace(plan, steps=1), seeds, device)


def _others(plan: Plan, seeds: Sequence[int], device: str) -> Found:
    return observed(plan, [seed + len(seeds) for seed in seeds], device)


def _task(plan: Plan) -> SwapTracking:
    assert isinstance(plan.task, SwapTracking)
    return plan.task


def _cases(run: Run) -> dict[str, Any]:
    plans = study(run.budget).plans
    names = [name for name in plans if name.partition(",")[0] in TRACKERS]
    return {"model": names}


def _scope(run: Run) -> dict[str, Any]:
    told = study(run.budget)
    return {"sizes": f"{len(told.seeds)} seeds each of {', '.join(_cases(run)['model'])}", "device": run.device}


def _all(
    model: str, run: Run, observe: Observe, tracks: float, good: Callable[[int, Values], Evidence | None]
) -> Evidence:
    plan, seeds = study(run.budget).plans[model], study(run.budget, run.seed).seeds
    for seed, (accuracy, told) in zip(seeds, observe(plan, seeds, run.device), strict=True):
        if accuracy < tracks:
            return fails(f"{model}, seed {seed}: does not track 32 tokens", f"accuracy >= {tracks}", f"{accuracy:.4f}")
        found = good(_task(plan).n, told)
        if found is not None:
            return replace(found, words=f"{model}, seed {seed}: {found.words}")
    return holds(cases=len(seeds))


@check(claims.beta, "measured", given=_cases, scope=_scope, limit=LIMIT)
def swaps_reflect(model: str, run: Run, observe: Observe = observed, tracks: float = TRACKS) -> Evidence:
    """beta at every swap token of every seed."""

    def good(n: int, told: Values) -> Evidence | None:
        least = min(told["beta"])
        return None if least >= 7 / 4 else fails("beta at a swap", ">= 1.75", f"{least:.4f}")

    return _all(model, run, observe, tracks, good)


@check(claims.kernel, "measured", given=_cases, scope=_scope, limit=LIMIT)
def kernel_is_the_theorems(
    model: str,
    run: Run,
    observe: Observe = observed,
    tracks: float = TRACKS,
    target: Callable[[int], np.ndarray] = theorem,
) -> Evidence:
    """The kernel with its best signs, entry by entry."""

    def good(n: int, told: Values) -> Evidence | None:
        aim = target(n)
        far = float(abs(signed(told["kernel"], aim) - aim).max())
        return None if far <= 1 / 8 else fails("an entry of the kernel is off", "<= 0.125", f"{far:.4f}")

    return _all(model, run, observe, tracks, good)


@check(claims.reads, "measured", given=_cases, scope=_scope, limit=LIMIT)
def queries_differ_along_swaps(model: str, run: Run, observe: Observe = observed, tracks: float = TRACKS) -> Evidence:
    """Cosines of differences of queries with the swaps' keys."""

    def good(n: int, told: Values) -> Evidence | None:
        cosine = float(np.mean(told["reads"]))
        return None if cosine >= 2 / 3 else fails("mean cosine of reads", ">= 0.6667", f"{cosine:.4f}")

    return _all(model, run, observe, tracks, good)


@check(claims.writes, "measured", given=_cases, scope=_scope, limit=LIMIT)
def one_key_a_slot(model: str, run: Run, observe: Observe = observed, tracks: float = TRACKS) -> Evidence:
    """Keys of writes of different contents into one slot."""

    def good(n: int, told: Values) -> Evidence | None:
        least = told["writes"]
        return None if least >= 1 / 2 else fails("keys of two writes into one slot", ">= 0.5", f"{least:.4f}")

    return _all(model, run, observe, tracks, good)


for _check in (swaps_reflect, kernel_is_the_theorems, queries_differ_along_swaps, one_key_a_slot):
    control(_check, "construction", "confirmed", observe=_built, reason="the weights written by hand")
    control(
        _check,
        "untrained",
        "refuted",
        observe=_untrained,
        tracks=0.0,
        reason="keys, queries and gates as drawn, whether it tracks or not",
    )
for _check in (swaps_reflect, kernel_is_the_theorems, one_key_a_slot):
    control(
        _check,
        "beta-below-one",
        "refuted",
        observe=_no_reflection,
        tracks=0.0,
        reason="beta <= 1 is no reflection, and no kernel of 2; one key a slot is as little forced as before",
    )
control(
    queries_differ_along_swaps,
    "beta-below-one",
    "confirmed",
    observe=_no_reflection,
    tracks=0.0,
    reason="what a swap may change is along its key with any beta: not only models that track have this",
)
control(
    queries_differ_along_swaps,
    "does-not-track",
    "refuted",
    observe=_no_reflection,
    reason="the claim is about models that track, and without reflections no swap is undone",
)
for _check in (swaps_reflect, kernel_is_the_theorems, queries_differ_along_swaps):
    control(_check, "other-seeds", "confirmed", observe=_others, reason="other beginnings and words of the same law")
control(
    kernel_is_the_theorems,
    "orthogonal-swaps",
    "refuted",
    target=lambda n: 2.0 * np.eye(len(theorem(n))),
    reason="swaps that share a slot do not commute",
)
control(
    kernel_is_the_theorems,
    "keys-negated",
    "confirmed",
    target=lambda n: theorem(n) * np.outer(*[(-1.0) ** np.arange(len(theorem(n)))] * 2),
    symmetry="the signs of keys",
)
