"""scaled_dot_product_attention: counted as written out, with memory in one of two readings.

Work and span are always those of the written-out form, the operations torch runs for it on meta tensors. In the fused reading the
N x N intermediates take no memory: the output is allocated and one logsumexp a row; autograd holds query, key, value, mask,
output and logsumexp; the backward pass makes the written-out form again without counting it and allocates the gradients alone. So
it can be differentiated once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn.functional import scaled_dot_product_attention
from torch.overrides import TorchFunctionMode

if TYPE_CHECKING:
    from empirics.cost.counting import Counter

__all__ = ["Functions"]

_WIDER = {torch.float16: torch.float32, torch.bfloat16: torch.float32}
_CONSTANTS = frozenset({torch.tensor, torch.as_tensor, torch.asarray, torch.from_numpy})


def _fused(counter: Counter, attend: Callable[..., Tensor], parts: tuple[Any, ...]) -> tuple[Tensor, Tensor]:
    """(output, logsumexp) with the intermediates hidden from memory."""
    with counter.hidden():
        out = attend(*parts)
    counter.shown(out)
    query = parts[0]
    kind = _WIDER.get(query.dtype, query.dtype)
    return out, torch.empty(query.shape[:-1], dtype=kind, device=query.device)


class _FusedAttention(torch.autograd.Function):
    """The fused reading under autograd; `parts` are query, key, value and mask (or None)."""

    @staticmethod
    def forward(ctx: Any, counter: Counter, attend: Callable[..., Tensor], *parts: Any) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        out, rows = _fused(counter, attend, parts)
        ctx.save_for_backward(*parts, out, rows)
        ctx.counter, ctx.attend = counter, attend
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Any, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        counter, asked = ctx.counter, ctx.needs_input_grad[2:]
        with counter.hidden():
            with torch.enable_grad(), counter.uncounted():
                parts = [
                    x if x is None else x.detach().requires_grad_(ask)
                    for x, ask in zip(ctx.saved_tensors[:4], asked, strict=True)
                ]
                out = ctx.attend(*parts)
            wanted = [x for x, ask in zip(parts, asked, strict=True) if ask]
            found = list(torch.autograd.grad(out, wanted, gradient, allow_unused=True))
        for x in found:
            if x is not None:
                counter.shown(x)
        return None, None, *(found.pop(0) if ask else None for ask in asked)


class Functions(TorchFunctionMode):
    """Sees calls above autograd: scaled_dot_product_attention, and constants, which torch makes on meta without a dispatch."""

    def __init__(self, counter: Counter, attention: str) -> None:
        super().__init__()
        self._counter, self._fused = counter, attention == "fused"

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is scaled_dot_product_attention and not self._counter.busy:
            self._counter.attention = "fused" if self._fused else "written-out"
            return self._attention(*args, **kwargs) if self._fused else func(*args, **kwargs)
        out = func(*args, **kwargs)
        if func in _CONSTANTS and isinstance(out, Tensor):
            self._counter.constant(out)
        return out

    def _attention(self, query: Tensor, key: Tensor, value: Tensor, attn_mask: Any = None, *more: Any, **options: Any) -> Tensor:
        def attend(q: Tensor, k: Tensor, v: Tensor, mask: Any) -> Tensor:
            return scaled_dot_product_attention(q, k, v, mask, *more, **options)

        parts = (query, key, value, attn_mask)
        if torch.is_grad_enabled() and any(x is not None and x.requires_grad for x in parts):
            return _FusedAttention.apply(self._counter, attend, *parts)  # pyright: ignore[reportReturnType]
        return _fused(self._counter, attend, parts)[0]
