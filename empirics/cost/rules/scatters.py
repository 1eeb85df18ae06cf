"""Writes at positions held in a tensor. src elements written cost src; span 1 + L(src), as all may meet in one place.

A backward pass that scatters into zeros of its own making costs those zeros too: out + src, 2 + L(src).
"""

from __future__ import annotations

from typing import Any

import torch

from empirics.cost.rules.model import Call, Cost, cost, product, rule

__all__: list[str] = []


def _scatter(src: Any) -> Cost:
    return cost(src, ((1, ()), (1, (src,))))


def _into_zeros(call: Call, src: Any) -> Cost:
    return cost(call.size + src, ((2, ()), (1, (src,))))


@rule("scatter", "scatter_add", "scatter_reduce")
def scatter(call: Call) -> Cost:
    """One unit an element of the index."""
    return _scatter(call["index"].numel())


@rule("index_add", "index_copy", "index_reduce", "put", name="scatter")
def index_add(call: Call) -> Cost:
    """One unit an element of the source."""
    return _scatter(call["source"].numel())


@rule("index_fill", name="scatter")
def index_fill(call: Call) -> Cost:
    """One unit an element of the slices written."""
    x = call["self"]
    return _scatter(x.numel() // x.shape[call["dim"]] * call["index"].numel() if x.dim() else 1)


@rule("index_put", "_index_put_impl", "_unsafe_index_put", name="scatter")
def index_put(call: Call) -> Cost:
    """One unit an element written; a mask of truth values with one value is a masked_fill, out and 1."""
    x, indices = call["self"], call["indices"]
    given = [i for i in indices if i is not None]
    if any(i.dtype in (torch.bool, torch.uint8) for i in given):
        return cost(x.numel(), 1)
    read = [n for i, n in enumerate(x.shape) if i >= len(indices) or indices[i] is None]
    return _scatter(product(torch.broadcast_shapes(*(i.shape for i in given))) * product(read))


@rule("embedding_dense_backward", name="scatter into zeros")
def embedding_backward(call: Call) -> Cost:
    """The gradient's rows added to the table's."""
    return _into_zeros(call, call["grad_output"].numel())


@rule("unfold_backward", name="scatter into zeros")
def unfold_backward(call: Call) -> Cost:
    """The windows added up where they overlap."""
    return _into_zeros(call, call["grad_in"].numel())


_CHOSEN = (
    "max_pool2d_with_indices_backward max_pool3d_with_indices_backward adaptive_max_pool2d_backward adaptive_max_pool3d_backward "
    "upsample_nearest1d_backward upsample_nearest2d_backward upsample_nearest3d_backward _upsample_nearest_exact1d_backward "
    "_upsample_nearest_exact2d_backward _upsample_nearest_exact3d_backward "
    "replication_pad1d_backward replication_pad2d_backward replication_pad3d_backward"
)


@rule(*_CHOSEN.split(), name="scatter into zeros")
def chosen_backward(call: Call) -> Cost:
    """Each gradient added where its element was taken from."""
    return _into_zeros(call, call["grad_output"].numel())


@rule("col2im", name="scatter into zeros")
def col2im(call: Call) -> Cost:
    """The columns added up where they overlap."""
    return _into_zeros(call, call.first.numel())
