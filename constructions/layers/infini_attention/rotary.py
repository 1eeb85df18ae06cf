"""Rotary positions: coordinates 2c and 2c + 1 turned by the angle position * base^(-2c/d), so scores depend on distances alone.

Within a segment of the local attention only: positions are counted from the segment's first token, and the memory is read and
written with what was not turned. Source: Su et al., arXiv 2104.09864.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["Turns", "turned", "turns"]

Turns = tuple[Tensor, Tensor]
"""Cosines and sines `(positions, d / 2)`."""


def turns(count: int, d: int, base: float, like: Tensor) -> Turns:
    """The turns of positions 0 .. count - 1, made in float32 at least and rounded to the dtype of `like`. An angle is off by its
    own roundoff, at most count u. Work of 4 numbers a pair and position."""
    dtype = torch.float32 if like.itemsize < 4 else like.dtype
    pairs = torch.arange(0, d, 2, device=like.device, dtype=dtype)
    positions = torch.arange(count, device=like.device, dtype=dtype)
    angles = positions[:, None] * base ** (pairs / -d)
    return angles.cos().to(like.dtype), angles.sin().to(like.dtype)


def turned(x: Float[Tensor, "*batch n d"], first: int, by: Turns) -> Float[Tensor, "*batch n d"]:
    """x, whose first row is at position `first`. Work 3 a number."""
    cos, sin = (part[first : first + x.shape[-2]] for part in by)
    even, odd = x[..., ::2], x[..., 1::2]
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], -1).flatten(-2)
