"""Theorem A as a torch module: swaps in, contents out, one attention layer with explicit weights and nothing learned."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from constructions.deltaformer.swap_tracking import OneHotSwaps
from constructions.layers.deltaformer import Form, chunked, recurrence, solve


class SwapTracker(nn.Module):
    """One Deltaformer head, linear kernel, w = k, beta = 1, head dimension n: tracks n slots through any swaps.

    forward(swaps): integer tensor `(batch, S, 2)` of slots counted from 0 -> readings `(batch, n, n)` in `dtype`; entry
    [b, j, x] is 1 when slot j holds content x, else 0, exactly, in any dtype that holds -2..2 when sums are taken over
    contiguous stretches of time. `contents` returns the argmax. Work O((n + S) n^2) by recurrence.

    Raises ValueError for a slot out of range or a tensor of another shape. Construction: `OneHotSwaps`.
    """

    units: Tensor
    contents_held: Tensor

    def __init__(
        self,
        n: int,
        construction: OneHotSwaps | None = None,
        form: Form = "chunked",
        chunk: int = 64,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if n < 1:
            raise ValueError(f"n = {n} slots: at least 1")
        self.n, self.form, self.chunk = n, form, chunk
        self.construction = construction or OneHotSwaps()
        units = torch.from_numpy(self.construction.units(n).copy()).to(dtype or torch.get_default_dtype())
        self.register_buffer("units", units)
        self.register_buffer("contents_held", torch.eye(n, dtype=units.dtype))

    def forward(self, swaps: Tensor) -> Tensor:
        if swaps.ndim != 3 or swaps.shape[-1] != 2 or swaps.is_floating_point():
            raise ValueError(f"swaps: an integer tensor (batch, S, 2), got {swaps.dtype} {tuple(swaps.shape)}")
        if swaps.numel() and not 0 <= int(swaps.min()) <= int(swaps.max()) < self.n:
            raise ValueError(f"swaps: slots must be in 0..{self.n - 1}, got {int(swaps.min())}..{int(swaps.max())}")

        def e(slots: Tensor) -> Tensor:
            return self.units[slots]

        slots = torch.arange(self.n, device=swaps.device)
        batch, length = swaps.shape[0], swaps.shape[1]
        write, swap = self.construction.write(e, slots), self.construction.swap(e, swaps[..., 0], swaps[..., 1])
        k = torch.cat([write.k.expand(batch, -1, -1), swap.k], dim=1)
        w = torch.cat([write.w.expand(batch, -1, -1), swap.w], dim=1)
        v = torch.cat([self.contents_held.expand(batch, -1, -1), self.units.new_zeros(batch, length, self.n)], dim=1)
        beta = torch.cat(
            [
                self.units.new_full((batch, self.n), float(write.beta)),
                self.units.new_full((batch, length), float(swap.beta)),
            ],
            dim=1,
        )
        if self.form == "chunked":
            u = chunked(k, w, v, beta, chunk=self.chunk)
        else:
            u = {"recurrence": recurrence, "solve": solve}[self.form](k, w, v, beta)
        return self.construction.read(e, slots) @ (k.mT @ u)

    def contents(self, swaps: Tensor) -> Tensor:
        """`(batch, n)`: the content of every slot."""
        return self.forward(swaps).argmax(dim=-1)
