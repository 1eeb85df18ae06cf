"""The kernels: what each says of a distance, and which properties it declares, with reasons.

    Exponential   e^{-r d}               ALiBi's; with half the rate MEP's half-exponential
    Gaussian      e^{-r d^2}
    Tanh          1 + tanh(-a d) = 2 / (1 + e^{2 a d})
    Logarithmic   (1 + a d)^{-p}         KERPLE's logarithmic kernel, MEP's polynomial one
    Power         e^{-a d^p}             KERPLE's power kernel, 0 < p <= 2
    Buckets       e^{value of d's bucket} T5's learned bias
    Cosines       e^{s sum_m cos(w_m d)} Sandwich
    Constant      1                      no bias

`log(d, ops)` is written once over an arithmetic `ops` (see `arithmetic`). Parameters are rationals, `Root`s of 2, or of the
arithmetic's own kind (a torch layer passes its learned tensors); only plain numbers are looked at, at the door.

Sources of the properties. A convex non-increasing sequence of limit >= 0 is positive definite (Polya; on integers Fejer's triangles).
e^{-a |d|^p} is for p <= 2 (Schoenberg), so its b is conditionally. `Tanh` has b = -a |d| - log cosh(a d), conditionally positive
definite since sech^2, the negated second derivative of -log cosh, has the positive transform pi w / sinh(pi w / 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Any

import numpy as np

from theory.position_kernels.arithmetic import Arithmetic
from theory.position_kernels.properties import Declared, Property

__all__ = [
    "Buckets",
    "Constant",
    "Cosines",
    "Exponential",
    "Gaussian",
    "Kernel",
    "Logarithmic",
    "Power",
    "Tanh",
    "check_distance",
    "plain",
]

_ALL = dict.fromkeys(Property, True)


def plain(x: Any) -> bool:
    """Whether a parameter is a plain number, so that its value can be looked at."""
    return isinstance(x, int | float | Fraction) and not isinstance(x, bool)


def check_positive(where: str, name: str, x: Any) -> None:
    """ValueError for a plain number that is not positive (NaN too)."""
    if isinstance(x, bool) or (plain(x) and not 0 < x < float("inf")):
        raise ValueError(f"{where}: {name} = {x}; give a positive number")


def check_distance(d: Any) -> None:
    """ValueError for a negative distance, or a number that is none; arrays are looked at by their least entry."""
    if isinstance(d, bool) or (plain(d) and int(d) != d):
        raise ValueError(f"distance d = {d}: distances are integers i - j >= 0")
    least = d if plain(d) else min(np.ravel(d), default=0)
    if least < 0:
        raise ValueError(
            f"distance d = {least} is negative: a key after its query has no bias; mask it, or clamp distances at 0"
        )


class Kernel:
    """A positive function of the distance. Subclasses are frozen dataclasses of their parameters."""

    def log(self, d: Any, ops: Arithmetic) -> Any:
        """b(d) = log K(d) in the arithmetic."""
        raise NotImplementedError

    @property
    def declared(self) -> Declared:
        """Each property: True, False, or None where it is not known."""
        raise NotImplementedError

    def __str__(self) -> str:
        given = (getattr(self, f.name) for f in fields(self) if f.init)  # type: ignore[arg-type]
        told = (", ".join(map(str, x)) if isinstance(x, tuple) else str(x) for x in given)
        return " ".join([type(self).__name__.lower(), "; ".join(told)]).strip()

    def __call__(self, d: int) -> Any:
        """b(d) as a ball at the precision in force. ValueError for a negative distance."""
        from theory.position_kernels.arithmetic import BALLS

        check_distance(d)
        return self.log(d, BALLS)


@dataclass(frozen=True)
class Exponential(Kernel):
    rate: Any

    def __post_init__(self) -> None:
        check_positive("Exponential", "rate", self.rate)

    def log(self, d: Any, ops: Arithmetic) -> Any:
        return -(ops.number(self.rate) * ops.distance(d))

    @property
    def declared(self) -> Declared:
        return _ALL


@dataclass(frozen=True)
class Gaussian(Kernel):
    rate: Any

    def __post_init__(self) -> None:
        check_positive("Gaussian", "rate", self.rate)

    def log(self, d: Any, ops: Arithmetic) -> Any:
        x = ops.distance(d)
        return -(ops.number(self.rate) * (x * x))

    @property
    def declared(self) -> Declared:
        """Log-concave: 2 b(1) - b(0) - b(2) = 2 r > 0."""
        return {**_ALL, Property.LOG_CONVEX: False}


@dataclass(frozen=True)
class Tanh(Kernel):
    rate: Any

    def __post_init__(self) -> None:
        check_positive("Tanh", "rate", self.rate)

    def log(self, d: Any, ops: Arithmetic) -> Any:
        """log 2 - log(1 + e^{2 a d}) = -2 a d + log 2 - log(1 + e^{-2 a d}): nothing overflows."""
        twice = 2 * (ops.number(self.rate) * ops.distance(d))
        return ops.log(2 / (1 + ops.exp(-twice))) + -twice

    @property
    def declared(self) -> Declared:
        """K is convex in d, b is concave, so it is log-concave; both definite for the reasons in the module."""
        return {**_ALL, Property.LOG_CONVEX: False}


@dataclass(frozen=True)
class Logarithmic(Kernel):
    rate: Any
    power: Any

    def __post_init__(self) -> None:
        check_positive("Logarithmic", "rate", self.rate)
        check_positive("Logarithmic", "power", self.power)

    def log(self, d: Any, ops: Arithmetic) -> Any:
        return -(ops.number(self.power) * ops.log(1 + ops.number(self.rate) * ops.distance(d)))

    @property
    def declared(self) -> Declared:
        """Summable exactly for p > 1, by comparison with sum (a d)^-p."""
        return {**_ALL, Property.SUMMABLE: self.power > 1 if plain(self.power) else None}


@dataclass(frozen=True)
class Power(Kernel):
    rate: Any
    power: Any

    def __post_init__(self) -> None:
        check_positive("Power", "rate", self.rate)
        check_positive("Power", "power", self.power)
        if plain(self.power) and self.power > 2:
            raise ValueError(
                f"Power: power = {self.power}; 0 < p <= 2, beyond which the kernel is not positive definite"
            )

    def log(self, d: Any, ops: Arithmetic) -> Any:
        return -(ops.number(self.rate) * ops.power(ops.distance(d), self.power))

    @property
    def declared(self) -> Declared:
        """Log-convex exactly for p <= 1: for p > 1, 2 b(1) - b(0) - b(2) = a (2^p - 2) > 0."""
        return {**_ALL, Property.LOG_CONVEX: self.power <= 1 if plain(self.power) else None}


@dataclass(frozen=True)
class Buckets(Kernel):
    """values[j] for starts[j] <= d < starts[j+1], the last one for ever; starts[0] = 0; equal starts make empty buckets."""

    values: Any
    starts: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.starts or self.starts[0] != 0 or list(self.starts) != sorted(self.starts):
            raise ValueError(f"Buckets: starts {self.starts}; give distances in order that begin with 0")
        if isinstance(self.values, Sequence) and len(self.values) != len(self.starts):
            raise ValueError(f"Buckets: {len(self.values)} values for {len(self.starts)} buckets; give one a bucket")

    def log(self, d: Any, ops: Arithmetic) -> Any:
        return ops.piecewise(self.values, self.starts, d)

    @property
    def declared(self) -> Declared:
        """Never summable: the last bucket has no end. Monotone and log-convex as the values say; a bound for all."""
        known: dict[Property, bool | None] = dict.fromkeys(Property)
        known |= {Property.SUMMABLE: False, Property.BOUNDED: True}
        if isinstance(self.values, Sequence) and all(map(plain, self.values)):
            pairs = list(zip(self.values, self.values[1:], strict=False))
            known[Property.MONOTONE] = all(a >= b for a, b in pairs)
        return known


@dataclass(frozen=True)
class Cosines(Kernel):
    """scale * sum_{m=1..count} cos(base**(-m / count) d)."""

    count: int
    base: Any = 10000
    scale: Any = Fraction(1)
    frequencies: tuple[Fraction, ...] = field(init=False)

    def __post_init__(self) -> None:
        if isinstance(self.count, bool) or not isinstance(self.count, int) or self.count < 1:
            raise ValueError(f"Cosines: count = {self.count!r}; give a positive integer")
        check_positive("Cosines", "base", self.base)
        check_positive("Cosines", "scale", self.scale)
        object.__setattr__(self, "frequencies", tuple(Fraction(-m, self.count) for m in range(1, self.count + 1)))

    def log(self, d: Any, ops: Arithmetic) -> Any:
        x, base = ops.distance(d), ops.number(self.base)
        terms = [ops.cos(ops.power(base, exponent) * x) for exponent in self.frequencies]
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        return ops.number(self.scale) * total

    @property
    def declared(self) -> Declared:
        """b is positive definite itself, as cos is, and e^b by Schur's products; it comes back near b(0) for ever."""
        known: dict[Property, bool | None] = dict.fromkeys(Property, True)
        return known | {Property.LOG_CONVEX: False, Property.MONOTONE: False, Property.SUMMABLE: False}


@dataclass(frozen=True)
class Constant(Kernel):
    def log(self, d: Any, ops: Arithmetic) -> Any:
        return ops.number(0) * ops.distance(d)

    @property
    def declared(self) -> Declared:
        return {**_ALL, Property.SUMMABLE: False}
