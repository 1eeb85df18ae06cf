"""torch as the arithmetic of position kernels: the same definitions as in balls, on tensors of distances.

Distances are integers until a kernel asks for them, then floats of `dtype`, never fewer than 32 bits: bfloat16 cannot tell 256 from
257. Numbers a kernel holds as tensors `(heads, 1)` broadcast against distances `(length,)`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor

from theory.position_kernels.arithmetic import Root

__all__ = ["Tensors", "wide"]


def wide(dtype: torch.dtype) -> torch.dtype:
    """float64 for float64, else float32."""
    return torch.float64 if dtype == torch.float64 else torch.float32


class Tensors:
    """`theory.position_kernels.arithmetic.Arithmetic` for tensors of one dtype."""

    def __init__(self, dtype: torch.dtype = torch.float32) -> None:
        self.dtype = dtype

    def number(self, x: Any) -> Any:
        if isinstance(x, Root):
            return 2.0 ** -float(x.exponent)
        return float(x) if isinstance(x, Fraction) else x

    def distance(self, d: Tensor) -> Tensor:
        return d.to(self.dtype)

    def exp(self, x: Any) -> Any:
        return x.exp() if isinstance(x, Tensor) else math.exp(x)

    def log(self, x: Any) -> Any:
        return x.log() if isinstance(x, Tensor) else math.log(x)

    def cos(self, x: Any) -> Any:
        return x.cos() if isinstance(x, Tensor) else math.cos(x)

    def power(self, x: Any, p: Any) -> Any:
        return x ** self.number(p)

    def logsumexp(self, terms: Sequence[Tensor]) -> Tensor:
        return torch.stack(torch.broadcast_tensors(*terms)).logsumexp(0)

    def piecewise(self, values: Any, starts: Sequence[int], d: Tensor) -> Tensor:
        found = torch.bucketize(d, torch.tensor(starts, device=d.device), right=True) - 1
        return torch.as_tensor(values, dtype=self.dtype, device=d.device)[..., found]
