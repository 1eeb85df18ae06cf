"""The row blocks of `blocks` as functions that autograd knows, for floating-point tensors, in memory linear in T.

The backward pass keeps the arguments and u and forms the weights again. Batch entries are taken a few at a time: as many as
keep a block of weights within `ENTRIES`, so that on a CPU it stays in the cache, and never all heads' T x T. Derivatives of the
first order, RuntimeError for others; temperature and scale are constants.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from constructions.arrays import batch_shape, select, sum_to, undisturbed
from constructions.layers.deltaformer import blocks
from constructions.layers.kernels import Kernel

__all__ = ["ENTRIES", "first_stage", "read"]

ENTRIES = {"cpu": 2**19, "elsewhere": 2**26}
"""The most entries of a block of weights, where more than one batch entry would be in it."""


def first_stage(
    k: torch.Tensor,
    w: torch.Tensor,
    v: torch.Tensor,
    beta: torch.Tensor | None,
    valid: torch.Tensor | None,
    kernel: Kernel,
    chunk: int,
) -> torch.Tensor:
    """`blocks.first_stage` with a backward pass."""
    return _FirstStage.apply(k, w, v, beta, valid, kernel, chunk)  # pyright: ignore[reportReturnType]


def read(
    q: torch.Tensor, k: torch.Tensor, u: torch.Tensor, valid: torch.Tensor | None, kernel: Kernel, chunk: int
) -> torch.Tensor:
    """`blocks.read` with a backward pass."""
    return _Read.apply(q, k, u, valid, kernel, chunk)  # pyright: ignore[reportReturnType]


class _FirstStage(torch.autograd.Function):
    @staticmethod
    def forward(k: Any, w: Any, v: Any, beta: Any, valid: Any, kernel: Kernel, chunk: int) -> torch.Tensor:
        batch = batch_shape((k, 2), (w, 2), (v, 2), (beta, 1), (valid, 1))
        u = v.new_empty((*batch, *v.shape[-2:]))
        with undisturbed(v):
            for part in _parts(batch, k, chunk):
                blocks.first_stage(
                    part(k, 2), part(w, 2), part(v, 2), part(beta, 1), part(valid, 1), kernel, chunk, out=part(u, 2)
                )
        return u

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        k, w, v, beta, valid, ctx.kernel, ctx.chunk = inputs
        ctx.v_shape = v.shape
        ctx.save_for_backward(k, w, beta, valid, output)

    @staticmethod
    def backward(ctx: Any, grad_u: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        k, w, beta, valid, u = ctx.saved_tensors
        if valid is not None:
            grad_u = select(valid[..., None], grad_u)  # u is zero at padding, whatever is asked of it there
        made = [torch.zeros_like(k), torch.zeros_like(w), u.new_zeros(ctx.v_shape)]
        made.append(None if beta is None else torch.zeros_like(beta))
        with undisturbed(u), torch.no_grad():
            for part in _parts(tuple(u.shape[:-2]), k, ctx.chunk):
                keys, scales, written = (part(k, 2), part(w, 2)), (part(beta, 1), part(valid, 1)), part(u, 2)
                found = blocks.first_stage_adjoint(*keys, *scales, written, part(grad_u, 2), ctx.kernel, ctx.chunk)
                _add(made, (2, 2, 2, 1), part, found)
        return (*_first_order(made, k, w, beta, u, grad_u), None, None, None)


class _Read(torch.autograd.Function):
    @staticmethod
    def forward(q: Any, k: Any, u: Any, valid: Any, kernel: Kernel, chunk: int) -> torch.Tensor:
        batch = batch_shape((q, 2), (k, 2), (u, 2), (valid, 1))
        out = u.new_empty((*batch, *u.shape[-2:]))
        with undisturbed(u):
            for part in _parts(batch, k, chunk):
                blocks.read(part(q, 2), part(k, 2), part(u, 2), part(valid, 1), kernel, chunk, out=part(out, 2))
        return out

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        *saved, ctx.kernel, ctx.chunk = inputs
        ctx.save_for_backward(*saved)

    @staticmethod
    def backward(ctx: Any, grad_o: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        q, k, u, valid = ctx.saved_tensors
        if valid is not None:
            grad_o = select(valid[..., None], grad_o)  # o is zero at padding, whatever is asked of it there
        made = [torch.zeros_like(q), torch.zeros_like(k), torch.zeros_like(u)]
        with undisturbed(u), torch.no_grad():
            for part in _parts(tuple(grad_o.shape[:-2]), k, ctx.chunk):
                arrays = part(q, 2), part(k, 2), part(u, 2), part(valid, 1), part(grad_o, 2)
                _add(made, (2, 2, 2), part, blocks.read_adjoint(*arrays, ctx.kernel, ctx.chunk))
        return (*_first_order(made, q, k, u, grad_o), None, None, None)


class _FirstOrder(torch.autograd.Function):
    """A gradient as it is; its own derivative is refused by name."""

    @staticmethod
    def forward(made: torch.Tensor, *sources: Any) -> torch.Tensor:
        return made.view_as(made)

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        pass

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        raise RuntimeError(
            "deltaformer: the gradient of the row blocks is not followed by autograd; for derivatives of the second order "
            "give form='solve', which is"
        )


def _first_order(made: list[Any], *sources: Any) -> list[Any]:
    """The gradients; under `create_graph` as functions of `sources` that say why they have no derivative."""
    if not torch.is_grad_enabled():
        return made
    return [None if x is None else _FirstOrder.apply(x, *sources) for x in made]


class _Part:
    """Some batch entries of arrays whose batch axes broadcast to `rank` axes: those at `index` of the first axes."""

    def __init__(self, index: tuple[int, ...], rank: int) -> None:
        self.index, self.rank = index, rank

    def __call__(self, x: Any, axes: int) -> Any:
        """The view of those entries of `x`, whose own axes are its last `axes`."""
        if x is None:
            return None
        missing = self.rank - (x.ndim - axes)
        return x[tuple(0 if x.shape[j - missing] == 1 else self.index[j] for j in range(missing, len(self.index)))]


def _parts(batch: tuple[int, ...], k: torch.Tensor, chunk: int) -> Iterator[_Part]:
    time = k.shape[-2]
    most = ENTRIES["cpu" if k.device.type == "cpu" else "elsewhere"]
    entries, looped = math.prod(batch) * min(chunk, time) * time, 0
    while looped < len(batch) and entries > most:
        entries //= max(batch[looped], 1)
        looped += 1
    return (_Part(index, len(batch)) for index in np.ndindex(batch[:looped]))


def _add(made: Any, axes: tuple[int, ...], part: _Part, found: tuple[Any, ...]) -> None:
    """Add the gradients found for a part to those of the whole, summed where an argument was broadcast."""
    for whole, own, x in zip(made, axes, found, strict=True):
        if whole is not None:
            target = part(whole, own)
            target += sum_to(x, target.shape)
