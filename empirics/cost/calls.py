"""One call of an operation: its tensors, the bytes it moves, and what is kept so that a call of the same shapes is counted once.

Most layers call an operation with the same shapes again and again, and torch's own shape functions are slow. A call whose results
are fresh and depend on shapes alone (`Plan.pure`) is therefore made once a signature; the next time its results are
allocated afresh with the shapes and strides that torch gave.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from empirics.cost.rules import Plan
from empirics.cost.rules.model import Cost

__all__ = ["Counted", "makes", "moved", "signature", "tensors"]


def tensors(values: Iterable[Any]) -> list[Tensor]:
    """The tensors among values and in lists within."""
    found: list[Tensor] = []
    for x in values:
        if isinstance(x, Tensor):
            found.append(x)
        elif isinstance(x, (list, tuple)):
            found.extend(tensors(x))
    return found


def signature(func: Any, args: Any, kwargs: Any) -> Any:
    """What the result's shape can depend on, hashable; None where that is not known to be all."""
    parts: list[Any] = [id(func)]
    for x in (*args, *kwargs.items()):
        if isinstance(x, Tensor):
            if not x.is_meta or x.is_complex():
                return None
            parts.append((x.shape, x.stride(), x.dtype))
        elif isinstance(x, (list, tuple)):
            inner = signature(None, x, {})
            if inner is None:
                return None
            parts.append(inner)
        elif isinstance(x, (int, float, str, type(None), torch.dtype, torch.device, torch.layout, torch.memory_format)):
            parts.append((type(x), x))
        else:
            return None
    return tuple(parts)


class Counted(NamedTuple):
    """The cost of a call, its spans as numbers, the bytes it moves, and how to make its results again (None: call it again)."""

    cost: Cost
    lengths: tuple[int, int]
    moved: int
    makes: Any

    def again(self) -> Any:
        """Fresh results of the same shapes."""
        if isinstance(self.makes, list):
            return tuple(
                None if x is None else torch.empty_strided(*x[:2], dtype=x[2], device="meta") for x in self.makes
            )
        return torch.empty_strided(*self.makes[:2], dtype=self.makes[2], device="meta")


def makes(out: Any) -> Any:
    """(shape, strides, dtype) of a result, a list for a tuple of them; None where that does not describe it."""
    if isinstance(out, tuple):
        inner = [x if x is None else makes(x) for x in out]
        return None if any(x is not None and y is None for x, y in zip(out, inner, strict=True)) else inner
    if type(out) is not Tensor or not out.is_meta or out.is_complex() or out.storage_offset():
        return None
    return (out.shape, out.stride(), out.dtype)


def moved(how: Plan, inputs: list[Tensor], written: list[Tensor], outs: list[Tensor]) -> int:
    """Bytes read and written: of a gather's or an in-place scatter's target only the elements chosen."""
    made = [x for x in outs if not any(x is w for w in written)]
    if how.gathers:
        return sum(x.nbytes for x in inputs[1:]) + 2 * sum(x.nbytes for x in outs)
    if how.scatters and written:
        return sum(x.nbytes for x in inputs[1:]) + 2 * max(x.numel() for x in inputs[1:]) * written[0].element_size()
    return sum(x.nbytes for x in (*inputs, *written, *made))
