"""A passkey found again in a long stream: explicit weights for one head, and how far pre-activations must go. Derived here.

Tokens have a role, filler or one of D places, and a value. The passkey is D digits, one token a place; everything else is
filler of value 0; in the end a query of each place reads. Keys and queries have pre-activation 0 in their role's channel, so
the feature 1, and -y in the D others, so the feature E = e^-y: the map y (I - 1 1^T) of one-hot roles.

In the reals a read is off by at most 9 (F + D - 1) e, e = (2 E + (D - 1) E^2) / (1 + D E^2), F fillers: same roles have the
inner product 1 + D E^2, others 2 E + (D - 1) E^2, and digits are at most 9. So digits come back by rounding once
18 (F + D - 1) (2 E + (D - 1) E^2) < 1: y grows as log F. In a format y beyond the frontier of `frontiers.SIGMA_LOST` makes E
exactly 0 and the read exactly the digit, as long as nothing overflows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from constructions.infini_attention.frontiers import GATE_OPEN, SIGMA_LOST
from theory.deltaformer import margins
from theory.formats import Format

if TYPE_CHECKING:
    from constructions.layers.infini_attention.module import InfiniAttention

__all__ = ["FILLER", "GRID", "Passkey", "off_for", "off_needed"]

FILLER = 0
GRID = 16
"""y is a multiple of 1/16, exact in every format wide enough to hold it."""
LARGEST = 9


def off_for(fmt: Format) -> Fraction:
    """A multiple of 1/GRID with e^-y exactly 0 in the format: just over twice the frontier, so that an exp that is off by much
    is 0 there too."""
    below, _ = SIGMA_LOST.sides(fmt)
    return Fraction(int(-2 * below * GRID) + 1, GRID)


def off_needed(fillers: int, places: int) -> Fraction:
    """The least multiple of 1/GRID from which digits come back by rounding, in the reals; ends certain by balls."""
    low, high = 0, GRID * (fillers.bit_length() + places.bit_length() + 8)
    while high - low > 1:
        middle = (low + high) // 2
        with margins.precise():
            e = margins.ball(Fraction(-middle, GRID)).exp()
            enough = bool(18 * (fillers + places - 1) * (2 * e + (places - 1) * e * e) < 1)
        low, high = (low, middle) if enough else (middle, high)
    return Fraction(high, GRID)


@dataclass(frozen=True)
class Passkey:
    """places: D. off: y. Roles are 0 for filler and 1 .. D for places."""

    places: int
    off: Fraction

    def __post_init__(self) -> None:
        if self.places < 1 or self.off <= 0:
            raise ValueError(f"places = {self.places}, off = {self.off}: give at least one place and a positive off")

    def role_map(self) -> Float[np.ndarray, "roles roles"]:
        """From one-hot roles to pre-activations: 0 in the own channel, -y in the others."""
        n = self.places + 1
        return float(self.off) * (np.eye(n) - np.ones((n, n)))

    def roles(self, length: int, depth: int, digits: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Roles (length,) and values (length,) of a stream with the digits' tokens from position `depth` on."""
        if not 0 <= depth <= length - self.places or len(digits) != self.places:
            raise ValueError(
                f"{len(digits)} digits at depth {depth} of {length}: give {self.places} digits within the stream"
            )
        roles, values = np.full(length, FILLER), np.zeros(length)
        roles[depth : depth + self.places] = range(1, self.places + 1)
        values[depth : depth + self.places] = digits
        return roles, values

    def preactivations(self, roles: np.ndarray) -> Float[np.ndarray, "T roles"]:
        """Of keys and queries alike, (T, D + 1)."""
        return self.role_map()[roles]

    def inputs(self, roles: np.ndarray, values: np.ndarray, dtype: Any) -> Any:
        """Rows of the layer (1, T, D + 2), a tensor: one-hot role, value."""
        import torch

        rows = np.concatenate([np.eye(self.places + 1)[roles], values[:, None]], axis=1)
        return torch.from_numpy(rows).to(dtype)[None]

    def layer(self, segment: int, rule: str, fmt: Format, dtype: Any) -> InfiniAttention:
        """The layer with these weights: one head, gate rounded to 1 in the format, output in the value's coordinate."""
        import torch

        from constructions.layers.infini_attention.module import InfiniAttention

        n = self.places + 1
        made = InfiniAttention(n + 1, 1, segment=segment, head_dim=n, value_dim=1, rule=rule, dtype=dtype)
        role = torch.from_numpy(self.role_map()).to(dtype)
        with torch.no_grad():
            for part in made.parameters():
                part.zero_()
            made.query.weight[:, :n] = role
            made.key.weight[:, :n] = role
            made.value.weight[0, n] = 1
            made.out.weight[n, 0] = 1
            made.beta.fill_(float(2 * GATE_OPEN.sides(fmt)[1]))
        return made
