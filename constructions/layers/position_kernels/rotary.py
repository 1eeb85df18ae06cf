"""RoPE, the baseline without a bias: queries and keys are turned by their positions, so that scores see the difference.

Pairs (c, c + d/2) of coordinates turn by p base^(-2 c / d) at position p. Angles are computed in float64: in float32 the angle at a
million tokens is off by hundredths. Source: Su et al., arXiv 2104.09864.
"""

from __future__ import annotations

import torch
from torch import Tensor

from constructions.layers.position_kernels.bias import NoPosition

__all__ = ["Rotary"]


class Rotary(NoPosition):
    """No parameters. ValueError for an odd head dimension or a base that is not above 1."""

    def __init__(self, heads: int, base: float = 10000.0) -> None:
        super().__init__(heads)
        if not base > 1:
            raise ValueError(f"Rotary: base = {base}; give a number above 1")
        self.base = base

    def turn(self, x: Tensor, first: int) -> Tensor:
        length, width = x.shape[-2:]
        if width % 2:
            raise ValueError(f"Rotary: head dimension {width}; coordinates turn in pairs, give an even one")
        place = torch.arange(first, first + length, device=x.device, dtype=torch.float64)[:, None]
        pair = torch.arange(width // 2, device=x.device, dtype=torch.float64)
        angle = place * self.base ** (pair * (-2 / width))
        cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        a, b = x[..., : width // 2], x[..., width // 2 :]
        return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)
