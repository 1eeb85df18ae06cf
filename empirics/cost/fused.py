"""scaled_dot_product_attention: counted as written out, with memory in one of two readings.

Work, span and bytes moved are always those of the written-out form, the operations torch runs for it on meta tensors. In the
fused reading the N x N intermediates take no memory: the output is allocated and one logsumexp a row; autograd holds query, key,
value, mask, output and logsumexp; the backward pass makes the written-out form again without counting it and allocates the
gradients alone. So it can be differentiated once.

The call is met wherever it comes from (torch.nn's own modules too) by a kernel for meta tensors, registered while a count is on.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.overrides import TorchFunctionMode

if TYPE_CHECKING:
    from empirics.cost.dispatching import Counter

__all__ = ["ATTENTION", "Constants", "attend", "attention_met"]

ATTENTION = torch.ops.aten.scaled_dot_product_attention.default
_WIDER = {torch.float16: torch.float32, torch.bfloat16: torch.float32}
_CONSTANTS = frozenset({torch.tensor, torch.as_tensor, torch.asarray, torch.from_numpy})
_VALUES = frozenset({Tensor.numpy, Tensor.__array__})


def _fused(counter: Counter, written_out: Callable[..., Tensor], parts: tuple[Any, ...]) -> tuple[Tensor, Tensor]:
    """(output, logsumexp) with the intermediates hidden from memory."""
    with counter.hidden():
        out = written_out(*parts)
    counter.shown(out)
    query = parts[0]
    kind = _WIDER.get(query.dtype, query.dtype)
    return out, torch.empty(query.shape[:-1], dtype=kind, device=query.device)


class _FusedAttention(torch.autograd.Function):
    """The fused reading under autograd; `parts` are query, key, value and mask (or None)."""

    @staticmethod
    def forward(ctx: Any, counter: Counter, written_out: Callable[..., Tensor], *parts: Any) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        out, rows = _fused(counter, written_out, parts)
        ctx.save_for_backward(*parts, out, rows)
        ctx.counter, ctx.written_out = counter, written_out
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Any, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        counter, asked = ctx.counter, ctx.needs_input_grad[2:]
        before = ctx.saved_tensors[:4]  # may have to be computed again, which counts
        with counter.hidden():
            with torch.enable_grad(), counter.uncounted():
                parts = [
                    x if x is None else x.detach().requires_grad_(ask) for x, ask in zip(before, asked, strict=True)
                ]
                out = ctx.written_out(*parts)
            wanted = [x for x in parts if x is not None and x.requires_grad]
            found = list(torch.autograd.grad(out, wanted, gradient, allow_unused=True))
        for x in found:
            if x is not None:
                counter.shown(x)
        return None, None, *(found.pop(0) if ask else None for ask in asked)


def attend(counter: Counter, fused: bool, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor:
    """One call of scaled_dot_product_attention in the reading asked for."""
    counter.attention = "fused" if fused else "written-out"
    if not fused:
        return ATTENTION.decompose(*args, **kwargs)
    named = dict(zip(("query", "key", "value", "attn_mask", "dropout_p", "is_causal"), args, strict=False)) | kwargs
    parts = (named.pop("query"), named.pop("key"), named.pop("value"), named.pop("attn_mask", None))

    def written_out(query: Tensor, key: Tensor, value: Tensor, mask: Any) -> Tensor:
        return ATTENTION.decompose(query, key, value, mask, **named)

    if torch.is_grad_enabled() and any(x is not None and x.requires_grad for x in parts):
        return _FusedAttention.apply(counter, written_out, *parts)  # pyright: ignore[reportReturnType]
    return _fused(counter, written_out, parts)[0]


@contextlib.contextmanager
def attention_met(counter: Counter, fused: bool) -> Iterator[None]:
    """Calls on meta tensors go to `attend` meanwhile."""
    with torch.library._scoped_library("aten", "IMPL") as library:
        library.impl(ATTENTION, lambda *args, **kwargs: attend(counter, fused, args, kwargs), "AutogradMeta")
        yield


class Constants(TorchFunctionMode):
    """Sees what torch does without a dispatch: constants made from the program's numbers on meta, and values taken to numpy."""

    def __init__(self, counter: Counter) -> None:
        super().__init__()
        self._counter = counter

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in _VALUES and args[0].is_meta:
            self._counter.refuse(f"Tensor.{func.__name__}", "values are taken to numpy")
        out = func(*args, **(kwargs or {}))
        if func in _CONSTANTS and isinstance(out, Tensor):
            self._counter.constant(out)
        return out
