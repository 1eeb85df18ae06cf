"""Mixtures that are none of the released ones: subjects of controls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from theory.position_kernels.arithmetic import Arithmetic
from theory.position_kernels.kernels import Buckets, Cosines, Exponential
from theory.position_kernels.mixtures import Mixture

F = Fraction


@dataclass(frozen=True)
class Signed(Mixture):
    """sum_i s_i K_i with weights of either sign, where that is positive."""

    signs: Sequence[Fraction] = ()

    def log(self, d: Any, ops: Arithmetic) -> Any:
        parts = [ops.number(s) * ops.exp(k.log(d, ops)) for k, s in zip(self.kernels, self.signs, strict=True)]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return ops.log(total)


def steps_in_t5(rate: Any) -> Mixture:
    """A T5 term that falls in one step after distance 1: flat, then low."""
    return Mixture((Exponential(rate), Buckets((F(2), F(-2)), (0, 2))))


def rising_t5(rate: Any) -> Mixture:
    """A T5 term whose second bucket is the higher one."""
    return Mixture((Exponential(rate), Buckets((F(0), F(2)), (0, 1))))


def with_sandwich(rate: Any) -> Mixture:
    """A Sandwich term of four cosines, which comes back."""
    return Mixture((Exponential(rate), Cosines(4)))


def minus_one(rate: Any) -> Mixture:
    """2 half-exponentials less one exponential."""
    slow = Exponential(rate * F(1, 4)) if isinstance(rate, Fraction) else Exponential(rate)
    return Signed((slow, Exponential(rate)), (), (F(7, 4), F(-3, 4)))
