"""Swap tracking: n slots are filled, swapped many times, and read now and then.

    write x into slot j     the first n tokens, slot 0 first, the contents a uniform permutation
    swap slots a < b        uniform among the n (n - 1) / 2
    read slot j             asked: what it holds now

A token after the writes reads with probability 1 / `reads`; the last one always does. Since the contents are uniform and independent of
the swaps, so is every answer, given all tokens after the writes. Difficulty: evaluating a product of swaps of n points at a point;
NC1-complete from n = 5 on, as swaps generate S_n, and the products that Barrington's programs tell apart differ at a point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import torch
from torch import Tensor

from constructions.layers.shapes import check_positive
from empirics.tasks.difficulty import NON_SOLVABLE, SOLVABLE, Difficulty
from empirics.tasks.scans import swap_contents
from empirics.tasks.task import IGNORE, Labels, Task, asked_at, integers, orders

__all__ = ["SwapTracking"]


@dataclass(frozen=True)
class SwapTracking(Task):
    """Tokens: write (j, x) is n j + x; then the swaps in lexicographic order; then the reads of slots 0 .. n - 1. n >= 2."""

    n: int = 3
    reads: int = 4

    def __post_init__(self) -> None:
        check_positive("SwapTracking", n=self.n, reads=self.reads)
        if self.n < 2:
            raise ValueError(f"SwapTracking: n = {self.n}; a swap needs 2 slots")

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The swaps, in the order of their tokens."""
        return list(combinations(range(self.n), 2))

    @property
    def first_swap(self) -> int:
        """The token of the first swap."""
        return self.n * self.n

    @property
    def first_read(self) -> int:
        """The token that reads slot 0."""
        return self.first_swap + len(self.pairs)

    @property
    def vocabulary(self) -> int:
        return self.first_read + self.n

    @property
    def classes(self) -> int:
        return self.n

    @property
    def difficulty(self) -> Difficulty:
        return SOLVABLE if self.n < 5 else NON_SOLVABLE

    @property
    def stratum(self) -> str:
        return "swaps before"

    @property
    def shortest(self) -> int:
        return self.n + 2

    def draw(self, batch: int, length: int, generator: torch.Generator) -> Tensor:
        slots = torch.arange(self.n, device=generator.device)
        writes = self.n * slots + orders(batch, self.n, generator)
        rest = (batch, length - self.n)
        swaps = integers(self.first_swap, self.first_read - 1, rest, generator)
        reads = integers(self.first_read, self.vocabulary - 1, rest, generator)
        reading = integers(1, self.reads, rest, generator) == 1
        reading[:, -1] = True
        return torch.cat([writes, torch.where(reading, reads, swaps)], 1)

    def label(self, tokens: Tensor) -> Labels:
        rest = tokens[:, self.n :]
        swaps, reading = rest < self.first_read, rest >= self.first_read
        ends = torch.tensor(self.pairs, device=tokens.device)[(rest - self.first_swap).where(swaps, 0)]
        places = swap_contents(ends[..., 0].where(swaps, 0), ends[..., 1].where(swaps, 0), self.n)
        read = places.gather(-1, (rest - self.first_read).where(reading, 0)[..., None])[..., 0]
        answers = (tokens[:, : self.n] % self.n).gather(1, read)
        made = asked_at(reading, answers, swaps.cumsum(1))
        nothing = asked_at(torch.zeros_like(tokens[:, : self.n], dtype=torch.bool), *(tokens[:, : self.n],) * 2)
        return Labels(*(torch.cat(parts, 1) for parts in zip(nothing, made, strict=True)))

    def oracle(self, row: Sequence[int]) -> list[int]:
        held: dict[int, int] = {}
        targets = []
        for token in row:
            targets.append(IGNORE)
            if token < self.first_swap:
                slot, content = divmod(token, self.n)
                held[slot] = content
            elif token < self.first_read:
                a, b = self.pairs[token - self.first_swap]
                held[a], held[b] = held[b], held[a]
            else:
                targets[-1] = held[token - self.first_read]
        return targets
