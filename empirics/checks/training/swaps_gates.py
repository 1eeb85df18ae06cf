"""Trained DeltaNets with gates opened further and nothing trained: how much of the fading is the gate's."""

from __future__ import annotations

import torch
from torch import Tensor

from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.training.swaps import trained
from empirics.tasks import SwapTracking
from empirics.training.evaluation import evaluate_rows
from empirics.training.flat import Shell
from empirics.training.statistics import mean
from empirics.training.studies.swaps import LENGTHS, TRAINED, name_of, skill
from theory.training import swaps as claims

KIND = "deltanet-2"
MIXER = "blocks.0.mixer"
LEAST = 0.1
"""Of skill: what it rises by, and what it may fall by."""
SEQUENCES = 32


def _times(shell: Shell, rows: Tensor, parameter: str, factor: float) -> Tensor:
    """The rows with one parameter multiplied."""
    factors = [
        torch.full((size,), factor if name == parameter else 1.0, device=rows.device)
        for name, size in zip(shell.names, shell.sizes, strict=True)
    ]
    return rows * torch.cat(factors)


def _skills(shell: Shell, rows: Tensor, n: int, length: int) -> list[float]:
    return [skill(counts.accuracy, n) for counts in evaluate_rows(shell, rows, SwapTracking(n), length, SEQUENCES)]


@check(
    claims.gates,
    "measured",
    given=lambda run: {"n": run.pick([3, 5], [3, 4, 5])},
    scope=lambda run: {
        "sizes": f"n = {run.pick('3, 5', '3, 4, 5')}, {run.pick(4, 8)} seeds, {SEQUENCES} words",
        "interval": "95 %, bootstrap over the seeds, of the rise at 512 tokens",
        "device": run.device,
        "threads": torch.get_num_threads(),
    },
    limit=300,
)
def opened_gates_reach_further(
    n: int, run: Run, factor: float = 4.0, parameter: str = f"{MIXER}.gate.weight"
) -> Evidence:
    """Mean skill at the greatest length and at the longest trained, before and after."""
    found = trained(KIND, (n, 1), run)
    if found is None or found.weights is None:
        raise ValueError(f"{name_of(KIND, n)}: its weights are gone; remove its results, so that it is trained again")
    rows = found.weights, _times(found.shell, found.weights, parameter, factor)
    change = {}
    for length in (TRAINED, LENGTHS[-1]):
        before, after = (_skills(found.shell, each, n, length) for each in rows)
        change[length] = mean([b - a for a, b in zip(before, after, strict=True)])
    near, far = change.values()
    if near.value < -LEAST:
        return fails(f"{n} slots: the mean skill at {TRAINED} tokens changes by {near}", f"-{LEAST} or more", near)
    if far.value < LEAST:
        return fails(f"{n} slots: the mean skill at {LENGTHS[-1]} tokens changes by {far}", f"{LEAST} or more", far)
    return holds(cases=len(found.entries), rise=str(far))


control(opened_gates_reach_further, "as-trained", "refuted", factor=1.0, reason="nothing is changed")
control(opened_gates_reach_further, "gates-half-way-back", "refuted", factor=0.5, reason="1 - beta is nearer to 0")
control(
    opened_gates_reach_further,
    "keys-instead",
    "refuted",
    parameter=f"{MIXER}.key.weight",
    reason="keys are made unit: their size says nothing",
)
control(
    opened_gates_reach_further,
    "eight-times",
    "confirmed",
    factor=8.0,
    reason="beta at swaps is still nearer to 2, and at most 2",
)
