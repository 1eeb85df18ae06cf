"""Attention that picks the tokens of a window from the most to the least important, one a round, by masking those picked before.

Importances mu lie in [0, 1], any two at least `gap` apart. K hat functions phi_k of half-width h = gap / 4 code a token's importance,
and round m scores token j with

    chi (mu_j - M <phi(mu_j), sum over earlier rounds of phi(mu~)>),   M = (8/3) (1 + gap)

mu~ being the importance that a round read. Hats of importances within h / 2 of each other overlap by 3/8 at least, of importances 2 h
apart not at all, so a picked token scores -chi gap at most and all others chi mu_j: the next most important leads by chi gap, and the
rest share at most (W - 1) exp(-chi gap). That leak must be at most gap / 8 = h / 2, so that what a round reads is near enough.

`exp` is the only function that is not rational. Derived here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from constructions.takakura_suzuki.network import Gadget, run


def hats(t: Any, width: Fraction, count: int) -> Gadget:
    """h phi_k(t) = relu(t - (k-1) h) - 2 relu(t - k h) + relu(t - (k+1) h), k = 0..count-1: one layer, weights 1 and 2."""
    bends = yield [t - k * width for k in range(-1, count + 1)]
    return [a - 2 * b + c for a, b, c in zip(bends, bends[1:], bends[2:], strict=False)]


@dataclass(frozen=True)
class ImportanceAttention:
    """The rounds. gap in (0, 1]; chi > 0, large enough for the window. ValueError otherwise.

    hat_share: h / gap. mask: M, None for (8/3)(1 + gap).
    """

    gap: Fraction
    chi: Fraction
    hat_share: Fraction = Fraction(1, 4)
    mask: Fraction | None = None

    def __post_init__(self) -> None:
        if not 0 < self.gap <= 1:
            raise ValueError(f"gap = {self.gap}: importances lie in [0, 1], give a gap above 0 and at most 1")
        if self.chi <= 0:
            raise ValueError(
                f"chi = {self.chi}: an inverse temperature is positive; `importance_laws.temperature` solves it"
            )

    @property
    def width(self) -> Fraction:
        """h."""
        return self.hat_share * self.gap

    @property
    def hats(self) -> int:
        """K = ceil(1 / h) + 1, about 4 / gap: centres 0, h, 2 h, ... up to 1 or beyond."""
        return math.ceil(1 / self.width) + 1

    @property
    def strength(self) -> Fraction:
        """M."""
        return Fraction(8, 3) * (1 + self.gap) if self.mask is None else self.mask

    def code(self, mu: Any) -> list[Any]:
        """phi(mu): at most two of the K numbers are not zero."""
        return [value / self.width for value in run(hats(mu, self.width, self.hats))]

    def scores(self, importances: Sequence[Any], seen: Sequence[Any]) -> list[Any]:
        """Round scores, without the factor chi: mu_j - M <phi(mu_j), seen>, `seen` the sum of the codes read so far."""
        return [mu - self.strength * sum(a * b for a, b in zip(self.code(mu), seen, strict=True)) for mu in importances]

    def rounds(self, importances: Sequence[Any], count: int, exp: Callable[[Any], Any] = math.exp) -> list[list[Any]]:
        """The attention of each round over the tokens of the window. ValueError for an empty window or more rounds than tokens."""
        if not importances or not 1 <= count <= len(importances):
            raise ValueError(f"{count} rounds over {len(importances)} tokens: give 1 to as many as there are tokens")
        seen: list[Any] = [0] * self.hats
        attention = []
        for _ in range(count):
            scores = self.scores(importances, seen)
            top = max(scores)
            masses = [exp(self.chi * (s - top)) for s in scores]
            total = sum(masses)
            attention.append([m / total for m in masses])
            read = sum(w * mu for w, mu in zip(attention[-1], importances, strict=True))
            seen = [a + b for a, b in zip(seen, self.code(read), strict=True)]
        return attention
