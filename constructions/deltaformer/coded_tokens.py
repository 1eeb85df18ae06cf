"""Slot tokens with codes for slots: keys, writes, values and queries of the operator, as floats or as balls."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from jaxtyping import Shaped

from constructions.arrays import Array
from constructions.deltaformer.slot_programs import SlotTokens
from constructions.layers import deltaformer as operator
from constructions.layers.kernels import Kernel

__all__ = ["Arithmetic", "CodedTokens", "as_balls"]

Arithmetic = Literal["fp64", "balls"]


@dataclass(frozen=True)
class CodedTokens:
    """Keys and writes `(T, d)`, queries `(n, d)` of readers after the last token: Fractions; the kernel says what they mean."""

    slots: SlotTokens
    keys: Shaped[np.ndarray, "time d"]
    writes: Shaped[np.ndarray, "time d"]
    queries: Shaped[np.ndarray, "n d"]

    def stages(self, kernel: Any, arithmetic: Arithmetic = "fp64", sign: int = 1) -> tuple[Array, Array]:
        """U `(T, n)` and what the n readers return `(n, n)`, by the dense operator. Work O(T^2 (d + n)).

        kernel: a function of the arithmetic's number type to a `Kernel`. sign: -1 runs the layer with beta = -1.
        In balls, to the precision of flint's context, every entry encloses the exact one.
        """
        change = as_balls if arithmetic == "balls" else as_floats
        made: Kernel = kernel(as_ball if arithmetic == "balls" else float)
        k, w, q = change(self.keys), change(self.writes), change(self.queries)
        values = change(self.slots.contents)
        u = operator.solve(k, w, values, change(np.full(len(k), sign)), kernel=made, check_finite=arithmetic == "fp64")
        return u, made.weights(q, k) @ u


def as_floats(x: Array) -> Shaped[np.ndarray, ...]:
    """float64, each entry rounded once."""
    return np.asarray(x).astype(np.float64)


def as_ball(x: Any) -> Any:
    """A rational number as a ball of the context's precision."""
    from flint import arb, fmpq

    value = Fraction(int(x)) if isinstance(x, np.integer) else Fraction(x)
    return arb(fmpq(value.numerator, value.denominator))


def as_balls(x: Array) -> Shaped[np.ndarray, ...]:
    """An object array of balls."""
    made = np.empty(np.shape(x), dtype=object)
    for index, value in np.ndenumerate(np.asarray(x)):
        made[index] = as_ball(value)
    return made


def enclosed_error(found: Array, exact: Array) -> float:
    """The greatest |found - exact|, rounded up: of floats as they are, of balls over all they enclose."""
    worst = 0.0
    for value, wanted in zip(np.ravel(found), np.ravel(exact), strict=True):
        gap = abs(value - int(wanted))
        worst = max(worst, float(gap) if isinstance(gap, float) else np.nextafter(float(gap.upper()), np.inf))
    return worst
