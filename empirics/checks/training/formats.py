"""Trained trackers and the construction in narrower formats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from statistics import fmean
from typing import Any

from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.store import Values
from empirics.training.kept import measured
from empirics.training.plan import Plan
from empirics.training.studies.formats import FORMATS, LENGTHS, POWERS, built, by_format, study
from empirics.training.studies.resemblance import TRACKERS, tracker
from theory.training import formats as claims

LIMIT = 300
HALVES = ("float16", "bfloat16")
Asked = tuple[tuple[int, ...], tuple[str, ...], str]
"""Lengths, formats and a device."""
Observe = Callable[[Plan, Sequence[int], Asked], list[Values]]


@lru_cache(maxsize=32)
def _accuracies(plan: Plan, seeds: tuple[int, ...], asked: Asked) -> list[Values]:
    lengths, formats, device = asked
    trained = measured(plan, seeds, device)
    if trained.weights is None:
        raise ValueError(f"the weights of seeds {list(seeds)} were removed; remove their results, too")
    return by_format(trained.shell, trained.weights, plan.task, lengths, formats)


def observed(plan: Plan, seeds: Sequence[int], asked: Asked) -> list[Values]:
    """Accuracies by format and length, a seed each, of what was trained."""
    return _accuracies(plan, tuple(seeds), asked)


def _construction(plan: Plan, seeds: Sequence[int], asked: Asked) -> list[Values]:
    lengths, formats, device = asked
    return [built(plan.architecture.kind, lengths, formats=formats, device=device) for _ in seeds]


def _scope(run: Run) -> dict[str, Any]:
    return {"sizes": f"{len(study(run.budget).seeds)} seeds of {' and '.join(TRACKERS)}", "device": run.device}


def _short(run: Run) -> tuple[int, ...]:
    return tuple(length for length in LENGTHS[run.budget] if length <= 128)


def _loses_little(model: str, run: Run, observe: Observe, formats: tuple[str, ...], most: float = 0.05) -> Evidence:
    """The mean loss over seeds in each format against float32, at every length."""
    asked = _short(run), ("float32", *formats), run.device
    told = observe(study(run.budget).plans[model], study(run.budget, run.seed).seeds, asked)
    for name in formats:
        for length in map(str, _short(run)):
            lost = fmean(values["float32"][length] - values[name][length] for values in told)
            if lost > most:
                return fails(f"{model}, {name}, {length} tokens: lost in the mean", f"<= {most}", f"{lost:.4f}")
    return holds(cases=len(told) * len(formats) * len(_short(run)))


@check(claims.harmless, "measured", given={"model": TRACKERS}, scope=_scope, limit=LIMIT)
def halves_lose_little(
    model: str, run: Run, observe: Observe = observed, formats: tuple[str, ...] = HALVES
) -> Evidence:
    """float16 and bfloat16 against float32."""
    return _loses_little(model, run, observe, formats)


@check(claims.coarse, "measured", given={"model": TRACKERS}, scope=_scope, limit=LIMIT)
def powers_lose_little(
    model: str, run: Run, observe: Observe = observed, formats: tuple[str, ...] = (POWERS,)
) -> Evidence:
    """Powers of two against float32."""
    return _loses_little(model, run, observe, formats)


control(halves_lose_little, "powers-of-two", "refuted", formats=(POWERS,), reason="no bit of fraction in place of 7")
control(halves_lose_little, "construction", "confirmed", observe=_construction, reason="right in every format")
control(
    halves_lose_little,
    "formats-exchanged",
    "confirmed",
    formats=HALVES[::-1],
    symmetry="the order of the formats",
)
control(powers_lose_little, "sixteen-bits", "confirmed", formats=HALVES, reason="7 bits of fraction and more")
control(
    powers_lose_little,
    "powers-among-others",
    "refuted",
    formats=(*HALVES, POWERS),
    reason="one of the formats loses",
)


@check(claims.limiting, "measured", given={"model": TRACKERS}, scope=_scope, limit=LIMIT)
def float32_goes_on(model: str, run: Run, observe: Observe = observed, length: int = 512) -> Evidence:
    """Accuracy in float32 at 512 tokens."""
    plan, seeds = study(run.budget).plans[model], study(run.budget, run.seed).seeds
    for seed, told in zip(seeds, observe(plan, seeds, ((length,), ("float32",), run.device)), strict=True):
        accuracy = told["float32"][str(length)]
        if accuracy < 0.95:
            return fails(f"{model}, seed {seed}: float32 at {length} tokens", ">= 0.95", f"{accuracy:.4f}")
    return holds(cases=len(seeds))


def _never_reflects(plan: Plan, seeds: Sequence[int], asked: Asked) -> list[Values]:
    return observed(tracker("deltanet", 3, plan.steps), seeds, asked)


control(float32_goes_on, "construction", "confirmed", observe=_construction, reason="no weight depends on the length")
control(float32_goes_on, "as-trained", "confirmed", length=12, reason="the length they were trained on")
control(
    float32_goes_on, "beta-below-one", "refuted", observe=_never_reflects, length=12, reason="it tracks no swaps at all"
)


@check(
    claims.built,
    "measured",
    given={"model": TRACKERS},
    scope=lambda run: {
        "sizes": f"lengths {', '.join(map(str, LENGTHS[run.budget]))}; 32 words each",
        "device": run.device,
    },
    limit=LIMIT,
)
def construction_is_right(model: str, run: Run, gate: float = 1.0, formats: tuple[str, ...] = FORMATS) -> Evidence:
    """Every answer, in each format and at each length."""
    told = built(model, LENGTHS[run.budget], gate, formats, run.device)
    for name in formats:
        for length, accuracy in told[name].items():
            if accuracy < 1:
                return fails(f"{model}, {name}, {length} tokens", "1", f"{accuracy:.4f}")
    return holds(cases=len(formats) * len(LENGTHS[run.budget]))


control(
    construction_is_right,
    "gate-half-open",
    "refuted",
    gate=0.05,
    reason="a logit of 2 makes beta 1.76: after ten swaps a slot holds a mixture",
)
control(
    construction_is_right, "gate-wider", "confirmed", gate=2.0, reason="the sigmoid of 40 is 1 already, and that of 80"
)
