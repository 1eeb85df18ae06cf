"""Counting modulo m, parity being m = 2: how many ones so far, from a start that the first token gives.

The start is uniform modulo m and the bits are independent of it, so every answer is uniform, given all tokens but the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from constructions.layers.shapes import check_positive
from empirics.tasks.difficulty import COUNTING, PARITY, Difficulty
from empirics.tasks.task import IGNORE, Labels, Task, asked_at, integers

__all__ = ["Counting"]


@dataclass(frozen=True)
class Counting(Task):
    """Tokens 0 and 1 are bits, 2 + r starts the count at r; asked at every bit. modulus >= 2."""

    modulus: int = 2

    def __post_init__(self) -> None:
        check_positive("Counting", modulus=self.modulus)
        if self.modulus < 2:
            raise ValueError(f"Counting: modulus = {self.modulus}; every count is 0 modulo 1, give 2 or more")

    @property
    def vocabulary(self) -> int:
        return 2 + self.modulus

    @property
    def classes(self) -> int:
        return self.modulus

    @property
    def difficulty(self) -> Difficulty:
        return PARITY if self.modulus == 2 else COUNTING

    @property
    def stratum(self) -> str:
        return "bits"

    @property
    def shortest(self) -> int:
        return 2

    def draw(self, batch: int, length: int, generator: torch.Generator) -> Tensor:
        start = integers(2, self.vocabulary - 1, (batch, 1), generator)
        return torch.cat([start, integers(0, 1, (batch, length - 1), generator)], 1)

    def label(self, tokens: Tensor) -> Labels:
        times = torch.arange(tokens.shape[1], device=tokens.device)
        counts = (tokens.cumsum(1) - 2) % self.modulus
        return asked_at(times > 0, counts, times)

    def oracle(self, row: Sequence[int]) -> list[int]:
        asked = ((row[0] - 2 + sum(row[1 : t + 1])) % self.modulus for t in range(1, len(row)))
        return [IGNORE, *asked]
