"""What a task is: tokens drawn from a seed, exact targets, where they are asked for, and how hard they are.

    tokens   int64 (batch, length), 0 .. vocabulary - 1
    targets  int64 (batch, length), 0 .. classes - 1, or IGNORE where nothing is asked; a model answers at the position itself
    strata   int64 (batch, length), what `stratum` names, for accuracies apart: a path length, a distance; IGNORE likewise

Targets are a function of the tokens. `label` computes them in batches by the fast way, `oracle` for one sequence by the plain way;
neither calls the other. All randomness comes from one generator, on the device where the tokens are made: a seed gives the same bytes
on the same kind of device.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import torch
from torch import Tensor

from constructions.layers.shapes import check_positive
from empirics.tasks.difficulty import Difficulty

__all__ = ["IGNORE", "Batch", "Labels", "Task", "generator_of"]

IGNORE = -100
"""A target that is not asked for: what `torch.nn.functional.cross_entropy` leaves out unless told otherwise."""


class Labels(NamedTuple):
    """Targets and their strata, each `(batch, length)`."""

    targets: Tensor
    strata: Tensor


class Batch(NamedTuple):
    """Tokens, targets and strata, each int64 `(batch, length)`."""

    tokens: Tensor
    targets: Tensor
    strata: Tensor


def generator_of(*seed: int, device: Any = "cpu") -> torch.Generator:
    """A generator whose state is a hash of whole numbers: (seed, step) are as good as independent of (seed, step + 1)."""
    digest = hashlib.blake2b(repr(tuple(int(part) for part in seed)).encode(), digest_size=8).digest()
    return torch.Generator(device).manual_seed(int.from_bytes(digest, "big") >> 1)


@dataclass(frozen=True)
class Task(ABC):
    """A task; the fields of a subclass are its parameters, whole numbers, strings, booleans or None."""

    @property
    @abstractmethod
    def vocabulary(self) -> int:
        """How many different tokens there are."""

    @property
    @abstractmethod
    def classes(self) -> int:
        """How many different targets there are."""

    @property
    @abstractmethod
    def difficulty(self) -> Difficulty:
        """The complexity class, and who says so."""

    @property
    @abstractmethod
    def stratum(self) -> str:
        """What strata count."""

    @property
    @abstractmethod
    def shortest(self) -> int:
        """The least length of a sequence."""

    @property
    def longest(self) -> int | None:
        """The greatest length, None for no limit."""
        return None

    @property
    def guess(self) -> Fraction:
        """The accuracy of the best guess that does not look at the tokens."""
        return Fraction(1, self.classes)

    @abstractmethod
    def draw(self, batch: int, length: int, generator: torch.Generator) -> Tensor:
        """Tokens for a batch and a length that are known to fit."""

    @abstractmethod
    def label(self, tokens: Tensor) -> Labels:
        """The targets of tokens that `draw` made."""

    @abstractmethod
    def oracle(self, row: Sequence[int]) -> list[int]:
        """The targets of one sequence, by the plainest means."""

    def configuration(self) -> dict[str, Any]:
        """What determines the tokens of a seed, for JSON."""
        return {"task": type(self).__name__, **asdict(self)}

    def check_length(self, length: int) -> None:
        """ValueError for a length that no sequence has."""
        where = type(self).__name__
        check_positive(where, length=length)
        if length < self.shortest or (self.longest is not None and length > self.longest):
            most = "" if self.longest is None else f" to {self.longest}"
            raise ValueError(f"{where}: length = {length}; give {self.shortest}{most or ' or more'}, counted in tokens")

    def sample(self, batch: int, length: int, seed: int | torch.Generator = 0, device: Any = "cpu") -> Batch:
        """So many sequences. seed: a whole number, or a generator on the device. ValueError for sizes that do not fit."""
        check_positive(type(self).__name__, batch=batch)
        self.check_length(length)
        made = seed if isinstance(seed, torch.Generator) else generator_of(seed, device=device)
        tokens = self.draw(batch, length, made)
        return Batch(tokens, *self.label(tokens))


def integers(low: int, high: int, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Uniform whole numbers low .. high, both included."""
    return torch.randint(low, high + 1, shape, generator=generator, device=generator.device)


def orders(batch: int, n: int, generator: torch.Generator) -> Tensor:
    """Uniform permutations of 0 .. n - 1, `(batch, n)`: ranks of random numbers of 53 bits, stable where two are equal."""
    drawn = torch.rand(batch, n, generator=generator, device=generator.device, dtype=torch.float64)
    return drawn.argsort(dim=1, stable=True)


def asked_at(where: Tensor, targets: Tensor, strata: Tensor) -> Labels:
    """Labels that are kept at `where`, a mask that broadcasts, and IGNORE elsewhere."""
    where = where.expand(targets.shape)
    return Labels(*(torch.where(where, x, IGNORE) for x in (targets, strata.expand(targets.shape))))


def next_tokens(tokens: Tensor) -> Tensor:
    """The token after each, `(batch, length)`; IGNORE after the last."""
    return torch.nn.functional.pad(tokens[:, 1:], (0, 1), value=IGNORE)
