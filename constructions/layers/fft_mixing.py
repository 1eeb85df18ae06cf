"""Fourier mixing: the real part of the discrete Fourier transform over width and over time, without a parameter.

    y = Re(F_N x F_d),   (F_n)_jk = exp(-2 pi i j k / n)

Source: Lee-Thorp, Ainslie, Eckstein, Ontanon, arXiv 2105.03824. Costs derived here.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

__all__ = ["FourierMixing", "fft_mixing"]


def fft_mixing(x: Tensor) -> Float[Tensor, "*batch N d"]:
    """x `(*batch, N, d)`, float32 or float64, N and d at least 1 -> the same shape. Not causal.

    Cost, batch 1: work 5 N d (L(N) + L(d)), span L(N) + L(d).
    """
    if x.ndim < 2 or 0 in x.shape[-2:]:
        raise ValueError(f"fft_mixing: x has shape {tuple(x.shape)}; expected (*batch, N, d) with N and d at least 1")
    if x.dtype not in (torch.float32, torch.float64):
        raise ValueError(f"fft_mixing: x has dtype {x.dtype}; convert to torch.float32 or torch.float64")
    return torch.fft.fft(torch.fft.fft(x, dim=-1), dim=-2).real


class FourierMixing(nn.Module):
    """`fft_mixing` as a layer; `x (batch, N, d)` -> the same shape, any width. No parameters, no step."""

    def forward(self, x: Tensor) -> Float[Tensor, "*batch time width"]:
        return fft_mixing(x)
