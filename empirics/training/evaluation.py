"""Exact counts of right answers: of positions, of whole sequences, by stratum; and the loss in nats.

Sequences are independent given the model, so intervals of one model are of `whole`; the answers of one sequence are not.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from constructions.arrays import widen
from empirics.tasks import IGNORE, Task, generator_of
from empirics.training.flat import Shell, computing
from empirics.training.plan import TESTED

__all__ = ["Counts", "evaluate", "evaluate_rows"]

FINEST = 63
"""Strata up to here stand for themselves, larger ones for the power of two below."""
AT_ONCE = 2**22
"""Pairs of positions, of all models together, that are computed at once: attention holds a few numbers for each."""


@dataclass(frozen=True)
class Counts:
    """`right` of `of` answers; `whole` of `sequences` without a mistake; nats an answer; {stratum: (right, of)}, which begins at it."""

    right: int
    of: int
    whole: int
    sequences: int
    nats: float
    strata: dict[int, tuple[int, int]]

    @property
    def accuracy(self) -> float:
        return self.right / self.of

    def values(self) -> dict[str, Any]:
        """For JSON."""
        nats = self.nats if abs(self.nats) < float("inf") else None
        strata = [[stratum, *counts] for stratum, counts in sorted(self.strata.items())]
        told = {"right": self.right, "of": self.of, "whole": self.whole, "sequences": self.sequences}
        return {**told, "nats": nats, "strata": strata}


def _binned(strata: Tensor) -> Tensor:
    powers = 2 ** strata.clamp(min=1).double().log2().floor().long()
    return torch.where(strata > FINEST, powers, strata)


def evaluate_rows(
    shell: Shell,
    rows: Tensor,
    task: Task,
    length: int,
    sequences: int = 256,
    seed: tuple[int, ...] = (TESTED,),
    precision: str = "float32",
) -> list[Counts]:
    """Each row's counts on the same sequences, drawn from the seed and the length. Rows may be of a narrower format than float32:
    then all is computed in it."""
    task.check_length(length)
    device, models = rows.device, len(rows)
    tokens, targets, strata = task.sample(sequences, length, generator_of(*seed, length, device=device))
    asked = targets != IGNORE
    right, whole = (torch.zeros(models, dtype=torch.long, device=device) for _ in range(2))
    nats = torch.zeros(models, dtype=torch.float64, device=device)
    of_stratum: dict[int, Any] = defaultdict(lambda: [0] * models)
    in_stratum: dict[int, int] = defaultdict(int)
    some = max(1, AT_ONCE // (models * length * length))
    with torch.no_grad(), computing(precision, device):
        for x, y, s, there in zip(*(a.split(some) for a in (tokens, targets, strata, asked)), strict=True):
            logits = widen(shell.every(rows, x))
            good = (logits.argmax(-1) == y) & there
            right += good.sum((1, 2))
            whole += (good | ~there).all(2).sum(1)
            spread = y.expand(models, -1, -1).flatten()
            losses = nn.functional.cross_entropy(logits.flatten(0, 2), spread, ignore_index=IGNORE, reduction="none")
            nats += losses.view(models, -1).double().sum(1)
            strata_here, place = _binned(s[there]).unique(return_inverse=True)
            counted = torch.zeros(models, len(strata_here), dtype=torch.long, device=device)
            counted.index_add_(1, place, good[:, there].long())
            totals = torch.bincount(place, minlength=len(strata_here)).tolist()
            for stratum, total, each in zip(strata_here.tolist(), totals, counted.T.tolist(), strict=True):
                in_stratum[stratum] += total
                of_stratum[stratum] = [a + b for a, b in zip(of_stratum[stratum], each, strict=True)]
    of = int(asked.sum())
    return [
        Counts(
            int(right[m]),
            of,
            int(whole[m]),
            sequences,
            float(nats[m]) / of,
            {stratum: (of_stratum[stratum][m], total) for stratum, total in in_stratum.items()},
        )
        for m in range(models)
    ]


def evaluate(model: nn.Module, task: Task, length: int, sequences: int = 256, precision: str = "float32") -> Counts:
    """One model, trained or made by hand, on the sequences that trained ones are tested on."""
    shell = Shell(model, stacked=False, device=next(model.parameters()).device)
    return evaluate_rows(shell, shell.flatten(model)[None], task, length, sequences, precision=precision)[0]
