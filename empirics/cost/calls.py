"""One call of an operation: its tensors, the bytes it moves, and what is kept so that a call of the same shapes is counted once.

Most layers call an operation with the same shapes again and again, and torch's own shape functions are slow. A call whose results
are fresh and depend on shapes alone (`Plan.pure`) is therefore made once a signature; the next time its results are
allocated afresh with the shapes and strides that torch gave. An elementwise operation of contiguous tensors, and others that keep
their operand's shape, are allocated without asking torch at all, once the format that they give is known.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from empirics.cost.rules import Plan
from empirics.cost.rules.model import Cost

__all__ = ["KEEP_SHAPE", "Counted", "fresh", "handled", "makes", "moved", "signature", "tensors"]


def tensors(values: Iterable[Any]) -> list[Tensor]:
    """The tensors among values and in lists within."""
    found: list[Tensor] = []
    for x in values:
        if isinstance(x, Tensor):
            found.append(x)
        elif isinstance(x, (list, tuple)):
            found.extend(tensors(x))
    return found


def handled(kinds: Iterable[type]) -> type | None:
    """A kind of tensor among these that handles operations itself, in code that runs where no mode sees it, or None."""
    plain = Tensor.__torch_dispatch__  # pyright: ignore[reportAttributeAccessIssue]
    return next((kind for kind in kinds if getattr(kind, "__torch_dispatch__", plain) is not plain), None)


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


_ATEN = torch.ops.aten
KEEP_SHAPE = frozenset(
    {
        *(_ATEN.tril.default, _ATEN.triu.default, _ATEN.cumsum.default, _ATEN.flip.default),
        *(_ATEN._softmax.default, _ATEN._log_softmax.default, _ATEN._safe_softmax.default),
    }
)
"""Operations that are not elementwise and yet give a result of their one operand's shape."""
_FORMATS: dict[Any, torch.dtype | None] = {}
"""The format of a result by the operation and the formats of what it was given; None where it is not to be made here."""


def fresh(func: Any, args: Any, kwargs: Any) -> Any:
    """The result of a pure operation: as torch gives it, and without torch where it has the shape that contiguous operands broadcast
    to, in a format that depends on the operation, the formats, how many dimensions there are, and plain numbers."""
    if func in _MADE and not kwargs:
        made = _MADE[func](*args)
        return func(*args) if made is None else made
    if kwargs or not (torch.Tag.pointwise in func.tags or func in KEEP_SHAPE):
        return func(*args, **kwargs)
    shapes: list[torch.Size] = []
    parts: list[Any] = [func]
    for x in args:
        if isinstance(x, Tensor):
            if type(x) not in (Tensor, torch.nn.Parameter) or not x.is_meta or not x.is_contiguous():
                return func(*args)
            shapes.append(x.shape)
            parts.append((x.dtype, x.dim()))
        elif isinstance(x, (bool, int, float)) or x is None:
            parts.append((type(x), x))
        else:
            return func(*args)
    key = tuple(parts)
    if key in _FORMATS:
        dtype = _FORMATS[key]
        if dtype is not None and (shape := _broadcast(shapes)) is not None:
            return torch.empty(shape, dtype=dtype, device="meta")
        return func(*args)
    out = func(*args)
    ours = type(out) is Tensor and out.is_contiguous() and out.shape == _broadcast(shapes) and not out.is_complex()
    _FORMATS[key] = out.dtype if ours else None
    return out


def _plain(x: Any) -> bool:
    return type(x) in (Tensor, torch.nn.Parameter) and x.is_meta and x.dtype in (torch.float32, torch.float64)


def _addmm(bias: Tensor, a: Tensor, b: Tensor) -> Any:
    """bias + a b, contiguous whatever the strides are."""
    if (
        all(map(_plain, (bias, a, b)))
        and bias.dtype == a.dtype == b.dtype
        and bias.dim() == 1
        and a.dim() == b.dim() == 2
    ):
        rows, columns = a.shape[0], b.shape[1]
        if a.shape[1] == b.shape[0] and bias.shape[0] in (1, columns):
            return torch.empty(rows, columns, dtype=bias.dtype, device="meta")
    return None


def _layer_norm(x: Tensor, shape: list[int], weight: Tensor | None, bias: Tensor | None, epsilon: float) -> Any:
    """The normalised tensor, means and inverse deviations."""
    affine = [p for p in (weight, bias) if p is not None]
    outer = x.dim() - len(shape)
    if not (_plain(x) and x.is_contiguous() and x.numel() and shape and tuple(x.shape[outer:]) == tuple(shape)):
        return None
    if not all(_plain(p) and p.dtype == x.dtype and tuple(p.shape) == tuple(shape) for p in affine):
        return None
    told = (*x.shape[:outer], *(1 for _ in shape))
    return tuple(torch.empty(sizes, dtype=x.dtype, device="meta") for sizes in (x.shape, told, told))


def _logsumexp(x: Tensor, dims: list[int], keepdim: bool = False) -> Any:
    """One number for each line along some of the dimensions."""
    if not (_plain(x) and x.is_contiguous() and x.numel() and all(-x.dim() <= k < x.dim() for k in dims)):
        return None
    along = {k % x.dim() for k in dims}
    if len(along) < len(dims) or not dims:
        return None
    sizes = [1 if k in along else n for k, n in enumerate(x.shape) if keepdim or k not in along]
    return torch.empty(sizes, dtype=x.dtype, device="meta")


_MADE = {
    _ATEN.addmm.default: _addmm,
    _ATEN.native_layer_norm.default: _layer_norm,
    _ATEN.logsumexp.default: _logsumexp,
}
"""Results of single operations in float32 and float64 without torch; None for other arguments, of which torch is to speak."""


def _broadcast(shapes: list[torch.Size]) -> tuple[int, ...] | None:
    """The shape that these broadcast to; None where they do not, of which torch is to speak."""
    if all(shape == shapes[0] for shape in shapes):
        return tuple(shapes[0])
    rank = max(map(len, shapes))
    made = []
    for sizes in zip(*((1,) * (rank - len(shape)) + tuple(shape) for shape in shapes), strict=True):
        wide = {n for n in sizes if n != 1}
        if len(wide) > 1:
            return None
        made.append(wide.pop() if wide else 1)
    return tuple(made)


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
