"""Copying from a distance: the first tokens are free, every later one is the token `distance` before it.

With one distance for all sequences a model may go by position. With a distance drawn for each sequence from low .. high it must go by
content: find the earlier place where the last tokens were the same, and look what came then (induction).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from constructions.layers.shapes import check_positive
from empirics.tasks.difficulty import COPY, Difficulty
from empirics.tasks.task import IGNORE, Labels, Task, asked_at, integers, next_tokens

__all__ = ["Copying", "copy_tokens"]


def copy_tokens(
    batch: int, length: int, vocabulary: int, distance: int | tuple[int, int], generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Sequences `(batch, length)` and which of their next tokens can be known `(batch, length - 1)`."""
    low, high = (distance, distance) if isinstance(distance, int) else distance
    back = integers(low, high, (batch, 1), generator)
    first = integers(0, vocabulary - 1, (batch, length), generator)
    times = torch.arange(length, device=generator.device)
    return first.gather(1, times % back), times[1:] >= back


@dataclass(frozen=True)
class Copying(Task):
    """The next token, asked where every distance low .. high has seen all that it copies. 1 <= low <= high."""

    low: int = 4
    high: int = 4
    symbols: int = 8

    def __post_init__(self) -> None:
        check_positive("Copying", low=self.low, high=self.high, symbols=self.symbols)
        if self.low > self.high or self.symbols < 2:
            raise ValueError(
                f"Copying: low = {self.low}, high = {self.high}, symbols = {self.symbols}; give low <= high and 2 symbols"
            )

    @property
    def vocabulary(self) -> int:
        return self.symbols

    @property
    def classes(self) -> int:
        return self.symbols

    @property
    def difficulty(self) -> Difficulty:
        return COPY

    @property
    def stratum(self) -> str:
        return "distance"

    @property
    def shortest(self) -> int:
        return self.high + 1

    def draw(self, batch: int, length: int, generator: torch.Generator) -> Tensor:
        return copy_tokens(batch, length, self.symbols, (self.low, self.high), generator)[0]

    def label(self, tokens: Tensor) -> Labels:
        later = torch.arange(1, tokens.shape[1] + 1, device=tokens.device)
        back = torch.full_like(tokens[:, :1], self.high)
        for distance in range(self.high - 1, self.low - 1, -1):
            repeats = (tokens[:, distance:] == tokens[:, :-distance]).all(1, keepdim=True)
            back = back.masked_fill(repeats, distance)
        return asked_at((later >= self.high) & (later < tokens.shape[1]), next_tokens(tokens), back)

    def oracle(self, row: Sequence[int]) -> list[int]:
        fits = [d for d in range(self.low, self.high + 1) if all(a == b for a, b in zip(row, row[d:], strict=False))]
        return [row[t + 1 - fits[0]] if self.high <= t + 1 < len(row) else IGNORE for t in range(len(row))]
