"""Numbers the operator is run on to decide claims about it: balls, dual numbers, and the operator by its definition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from constructions.layers.kernels import Exponential, Hardmax, Kernel, Linear, Rounded, Softmax

PRECISION = 320
"""Bits of a ball; what is compared must come out with a radius of at most 2**-NARROW."""
NARROW = 128

_COLUMNS: dict[str, Any] = {"q": [[1], [2]], "k": [[1], [2]], "w": [[1], [3]], "v": [[1], [2]], "beta": [1, 2]}
TWO_TOKENS = {name: np.array(x, dtype=object) * Fraction(1) for name, x in _COLUMNS.items()}
"""Two tokens of one dimension, the smallest inputs in which one reads another and no two roles are the same."""


def precise() -> AbstractContextManager[Any]:
    """Balls of PRECISION bits."""
    from flint import ctx

    return ctx.workprec(PRECISION)


def balls(array: np.ndarray) -> np.ndarray:
    """Fractions as balls around them."""
    from flint import arb, fmpq

    if not array.size:
        return array
    made: Any = np.frompyfunc(lambda x: arb(fmpq(x.numerator, x.denominator)), 1, 1)(array)
    return made


def agree(a: Any, b: Any) -> bool:
    """Equal; for balls, overlapping and both narrow."""
    if hasattr(a, "overlaps") or hasattr(b, "overlaps"):
        from flint import arb

        a, b = arb(a), arb(b)
        narrow = arb(2) ** -NARROW
        return bool(a.overlaps(b) and a.rad() < narrow and b.rad() < narrow)
    return bool(a == b)


def all_agree(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and all(agree(x, y) for x, y in zip(a.ravel(), b.ravel(), strict=True))


@dataclass(frozen=True)
class Dual:
    """a + b eps with eps^2 = 0: the b part of a function's value is its directional derivative."""

    a: Any
    b: Any = 0

    def __add__(self, other: Any) -> Dual:
        other = dual(other)
        return Dual(self.a + other.a, self.b + other.b)

    def __mul__(self, other: Any) -> Dual:
        other = dual(other)
        return Dual(self.a * other.a, self.a * other.b + self.b * other.a)

    def __truediv__(self, other: Any) -> Dual:
        other = dual(other)
        value = self.a / other.a
        return Dual(value, (self.b - value * other.b) / other.a)

    def exp(self) -> Dual:
        value = self.a.exp()
        return Dual(value, value * self.b)

    def __neg__(self) -> Dual:
        return self * -1

    def __sub__(self, other: Any) -> Dual:
        return self + dual(other) * -1

    def __rsub__(self, other: Any) -> Dual:
        return dual(other) - self

    __radd__ = __add__
    __rmul__ = __mul__


def dual(x: Any) -> Dual:
    return x if isinstance(x, Dual) else Dual(x)


Weigh = Callable[[Any, Sequence[Any]], list[Any]]
"""The weights of a query over a list of keys, by definition."""


def weigh(kernel: Kernel) -> Weigh:
    """The kernel's definition on one query and a list of keys, in scalars."""

    def inner(x: Any, y: Any) -> Any:
        return sum(a * b for a, b in zip(x, y, strict=True))

    if isinstance(kernel, Linear):
        return lambda query, keys: [inner(query, key) for key in keys]
    if isinstance(kernel, Rounded):
        return lambda query, keys: [round(inner(query, key) / Fraction(kernel.norm)) for key in keys]
    if isinstance(kernel, Exponential):
        return lambda query, keys: [((inner(query, key) - 1) * kernel.temperature).exp() for key in keys]

    def normalised(query: Any, keys: Sequence[Any]) -> list[Any]:
        scores = [inner(query, key) for key in keys]
        if isinstance(kernel, Softmax):
            raw = [(score * kernel.scale).exp() for score in scores]
        elif isinstance(kernel, Hardmax):
            raw = [Fraction(score == max(scores)) for score in scores]
        else:
            raise TypeError(f"no definition of {kernel} here")
        total = sum(raw)
        return [x / total for x in raw]

    return normalised


def by_definition(inputs: dict[str, Any], write: Weigh, read: Weigh) -> tuple[np.ndarray, np.ndarray]:
    """U and O `(T, m)`, by the two sums."""
    q, k, w, v, beta, alpha = (inputs[name] for name in ("q", "k", "w", "v", "beta", "alpha"))
    u, o = np.empty_like(v), np.empty_like(v)
    for t, column in np.ndindex(*v.shape):
        past = write(w[t], k[:t]) if t else []
        erased = sum(weight * u[i, column] for i, weight in enumerate(past))
        u[t, column] = alpha[t] * v[t, column] - beta[t] * erased
        o[t, column] = sum(weight * u[i, column] for i, weight in enumerate(read(q[t], k[: t + 1])))
    return u, o
