"""A passkey in noise: a marker and some digits somewhere, noise before and after, and at the end the question for the digits.

    noise ... HERE 3 1 4 1 noise ... ASK 3 1 4        asked at ASK and at each digit after it: the next digit

`depth` says where the key is, in percent of the noise before it; None draws it uniformly for each sequence. Trained short and tested
long, this is how far back a memory reaches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from constructions.layers.shapes import check_positive
from empirics.tasks.difficulty import LOOK_UP, Difficulty
from empirics.tasks.task import IGNORE, Labels, Task, integers

__all__ = ["Passkey"]

DIGITS = 10


@dataclass(frozen=True)
class Passkey(Task):
    """Tokens: digits 0 .. 9, HERE, ASK, then the noise. size: digits of the key. depth: 0 .. 100 or None."""

    size: int = 4
    noise: int = 16
    depth: int | None = None

    def __post_init__(self) -> None:
        check_positive("Passkey", size=self.size, noise=self.noise)
        if self.depth is not None and not (isinstance(self.depth, int) and 0 <= self.depth <= 100):
            raise ValueError(f"Passkey: depth = {self.depth!r}; give whole percents, 0 to 100, or None for any")

    @property
    def vocabulary(self) -> int:
        return DIGITS + 2 + self.noise

    @property
    def classes(self) -> int:
        return DIGITS

    @property
    def difficulty(self) -> Difficulty:
        return LOOK_UP

    @property
    def stratum(self) -> str:
        return "tokens since the digit"

    @property
    def shortest(self) -> int:
        return 2 * self.size + 1

    def draw(self, batch: int, length: int, generator: torch.Generator) -> Tensor:
        free = length - self.shortest
        if self.depth is None:
            before = integers(0, free, (batch, 1), generator)
        else:
            before = torch.full((batch, 1), free * self.depth // 100, device=generator.device)
        tokens = integers(DIGITS + 2, self.vocabulary - 1, (batch, length), generator)
        key = integers(0, DIGITS - 1, (batch, self.size), generator)
        tokens.scatter_(1, before, DIGITS)
        tokens.scatter_(1, before + 1 + torch.arange(self.size, device=key.device), key)
        tokens[:, -self.size] = DIGITS + 1
        tokens[:, length - self.size + 1 :] = key[:, :-1]
        return tokens

    def label(self, tokens: Tensor) -> Labels:
        length = tokens.shape[1]
        here = (tokens == DIGITS).long().argmax(1, keepdim=True)
        key = tokens.gather(1, here + 1 + torch.arange(self.size, device=tokens.device))
        since = (length - self.size - here - 1).expand(key.shape)
        return Labels(*(torch.nn.functional.pad(x, (length - self.size, 0), value=IGNORE) for x in (key, since)))

    def oracle(self, row: Sequence[int]) -> list[int]:
        here, ask = list(row).index(DIGITS), list(row).index(DIGITS + 1)
        return [IGNORE] * ask + list(row[here + 1 : here + 1 + len(row) - ask])
