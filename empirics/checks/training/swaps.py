"""What trained models make of swap tracking, beside the construction: the same trainings for every claim and control."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.tasks import SwapTracking
from empirics.training.evaluation import evaluate
from empirics.training.hand_built import perturbed, swap_tracker
from empirics.training.kept import measured
from empirics.training.models import TokenModel
from empirics.training.statistics import accuracies, share
from empirics.training.studies.swaps import BUILT, REFLECTING, TRAINED, name_of, skill, study
from theory.training import swaps as claims

LIMIT = 300
LEARNT, HALF, NEAR = 0.9, 0.5, 0.25
"""Skills: learnt, half way, near a guess."""
BEYOND, FAR, FARTHEST = 2 * TRAINED, 4 * TRAINED, 32 * TRAINED
Case = tuple[int, int]
"""Slots and layers."""
AVERAGING = ("deltaformer", "deltaformer-key", "deltaformer-own", "deltaformer-linear-own")


def _one_layer(run: Run) -> dict[str, list[Case]]:
    return {"case": run.pick([(3, 1), (5, 1)], [(3, 1), (4, 1), (5, 1)])}


def _all_layers(run: Run) -> dict[str, list[Case]]:
    return {"case": [*_one_layer(run)["case"], *run.pick([], [(3, 2), (5, 2)])]}


def _three_slots(run: Run) -> dict[str, list[Case]]:
    """Where the quick study has every kind."""
    return {"case": run.pick([(3, 1)], [(3, 1), (4, 1), (5, 1), (3, 2), (5, 2)])}


def _scope(run: Run) -> dict[str, str]:
    sizes = run.pick("n = 3 and 5 (some kinds: 3), 1 layer, 4 seeds", "n = 3, 4, 5, 1 and 2 layers, 8 seeds")
    return {"sizes": sizes, "interval": "95 %, Clopper and Pearson, of the seeds that do"}


def _skills(kind: str, case: Case, length: int, run: Run) -> list[float]:
    """A seed each; none where the study of this budget has no such model."""
    asked, name = study(run.budget, run.seed), name_of(kind, *case)
    if name not in asked.plans:
        return []
    return [skill(x, case[0]) for x in accuracies(measured(asked.plans[name], asked.seeds).entries, length)]


def _all_seeds(
    kinds: Sequence[str], case: Case, run: Run, lengths: Sequence[int], least: float, most: float
) -> Evidence:
    """Whether every seed of every kind has a skill of `least` to `most` at the lengths."""
    cases, told = 0, {}
    for kind in kinds:
        for length in lengths:
            found = _skills(kind, case, length, run)
            outside = [x for x in found if not least <= x <= most]
            if outside:
                words = f"{name_of(kind, *case)}, {length} tokens: {len(outside)} of {len(found)} seeds, one of skill {outside[0]:.2f}"
                return fails(words, f"{least:g} to {most:g} for every seed", f"{outside[0]:.2f}")
            if found:
                cases += len(found)
                told[f"{kind}, {length} tokens"] = str(share([float(least <= x <= most) for x in found], 1.0))
    return holds(cases=cases, **told)


@check(claims.reflections, "measured", given=_one_layer, scope=_scope, limit=LIMIT)
def every_seed_tracks(case: Case, run: Run, kinds: Sequence[str] = REFLECTING) -> Evidence:
    """Every seed at the longest length trained and at twice that."""
    return _all_seeds(kinds, case, run, (TRAINED, BEYOND), LEARNT, 1)


control(every_seed_tracks, "beta-to-1", "refuted", kinds=("deltanet",), reason="1 - beta is positive")
control(every_seed_tracks, "softmax-attention", "refuted", kinds=("transformer-rope",), reason="it erases nothing")
control(every_seed_tracks, "construction", "confirmed", kinds=(BUILT,), reason="it tracks by the theorem")


@check(claims.projections, "measured", given=_all_layers, scope=_scope, limit=LIMIT)
def no_seed_of_a_projection_tracks(case: Case, run: Run, kinds: Sequence[str] = ("deltanet",)) -> Evidence:
    """No seed half way at twice the longest length trained."""
    return _all_seeds(kinds, case, run, (BEYOND,), -1, HALF)


control(no_seed_of_a_projection_tracks, "beta-to-2", "refuted", kinds=("deltanet-2",), reason="a write can reflect")
control(no_seed_of_a_projection_tracks, "construction", "refuted", kinds=(BUILT,), reason="it tracks by the theorem")
control(
    no_seed_of_a_projection_tracks,
    "softmax-attention",
    "confirmed",
    kinds=("transformer-rope",),
    reason="it averages, whatever the order",
)


@check(claims.transformers, "measured", given=_three_slots, scope=_scope, limit=LIMIT)
def softmax_attention_is_near_a_guess(
    case: Case, run: Run, kinds: Sequence[str] = ("transformer-rope", "transformer-alibi")
) -> Evidence:
    """No seed a quarter of the way at four times the longest length trained."""
    return _all_seeds(kinds, case, run, (FAR,), -1, NEAR)


control(softmax_attention_is_near_a_guess, "beta-to-2", "refuted", kinds=("deltanet-2",), reason="a write can reflect")
control(softmax_attention_is_near_a_guess, "construction", "refuted", kinds=(BUILT,), reason="it tracks by the theorem")
control(
    softmax_attention_is_near_a_guess,
    "softmax-kernels",
    "confirmed",
    kinds=("deltaformer",),
    reason="what it erases is an average too",
)


@check(claims.any_kernel, "measured", given=_three_slots, scope=_scope, limit=LIMIT)
def a_kernel_is_as_good_as_another(case: Case, run: Run, kinds: Sequence[str] = ("deltaformer",)) -> Evidence:
    """Every seed of the softmax kernels at the longest length trained and at twice that."""
    return _all_seeds(kinds, case, run, (TRAINED, BEYOND), LEARNT, 1)


control(
    a_kernel_is_as_good_as_another,
    "linear-kernels",
    "confirmed",
    kinds=("deltaformer-linear",),
    reason="kernel values of either sign, and beta to 2",
)
control(a_kernel_is_as_good_as_another, "no-erasure", "refuted", kinds=("transformer-rope",), reason="beta = 0")


@check(claims.softmax_kernels, "measured", given=_three_slots, scope=_scope, limit=LIMIT)
def no_seed_of_an_average_tracks(case: Case, run: Run, kinds: Sequence[str] = AVERAGING) -> Evidence:
    """No seed half way at twice the longest length trained."""
    return _all_seeds(kinds, case, run, (BEYOND,), -1, HALF)


control(
    no_seed_of_an_average_tracks,
    "linear-kernels",
    "refuted",
    kinds=("deltaformer-linear",),
    reason="kernel values of either sign, and beta to 2",
)
control(no_seed_of_an_average_tracks, "no-erasure", "confirmed", kinds=("transformer-rope",), reason="beta = 0")


@check(claims.recurrent, "measured", given=_three_slots, scope=_scope, limit=LIMIT)
def a_recurrent_network_tracks(case: Case, run: Run, kinds: Sequence[str] = ("gru",)) -> Evidence:
    """Every seed at the longest length trained and at twice that."""
    return _all_seeds(kinds, case, run, (TRAINED, BEYOND), LEARNT, 1)


control(a_recurrent_network_tracks, "construction", "confirmed", kinds=(BUILT,), reason="it tracks by the theorem")
control(a_recurrent_network_tracks, "beta-to-1", "refuted", kinds=("deltanet",), reason="1 - beta is positive")


@check(claims.recurrent_in_time, "measured", given=_three_slots, scope=_scope, limit=LIMIT)
def no_recurrent_network_tracks_in_time(case: Case, run: Run, kinds: Sequence[str] = ("gru",)) -> Evidence:
    """No seed half way at four times the longest length trained."""
    return _all_seeds(kinds, case, run, (FAR,), -1, HALF)


control(
    no_recurrent_network_tracks_in_time, "construction", "refuted", kinds=(BUILT,), reason="it tracks at all lengths"
)
control(
    no_recurrent_network_tracks_in_time, "beta-to-1", "confirmed", kinds=("deltanet",), reason="1 - beta is positive"
)


@check(claims.every_length, "measured", given=_one_layer, scope=_scope, limit=LIMIT)
def tracks_at_every_length(case: Case, run: Run, kinds: Sequence[str] = REFLECTING) -> Evidence:
    """Every seed at the longest length trained and at 32 times that."""
    return _all_seeds(kinds, case, run, (TRAINED, FARTHEST), LEARNT, 1)


control(tracks_at_every_length, "construction", "confirmed", kinds=(BUILT,), reason="no weight depends on the length")
control(tracks_at_every_length, "beta-to-1", "refuted", kinds=("deltanet",), reason="it does not track at 16 tokens")


@check(claims.fading, "measured", given=_one_layer, scope=_scope, limit=LIMIT)
def fades_with_the_length(case: Case, run: Run, kinds: Sequence[str] = REFLECTING) -> Evidence:
    """Every seed at twice the longest length trained, none at 32 times that."""
    before = _all_seeds(kinds, case, run, (BEYOND,), LEARNT, 1)
    if before.words:
        return before
    after = _all_seeds(kinds, case, run, (FARTHEST,), -1, LEARNT)
    return after if after.words else holds(before.cases + after.cases, **before.scope, **after.scope)


control(fades_with_the_length, "construction", "refuted", kinds=(BUILT,), reason="it does not fade")
control(fades_with_the_length, "never-learnt", "refuted", kinds=("deltanet",), reason="1 - beta is positive")
control(fades_with_the_length, "beta-to-2", "confirmed", kinds=("deltanet-2",), reason="a sigmoid is below 1")


def _built(run: Run) -> dict[str, list[int]]:
    return {"n": [2, 3, 4, 5], "length": run.pick([16, 128, 512], [16, 128, 512, 2048])}


@check(
    claims.construction,
    "tested",
    given=_built,
    scope=lambda run: {"sizes": f"n = 2..5, up to {run.pick(512, 2048)} tokens, 16 words each"},
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
