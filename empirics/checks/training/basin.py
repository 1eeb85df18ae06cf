"""Radii proved and observed, and trainings that begin at the construction and noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from empirics.checking import Evidence, Run, check, control, fails, holds, undecided
from empirics.training.derived import derive
from empirics.training.hand_built import constructed
from empirics.training.kept import measured
from empirics.training.models import TokenModel
from empirics.training.plan import Plan
from empirics.training.radius import broken, proved
from empirics.training.statistics import accuracies
from empirics.training.studies.basin import BEFORE, LENGTHS, SWAPS, radii, reaching, returning, study
from theory.training import basin as claims

F = Fraction
LIMIT = 300
RADII = {12: F(1, 2**9), 32: F(1, 2**11), 128: F(1, 2**13)}


def _seeds(run: Run, first: int = 0) -> list[int]:
    return [first + seed for seed in study(run.budget, run.seed).seeds]


@check(
    claims.certified,
    "derived",
    given={"tokens": tuple(RADII)},
    covers=True,
    scope={
        "sizes": "all weights in the box, all words of the task of at most T tokens",
        "method": "balls over the box",
    },
)
def box_is_right(
    tokens: int,
    run: Run,
    stated: Callable[[int], Fraction] = RADII.__getitem__,
    model: Callable[[], TokenModel] = lambda: constructed(SWAPS),
) -> Evidence:
    """Balls prove the box of the stated radius; where they do not, gradients look for weights and a word answered wrong."""
    radius, made = stated(tokens), model().to(run.device)
    if proved(SWAPS, made, radius, tokens):
        return holds(cases=1)
    found = broken(SWAPS, made, float(radius), min(tokens, 32), seed=run.seed)
    if found is None:
        return undecided(f"T = {tokens}, r = {radius}: balls do not prove it, and no wrong answer was found")
    words = f"T = {len(found.word)}: weights within r = {radius} answer the word {found.word} wrong"
    return fails(words, "right", "wrong")


def _closed() -> TokenModel:
    """The gate shut at half: swaps erase and do not exchange."""
    made = constructed(SWAPS)
    block: Any = made.blocks[0]
    block.mixer.beta_gate.weight.data.zero_()
    return made


def _shifted() -> TokenModel:
    """The embedding with one number more in both halves of the last feature, which the norm takes away again."""
    made = constructed(SWAPS)
    made.embedding.weight.data += 2.0**-6
    return made


control(box_is_right, "an-eighth", "refuted", stated=lambda tokens: F(1, 8), reason="gradients break it long before")
control(box_is_right, "gate-shut", "refuted", model=_closed, reason="beta = 1 at swaps is an erasure")
control(
    box_is_right,
    "half-the-radius",
    "confirmed",
    stated=lambda tokens: RADII[tokens] / 2,
    reason="a smaller box is within the larger",
)
control(box_is_right, "embedding-shifted", "confirmed", model=_shifted, reason="the first norm takes away the mean")


@check(
    claims.observed,
    "measured",
    given={"tokens": LENGTHS},
    scope=lambda run: {
        "sizes": f"T = 5, 12, 32; {len(study(run.budget).seeds)} random corners, 256 words",
        "device": run.device,
    },
    limit=LIMIT,
)
def observed_is_larger(tokens: int, run: Run, breaking: int = 128, holding: int = 4, first: int = 0) -> Evidence:
    """The least radius gradients break, and the greatest at which random corners hold, over the one proved."""
    seeds = tuple(_seeds(run, first))
    found = radii(tokens, seeds, run.seed, run.device)
    r = found["certified"]
    if not r < found["attack"] < breaking * r:
        return fails(
            f"T = {tokens}: gradients break {found['attack']:.4g}", f"> {r:.4g}, < {breaking} times it", found["attack"]
        )
    if min(found["corners"]) < holding * r:
        return fails(f"T = {tokens}: a random corner fails", f">= {holding * r:.4g}", min(found["corners"]))
    return holds(cases=1 + len(seeds))


control(observed_is_larger, "nothing-to-spare", "refuted", breaking=4, reason="the proof adds up worst cases")
control(observed_is_larger, "any-corner", "refuted", holding=10**4, reason="some radius fails")
control(
    observed_is_larger,
    "other-corners",
    "confirmed",
    first=100,
    reason="other corners of the same law",
)

Observe = Callable[[Plan, Sequence[int], str], tuple[list[float], list[float]]]


def _at(length: int) -> Observe:
    """Accuracies before and after training at that length, a seed each."""

    def observe(plan: Plan, seeds: Sequence[int], device: str) -> tuple[list[float], list[float]]:
        begun, trained = derive(BEFORE, plan, seeds, device), measured(plan, seeds, device)
        return accuracies(begun, length), accuracies(trained.entries, length)

    return observe


def _scope(run: Run) -> dict[str, Any]:
    return {"sizes": f"{len(study(run.budget).seeds)} seeds", "device": run.device}


def _decide(
    plan: Plan,
    run: Run,
    observe: Observe,
    least_after: float,
    *,
    before: tuple[float, float] = (0.0, 1.0),
    first: int = 0,
) -> Evidence:
    """Every seed: accuracy before training between these two numbers, and after at least so much."""
    least, most = before
    seeds = _seeds(run, first)
    befores, afters = observe(plan, seeds, run.device)
    for seed, b, a in zip(seeds, befores, afters, strict=True):
        if b > most:
            return fails(f"seed {seed}: right before training", f"<= {most}", f"{b:.4f}")
        if b < least:
            return fails(f"seed {seed}: wrong before training", f">= {least}", f"{b:.4f}")
        if a < least_after:
            return fails(f"seed {seed}: accuracy after training, {b:.3f} before", f">= {least_after}", f"{a:.4f}")
    return holds(cases=len(seeds))


@check(claims.returns, "measured", scope=_scope, limit=LIMIT)
def comes_back(run: Run, plan: Plan = returning(0.5), first: int = 0) -> Evidence:
    """Accuracy at 12 tokens before and after."""
    return _decide(plan, run, _at(12), 0.97, before=(0.0, 0.9), first=first)


control(comes_back, "eight-times-the-noise", "refuted", plan=returning(4.0), reason="gates and logits without slope")
control(comes_back, "one-step", "refuted", plan=returning(0.5, steps=1), reason="no training")
control(comes_back, "no-noise", "refuted", plan=returning(0.0, steps=1), reason="it was right before")
control(comes_back, "other-seeds", "confirmed", first=100, reason="other noise of the same law")


@check(claims.anywhere, "measured", scope=_scope, limit=LIMIT)
def comes_back_from_four(run: Run, plan: Plan = returning(4.0)) -> Evidence:
    """Accuracy at 12 tokens after training."""
    return _decide(plan, run, _at(12), 0.97)


control(comes_back_from_four, "noise-a-half", "confirmed", plan=returning(0.5), reason="the claim amended")
control(comes_back_from_four, "random", "confirmed", plan=returning(None), reason="random weights begin small")
control(comes_back_from_four, "one-step", "refuted", plan=returning(4.0, steps=1), reason="no training")


@check(claims.longer, "measured", scope=_scope, limit=LIMIT)
def comes_back_for_long_words(run: Run, plan: Plan = returning(0.5)) -> Evidence:
    """Accuracy at 128 tokens after training."""
    return _decide(plan, run, _at(128), 0.99)


control(
    comes_back_for_long_words,
    "construction",
    "confirmed",
    plan=returning(0.0, steps=1, rate=1e-6),
    reason="no noise, and one step that moves no weight by more than a millionth: it is right at any length",
)
control(
    comes_back_for_long_words,
    "eight-times-the-noise",
    "refuted",
    plan=returning(4.0),
    reason="short words fail as well",
)


def _reached(plan: Plan) -> Observe:
    return _at(plan.tests[0])


@check(claims.reaching, "measured", scope=_scope, limit=LIMIT)
def paths_come_back(run: Run, plan: Plan = reaching(0.3, 1e-4)) -> Evidence:
    """Accuracy after training."""
    return _decide(plan, run, _reached(plan), 0.97)


control(
    paths_come_back,
    "construction",
    "confirmed",
    plan=reaching(0.0, 1e-6, steps=1),
    reason="no noise, and one step that moves no weight by more than a millionth",
)
control(paths_come_back, "fast", "refuted", plan=reaching(0.1, 3e-3), reason="a rate that leaves the construction")


@check(claims.staying, "measured", scope=_scope, limit=LIMIT)
def paths_stay(run: Run, slow: Plan = reaching(0.1, 1e-4), fast: Plan = reaching(0.1, 3e-3)) -> Evidence:
    """Accuracy before training, and after it at the slow rate and at the fast one."""
    kept = _decide(slow, run, _reached(slow), 0.9, before=(0.9, 1.0))
    if kept.words:
        return replace(kept, words=f"rate {slow.rate}, {kept.words}")
    greatest = max(_reached(fast)(fast, _seeds(run), run.device)[1])
    if greatest > 0.8:
        return fails(f"rate {fast.rate}: a seed stays", "<= 0.8", f"{greatest:.4f}")
    return holds(cases=2 * kept.cases)


control(paths_stay, "slow-for-fast", "refuted", fast=reaching(0.1, 1e-4), reason="the slow rate keeps it")
control(paths_stay, "fast-for-slow", "refuted", slow=reaching(0.1, 3e-3), reason="the fast rate takes it away")
control(
    paths_stay,
    "thrice-the-noise",
    "refuted",
    slow=reaching(0.3, 1e-4),
    reason="at noise 3/10 it is wrong before training, too often",
)
control(
    paths_stay,
    "no-noise",
    "confirmed",
    slow=reaching(0.0, 1e-6, steps=1),
    reason="without noise and with one step of a millionth nothing is lost",
)
