"""Associative recall: pairs of a key and a value, then keys again; asked is the value that came with each.

A third of the tokens are pairs' keys, all different, a third their values, uniform and independent, the rest queries, uniform among the
keys that came. More pairs than keys there are none, which bounds the length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from constructions.layers.shapes import check_positive
from empirics.tasks.difficulty import LOOK_UP, Difficulty
from empirics.tasks.task import IGNORE, Labels, Task, integers, orders

__all__ = ["Recall"]


@dataclass(frozen=True)
class Recall(Task):
    """Tokens: keys 0 .. keys - 1, then values. At least 2 values."""

    keys: int = 64
    values: int = 16

    def __post_init__(self) -> None:
        check_positive("Recall", keys=self.keys, values=self.values)
        if self.values < 2:
            raise ValueError(f"Recall: values = {self.values}; one value needs no recall, give 2 or more")

    @property
    def vocabulary(self) -> int:
        return self.keys + self.values

    @property
    def classes(self) -> int:
        return self.values

    @property
    def difficulty(self) -> Difficulty:
        return LOOK_UP

    @property
    def stratum(self) -> str:
        return "tokens since the value"

    @property
    def shortest(self) -> int:
        return 3

    @property
    def longest(self) -> int | None:
        return 3 * self.keys + 2

    def draw(self, batch: int, length: int, generator: torch.Generator) -> Tensor:
        pairs = length // 3
        keys = orders(batch, self.keys, generator)[:, :pairs]
        values = integers(self.keys, self.vocabulary - 1, (batch, pairs), generator)
        queries = keys.gather(1, integers(0, pairs - 1, (batch, length - 2 * pairs), generator))
        return torch.cat([torch.stack([keys, values], -1).flatten(1), queries], 1)

    def label(self, tokens: Tensor) -> Labels:
        length = tokens.shape[1]
        pairs = length // 3
        keys, values, queries = tokens[:, : 2 * pairs : 2], tokens[:, 1 : 2 * pairs : 2], tokens[:, 2 * pairs :]
        which = (queries[:, :, None] == keys[:, None, :]).long().argmax(-1)
        since = torch.arange(2 * pairs, length, device=tokens.device) - (2 * which + 1)
        answers = values.gather(1, which) - self.keys
        return Labels(*(torch.nn.functional.pad(x, (2 * pairs, 0), value=IGNORE) for x in (answers, since)))

    def oracle(self, row: Sequence[int]) -> list[int]:
        pairs = len(row) // 3
        held = dict(zip(row[: 2 * pairs : 2], row[1 : 2 * pairs : 2], strict=True))
        return [IGNORE] * (2 * pairs) + [held[key] - self.keys for key in row[2 * pairs :]]
