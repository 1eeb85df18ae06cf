"""Positive mixtures of kernels, b = log sum_i w_i K_i, the closure rules they obey, and the methods by name.

A mixture is a kernel, so mixtures nest. Closure, for weights > 0 (reasons: claims in `closure` and `definiteness`):

    positive definite, monotone, log-convex, bounded   closed: every part has it, so the mixture has it
    summable                                           exactly when every part is
    conditionally positive definite                    not closed; true when every part is log-convex and monotone, else not known
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from theory.position_kernels.arithmetic import Arithmetic, half
from theory.position_kernels.kernels import Exponential, Gaussian, Kernel, plain
from theory.position_kernels.properties import Declared, Property

__all__ = ["Mixture", "alibi", "check_weights", "four_kernels", "naive", "three_kernels", "two_kernels"]


def check_weights(weights: Sequence[Any], count: int) -> None:
    """ValueError unless there is a positive weight for each kernel and, where they are plain numbers, they sum to 1."""
    if len(weights) != count:
        raise ValueError(f"Mixture: {len(weights)} weights for {count} kernels; give one a kernel")
    for i, w in enumerate(weights):
        if isinstance(w, bool) or (plain(w) and not 0 < w < math.inf):
            raise ValueError(f"Mixture: weights[{i}] = {w}; weights are positive, leave a kernel out instead of 0")
    if all(map(plain, weights)) and sum(map(Fraction, weights)) != 1:
        total = sum(map(Fraction, weights))
        raise ValueError(
            f"Mixture: the weights sum to {total}, not 1; divide them by their sum (Fractions sum exactly, floats may not)"
        )


@dataclass(frozen=True)
class Mixture(Kernel):
    """sum_i w_i K_i; equal weights 1/n unless given."""

    kernels: tuple[Kernel, ...]
    weights: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        if not self.kernels:
            raise ValueError("Mixture: no kernel; give at least one")
        if self.weights:
            check_weights(self.weights, len(self.kernels))

    def __str__(self) -> str:
        told = ", ".join(map(str, self.kernels))
        if not self.weights:
            return f"the mean of {told}" if len(self.kernels) > 1 else told
        return " + ".join(f"{w} * {kernel}" for w, kernel in zip(self.weights, self.kernels, strict=True))

    def log_shares(self, ops: Arithmetic) -> Sequence[Any] | None:
        """log w_i for each kernel; None where all weights are equal, which one subtraction says more exactly."""
        return [ops.log(ops.number(w)) for w in self.weights] if self.weights else None

    def log(self, d: Any, ops: Arithmetic) -> Any:
        """By logsumexp, so that no distance underflows; one kernel alone is that kernel, exactly."""
        parts, shares = [kernel.log(d, ops) for kernel in self.kernels], self.log_shares(ops)
        if len(parts) == 1:
            return parts[0]
        if shares is None:
            return ops.logsumexp(parts) + -ops.log(ops.number(len(parts)))
        return ops.logsumexp([part + share for part, share in zip(parts, shares, strict=True)])

    @property
    def declared(self) -> Declared:
        parts = [kernel.declared for kernel in self.kernels]
        if len(parts) == 1:
            return parts[0]
        known: dict[Property, bool | None] = {p: True if all(part[p] for part in parts) else None for p in Property}
        if any(part[Property.SUMMABLE] is False for part in parts):
            known[Property.SUMMABLE] = False
        known[Property.CONDITIONALLY] = (known[Property.LOG_CONVEX] and known[Property.MONOTONE]) or None
        return known


def alibi(rate: Any) -> Mixture:
    """b = -r d: the mixture of one kernel."""
    return Mixture((Exponential(rate),))


def two_kernels(rate: Any) -> Mixture:
    """b = log((e^{-r d} + e^{-r d^2}) / 2)."""
    return Mixture((Exponential(rate), Gaussian(rate)))


def three_kernels(rate: Any) -> Mixture:
    """b = log((e^{-r d} + e^{-r d / 2} + e^{-r d^2}) / 3), parameter-free MEP."""
    return Mixture((Exponential(rate), Exponential(half(rate)), Gaussian(rate)))


def four_kernels(rate: Any, buckets: Kernel, polynomial: Kernel) -> Mixture:
    """b = log((gauss + exp + t5 + kerple) / 4), parameterised MEP; a T5 term enters as e^{its value}."""
    return Mixture((Gaussian(rate), Exponential(rate), buckets, polynomial))


def naive(mixture: Mixture, d: Any, ops: Arithmetic) -> Any:
    """log of the mean of the exponentials, as written: it underflows where logsumexp does not."""
    parts = [ops.exp(kernel.log(d, ops)) for kernel in mixture.kernels]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return ops.log(total / ops.number(len(parts)))
