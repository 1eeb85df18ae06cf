"""Loss on held-out text at eight times the length of training, kernel beside kernel on the same texts; learned slopes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import torch

from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.rates.slopes import Interval
from empirics.tasks import Text
from empirics.tasks.text import fingerprint
from empirics.training import weights
from empirics.training.kept import measured
from empirics.training.loop import Trained
from empirics.training.models import build
from empirics.training.statistics import mean, nats
from empirics.training.studies.extrapolation import (
    FREE,
    HEADS,
    HELD,
    HELD_OUT,
    LEARNABLE,
    LENGTHS,
    RELEASED,
    N,
    rises,
    slopes,
    study,
)
from theory.training import extrapolation as claims

LIMIT = 600
"""Seconds: a check trains what no other has trained before it."""
FAR = LENGTHS[-1]
ROSE, SAME, BETTER, LONGER = 0.05, 0.05, 0.02, 0.1
STEEPER = 1.5


def trained(name: str, run: Run) -> Trained:
    """A plan of the study, trained or taken from what is kept."""
    asked = study(run.budget, run.seed)
    return measured(asked.plans[name], asked.seeds, run.device)


def scope(task: str) -> Callable[[Run], dict[str, Any]]:
    """What a verdict is about: the first plan of this task, and which text."""

    def told(run: Run) -> dict[str, Any]:
        asked = study(run.budget, run.seed)
        plan = next(plan for name, plan in asked.plans.items() if name.startswith(task))
        sizes = f"{len(asked.seeds)} seeds, {plan.steps} steps, N = {N}, tested at {FAR}"
        read = {"trained on": fingerprint(Text().split), "tested on": fingerprint(HELD_OUT.split)}
        text = {f"text {how}": which for how, which in read.items()} if task == "text" else {}
        return {"sizes": sizes, **text, "device": run.device, "threads": torch.get_num_threads()}

    return told


def _nats(model: str, run: Run, length: int = FAR) -> list[float]:
    return nats(trained(f"text {model}", run).entries, length, HELD)


def _beyond(model: str, other: str, run: Run) -> Interval:
    """How much more the first loses at 8 N, seed by seed."""
    return mean([a - b for a, b in zip(_nats(model, run), _nats(other, run), strict=True)])


@check(claims.alibi_holds, "measured", scope=scope("text"), limit=LIMIT)
def longer_costs_no_more(run: Run, model: str = "alibi") -> Evidence:
    """Mean losses on the texts of N and on those of 8 N, which are others."""
    near, far = (mean(_nats(model, run, length)) for length in (N, FAR))
    if far.value - near.value > LONGER:
        told = f"{model}: {near} nats at {N} characters, {far} at {FAR}"
        return fails(told, f"at most {LONGER} more", f"{far.value - near.value:.3f} more")
    return holds(near=f"{near}", far=f"{far}")


control(longer_costs_no_more, "table", "refuted", model="learned", reason="its rows beyond N were never trained")
control(longer_costs_no_more, "mixture", "confirmed", model="mep", reason="nearly the same kernel")


def _rise(model: str, run: Run) -> Evidence:
    results = {f"text {name}": trained(f"text {name}", run).entries for name in (model, "alibi")}
    found = mean(rises(results, model))
    if found.value < ROSE:
        return fails(f"text, {model}: the rise is {found} nats", f"at least {ROSE}", f"{found}")
    return holds(rise=f"{found}")


@check(claims.learned_text, "measured", scope=scope("text"), limit=LIMIT)
def a_table_loses_on_text(run: Run, model: str = "learned") -> Evidence:
    """The mean rise against `ROSE`."""
    return _rise(model, run)


control(a_table_loses_on_text, "mixture", "refuted", model="mep", reason="its far positions weigh as little as ALiBi's")
control(a_table_loses_on_text, "itself", "refuted", model="alibi", reason="the rise beside itself is 0")


@check(claims.rope_text, "measured", scope=scope("text"), limit=LIMIT)
def rotation_loses_on_text(run: Run, model: str = "rope") -> Evidence:
    """The mean rise against `ROSE`."""
    return _rise(model, run)


control(
    rotation_loses_on_text, "mixture", "refuted", model="mep", reason="its far positions weigh as little as ALiBi's"
)
control(
    rotation_loses_on_text, "table", "confirmed", model="learned", reason="positions never met are worse than angles"
)


@check(claims.mep_gain, "measured", scope=scope("text"), limit=LIMIT)
def a_mixture_gains(run: Run, pair: tuple[str, str] = ("mep", "alibi")) -> Evidence:
    """The mean difference at 8 N against -`SAME`."""
    found = _beyond(*pair, run)
    if found.value > -SAME:
        return fails(f"{pair[0]} less {pair[1]}: {found} nats", f"at most {-SAME}", f"{found}")
    return holds(difference=f"{found}")


control(
    a_mixture_gains,
    "alibi-over-table",
    "confirmed",
    pair=("alibi", "learned"),
    reason="what fails is beaten by what holds",
)
control(a_mixture_gains, "itself", "refuted", pair=("alibi", "alibi"), reason="a model gains nothing over itself")


@check(claims.mep_window, "measured", scope=scope("text"), limit=LIMIT)
def they_are_not_told_apart(run: Run, models: Sequence[str] = ("mep", "alibi-matched", "alibi")) -> Evidence:
    """The mean difference of any two at 8 N against `SAME`, either way."""
    found = {f"{a} less {b}": _beyond(a, b, run) for a, b in combinations(models, 2)}
    for pair, difference in found.items():
        if abs(difference.value) > SAME:
            return fails(f"{pair}: {difference} nats", f"at most {SAME} either way", f"{difference}")
    return holds(cases=len(found), differences="; ".join(f"{pair} {difference}" for pair, difference in found.items()))


control(
    they_are_not_told_apart,
    "table",
    "refuted",
    models=("learned", "alibi-matched"),
    reason="a table has no window",
)
control(
    they_are_not_told_apart,
    "released",
    "confirmed",
    models=("mep", "alibi"),
    reason="unmatched windows are within the tolerance too, so that matching decides nothing",
)


def _best(models: Sequence[str], run: Run) -> str:
    return min(models, key=lambda model: mean(_nats(model, run)).value)


@check(claims.none_better, "measured", scope=scope("text"), limit=LIMIT)
def parameters_do_not_pay(run: Run, learnable: Sequence[str] = LEARNABLE, free: Sequence[str] = FREE) -> Evidence:
    """The best of each at 8 N, seed by seed."""
    best, plain = _best(learnable, run), _best(free, run)
    found = _beyond(best, plain, run)
    if found.value < -BETTER:
        return fails(f"{best} less {plain}: {found} nats", f"at least {-BETTER}", f"{found}")
    return holds(difference=f"{best} less {plain}: {found}")


control(
    parameters_do_not_pay, "dearest", "confirmed", learnable=("mep-learned",), reason="its far positions do not fade"
)
control(
    parameters_do_not_pay,
    "beside-a-table",
    "refuted",
    learnable=("alibi-learned",),
    free=("learned",),
    reason="beside one that fails beyond N any is better",
)


@check(claims.frontier, "measured", scope=scope("text"), limit=LIMIT)
def the_cheaper_is_the_better(run: Run, cheap: str = "kerple", dear: str = "mep-learned") -> Evidence:
    """Both against the best of the kernels without parameters at 8 N, seed by seed."""
    plain = _best(FREE, run)
    low, high = _beyond(cheap, plain, run), _beyond(dear, plain, run)
    told = f"less {plain}: {cheap} {low}, {dear} {high} nats"
    if not low.value < -BETTER <= high.value:
        return fails(told, f"the first below {-BETTER}, the second not", told)
    return holds(differences=told)


control(the_cheaper_is_the_better, "no-parameters", "refuted", cheap="mep", reason="one of the kernels compared with")
control(the_cheaper_is_the_better, "twice-the-same", "refuted", dear="kerple", reason="none is below and not below")


def _slopes(model: str, run: Run) -> list[list[float]]:
    """By head, a seed each: after training, or of a kind that does not learn them."""
    if model == "alibi-learned":
        return slopes(weights.named(trained("text alibi-learned", run), "slopes.log"))
    plan = study(run.budget, run.seed).plans[f"text {model}"]
    mixer: Any = build(plan.architecture, plan.task.vocabulary, plan.task.classes).blocks[0]
    return [mixer.mixer.position.slopes.values]


@check(claims.steeper, "measured", scope=scope("text"), limit=LIMIT)
def every_head_is_steeper(run: Run, model: str = "alibi-learned") -> Evidence:
    """The slopes over the released ones, by head and seed."""
    found = _slopes(model, run)
    told = "; ".join(" ".join(f"{x:.4f}" for x in one) for one in found)
    if any(x < STEEPER * start for one in found for x, start in zip(one, RELEASED, strict=True)):
        wanted = " ".join(f"{STEEPER * start:.4f}" for start in RELEASED)
        return fails(f"{model}: slopes by seed {told}", f"at least {wanted}", told)
    return holds(cases=len(found) * HEADS, slopes=told)


control(every_head_is_steeper, "released", "refuted", model="alibi", reason="they are those it begins with")
control(
    every_head_is_steeper, "matched", "refuted", model="alibi-matched", reason="MEP's windows are wider than ALiBi's"
)
