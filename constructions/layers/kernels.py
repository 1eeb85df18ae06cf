"""Attention kernels: what weight a query gives to each key, for every kind of array in `constructions.arrays`.

    Linear       kappa(x, y) = <x, y>
    Rounded(N)   kappa(x, y) = <x, y> / N rounded to the nearest integer, ties to even; its derivative is taken as zero
    Exponential  kappa(x, y) = exp(temperature (<x, y> - 1)); not normalised
    Softmax      exp(scale <x, y>) over its sum over the keys allowed; a query with no key allowed gives weight to none
    Hardmax      1 / c for each of the c keys of greatest inner product among those allowed, else 0: the limit of Softmax
                 as the scale grows, exact over the rationals; its derivative is taken as zero

`weights`: queries `(*batch, S, d)`, keys `(*batch, T, d)`, allowed `(*batch, S, n)` of booleans, n <= T, about the last n keys,
those before being allowed to all, or None for all -> `(*batch, S, T)`, zero where a key is not allowed. `adjoint`, for the same
arguments, the weights and the gradient in them -> the gradients in queries and keys, or None for a derivative that is zero.
Both cost O(S T d) and a few arrays of S T entries. In object arrays Linear, Rounded and Hardmax are exact over the rationals;
Exponential and Softmax ask the entries for their `exp`, which balls (`flint.arb`) have and rationals do not, as their
exponentials are irrational. In floats exp(x) is 2 ** (x log2(e)), the constant log2(e) times temperature or scale rounded once
and multiplied into the queries.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from jaxtyping import Shaped

from constructions.arrays import Array, finfo, is_tensor, product
from constructions.layers.scores import (
    each,
    exp,
    exp2_over,
    is_object,
    minus_over,
    only,
    only_over,
    over_over,
    through,
    times_over,
    top,
    where,
    whole,
)

__all__ = ["LINEAR", "NAMES", "Exponential", "Hardmax", "Kernel", "Linear", "Rounded", "Softmax", "named"]


@dataclass(frozen=True)
class Kernel:
    """A kernel. `normalised` tells whether the weights of a query depend on which other keys are allowed; `rational`
    whether they are rational where the inner products are."""

    normalised = False
    rational = True

    def values(self, inner: Array) -> Array:
        """The kernel as a function of inner products, entry by entry; only for kernels that are not normalised."""
        raise NotImplementedError

    def weights(
        self, queries: Shaped[Any, "*#batch S d"], keys: Shaped[Any, "*#batch T d"], allowed: Any = None
    ) -> Shaped[Any, "*#batch S T"]:
        """The weight each query gives to each key; zero where not allowed."""
        return only(self.values(product(queries, keys.mT)), allowed)

    def adjoint(
        self,
        queries: Shaped[Any, "*#batch S d"],
        keys: Shaped[Any, "*#batch T d"],
        allowed: Any,
        weights: Shaped[Any, "*#batch S T"],
        gradient: Shaped[Any, "*#batch S T"],
    ) -> tuple[Array, Array] | None:
        """The gradients in queries and keys, given `weights(queries, keys, allowed)` and the gradient in them, which
        may be overwritten; None when the derivative is zero everywhere."""
        raise NotImplementedError


@dataclass(frozen=True)
class Linear(Kernel):
    """kappa(x, y) = <x, y>."""

    def values(self, inner: Array) -> Array:
        return inner

    def adjoint(
        self, queries: Array, keys: Array, allowed: Any, weights: Array, gradient: Array
    ) -> tuple[Array, Array]:
        return through(queries, keys, only(gradient, allowed))


LINEAR = Linear()


@dataclass(frozen=True)
class Rounded(Kernel):
    """kappa(x, y) = <x, y> / norm to the nearest integer, ties to even. Raises ValueError unless norm > 0."""

    norm: int | float | Fraction = 1

    def __post_init__(self) -> None:
        if not _finite("Rounded", "norm", self.norm) > 0:
            raise ValueError(f"Rounded: norm = {self.norm}; the squared length of a code is positive")

    def values(self, inner: Array) -> Array:
        if is_tensor(inner):
            floating = inner if inner.dtype.is_floating_point else inner.double()
            return (floating / float(self.norm)).round().to(inner.dtype)
        if inner.dtype == object:
            norm = Fraction(self.norm)
            return each(inner, lambda x: round(Fraction(int(x.numerator), int(x.denominator)) / norm))
        return np.rint(inner / float(self.norm)).astype(inner.dtype)

    def adjoint(self, queries: Array, keys: Array, allowed: Any, weights: Array, gradient: Array) -> None:
        return None


@dataclass(frozen=True)
class Exponential(Kernel):
    """kappa(x, y) = exp(temperature (<x, y> - 1)), so that a unit vector gives itself weight 1.

    Raises ValueError unless temperature > 0.
    """

    temperature: Any = 1.0
    rational = False

    def __post_init__(self) -> None:
        if not _finite("Exponential", "temperature", self.temperature) > 0:
            raise ValueError(f"Exponential: temperature = {self.temperature}; give a positive number")

    def values(self, inner: Array) -> Array:
        return exp(self.temperature * (inner - 1))

    def weights(self, queries: Array, keys: Array, allowed: Any = None) -> Array:
        if is_object(queries):
            return only(exp(self.temperature * product(queries, keys.mT) - self.temperature), allowed)
        rate = float(self.temperature) * _LOG2_E
        exponents = only_over(product(rate * queries, keys.mT), allowed, -np.inf)
        return exp2_over(minus_over(exponents, rate))

    def adjoint(
        self, queries: Array, keys: Array, allowed: Any, weights: Array, gradient: Array
    ) -> tuple[Array, Array]:
        return through(queries, keys, times_over(gradient, weights), self.temperature)


@dataclass(frozen=True)
class Softmax(Kernel):
    """The weights of softmax attention over the keys allowed, scores scale <x, y>. Raises ValueError unless scale is finite."""

    scale: Any = 1.0
    normalised = True
    rational = False

    def __post_init__(self) -> None:
        _finite("Softmax", "scale", self.scale)

    def weights(self, queries: Array, keys: Array, allowed: Any = None) -> Array:
        if is_object(queries):
            scores = self.scale * product(queries, keys.mT)
            if scores.shape[-1] == 0:
                return scores
            shifted = scores - max(scores.ravel(), key=float) if scores.size else scores
            made = only(exp(shifted), allowed)
            total = made.sum(-1)[..., None]
            return made / where(total == 0, 1, total)
        scores = product(float(self.scale) * _LOG2_E * queries, keys.mT)
        if scores.shape[-1] == 0:
            return scores
        scores = only_over(scores, allowed, -np.inf)
        # A row with no key allowed has top -inf and total 0; every other total is at least 1, the weight of its top.
        made = exp2_over(minus_over(scores, top(scores).clip(finfo(scores).min)))
        return over_over(made, made.sum(-1)[..., None].clip(1))

    def adjoint(
        self, queries: Array, keys: Array, allowed: Any, weights: Array, gradient: Array
    ) -> tuple[Array, Array]:
        pulled = times_over(gradient, weights)
        mean = pulled.sum(-1)[..., None]
        if is_tensor(pulled):
            pulled.addcmul_(weights, mean, value=-1)
        else:
            pulled = pulled - weights * mean
        return through(queries, keys, pulled, self.scale)


@dataclass(frozen=True)
class Hardmax(Kernel):
    """Equal weights on the keys of greatest inner product among those allowed."""

    normalised = True

    def weights(self, queries: Array, keys: Array, allowed: Any = None) -> Array:
        inner = product(queries, keys.mT)
        if inner.shape[-1] == 0:
            return inner
        allowed = whole(np.ones(inner.shape[-2:], dtype=bool) if allowed is None else allowed, inner)
        lowest = inner.min() - 1 if np.prod(inner.shape) else 0
        masked = where(allowed, inner, lowest)
        best = only((masked == top(masked)) * (inner * 0 + 1), allowed)
        count = best.sum(-1)[..., None]
        if is_object(best):
            return each(best, Fraction) / where(count == 0, 1, count)
        return best / where(count == 0, 1, count)

    def adjoint(self, queries: Array, keys: Array, allowed: Any, weights: Array, gradient: Array) -> None:
        return None


def _finite(kernel: str, name: str, number: Any) -> float:
    """The number as a float; ValueError unless it is one and finite."""
    try:
        value = float("" if isinstance(number, str) else number)
    except (TypeError, ValueError):
        raise ValueError(f"{kernel}: {name} = {number!r} is no number; give a finite one") from None
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise ValueError(f"{kernel}: {name} = {number}; give a finite number")
    return value


_LOG2_E = math.log2(math.e)

NAMES = ("exponential", "hardmax", "linear", "rounded", "softmax")


def named(kernel: Kernel | str, d: int) -> Kernel:
    """The kernel itself, or the one of that name for keys of d dimensions: softmax with scale 1 / sqrt(d), the others
    with their defaults. Raises ValueError for another name."""
    if isinstance(kernel, Kernel):
        return kernel
    made = {"linear": LINEAR, "rounded": Rounded(), "exponential": Exponential(), "hardmax": Hardmax()}
    if kernel == "softmax":
        return Softmax(max(d, 1) ** -0.5)
    if not isinstance(kernel, str):
        raise ValueError(f"the kernel is {kernel!r}; give a Kernel, or one of the names {', '.join(NAMES)}")
    if kernel not in made:
        near = difflib.get_close_matches(str(kernel), NAMES, n=1, cutoff=0.0)[0]
        raise ValueError(
            f"unknown kernel {kernel!r}; did you mean {near!r}? The names are {', '.join(NAMES)}; or give a Kernel"
        )
    return made[kernel]
