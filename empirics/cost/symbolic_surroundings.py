"""What lets torch and Python code run with symbols for sizes, and is put back afterwards.

Tensors have shapes and no storage of that size. Initialisers do nothing, since they ask for numbers to fill in; math.sqrt and len of a
tensor give symbols; `isinstance(size, int)` in the user's code is True, as doors of layers check it.
"""

from __future__ import annotations

import builtins
import contextlib
import logging
import math
import sys
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.symbolic_shapes import ShapeEnv
from torch.overrides import TorchFunctionMode

from empirics.cost.comparisons import kind_of_file

__all__ = ["SHAPES", "Unfilled", "symbols_taken"]


def _solved(A: Tensor, B: Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False) -> Tensor:
    batch = torch.broadcast_shapes(A.shape[:-2], B.shape[:-2])
    return B.new_empty((*batch, *B.shape[-2:]))


def _transformed(x: Tensor, dim: list[int], normalization: int, onesided: bool) -> Tensor:
    shape = list(x.shape)
    if onesided:
        shape[dim[-1]] = shape[dim[-1]] // 2 + 1
    return x.new_empty(shape, dtype=torch.complex128 if x.dtype == torch.float64 else torch.complex64)


SHAPES: dict[Any, Callable[..., Any]] = {
    torch.ops.aten._fft_c2c.default: lambda x, dim, normalization, forward: torch.empty_like(x),
    torch.ops.aten._fft_r2c.default: _transformed,
    torch.ops.aten.linalg_solve_triangular.default: _solved,
}
"""The results of operations whose own shape functions turn sizes into numbers."""

_FILLS = frozenset({Tensor.uniform_, Tensor.normal_, Tensor.fill_})


class Unfilled(TorchFunctionMode):
    """While a subject builds its layer, filling a tensor does nothing: it would ask the numbers to fill in, not the shape."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return args[0] if func in _FILLS else func(*args, **(kwargs or {}))


def _unfilled(tensor: Any, *args: Any, **kwargs: Any) -> Any:
    return tensor


@contextlib.contextmanager
def _emptied(function: Any) -> Iterator[None]:
    """A function does nothing meanwhile and returns its first argument. Its code is replaced, as modules import it by name."""
    before = function.__code__, function.__defaults__
    function.__code__, function.__defaults__ = _unfilled.__code__, None
    try:
        yield
    finally:
        function.__code__, function.__defaults__ = before


@contextlib.contextmanager
def symbols_taken(environment: ShapeEnv) -> Iterator[None]:
    own_sqrt, own_isinstance, own_len = math.sqrt, builtins.isinstance, builtins.len

    def sqrt(x: Any, /) -> Any:
        return torch.sym_sqrt(x) if type(x) in (torch.SymInt, torch.SymFloat) else own_sqrt(x)

    def isinstance_(x: Any, kinds: Any, /) -> bool:
        symbol = {torch.SymInt: int, torch.SymFloat: float}.get(type(x))
        if symbol is not None and kind_of_file(sys._getframe(1).f_code.co_filename) == "user":
            return issubclass(symbol, kinds) or own_isinstance(x, kinds)
        return own_isinstance(x, kinds)

    def len_(x: Any, /) -> Any:
        return x.shape[0] if own_isinstance(x, Tensor) and x.dim() else own_len(x)

    with contextlib.ExitStack() as stack:
        for name in dir(nn.init):
            if name.endswith("_") and not name.startswith("_"):
                stack.enter_context(_emptied(getattr(nn.init, name)))
        stack.enter_context(mock.patch.object(math, "sqrt", sqrt))
        for name, replaced in (("isinstance", isinstance_), ("len", len_)):
            stack.enter_context(mock.patch.object(builtins, name, replaced))
        stack.enter_context(mock.patch.object(logging.getLogger("torch._subclasses.fake_tensor"), "disabled", True))
        fake = FakeTensorMode(shape_env=environment)
        fake.cache_enabled = False  # it costs more than it saves for one run
        stack.enter_context(fake)
        stack.enter_context(torch.device("meta"))
        stack.enter_context(torch.no_grad())
        yield
