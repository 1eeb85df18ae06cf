"""ALiBi, KERPLE, T5, Sandwich and MEP as bias modules. Each is a kernel of `theory.position_kernels` with the numbers of its heads.

Parameters, H heads: ALiBi, Sandwich and MEP of two or three kernels none, H with learned slopes; KERPLE 2 H; T5 a value a bucket and
head; parameterised MEP the buckets' and KERPLE's. Learned slopes H more, learned weights a number a kernel and head.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from constructions.layers.position_kernels.bias import KernelBias
from constructions.layers.position_kernels.doors import Positive
from constructions.layers.position_kernels.tensors import wide
from constructions.layers.shapes import choose
from theory.position_kernels.arithmetic import Arithmetic
from theory.position_kernels.kernels import Buckets, Cosines, Kernel, Logarithmic, Power
from theory.position_kernels.mixtures import Mixture, alibi, check_weights, four_kernels, three_kernels, two_kernels
from theory.position_kernels.slopes import bucket_starts, released_slopes

__all__ = ["T5", "Alibi", "Kerple", "Mep", "ParameterisedMep", "Sandwich"]

Slopes = Sequence[Any] | None
"""A slope a head; None for the released ones."""


class _Sloped(KernelBias):
    def __init__(self, heads: int, slopes: Slopes = None, *, learn_slopes: bool = False) -> None:
        super().__init__(heads)
        given = released_slopes(heads) if slopes is None else slopes
        self.slopes = Positive(type(self).__name__, "slopes", given, heads, learn=learn_slopes)


class Alibi(_Sloped):
    """b = -r d."""

    def kernel(self, like: Tensor) -> Kernel:
        return alibi(self.slopes(like))


class Sandwich(_Sloped):
    """b = r sum_m cos(w_m d), w_m = 10000^(-m / count), m = 1..count. The factor r a head is this house's choice."""

    def __init__(self, heads: int, slopes: Slopes = None, *, count: int = 64, learn_slopes: bool = False) -> None:
        super().__init__(heads, slopes, learn_slopes=learn_slopes)
        self.count = count
        Cosines(count)

    def kernel(self, like: Tensor) -> Kernel:
        return Cosines(self.count, scale=self.slopes(like))


class Kerple(KernelBias):
    """form "logarithmic": b = -p log(1 + a d), a, p > 0 learned; "power": b = -a d^p, a > 0 and 0 < p < 2 learned.

    Values at the start: `rates` a, and p = 1.
    """

    def __init__(self, heads: int, form: str = "logarithmic", rates: Slopes = None) -> None:
        super().__init__(heads)
        self.form = choose("Kerple", "form", form, ("logarithmic", "power"))
        given = released_slopes(heads) if rates is None else rates
        self.rates = Positive("Kerple", "rates", given, heads, learn=True)
        self.raw = nn.Parameter(torch.zeros(heads))

    def kernel(self, like: Tensor) -> Kernel:
        raw, rate = self.raw.to(wide(like.dtype))[:, None], self.rates(like)
        return Logarithmic(rate, raw.exp()) if self.form == "logarithmic" else Power(rate, 2 * raw.sigmoid())


class T5(KernelBias):
    """A learned value for each bucket of distances; see `theory.position_kernels.slopes.bucket_starts`."""

    def __init__(self, heads: int, buckets: int = 32, farthest: int = 128) -> None:
        super().__init__(heads)
        self.starts = bucket_starts(buckets, farthest)
        self.values = nn.Parameter(torch.randn(heads, buckets))

    def kernel(self, like: Tensor) -> Kernel:
        return Buckets(self.values, self.starts)


@dataclass(frozen=True)
class _Weighted(Mixture):
    """A mixture of weights softmax(logits) `(kernels, heads)`."""

    logits: Any = None

    def log_shares(self, ops: Arithmetic) -> Sequence[Any]:
        return list(self.logits.log_softmax(0)[..., None])


class _Mixing(_Sloped):
    """Slopes, and weights that are equal, given, or learned."""

    def __init__(
        self,
        heads: int,
        count: int,
        slopes: Slopes,
        weights: Sequence[Any] | None,
        learn_slopes: bool,
        learn_weights: bool,
    ) -> None:
        super().__init__(heads, slopes, learn_slopes=learn_slopes)
        if weights is not None:
            check_weights(weights, count)
        self.weights = tuple(weights or ())
        start = torch.tensor([float(w) for w in weights]).log() if weights else torch.zeros(count)
        self.logits = nn.Parameter(start[:, None].repeat(1, heads)) if learn_weights else None

    def parts(self, like: Tensor) -> Mixture:
        """The mixture with equal weights."""
        raise NotImplementedError

    def kernel(self, like: Tensor) -> Kernel:
        parts = self.parts(like).kernels
        if self.logits is None:
            return Mixture(parts, self.weights)
        return _Weighted(parts, logits=self.logits.to(wide(like.dtype)))


class Mep(_Mixing):
    """The log of a mixture of two kernels, exponential and Gaussian, or three, with the exponential of half the slope."""

    def __init__(
        self,
        heads: int,
        kernels: int = 3,
        slopes: Slopes = None,
        weights: Sequence[Any] | None = None,
        *,
        learn_slopes: bool = False,
        learn_weights: bool = False,
    ) -> None:
        if kernels not in (2, 3):
            raise ValueError(f"Mep: kernels = {kernels}; give 2 or 3, four are ParameterisedMep's")
        super().__init__(heads, kernels, slopes, weights, learn_slopes, learn_weights)
        self.kernels = kernels

    def parts(self, like: Tensor) -> Mixture:
        return (two_kernels if self.kernels == 2 else three_kernels)(self.slopes(like))


class ParameterisedMep(_Mixing):
    """log((gauss + exp + t5 + kerple) / 4): T5's values and KERPLE's logarithmic kernel are learned."""

    def __init__(
        self,
        heads: int,
        slopes: Slopes = None,
        weights: Sequence[Any] | None = None,
        *,
        buckets: int = 32,
        farthest: int = 128,
        learn_slopes: bool = False,
        learn_weights: bool = False,
    ) -> None:
        super().__init__(heads, 4, slopes, weights, learn_slopes, learn_weights)
        self.t5, self.kerple = T5(heads, buckets, farthest), Kerple(heads)

    def parts(self, like: Tensor) -> Mixture:
        return four_kernels(self.slopes(like), self.t5.kernel(like), self.kerple.kernel(like))
