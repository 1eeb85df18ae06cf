"""What trained models make of swap tracking, beside the construction: the same trainings for every claim and control."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from empirics.checking import Check, Evidence, Run, assume, check, control, fails, holds
from empirics.tasks import SwapTracking
from empirics.training.evaluation import evaluate
from empirics.training.hand_built import perturbed, swap_tracker
from empirics.training.kept import measured
from empirics.training.loop import Trained
from empirics.training.models import TokenModel
from empirics.training.statistics import accuracies, share
from empirics.training.studies.swaps import BUILT, REFLECTING, TRAINED, name_of, skill, study
from theory.training import swaps as claims

LIMIT = 300
LOWEST, LEARNT, HALF, NEAR = -1, 0.9, 0.5, 0.25
"""Skills: the lowest there is, of two slots and no right answer; learnt; half way; near a guess."""
MANY, ALL = 0.5, 1.0
"""Shares of the seeds: now and then one is late."""
BEYOND, FAR, FARTHEST = 2 * TRAINED, 4 * TRAINED, 32 * TRAINED
Case = tuple[int, int]
"""Slots and layers."""
REASONS = {
    BUILT: "it tracks by the theorem, with no length in its weights",
    "deltaformer-linear": "kernel values of either sign and beta to 2: a write can reflect",
    "deltanet-2": "beta to 2: a write can reflect, though never all the way",
    "deltanet": "beta to 1: no write reflects",
    "deltaformer": "what is erased is an average",
    "transformer-rope": "beta = 0: nothing is erased",
}
AVERAGING = ("deltaformer", "deltaformer-key", "deltaformer-own", "deltaformer-linear-own")


def _one_layer(run: Run) -> dict[str, list[Case]]:
    return {"case": run.pick([(3, 1), (5, 1)], [(3, 1), (4, 1), (5, 1)])}


def _all_layers(run: Run) -> dict[str, list[Case]]:
    return {"case": run.pick([(3, 1), (5, 1)], [(3, 1), (4, 1), (5, 1), (3, 2), (5, 2)])}


def _scope(run: Run) -> dict[str, Any]:
    sizes = run.pick("n = 3, for some kinds 5, 1 layer, 4 seeds", "n = 3, 4, 5, for some kinds 2 layers, 8 seeds")
    told = {"sizes": sizes, "interval": "95 %, Clopper and Pearson, of the seeds that do"}
    return {**told, "device": run.device, "threads": torch.get_num_threads()}


def trained(kind: str, case: Case, run: Run) -> Trained | None:
    """A model of the study, trained or taken from what is kept; None where the study of this budget has no such model."""
    asked, name = study(run.budget, run.seed), name_of(kind, *case)
    return measured(asked.plans[name], asked.seeds, run.device) if name in asked.plans else None


def _share(
    kinds: Sequence[str], case: Case, run: Run, lengths: Sequence[int], least: float, most: float, needed: float
) -> Evidence:
    """Whether, of every kind trained, this share of the seeds has a skill of `least` to `most` at all of the lengths, the same seeds at
    each; a case of which no kind is trained in this budget is left out."""
    cases, told, at = 0, {}, ", ".join(map(str, lengths))
    for kind in kinds:
        of = trained(kind, case, run)
        if of is None:
            continue
        found = list(
            zip(*([skill(x, case[0]) for x in accuracies(of.entries, length)] for length in lengths), strict=True)
        )
        within = share([float(least <= min(skills) and max(skills) <= most) for skills in found], 1.0)
        if within.count < needed * within.of:
            low, high = min(map(min, found)), max(map(max, found))
            words = f"{name_of(kind, *case)}, {at} tokens: skills {low:.2f} to {high:.2f}"
            asked = f"{least:g} to {most:g} for {'every seed' if needed == ALL else 'half of the seeds'}"
            return fails(words, asked, f"{within.count} of {within.of} seeds")
        cases += len(found)
        told[f"{kind}, {at} tokens"] = str(within)
    assume(cases)
    return holds(cases=cases, **told)


def _beside(check: Check, confirmed: Sequence[str], refuted: Sequence[str]) -> None:
    """Controls: the same check on other kinds."""
    for outcome, kinds in (("confirmed", confirmed), ("refuted", refuted)):
        for kind in kinds:
            control(check, kind, outcome, kinds=(kind,), reason=REASONS[kind])


def _half(kinds: Sequence[str], case: Case, run: Run, *lengths: int) -> Evidence:
    return _share(kinds, case, run, lengths, LEARNT, 1, MANY)


def _none(kinds: Sequence[str], case: Case, run: Run, length: int, most: float) -> Evidence:
    return _share(kinds, case, run, (length,), LOWEST, most, ALL)


@check(claims.reflections, "measured", given=_one_layer, scope=_scope, limit=LIMIT)
def half_of_the_seeds_track(case: Case, run: Run, kinds: Sequence[str] = REFLECTING) -> Evidence:
    """Half of the seeds at the longest length trained and at twice that."""
    return _half(kinds, case, run, TRAINED, BEYOND)


_beside(half_of_the_seeds_track, confirmed=(BUILT,), refuted=("deltanet", "transformer-rope"))


@check(claims.projections, "measured", given=_all_layers, scope=_scope, limit=LIMIT)
def no_seed_of_a_projection_tracks(case: Case, run: Run, kinds: Sequence[str] = ("deltanet",)) -> Evidence:
    """No seed half way at twice the longest length trained."""
    return _none(kinds, case, run, BEYOND, HALF)


_beside(no_seed_of_a_projection_tracks, confirmed=("transformer-rope",), refuted=("deltanet-2", BUILT))


@check(claims.transformers, "measured", given=_all_layers, scope=_scope, limit=LIMIT)
def softmax_attention_is_near_a_guess(
    case: Case, run: Run, kinds: Sequence[str] = ("transformer-rope", "transformer-alibi")
) -> Evidence:
    """No seed a quarter of the way at four times the longest length trained."""
    return _none(kinds, case, run, FAR, NEAR)


_beside(softmax_attention_is_near_a_guess, confirmed=("deltaformer",), refuted=("deltanet-2", BUILT))


@check(claims.any_kernel, "measured", given=_one_layer, scope=_scope, limit=LIMIT)
def a_kernel_is_as_good_as_another(case: Case, run: Run, kinds: Sequence[str] = ("deltaformer",)) -> Evidence:
    """Half of the seeds with softmax kernels at the longest length trained and at twice that."""
    return _half(kinds, case, run, TRAINED, BEYOND)


_beside(a_kernel_is_as_good_as_another, confirmed=("deltaformer-linear",), refuted=("transformer-rope",))


@check(claims.softmax_kernels, "measured", given=_all_layers, scope=_scope, limit=LIMIT)
def no_seed_of_an_average_tracks(case: Case, run: Run, kinds: Sequence[str] = AVERAGING) -> Evidence:
    """No seed half way at twice the longest length trained."""
    return _none(kinds, case, run, BEYOND, HALF)


_beside(no_seed_of_an_average_tracks, confirmed=("transformer-rope",), refuted=("deltaformer-linear",))


@check(claims.recurrent, "measured", given=_one_layer, scope=_scope, limit=LIMIT)
def a_recurrent_network_tracks(case: Case, run: Run, kinds: Sequence[str] = ("gru",)) -> Evidence:
    """Half of the seeds at the longest length trained and at twice that."""
    return _half(kinds, case, run, TRAINED, BEYOND)


_beside(a_recurrent_network_tracks, confirmed=(BUILT,), refuted=("deltanet",))


@check(claims.recurrent_in_time, "measured", given=_all_layers, scope=_scope, limit=LIMIT)
def no_recurrent_network_tracks_in_time(case: Case, run: Run, kinds: Sequence[str] = ("gru",)) -> Evidence:
    """No seed half way at four times the longest length trained."""
    return _none(kinds, case, run, FAR, HALF)


_beside(no_recurrent_network_tracks_in_time, confirmed=("deltanet",), refuted=(BUILT,))


@check(claims.every_length, "measured", given=_one_layer, scope=_scope, limit=LIMIT)
def tracks_at_every_length(case: Case, run: Run, kinds: Sequence[str] = REFLECTING) -> Evidence:
    """Half of the seeds at the longest length trained and at 32 times that."""
    return _half(kinds, case, run, TRAINED, FARTHEST)


_beside(tracks_at_every_length, confirmed=(BUILT,), refuted=("deltanet",))


@check(claims.fading, "measured", given=_one_layer, scope=_scope, limit=LIMIT)
def fades_with_the_length(case: Case, run: Run, kinds: Sequence[str] = REFLECTING) -> Evidence:
    """Half of the seeds at twice the longest length trained, none at 32 times that."""
    before = _half(kinds, case, run, BEYOND)
    if before.words:
        return before
    after = _none(kinds, case, run, FARTHEST, LEARNT)
    return after if after.words else holds(before.cases + after.cases, **before.scope, **after.scope)


_beside(fades_with_the_length, confirmed=("deltanet-2",), refuted=(BUILT, "deltanet"))


def _built(run: Run) -> dict[str, list[int]]:
    return {"n": [2, 3, 4, 5], "length": run.pick([16, 128, 512], [16, 128, 512, 2048])}


@check(
    claims.construction,
    "tested",
    given=_built,
    scope=lambda run: {"sizes": f"n = 2..5, up to {run.pick(512, 2048)} tokens, 16 words each", "device": "cpu"},
    limit=LIMIT,
)
def construction_makes_no_mistake(
    n: int, length: int, build: Callable[[SwapTracking], TokenModel] = swap_tracker, reads: int = 4
) -> Evidence:
    """Every read of every word right."""
    task = SwapTracking(n, reads)
    found = evaluate(build(task), task, length, sequences=16)
    if found.right < found.of:
        words = f"{n} slots, {length} tokens: {found.of - found.right} of {found.of} reads wrong"
        return fails(words, found.of, found.right)
    return holds(cases=found.of)


def _half_open(task: SwapTracking) -> TokenModel:
    """beta = 1 at swaps: the gate's weights left out."""
    model = swap_tracker(task)
    with torch.no_grad():
        model.blocks[0].get_parameter("mixer.beta_gate.weight").zero_()
    return model


control(
    construction_makes_no_mistake,
    "gate-half-open",
    "refuted",
    build=_half_open,
    reason="beta = 1 erases where beta = 2 reflects",
)
control(
    construction_makes_no_mistake,
    "noise",
    "refuted",
    build=lambda task: perturbed(swap_tracker(task), 1.0, 0),
    reason="noise as large as the weights",
)
control(construction_makes_no_mistake, "more-reads", "confirmed", reads=2, reason="reads change nothing in the memory")
