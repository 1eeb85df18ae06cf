"""The arithmetic in which a pointer layer compares its scores: format, rounding of each operation, tie rule.

A frontier is a number only when all of these are named, so none has a default. Queries and keys are stored in the format. Then

- "separate": every product and every sum is rounded to the format;
- "fused": a product enters its sum unrounded (FMA), the sum is rounded to the format;
- "wide": products and sums in an accumulator, where scores are compared: fp32 for up to 11 bits, as matrix units have it,
  fp64 for fp32, exact for fp64;
- "returned": as "wide", the score then rounded to the format.

Rounding is to nearest, ties to even; sums are in the order of the coordinates, the first product standing alone. Scores are
emulated in float64: one rounded sum or product is correct there (see `theory.formats`), a fused sum is rounded to odd first, which
keeps what the format needs (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", IEEE TC 57(4), 2008). fp64 itself is
float64, or int64 where nothing is to be rounded on the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Shaped

from theory.formats import FP32, FP64, Format

__all__ = ["NO_POINTER", "PATHS", "TIES", "Arithmetic", "odd_sum", "toy"]

PATHS = ("separate", "fused", "wide", "returned")
TIES = ("first", "last")
NO_POINTER = -1
"""In place of an index where a score is NaN: no comparison orders it."""


def toy(precision: int) -> Format:
    """A format of that precision whose range ends far from anything here."""
    return Format(f"{precision} bits", precision, -250, 250, (2 - Fraction(2) ** (1 - precision)) * 2**250, "infinity")


@dataclass(frozen=True)
class Arithmetic:
    """fmt: of queries and keys. path: one of `PATHS`. tie: which of several greatest scores wins, "first" or "last" index.

    Raises ValueError when the path or the tie rule is missing or unknown, or the format is Q.
    """

    fmt: Format
    path: str
    tie: str

    def __post_init__(self) -> None:
        if self.tie not in TIES:
            raise ValueError(
                f"tie = {self.tie!r}: a hard argmax is a function only with a tie rule; give one of {', '.join(TIES)}"
            )
        if self.path not in PATHS:
            raise ValueError(
                f"path = {self.path!r}: name how products and sums are rounded; give one of {', '.join(PATHS)}"
            )
        if self.fmt.precision is None:
            raise ValueError("Q rounds nothing: there is no frontier; give a number format")

    def __str__(self) -> str:
        return f"{self.fmt.name}, {self.path}, {self.tie} index"

    @property
    def precision(self) -> int:
        assert self.fmt.precision is not None, "refused at the door"
        return self.fmt.precision

    @property
    def in_integers(self) -> bool:
        """Whether scores are computed in int64: fp64 with nothing rounded before the score."""
        return self.fmt == FP64 and self.path != "separate"

    @property
    def accumulator(self) -> Format:
        """What sums are rounded to; not asked of fp64 on the paths that compute in integers."""
        if self.path in ("separate", "fused"):
            return self.fmt
        return FP32 if self.precision <= 11 else FP64

    def store(self, x: Shaped[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """Each entry of an int64 or float64 array rounded once to the format; overflow as the format has it."""
        return x.astype(np.float64) if self.fmt == FP64 else self.fmt.round_array(x)

    def scores(
        self, queries: Shaped[np.ndarray, "*#rows d"], keys: Shaped[np.ndarray, "*#rows d"]
    ) -> Shaped[np.ndarray, "*scores"]:
        """q . k along the last axis, shapes broadcast; float64, or int64 for fp64 with exact scores.

        Raises ValueError where int64 would not hold a score. O(d) array operations.
        """
        q, k = self.store(queries), self.store(keys)
        if self.in_integers:
            return self._integer_scores(q, k)
        total: Any = None
        with np.errstate(over="ignore", invalid="ignore"):
            for c in range(q.shape[-1]):
                product = q[..., c] * k[..., c]  # at most 48 bits, so exact, except in fp64, where it is rounded
                if total is None:
                    total = self.accumulator.round_array(product)
                    continue
                if self.path == "fused":
                    total = odd_sum(total, product)
                else:
                    total = total + self.accumulator.round_array(product)
                total = self.accumulator.round_array(total)
            return self.fmt.round_array(total) if self.path == "returned" else total

    def _integer_scores(self, q: Float[np.ndarray, "*#rows d"], k: Float[np.ndarray, "*#rows d"]) -> Any:
        """Exact scores of stored integers; rounded once unless they are compared as they are."""
        if not (np.abs(q) * np.abs(k)).sum(axis=-1).max(initial=0) < 2.0**62:
            raise ValueError("scores of 2^62 and more: fp64 is emulated in int64 here; take smaller positions")
        if (q != np.trunc(q)).any() or (k != np.trunc(k)).any():
            raise ValueError("fp64 is emulated in int64 here: give integer coordinates, or the path 'separate'")
        exact = (q.astype(np.int64) * k.astype(np.int64)).sum(axis=-1)
        return exact if self.path == "wide" else exact.astype(np.float64)

    def pointers(self, scores: Shaped[np.ndarray, "rows keys"], seen: Any = None) -> Int[np.ndarray, " rows"]:
        """argmax of each row among the keys `seen` (bool, same shape; all when None); -1 where a seen score is NaN."""
        lowest: Any = np.iinfo(np.int64).min if scores.dtype.kind == "i" else -np.inf
        allowed = np.ones(scores.shape, dtype=bool) if seen is None else seen
        shown = np.where(allowed, scores, lowest)
        best = shown == shown.max(axis=1, keepdims=True)
        best &= allowed
        if self.tie == "first":
            found = best.argmax(axis=1)
        else:
            found = scores.shape[1] - 1 - best[:, ::-1].argmax(axis=1)
        return np.where(best.any(axis=1), found, NO_POINTER)


def odd_sum(a: Float[np.ndarray, "*shape"], b: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """a + b rounded to odd: where float64 does not hold the sum, the neighbour of it whose last bit is 1; infinities stay."""
    with np.errstate(invalid="ignore"):
        total = a + b
        back = total - a
        error = (a - (total - back)) + (b - back)
    bits = np.ascontiguousarray(total).view(np.uint64)
    even = (bits & np.uint64(1)) == 0
    moved = even & np.isfinite(total) & (error != 0)
    return np.where(moved, np.nextafter(total, np.copysign(np.inf, error)), total)
