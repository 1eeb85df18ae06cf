"""Word problems: the product of all factors so far, asked after every factor.

    form "elements"   a factor is one token, one for each element of the group
    form "swaps"      a factor is a block of as many tokens as its longest product of swaps has, swaps of points first, then rests;
                      asked at the end of a block. Tokens beyond the last whole block rest

Factors are uniform and independent, hence so are the products. With swaps the tokens of a block spell the element, which is what swap
tracking sees, so one group is compared in two forms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import torch
from torch import Tensor

from constructions.layers.shapes import choose
from empirics.tasks.difficulty import NON_SOLVABLE, SOLVABLE, Difficulty
from empirics.tasks.groups import GROUPS, elements, swap_words, table
from empirics.tasks.scans import prefixes, swap_contents
from empirics.tasks.task import IGNORE, Labels, Task, asked_at, integers

__all__ = ["WordProblem"]


@dataclass(frozen=True)
class WordProblem(Task):
    """group: "S_3", "S_5", "A_5" or "Z_60". Targets are places of elements in lexicographic order."""

    group: str = "S_5"
    form: str = "elements"

    def __post_init__(self) -> None:
        choose("WordProblem", "group", self.group, tuple(GROUPS))
        choose("WordProblem", "form", self.form, ("elements", "swaps"))

    @property
    def points(self) -> int:
        """How many points the group moves."""
        return len(elements(self.group)[0])

    @property
    def block(self) -> int:
        """Tokens a factor."""
        return 1 if self.form == "elements" else max(map(len, swap_words(self.group)))

    @property
    def swaps(self) -> list[tuple[int, int]]:
        """The meaning of tokens 0, 1, ... in the form of swaps; the first, of a point with itself, rests."""
        return [(0, 0), *combinations(range(self.points), 2)]

    @property
    def vocabulary(self) -> int:
        return self.classes if self.form == "elements" else len(self.swaps)

    @property
    def classes(self) -> int:
        return len(elements(self.group))

    @property
    def difficulty(self) -> Difficulty:
        return NON_SOLVABLE if self.group in ("S_5", "A_5") else SOLVABLE

    @property
    def stratum(self) -> str:
        return "factors"

    @property
    def shortest(self) -> int:
        return self.block

    def draw(self, batch: int, length: int, generator: torch.Generator) -> Tensor:
        factors = integers(0, self.classes - 1, (batch, length // self.block), generator)
        if self.form == "elements":
            return factors
        of = {pair: token for token, pair in enumerate(self.swaps)}
        spelled = [[of[s] for s in word] + [0] * (self.block - len(word)) for word in swap_words(self.group)]
        tokens = torch.tensor(spelled, device=factors.device)[factors].flatten(1)
        return torch.nn.functional.pad(tokens, (0, length - tokens.shape[1]))

    def label(self, tokens: Tensor) -> Labels:
        times = torch.arange(tokens.shape[1], device=tokens.device)
        ends = (times + 1) % self.block == 0
        factors = ((times + 1) // self.block).expand(tokens.shape)
        if self.form == "elements":
            products = torch.tensor(table(self.group), device=tokens.device)
            return Labels(prefixes(tokens, lambda a, b: products[a, b]), factors)
        pairs = torch.tensor(self.swaps, device=tokens.device)[tokens]
        contents = swap_contents(pairs[..., 0], pairs[..., 1], self.points)
        # read as numbers in base `points`, permutations in lexicographic order grow
        digits = self.points ** torch.arange(self.points - 1, -1, -1, device=tokens.device)
        known = (torch.tensor(elements(self.group), device=tokens.device) * digits).sum(-1)
        return asked_at(ends, torch.searchsorted(known, (contents * digits).sum(-1)), factors)

    def oracle(self, row: Sequence[int]) -> list[int]:
        place = {c: i for i, c in enumerate(elements(self.group))}
        held, targets = list(range(self.points)), []
        for time, token in enumerate(row, start=1):
            for a, b in swap_words(self.group)[token] if self.form == "elements" else [self.swaps[token]]:
                held[a], held[b] = held[b], held[a]
            targets.append(place[tuple(held)] if time % self.block == 0 else IGNORE)
        return targets
