"""Attention kernels: what weight a query gives to each key, for every kind of array in `constructions.arrays`.

    Linear       kappa(x, y) = <x, y>
    Rounded(N)   kappa(x, y) = <x, y> / N rounded to the nearest integer, ties to even; its derivative is taken as zero
    Exponential  kappa(x, y) = exp(temperature (<x, y> - 1)); not normalised
    Softmax      exp(scale <x, y>) over its sum over the keys allowed; a query with no key allowed gives weight to none
    Hardmax      1 / c for each of the c keys of greatest inner product among those allowed, else 0: the limit of Softmax
                 as the scale grows, exact over the rationals; its derivative is taken as zero

`weights` is the dense form: shapes queries `(*batch, S, d)`, keys `(*batch, T, d)`, allowed `(S, T)` of booleans or None
for all -> `(*batch, S, T)`, zero where a key is not allowed. Work O(S T d). In object arrays Linear, Rounded and Hardmax
are exact over the rationals; Exponential and Softmax ask the entries for their `exp`, which balls (`flint.arb`) have and
rationals do not, as their exponentials are irrational.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from jaxtyping import Shaped

from constructions.arrays import Array, is_tensor, product

__all__ = ["LINEAR", "Exponential", "Hardmax", "Kernel", "Linear", "Rounded", "Softmax"]


@dataclass(frozen=True)
class Kernel:
    """A kernel. `normalised` tells whether the weights of a query depend on which other keys are allowed."""

    normalised = False

    def values(self, inner: Array) -> Array:
        """The kernel as a function of inner products, entry by entry; only for kernels that are not normalised."""
        raise NotImplementedError

    def weights(
        self, queries: Shaped[Any, "*#batch S d"], keys: Shaped[Any, "*#batch T d"], allowed: Any = None
    ) -> Shaped[Any, "*#batch S T"]:
        """The weight each query gives to each key; zero where not allowed."""
        return _only(self.values(product(queries, keys.mT)), allowed)


@dataclass(frozen=True)
class Linear(Kernel):
    """kappa(x, y) = <x, y>."""

    def values(self, inner: Array) -> Array:
        return inner


LINEAR = Linear()


@dataclass(frozen=True)
class Rounded(Kernel):
    """kappa(x, y) = <x, y> / norm to the nearest integer, ties to even. Raises ValueError unless norm > 0."""

    norm: int | float | Fraction = 1

    def __post_init__(self) -> None:
        if not self.norm > 0:
            raise ValueError(f"Rounded: norm = {self.norm}; the squared length of a code is positive")

    def values(self, inner: Array) -> Array:
        if is_tensor(inner):
            floating = inner if inner.dtype.is_floating_point else inner.double()
            return (floating / float(self.norm)).round().to(inner.dtype)
        if inner.dtype == object:
            norm = Fraction(self.norm)
            return _each(inner, lambda x: round(Fraction(int(x.numerator), int(x.denominator)) / norm))
        return np.rint(inner / float(self.norm)).astype(inner.dtype)


@dataclass(frozen=True)
class Exponential(Kernel):
    """kappa(x, y) = exp(temperature (<x, y> - 1)), so that a unit vector gives itself weight 1."""

    temperature: Any = 1.0

    def values(self, inner: Array) -> Array:
        return _exp(self.temperature * (inner - 1))


@dataclass(frozen=True)
class Softmax(Kernel):
    """The weights of softmax attention over the keys allowed, scores scale <x, y>."""

    scale: Any = 1.0
    normalised = True

    def weights(self, queries: Array, keys: Array, allowed: Any = None) -> Array:
        scores = self.scale * product(queries, keys.mT)
        if scores.shape[-1] == 0:
            return scores
        if not is_tensor(scores) and scores.dtype == object:
            shifted = scores - max(scores.ravel(), key=float) if scores.size else scores
        elif allowed is None:
            shifted = scores - _top(scores)
        else:
            top = _top(_where(allowed, scores, -np.inf))
            shifted = scores - _where(top > -np.inf, top, 0)
            shifted = _where(allowed, shifted, 0)
        made = _only(_exp(shifted), allowed)
        total = made.sum(-1)[..., None]
        return made / _where(total == 0, 1, total)


@dataclass(frozen=True)
class Hardmax(Kernel):
    """Equal weights on the keys of greatest inner product among those allowed."""

    normalised = True

    def weights(self, queries: Array, keys: Array, allowed: Any = None) -> Array:
        inner = product(queries, keys.mT)
        if inner.shape[-1] == 0:
            return inner
        if allowed is None:
            allowed = np.ones(inner.shape[-2:], dtype=bool)
        lowest = inner.min() - 1 if np.prod(inner.shape) else 0
        masked = _where(allowed, inner, lowest)
        best = _only((masked == _top(masked)) * (inner * 0 + 1), allowed)
        count = best.sum(-1)[..., None]
        if not is_tensor(best) and best.dtype == object:
            return _each(best, Fraction) / _where(count == 0, 1, count)
        return best / _where(count == 0, 1, count)


def _each(x: np.ndarray, function: Any) -> np.ndarray:
    made = np.empty(x.shape, dtype=object)
    for index, value in np.ndenumerate(x):
        made[index] = function(value)
    return made


def _top(x: Array) -> Array:
    return x.max(-1).values[..., None] if is_tensor(x) else x.max(-1)[..., None]


def _exp(x: Array) -> Array:
    return sys.modules["torch"].exp(x) if is_tensor(x) else np.exp(x)


def _where(condition: Any, x: Any, otherwise: Any) -> Array:
    """Entries of x where the condition holds, else the other; a number takes the dtype and device of the array."""
    like = x if is_tensor(x) else otherwise
    if is_tensor(like):
        torch = sys.modules["torch"]
        return torch.where(torch.as_tensor(condition, device=like.device), x, otherwise)
    return np.where(condition, x, otherwise)


def _only(x: Array, allowed: Any) -> Array:
    return x if allowed is None else _where(allowed, x, 0)
