"""Which positions a position may point at: rules of K candidates each, K not growing with the sequence, or all positions.

    window     i - K + 1 .. i, or K around i            strides    i, i - s for every stride s, or i +- s
    listed     any list, fixed beforehand               previous   i, i - 1, p_i, p[p_i], ...: the previous layer's pointers
    buckets    those of the same hash, in `buckets.py`  all        every position, in no list

A rule gives, for each position, the positions it may point at and which of them exist. Every rule includes the position itself, so
there is always one. Source: derived here. The work of a rule is that of its list alone, for one sequence and one head.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from constructions.layers.shapes import check_positive, fits_64_bits

__all__ = [
    "AllPositions",
    "Candidates",
    "Listed",
    "Positions",
    "PreviousPointers",
    "Strides",
    "Window",
    "powers_of_two",
]

Positions = tuple[Int[Tensor, "*head S K"], Bool[Tensor, "*head S K"] | None]
"""Candidates of S positions, all inside the sequence, and which of them count; None where all do."""


class Candidates(ABC):
    """A rule. `causal`: whether it gives no later position; `reach`: how far back it looks, None where no bound is known;
    `looks_at_pointers`: whether it looks at the previous layer's."""

    causal: bool
    looks_at_pointers = False

    @property
    def reach(self) -> int | None:
        return None

    @abstractmethod
    def among(self, times: Tensor, tokens: int, keys: Tensor, previous: Tensor) -> Positions:
        """Candidates of the positions `times (S,)`, all of a sequence of so many tokens, with keys `(batch, heads, S, d)` and the
        previous layer's pointers `(batch, heads, S)`."""

    def newest(self, times: Tensor, keys: Tensor, previous: Tensor) -> Positions:
        """Candidates of the last position, `times (1,)`, when nothing follows; what is kept is all that the rule can reach."""
        return self.among(times, keys.shape[-2], keys, previous)


@dataclass(frozen=True)
class AllPositions(Candidates):
    """Every position, or every one that is not later. In no list: the layer computes all scores, or runs over them."""

    causal: bool = True

    def among(self, times: Tensor, tokens: int, keys: Tensor, previous: Tensor) -> Positions:
        """All of them, `(tokens, tokens)` numbers. Work tokens S, and 2 tokens S where causal."""
        every = torch.arange(tokens, device=times.device).expand(len(times), tokens)
        return every, every <= times[:, None] if self.causal else None


def _inside(index: Tensor, tokens: int, causal: bool) -> Positions:
    if causal:
        return index.clamp(min=0), index >= 0
    return index.clamp(0, tokens - 1), (index >= 0) & (index < tokens)


@dataclass(frozen=True)
class Window(Candidates):
    """The last `size` positions, itself among them; not causal: `size` of them around it, one more before than after if even.

    Work 3 N K + K, causal, of N positions and K = size. ValueError for a size that is not positive.
    """

    size: int
    causal: bool = True

    def __post_init__(self) -> None:
        check_positive("Window", size=self.size)

    @property
    def reach(self) -> int | None:
        return self.size - 1 if self.causal else None

    def among(self, times: Tensor, tokens: int, keys: Tensor, previous: Tensor) -> Positions:
        ahead = 0 if self.causal else (self.size - 1) // 2
        back = torch.arange(-ahead, self.size - ahead, device=times.device)
        return _inside(times[:, None] - back, tokens, self.causal)


def powers_of_two(count: int) -> tuple[int, ...]:
    """1, 2, 4, ...: the strides 2^b for b < count."""
    check_positive("powers_of_two", count=count)
    return tuple(2**b for b in range(count))


@dataclass(frozen=True)
class Strides(Candidates):
    """Itself and the positions a stride back; not causal: a stride ahead too.

    Work 4 N K - N, causal, of N positions and K = 1 + the number of strides. ValueError unless there is a stride and all are positive
    integers of 64 bits.
    """

    strides: tuple[int, ...] | Any
    causal: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.strides, tuple | list):
            raise ValueError(
                f"Strides: strides = {self.strides!r}; give a tuple of positive integers, powers_of_two(4) for example"
            )
        if not self.strides:
            raise ValueError(
                "Strides: strides is empty; give at least one positive integer, powers_of_two(4) for example"
            )
        for stride in self.strides:
            if isinstance(stride, bool) or not isinstance(stride, int) or stride < 1 or not fits_64_bits(stride):
                raise ValueError(
                    f"Strides: a stride is {stride!r}; give positive integers below 2^63, a position itself comes unasked"
                )

    @property
    def reach(self) -> int | None:
        return max(self.strides) if self.causal else None

    def among(self, times: Tensor, tokens: int, keys: Tensor, previous: Tensor) -> Positions:
        back = (0, *self.strides) if self.causal else (0, *self.strides, *(-s for s in self.strides))
        return _inside(torch.stack([times - s if s else times for s in back], -1), tokens, self.causal)


@dataclass(frozen=True)
class Listed(Candidates):
    """Candidates written down beforehand, one list a position, all of one length; for sequences of just so many tokens.

    ValueError for what is no list of lists of integers, for a list that is empty or longer than another, for a candidate outside the
    sequence, and where the sequence has another length. A causal one has no later
    candidate; each list must contain one that exists, itself or not.
    """

    lists: tuple[tuple[int, ...], ...] | Any

    def __post_init__(self) -> None:
        if not isinstance(self.lists, tuple | list):
            raise ValueError(
                f"Listed: lists is of type {type(self.lists).__name__}; give a tuple of tuples of positions, one a position"
            )
        tokens = len(self.lists)
        for i, candidates in enumerate(self.lists):
            if not isinstance(candidates, tuple | list):
                raise ValueError(
                    f"Listed: candidates of position {i} are of type {type(candidates).__name__}; give a tuple of positions"
                )
            if not candidates or len(candidates) != len(self.lists[0]):
                raise ValueError(
                    f"Listed: position {i} has {len(candidates)} candidates, position 0 has {len(self.lists[0])}; give each "
                    "position as many, at least one"
                )
            for j in candidates:
                if isinstance(j, bool) or not isinstance(j, int):
                    raise ValueError(f"Listed: position {i} has the candidate {j!r}, no integer; give 0..{tokens - 1}")
                if not 0 <= j < tokens:
                    raise ValueError(
                        f"Listed: position {i} has the candidate {j}, outside a sequence of {tokens}; give 0..{tokens - 1}"
                    )

    @property
    def causal(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        return all(j <= i for i, candidates in enumerate(self.lists) for j in candidates)

    def among(self, times: Tensor, tokens: int, keys: Tensor, previous: Tensor) -> Positions:
        if tokens > len(self.lists) or (tokens < len(self.lists) and not self.causal):
            raise ValueError(
                f"Listed: candidates of {len(self.lists)} positions for a sequence of {tokens}; give one list a position"
            )
        lists = torch.tensor(self.lists[:tokens], device=times.device).reshape(tokens, -1)
        return lists.index_select(0, times), None


@dataclass(frozen=True)
class PreviousPointers(Candidates):
    """The first `count` of: itself, the one before, the previous layer's pointer p_i, then p[p_i], p[p[p_i]], ...

    Causal where the previous layer's pointers are. Work N K for the list, N for each p[..] of K > 3 and 2 N for the one before.
    ValueError for a count that is not positive.
    """

    count: int
    causal = True
    looks_at_pointers = True

    def __post_init__(self) -> None:
        check_positive("PreviousPointers", count=self.count)

    def among(self, times: Tensor, tokens: int, keys: Tensor, previous: Tensor) -> Positions:
        return self._along(previous, times, previous)

    def newest(self, times: Tensor, keys: Tensor, previous: Tensor) -> Positions:
        return self._along(previous[..., -1:], times, previous)

    def _along(self, hop: Tensor, times: Tensor, previous: Tensor) -> Positions:
        made = [times.expand(hop.shape)]
        if self.count > 1:
            made.append((times - 1).clamp(min=0).expand(hop.shape))
        for c in range(2, self.count):
            made.append(hop)
            hop = previous.gather(-1, hop) if c + 1 < self.count else hop
        return torch.stack(made, -1), None
