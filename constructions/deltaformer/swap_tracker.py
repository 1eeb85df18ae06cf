"""Theorem A as a torch module: swaps in, contents out, one attention layer with explicit weights and nothing learned."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from constructions.deltaformer.swap_tracking import OneHotSwaps
from constructions.layers.deltaformer import FORMS, Form


class SwapTracker(nn.Module):
    """One Deltaformer head, linear kernel, w = k, beta = 1, head dimension n: tracks n slots through any swaps.

    forward(swaps): integer tensor `(batch, S, 2)` of slots counted from 0 -> readings `(batch, n, n)` in `dtype`; entry
    [b, j, x] is 1 when slot j holds content x, else 0, exactly, in any dtype that holds -2..2 when sums are taken over
    contiguous stretches of time. `contents` returns the argmax. Work O((n + S) n^2) by recurrence.

    Raises ValueError for a slot out of range or a tensor of another shape. Construction: `OneHotSwaps`.
    """

    queries: Tensor

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
        if form not in FORMS:
            raise ValueError(f"unknown form {form!r}; the forms are {', '.join(FORMS)}")
        if dtype is not None and (not dtype.is_floating_point or dtype.itemsize < 2):
            raise ValueError(f"dtype {dtype}: a float of at least 16 bits, in which torch adds and multiplies")
        self.n, self.chunk = n, chunk
        self.form: Form = form
        self.construction = construction or OneHotSwaps()
        chosen = dtype or torch.get_default_dtype()
        writes = self.construction.compile_batch(n, np.zeros((1, 0, 2), dtype=np.int64)).cast(chosen)
        self.register_buffer("queries", writes.queries)

    def forward(self, swaps: Tensor) -> Tensor:
        if not isinstance(swaps, Tensor):
            raise ValueError(
                f"swaps: an integer tensor (batch, S, 2), got {type(swaps).__name__}; torch.tensor makes one"
            )
        integral = not (swaps.is_floating_point() or swaps.is_complex() or swaps.dtype == torch.bool)
        if swaps.ndim != 3 or swaps.shape[-1] != 2 or not integral:
            raise ValueError(f"swaps: an integer tensor (batch, S, 2), got {swaps.dtype} {tuple(swaps.shape)}")
        swaps = swaps.long()
        if swaps.numel() and not 0 <= int(swaps.min()) <= int(swaps.max()) < self.n:
            raise ValueError(f"swaps: slots must be in 0..{self.n - 1}, got {int(swaps.min())}..{int(swaps.max())}")

        compiled = self.construction.compile_batch(self.n, swaps.cpu().numpy())
        tokens = compiled.cast(self.queries.dtype, self.queries.device)
        u = tokens.first_stage(self.form, self.chunk)
        return self.queries @ (tokens.k.mT @ u)

    def contents(self, swaps: Tensor) -> Tensor:
        """`(batch, n)`: the content of every slot."""
        return self.forward(swaps).argmax(dim=-1)
