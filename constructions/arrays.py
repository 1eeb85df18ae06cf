"""The few array operations on which numpy and torch disagree, so that an operator is written once for both.

An array here is a numpy array (any integer or float dtype, those of ml_dtypes too, or object: Python integers,
`fractions.Fraction`, flint's `fmpq`, any ring element that adds to and multiplies with the Python integer 0) or a
torch tensor. torch is never imported: a caller who holds a tensor has already done so.

Accumulation, which is what a statement about rounding needs to know:

- `contract` and `outer` round every operation to the dtype and add in index order, when the dtype is narrower than
  float32 or the sum is at most `IN_ORDER` terms long. Other sums are left to `matmul`, whose order belongs to the
  BLAS.
- integers wrap modulo 2**bits as numpy's and torch's do. Wrapping is a ring homomorphism, so a result is right
  whenever the true result fits its dtype, however large the values on the way were.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from types import ModuleType
from typing import Any

import numpy as np
from jaxtyping import Shaped

__all__ = [
    "IN_ORDER",
    "Array",
    "batch_inner",
    "batch_shape",
    "cast_like",
    "contract",
    "earlier",
    "finfo",
    "first_non_finite",
    "flip_time",
    "is_array",
    "is_float",
    "is_narrow",
    "is_tensor",
    "join_time",
    "outer",
    "product",
    "select",
    "solve_unit_lower",
    "solve_unit_lower_transposed",
    "stack_time",
    "sum_to",
    "time_inner",
    "undisturbed",
    "widen",
    "zeros",
]

Array = Shaped[Any, "..."]
"""A numpy array or a torch tensor of any shape and dtype."""

IN_ORDER = 8
"""Sums of at most this many terms are evaluated in index order, one operation at a time, by `contract`."""


def is_tensor(x: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(x, torch.Tensor)


def is_array(x: Any) -> bool:
    return isinstance(x, np.ndarray) or is_tensor(x)


def _namespace(x: Array) -> ModuleType | Any:
    return sys.modules["torch"] if is_tensor(x) else np


def is_float(x: Array) -> bool:
    """Whether the dtype is a floating-point format (ml_dtypes's formats, which numpy files under 'V', included)."""
    if is_tensor(x):
        return x.dtype.is_floating_point
    return x.dtype.kind == "f" or "float" in x.dtype.name


def finfo(x: Array) -> Any:
    """`max`, `eps` and the rest of a floating-point dtype of numpy or torch."""
    return (_namespace(x) if is_tensor(x) else np).finfo(x.dtype)


def is_narrow(x: Array) -> bool:
    """Whether the dtype is a floating-point format of fewer than 32 bits."""
    return is_float(x) and x.dtype.itemsize < 4


def widen(x: Array) -> Array:
    """`x` in float32 if its format is narrower, otherwise `x` itself. Exact: float32 holds every value of a narrower format."""
    if not is_narrow(x):
        return x
    return x.float() if is_tensor(x) else x.astype(np.float32)


def cast_like(x: Array, like: Array) -> Array:
    """`x` rounded to the dtype of `like`; `x` itself where the dtypes agree."""
    if x.dtype == like.dtype:
        return x
    return x.to(like.dtype) if is_tensor(x) else x.astype(like.dtype)


def zeros(shape: Sequence[int], like: Array) -> Array:
    """Zeros of the dtype and device of `like`; the Python integer 0 in an object array."""
    if is_tensor(like):
        return _namespace(like).zeros(tuple(shape), dtype=like.dtype, device=like.device)
    return np.zeros(tuple(shape), dtype=like.dtype)


def stack_time(rows: Sequence[Array]) -> Array:
    """Stack rows `(*batch, m)` to `(*batch, time, m)`, broadcasting them against each other is the caller's affair."""
    torch_or_numpy = _namespace(rows[0])
    return torch_or_numpy.stack(list(rows), -2)


def join_time(blocks: Sequence[Array]) -> Array:
    """Concatenate blocks `(*batch, t, m)` along time."""
    return _namespace(blocks[0]).concatenate(list(blocks), -2)


def flip_time(x: Array, axis: int = -2) -> Array:
    """`x` with its time axis reversed."""
    return _namespace(x).flip(x, (axis,))


def strict_lower(x: Array) -> Array:
    """The part of `(*batch, T, T)` strictly below the diagonal, zero elsewhere."""
    return _namespace(x).tril(x, -1)


def lower(x: Array) -> Array:
    """The part of `(*batch, T, T)` on and below the diagonal, zero elsewhere."""
    return _namespace(x).tril(x)


def earlier(tokens: int, like: Array, strict: bool) -> Array:
    """Which tokens come before each, or not after it unless `strict`: booleans `(tokens, tokens)`, on the device of `like`."""
    k = -1 if strict else 0
    if is_tensor(like):
        torch = _namespace(like)
        return torch.ones((tokens, tokens), dtype=torch.bool, device=like.device).tril(k)
    return np.tri(tokens, k=k, dtype=bool)


def select(condition: Array, x: Array) -> Array:
    """`x` where the condition holds, zero elsewhere, whatever stands there; broadcasts."""
    if not is_tensor(x) and x.dtype == object:
        return np.where(condition, x, x * 0)  # a zero of the entries' own kind: a ball's has an exponential, 0 has none
    return _namespace(x).where(condition, x, zeros((), like=x))


def batch_shape(*arrays: tuple[Array | None, int]) -> tuple[int, ...]:
    """The broadcast shape of the batch axes of arrays given with the number of their last, own axes."""
    return np.broadcast_shapes(*(tuple(x.shape[: x.ndim - own]) for x, own in arrays if x is not None))


def sum_to(x: Array, shape: Sequence[int]) -> Array:
    """The adjoint of broadcasting from `shape` to the shape of `x`."""
    extra = x.ndim - len(shape)
    axes = (*range(extra), *(extra + i for i, n in enumerate(shape) if n == 1 and x.shape[extra + i] != 1))
    if axes:
        x = x.sum(axes, dtype=x.dtype)
    return x.reshape(tuple(shape))


def undisturbed(x: Array) -> AbstractContextManager[Any]:
    """A context in which torch computes in the dtypes it is given, also within `torch.autocast`, and numpy overflows as torch
    does: to infinities, without a warning."""
    if not is_tensor(x):
        return np.errstate(over="ignore", invalid="ignore")
    if not x.is_meta and (torch := _namespace(x)).is_autocast_enabled(x.device.type):
        return torch.autocast(x.device.type, enabled=False)
    return nullcontext()


def batch_inner(x: Array) -> Array:
    """The same numpy values with the first axis laid out contiguously in memory, shape unchanged.

    numpy's inner loops then run along the batch instead of along a head dimension of four or so. Elementwise results
    keep the layout of their operands, so one call before an enumeration speeds up every `step` of it, more than
    tenfold for small integers.
    """
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 0, -1)), -1, 0)


def time_inner(x: Shaped[Any, "*batch time d"]) -> Shaped[Any, "*batch time d"]:
    """The same values with time contiguous in memory, shape unchanged; for products with the transpose."""
    return x.mT.contiguous().mT if is_tensor(x) else np.ascontiguousarray(x.mT).mT


def first_non_finite(x: Array) -> tuple[int, ...] | None:
    """The index of the first NaN or infinity in row-major order, None if there is none or the dtype cannot hold one."""
    if not is_float(x):
        return None
    if is_tensor(x):
        if x.is_meta or bool(_namespace(x).isfinite(x.detach().sum())):  # a sum over NaN or infinities is not finite
            return None
        bad = ~_namespace(x).isfinite(x.detach())
        return tuple(int(i) for i in bad.nonzero()[0]) if bool(bad.any()) else None
    bad = ~np.isfinite(x)
    return tuple(int(i) for i in np.argwhere(bad)[0]) if bad.any() else None


def outer(column: Shaped[Any, "*#batch d"], row: Shaped[Any, "*#batch m"]) -> Shaped[Any, "*#batch d m"]:
    """Products of every entry of `column` with every entry of `row`; each rounded once."""
    return column[..., :, None] * row[..., None, :]


def contract(row: Shaped[Any, "*#batch d"], matrix: Shaped[Any, "*#batch d m"]) -> Shaped[Any, "*#batch m"]:
    """`row @ matrix`, batched over all leading axes. See the module for the order of the sum. Work O(d m) for each batch entry."""
    d = row.shape[-1]
    if d == 0 and not is_tensor(row):
        shape = np.broadcast_shapes(tuple(row.shape[:-1]), tuple(matrix.shape[:-2]))
        return zeros((*shape, matrix.shape[-1]), like=matrix)
    if 0 < d <= IN_ORDER or (d and is_narrow(row)):
        total = row[..., 0, None] * matrix[..., 0, :]
        for c in range(1, d):
            total = total + row[..., c, None] * matrix[..., c, :]
        return total
    return product(row[..., None, :], matrix)[..., 0, :]


def product(a: Shaped[Any, "*#batch p q"], b: Shaped[Any, "*#batch q r"]) -> Shaped[Any, "*#batch p r"]:
    """The matrix product of two arrays of one dtype. Not for formats narrower than float32: `widen` those first.

    Integer tensors away from the CPU, for which torch has no matmul, are summed one inner index at a time.
    """
    if is_tensor(a) and not is_float(a) and a.device.type not in ("cpu", "meta"):
        shape = np.broadcast_shapes(tuple(a.shape[:-2]), tuple(b.shape[:-2]))
        total = zeros((*shape, a.shape[-2], b.shape[-1]), like=a)
        for c in range(a.shape[-1]):
            total = total + a[..., :, c, None] * b[..., c, None, :]
        return total
    return a @ b


def solve_unit_lower(a: Shaped[Any, "*#batch T T"], rhs: Shaped[Any, "*#batch T m"]) -> Shaped[Any, "*#batch T m"]:
    """The solution x of (I + a) x = rhs; only the part of `a` strictly below the diagonal is read.

    Floating-point tensors go to `torch.linalg.solve_triangular`; everything else to forward substitution, one row
    after another, which needs only + - * of the entries. Not for formats narrower than float32. Work O(T^2 m).
    """
    if is_tensor(a) and is_float(a):
        return _namespace(a).linalg.solve_triangular(strict_lower(a), rhs, upper=False, unitriangular=True)
    batch = np.broadcast_shapes(tuple(a.shape[:-2]), tuple(rhs.shape[:-2]))
    x = zeros((*batch, *rhs.shape[-2:]), like=rhs)
    x[...] = rhs
    for t in range(1, rhs.shape[-2]):
        x[..., t, :] = x[..., t, :] - product(a[..., t, None, :t], x[..., :t, :])[..., 0, :]
    return x


def solve_unit_lower_transposed(
    a: Shaped[Any, "*#batch T T"], rhs: Shaped[Any, "*#batch T m"]
) -> Shaped[Any, "*#batch T m"]:
    """The solution x of (I + a)^T x = rhs; as `solve_unit_lower`."""
    if is_tensor(a) and is_float(a):
        return _namespace(a).linalg.solve_triangular(strict_lower(a).mT, rhs, upper=True, unitriangular=True)
    return flip_time(solve_unit_lower(flip_time(flip_time(a.mT), -1), flip_time(rhs)))
