"""Attention heads that extract a fixed offset: position codes on circles, and a torch module.

A code has a circle for each period p: key i' at angle 2 pi i' / p, the query of position i in the head for offset r at angle
2 pi (i + r) / p. Their inner product is sum_p cos(2 pi (i' - i - r) / p), a function of i' - i alone: the layer is shift-equivariant.

    dyadic(U)   periods 2, 4, ..., 2^L, L = ceil(log2(2 U + 1)): 2 L dimensions, gap 2
    single(U)   period 2 U + 1: 2 dimensions, gap 1 - cos(2 pi / (2 U + 1))

Derived here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from theory.takakura_suzuki import offset_laws as laws

Turn = Callable[[Fraction], tuple[Any, Any]]
"""A share of a full turn, in [0, 1), to its cosine and sine."""


def float_turn(share: Fraction) -> tuple[float, float]:
    """Cosine and sine in float64."""
    return math.cos(2 * math.pi * share), math.sin(2 * math.pi * share)


@dataclass(frozen=True)
class CircleCode:
    """A circle for each period. Positions are any integers."""

    periods: tuple[int, ...]

    @property
    def dimension(self) -> int:
        return 2 * len(self.periods)

    def key(self, position: int, turn: Turn = float_turn) -> list[Any]:
        """cos and sin of 2 pi i' / p for each period; `2 * len(periods)` numbers."""
        return [x for p in self.periods for x in turn(Fraction(position % p, p))]

    def query(self, position: int, offset: int, turn: Turn = float_turn) -> list[Any]:
        """The key that position i looks for: that of i + r."""
        return self.key(position + offset, turn)


def dyadic(reach: int) -> CircleCode:
    """2 ceil(log2(2 U + 1)) dimensions, gap 2."""
    return CircleCode(laws.dyadic_periods(reach))


def single(reach: int) -> CircleCode:
    """2 dimensions, gap 1 - cos(2 pi / (2 U + 1))."""
    return CircleCode(laws.single_period(reach))


class OffsetAttention(nn.Module):
    """Sliding-window softmax attention with a head for each offset; nothing is learned.

    tokens `(batch, n, channels)` to `(batch, n - 2 U, heads, channels)`: entry j is about position U + j, whose window is complete.
    Position codes are fixed; W_Q turns them by the offset and scales by chi, W_K is the identity on them, W_V on the channels.
    ValueError for no offset, one beyond the reach, or chi <= 0.
    """

    def __init__(
        self,
        code: CircleCode,
        reach: int,
        offsets: Sequence[int],
        chi: Fraction,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        laws.check_reach(reach)
        wrong = [r for r in offsets if abs(r) > reach]
        if wrong or not offsets:
            raise ValueError(f"offsets {list(offsets)}: give at least one, from {-reach} to {reach}")
        if chi <= 0:
            raise ValueError(
                f"chi = {chi}: an inverse temperature is positive; `dyadic_temperature` solves it from eps"
            )
        self.code, self.reach, self.offsets, self.chi = code, reach, tuple(offsets), chi
        self.dtype = dtype or torch.get_default_dtype()

    def _codes(self, positions: Sequence[int], device: torch.device) -> Float[Tensor, "n code"]:
        return torch.tensor([self.code.key(i) for i in positions], dtype=torch.float64).to(device, self.dtype)

    def weights(self, n: int, device: torch.device | str = "cpu") -> Float[Tensor, "inner heads window"]:
        """The attention of positions U..n - U - 1 over their windows, the same whatever the tokens. ValueError for n < 2 U + 1."""
        width = 2 * self.reach + 1
        if n < width:
            raise ValueError(f"{n} tokens: a window of U = {self.reach} needs at least {width}")
        inner, place = range(self.reach, n - self.reach), torch.device(device)
        keys = self._codes(range(n), place).unfold(0, width, 1)  # (inner, code, window)
        queries = torch.stack([self._codes([i + r for i in inner], place) for r in self.offsets], 1)
        return (float(self.chi) * queries @ keys).softmax(-1)

    def forward(self, tokens: Float[Tensor, "batch n channels"]) -> Float[Tensor, "batch inner heads channels"]:
        weights = self.weights(tokens.shape[1], tokens.device)
        return torch.einsum("ihw,bicw->bihc", weights, tokens.to(self.dtype).unfold(1, 2 * self.reach + 1, 1))
