"""What is trained and how, in full: from a plan and a seed everything follows, the device apart."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from constructions.layers.shapes import check_positive, choose
from empirics.tasks import Task, generator_of
from empirics.tasks.task import integers
from empirics.training.flat import PRECISIONS
from empirics.training.hand_built import constructed
from empirics.training.models import Architecture

__all__ = ["SCHEDULES", "Plan", "Stop"]

SCHEDULES = ("constant", "cosine")
# The first part of every seed: streams that have nothing in common.
WEIGHTS, DATA, LENGTHS, WATCHED, TESTED = range(5)


@dataclass(frozen=True)
class Stop:
    """The rule for stopping early: so many looks in a row with at least this accuracy on the watched sequences."""

    accuracy: float = 1.0
    looks: int = 2


@dataclass(frozen=True)
class Plan:
    """A run.

    batch: sequences a step, of one length, drawn for each step uniformly from lengths[0] .. lengths[1]; with `growing` the longest of
        them grows linearly over the first half of the steps.
    rate: of Adam; it rises linearly over `warmup` steps and then stays, or falls to zero as a cosine. decay: of the weights. clip: the
        greatest length of a gradient. precision: of `flat.PRECISIONS`.
    every: steps between looks at `watched` sequences of the greatest length, the same at every look. stop: None for never.
    tests: lengths of the final test, on `tested` sequences each that all models of the task share. also: other tasks of the same
        tokens and classes that are tested too, at the same lengths: held-out text, a passkey at one depth.
    noise: None to begin at random; else at the construction's weights (`hand_built.constructed`) plus Gaussian noise, so many times the
        root mean square of the parameter it is added to.
    ValueError for numbers that make no run.
    """

    task: Task
    architecture: Architecture
    steps: int = 1000
    batch: int = 64
    lengths: tuple[int, int] = (16, 32)
    growing: bool = False
    rate: float = 3e-3
    warmup: int = 50
    schedule: str = "cosine"
    clip: float = 1.0
    decay: float = 0.0
    precision: str = "float32"
    every: int = 100
    watched: int = 64
    stop: Stop | None = None
    tests: tuple[int, ...] = ()
    tested: int = 256
    also: tuple[Task, ...] = ()
    noise: float | None = None

    def __post_init__(self) -> None:
        sizes = {name: getattr(self, name) for name in ("steps", "batch", "every", "watched", "tested")}
        check_positive("Plan", **sizes)
        choose("Plan", "schedule", self.schedule, SCHEDULES)
        choose("Plan", "precision", self.precision, PRECISIONS)
        if len(self.lengths) != 2 or self.lengths[0] > self.lengths[1]:
            raise ValueError(f"Plan: lengths = {self.lengths}; give the least and the greatest")
        for length in (*self.lengths, *self.tests):
            self.task.check_length(length)
        for other in self.also:
            if (other.vocabulary, other.classes) != (self.task.vocabulary, self.task.classes):
                raise ValueError(
                    f"Plan: also = {other}; give tasks of {self.task.vocabulary} tokens and {self.task.classes} classes"
                )
            for length in self.tests:
                other.check_length(length)
        if self.noise is not None:
            self._check_beginning()
        for name in ("rate", "clip"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"Plan: {name} = {getattr(self, name)}; give a positive number")
        if not (0 <= self.decay < math.inf and self.warmup >= 0):
            raise ValueError(f"Plan: decay = {self.decay}, warmup = {self.warmup}; give numbers that are not negative")
        if self.stop is not None and not (0 < self.stop.accuracy <= 1 and self.stop.looks >= 1):
            raise ValueError(f"Plan: stop = {self.stop}; give an accuracy in (0, 1] and at least one look")

    def _check_beginning(self) -> None:
        if self.noise is None or not 0 <= self.noise < math.inf:
            raise ValueError(
                f"Plan: noise = {self.noise}; give a number that is not negative, or None to begin at random"
            )
        built = constructed(self.task).architecture
        if built.configuration() != self.architecture.configuration():
            raise ValueError(f"Plan: noise is added to the construction, which is {built}; give this architecture")

    def configuration(self) -> dict[str, Any]:
        """The plan, for JSON."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        told["task"], told["architecture"] = self.task.configuration(), self.architecture.configuration()
        told["also"] = [other.configuration() for other in self.also]
        told["stop"] = None if self.stop is None else asdict(self.stop)
        return told

    def length_at(self, step: int) -> int:
        """The length of the sequences of a step, the same for all seeds, so that they stack."""
        low, high = self.lengths
        if self.growing:
            high = low + min(2 * step * (high - low) // self.steps, high - low)
        return int(integers(low, high, (1,), generator_of(LENGTHS, step)))

    def rate_at(self, step: int) -> float:
        """The rate of step 0, 1, ..."""
        rising = min(1.0, (step + 1) / (self.warmup + 1))
        done = max(0, step - self.warmup) / max(1, self.steps - self.warmup)
        return self.rate * rising * (0.5 * (1 + math.cos(math.pi * done)) if self.schedule == "cosine" else 1)
