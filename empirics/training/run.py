"""The seeds of one matrix: their state, a step, a look, and what is found.

All that a run holds is in `Run.held`, tensors and plain numbers, which is what a checkpoint writes: nothing random, since every step
draws from a generator of its own.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import grad_and_value

from constructions.arrays import widen
from empirics.store import Progress
from empirics.tasks import IGNORE, Batch, Task, generator_of
from empirics.training import checkpoint
from empirics.training.adam import Moments, adam, clipped
from empirics.training.evaluation import evaluate_rows
from empirics.training.fingerprint import code_fingerprint
from empirics.training.flat import Shell, computing
from empirics.training.hand_built import constructed, perturbed
from empirics.training.models import build
from empirics.training.plan import DATA, WATCHED, WEIGHTS, Plan

__all__ = ["Run", "beginning", "key_of"]

LEAST_SCALE, DOUBLED_AFTER = 1.0, 500
"""Of the factor of a loss in float16: below the first a seed has diverged; after so many finite gradients the factor doubles."""


def key_of(plan: Plan, seed: int, together: Sequence[int], device: Any) -> dict[str, Any]:
    """All that determines a result. `together`: the seeds of one matrix, whose size decides the order of some sums."""
    told = {"kind": "training", "plan": plan.configuration(), "seed": seed, "together": list(together)}
    return {**told, "device": torch.device(device).type, "code": code_fingerprint()}


def beginning(plan: Plan, seed: int) -> nn.Module:
    """The model that a seed begins with."""
    drawn = generator_of(WEIGHTS, seed).initial_seed()
    if plan.noise is not None:
        return perturbed(constructed(plan.task), plan.noise, drawn)
    return build(plan.architecture, plan.task.vocabulary, plan.task.classes, drawn)


class Run:
    """The seeds of one matrix: their state, kept in `held` as it is written to a checkpoint."""

    def __init__(self, plan: Plan, seeds: list[int], shell: Shell, device: Any, keep: Any, saving: int) -> None:
        self.plan, self.seeds, self.shell, self.device, self.saving = plan, seeds, shell, device, saving
        self.key = {**key_of(plan, seeds[0], seeds, device), "torch": torch.__version__}
        self.path = None if keep is None else checkpoint.place(keep, self.key)
        held = None if self.path is None else checkpoint.load(self.path, self.key, device)
        self.held: dict[str, Any] = self._beginning() if held is None else held

    def _beginning(self) -> dict[str, Any]:
        weights = torch.stack([self.shell.flatten(beginning(self.plan, seed)) for seed in self.seeds]).to(self.device)
        moments, count = Moments.zeros(weights), len(self.seeds)

        def numbers(value: float, dtype: torch.dtype = torch.float32) -> Tensor:
            return torch.full((count,), value, dtype=dtype, device=self.device)

        half = self.plan.precision == "float16"
        return {
            "step": 0,
            "seconds": 0.0,
            "weights": weights,
            "first": moments.first,
            "second": moments.second,
            "count": moments.count,
            "stopped": numbers(-1, torch.long),
            "diverged": numbers(-1, torch.long),
            "streak": numbers(0, torch.long),
            "scale": numbers(2.0**12 if half else 1.0),
            "good": numbers(0, torch.long),
            "losses": numbers(0.0),
            "curve": [[] for _ in self.seeds],
        }

    @property
    def weights(self) -> Tensor:
        return self.held["weights"]

    @property
    def alive(self) -> Tensor:
        """Which rows still move."""
        return (self.held["stopped"] < 0) & (self.held["diverged"] < 0)

    @property
    def finished(self) -> bool:
        return self.held["step"] == self.plan.steps or not bool(self.alive.any())

    def go(self, progress: Progress | None) -> None:
        """To the end, from wherever it is."""
        plan, held = self.plan, self.held
        began, before = time.perf_counter(), held["seconds"]
        done_before = held["step"]
        while not self.finished:
            self.step(held["step"])
            held["step"] += 1
            looking = held["step"] % plan.every == 0 or held["step"] == plan.steps
            if looking:
                self.look()
            held["seconds"] = before + time.perf_counter() - began
            if self.path is not None and (held["step"] % self.saving == 0 or self.finished):
                checkpoint.save(self.path, self.key, held)
            if looking and progress is not None:
                pace = (time.perf_counter() - began) / (held["step"] - done_before)
                progress(held["step"], plan.steps, self._words(pace * (plan.steps - held["step"])))

    def _words(self, left: float) -> str:
        name = type(self.plan.task).__name__
        good = [row[-1][2] for row in self.held["curve"]]
        shown = f"accuracy {min(good):.3f} to {max(good):.3f}, {int(self.alive.sum())} of {len(self.seeds)} going on"
        return f"{name}, {self.plan.architecture.kind}: {shown}, at most {left:.0f} s left"

    def batch_of(self, step: int) -> Batch:
        """The sequences of a step, `(seeds, batch, length)`; what a seed gets does not depend on the others."""
        plan, length = self.plan, self.plan.length_at(step)
        drawn = [
            plan.task.draw(plan.batch, length, generator_of(DATA, seed, step, device=self.device))
            for seed in self.seeds
        ]
        tokens = torch.cat(drawn)
        parts = (tokens, *plan.task.label(tokens))
        return Batch(*(x.view(len(self.seeds), plan.batch, length) for x in parts))

    def step(self, step: int) -> None:
        """One step of every row that is alive."""
        held, plan = self.held, self.plan
        tokens, targets, _ = self.batch_of(step)
        gradients, losses = self._gradients(tokens, targets)
        gradients, norms = clipped(gradients, plan.clip)
        finite = losses.isfinite() & norms.isfinite()
        alive = self.alive
        moving = alive & finite
        if plan.precision == "float16":
            self._rescale(finite)
            broken = ~losses.isfinite() | (~finite & (held["scale"] < LEAST_SCALE))
        else:
            broken = ~finite
        held["diverged"] = torch.where(alive & broken, step, held["diverged"])
        moments = Moments(held["first"], held["second"], held["count"])
        adam(held["weights"], gradients, moments, plan.rate_at(step), plan.decay, moving)
        held["losses"] += torch.where(moving, losses, 0)

    def _gradients(self, tokens: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Of the mean loss `(seeds, parameters)`, and the losses `(seeds,)`."""
        shell, weights, scale = self.shell, self.held["weights"], self.held["scale"]

        def one(vector: Tensor, x: Tensor, y: Tensor, factor: Tensor) -> tuple[Tensor, Tensor]:
            logits = widen(shell.values(vector, x))
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten(), ignore_index=IGNORE)
            return factor * loss, loss.detach()

        with computing(self.plan.precision, self.device):
            if shell.stacked:
                made, (_, losses) = torch.vmap(grad_and_value(one, has_aux=True))(weights, tokens, targets, scale)
            else:
                vector = weights[0].detach().requires_grad_()
                scaled, losses = one(vector, tokens[0], targets[0], scale[0])
                made, losses = torch.autograd.grad(scaled, vector)[0][None], losses[None]
        return made / scale[:, None], losses

    def _rescale(self, finite: Tensor) -> None:
        """The factor of each row's loss, halved where its gradient overflowed, doubled after many that did not."""
        held = self.held
        held["good"] = torch.where(finite, held["good"] + 1, 0)
        grown = torch.where(held["good"] % DOUBLED_AFTER == DOUBLED_AFTER - 1, 2 * held["scale"], held["scale"])
        held["scale"] = torch.where(finite, grown, held["scale"] / 2)

    def look(self) -> None:
        """Losses since the last look, and the accuracy on the watched sequences; rows whose rule is met stop."""
        held, plan = self.held, self.plan
        alive = self.alive
        since = held["step"] - (held["step"] - 1) // plan.every * plan.every
        seen = evaluate_rows(
            self.shell, self.weights, plan.task, plan.lengths[1], plan.watched, (WATCHED,), plan.precision
        )
        losses = (held["losses"] / since).tolist()
        for row, going, loss, counts in zip(held["curve"], alive.tolist(), losses, seen, strict=True):
            if going:
                row.append([held["step"], loss, counts.accuracy])
            elif not row:
                row.append([held["step"], None, counts.accuracy])
        held["losses"] = torch.zeros_like(held["losses"])
        if plan.stop is not None:
            met = torch.tensor([c.accuracy >= plan.stop.accuracy for c in seen], device=self.weights.device)
            held["streak"] = torch.where(met, held["streak"] + 1, 0)
            stops = alive & (held["streak"] >= plan.stop.looks)
            held["stopped"] = torch.where(stops, held["step"], held["stopped"])

    def values(self) -> list[dict[str, Any]]:
        """What is found, a seed each."""
        plan, held = self.plan, self.held
        tests, *others = [self._test(task) for task in (plan.task, *plan.also)]
        ended = zip(held["stopped"].tolist(), held["diverged"].tolist(), held["count"].tolist(), strict=True)
        return [
            {
                "steps": count,
                "end": "diverged" if diverged >= 0 else "rule" if stopped >= 0 else "budget",
                "diverged": diverged if diverged >= 0 else None,
                "parameters": held["weights"].shape[1],
                "curve": held["curve"][row],
                "tests": {length: counts[row] for length, counts in tests.items()},
                "also": [{length: counts[row] for length, counts in other.items()} for other in others],
            }
            for row, (stopped, diverged, count) in enumerate(ended)
        ]

    def _test(self, task: Task) -> dict[str, list[dict[str, Any]]]:
        """Counts at every length of the test, a seed each."""
        plan = self.plan
        how = {"sequences": plan.tested, "precision": plan.precision}
        return {
            str(length): [counts.values() for counts in evaluate_rows(self.shell, self.weights, task, length, **how)]
            for length in plan.tests
        }

    def about(self) -> Mapping[str, Any]:
        """What another run would find different."""
        on = torch.device(self.device)
        name = torch.cuda.get_device_name(on) if on.type == "cuda" else platform.processor() or platform.machine()
        versions = {"torch": torch.__version__, "python": platform.python_version()}
        seconds = {"seconds": self.held["seconds"], "seconds a seed": self.held["seconds"] / len(self.seeds)}
        return {**seconds, "device": name, "threads": torch.get_num_threads(), **versions}
