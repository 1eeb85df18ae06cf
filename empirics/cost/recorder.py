"""The branch recorder: runs a subject with sizes that remember, and keeps what was compared.

    with Recorder() as recorder:
        layer, inputs = subject(**recorder.sizes(N=5, d=3))
        layer(*inputs)
    recorder.comparisons

While it is open, `shape`, `size()`, `numel()`, `stride()`, `nbytes` and `len` of a tensor are `empirics.cost.sizes.Size`. Tensors
keep numbers only, so those carry a value and no expression; `empirics.cost.thresholds` fits one over several runs. The builtins
len, min and max are replaced meanwhile, since Python turns what `__len__` returns into a plain int and takes min and max
apart into comparisons.

What it cannot see: comparisons inside torch's compiled code, and plain numbers that a program compares where
`empirics.cost.plain_comparisons` cannot read them.
"""

from __future__ import annotations

import builtins
from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from empirics.cost.comparisons import Comparison, Log
from empirics.cost.plain_comparisons import watching
from empirics.cost.sizes import Number, Size, extreme, logging_to, symbol_at

__all__ = ["Recorder"]


class Recorder:
    """A context in which sizes remember and comparisons are kept; used once. After it, `comparisons` are those of the run.

    With `plain`, comparisons of plain numbers too. They are found by tracing, and a traced frame keeps what its variables held until
    it returns, so memory is not to be counted then; all else comes out as without a recorder.
    """

    def __init__(self, *, plain: bool = True) -> None:
        self._log, self._plain = Log(), plain

    @staticmethod
    def sizes(**values: int) -> dict[str, Size]:
        """Size symbols at these values."""
        return {name: symbol_at(name, value) for name, value in values.items()}

    def __enter__(self) -> Recorder:
        with ExitStack() as stack:
            stack.enter_context(logging_to(self._log))
            stack.enter_context(_Reads())
            stack.enter_context(_Builtins())
            if self._plain:
                stack.enter_context(watching(self._log))
            self._open = stack.pop_all()
        return self

    def __exit__(self, *raised: Any) -> None:
        self._open.close()

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        return tuple(self._log.comparisons())

    @property
    def texts(self) -> tuple[str, ...]:
        """The lines where a size was written as text."""
        return self._log.texts


def _sizes(shape: Any) -> torch.Size:
    return torch.Size(map(Size, shape))


def _one_or_all(found: Any) -> Any:
    """What size() or stride() returned: one number, or all."""
    if type(found) is int:
        return Size(found)
    return _sizes(found) if isinstance(found, torch.Size) else tuple(map(Size, found))


_SIZED = {
    Tensor.shape.__get__: _sizes,  # pyright: ignore[reportAttributeAccessIssue]
    Tensor.nbytes.__get__: Size,  # pyright: ignore[reportAttributeAccessIssue]
    Tensor.size: _one_or_all,
    Tensor.stride: _one_or_all,
    Tensor.numel: Size,
    Tensor.nelement: Size,
    torch.numel: Size,
}


class _Reads(TorchFunctionMode):
    """Sizes read off tensors become Size."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **kwargs) if kwargs else func(*args)
        sized = _SIZED.get(func)
        return found if sized is None else sized(found)


class _Builtins:
    """len, min and max that give Size for tensors and sizes and are Python's own for anything else."""

    def __enter__(self) -> None:
        length, least, greatest = self._own = builtins.len, builtins.min, builtins.max

        def len_(x: Any, /) -> int:
            found = length(x)
            return Size(found) if isinstance(x, Tensor) else found

        def min_(*args: Any, **kwargs: Any) -> Any:
            return _extreme("min", least, args) if not kwargs and _sizes_among(args) else least(*args, **kwargs)

        def max_(*args: Any, **kwargs: Any) -> Any:
            return _extreme("max", greatest, args) if not kwargs and _sizes_among(args) else greatest(*args, **kwargs)

        for name, replaced in (("len", len_), ("min", min_), ("max", max_)):
            setattr(builtins, name, replaced)

    def __exit__(self, *raised: Any) -> None:
        builtins.len, builtins.min, builtins.max = self._own


def _sizes_among(args: tuple[Any, ...]) -> bool:
    """Whether these are several numbers, or one tuple or list of them, with a Size or Number among them."""
    candidates = args[0] if args and type(args[0]) in (tuple, list, torch.Size) and not args[1:] else args
    kinds = set(map(type, candidates))
    return (Size in kinds or Number in kinds) and kinds <= {Size, Number, int, float}


def _extreme(operator: str, choose: Any, args: tuple[Any, ...]) -> Any:
    return extreme(operator, args if args[1:] else tuple(args[0]), choose)
