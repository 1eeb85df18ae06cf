"""Causal attention within a segment: of its newest tokens to all of its tokens up to themselves.

A kernel of `constructions.layers.kernels` is written out, for every kind of array, rationals included where the kernel is rational.
Without one it is softmax with scale d ** -0.5 of tensors, by torch's fused function.
"""

from __future__ import annotations

import sys
from typing import Any

from jaxtyping import Shaped

from constructions.arrays import cast_like, earlier, product, widen
from constructions.layers.kernels import Kernel

__all__ = ["local_attention"]


def local_attention(
    q: Shaped[Any, "*#batch S d"],
    k: Shaped[Any, "*#batch T d"],
    v: Shaped[Any, "*#batch T m"],
    kernel: Kernel | None = None,
    valid: Any = None,
) -> Shaped[Any, "*batch S m"]:
    """q are the queries of the last S of T tokens. valid `(*batch, T)`: False at padding, which is attended by itself alone.

    Work O(S T (d + m)); memory S T where written out. Fused: q `(batch, groups, heads of a group, S, d)`, keys and values with 1 in
    place of the heads of a group, or all three of fewer axes.
    """
    newest, tokens = q.shape[-2], k.shape[-2]
    if kernel is None and valid is None and newest in (1, tokens):
        return _fused(q, k, v, None, causal=bool(newest == tokens))  # the last token alone sees all
    allowed = earlier(tokens, k, strict=False)[tokens - newest :]
    if valid is not None:
        before = earlier(tokens, k, strict=True)[tokens - newest :]
        allowed = (before & valid[..., None, :]) | (allowed & ~before)
    if kernel is None:
        return _fused(q, k, v, allowed, causal=False)
    return cast_like(product(kernel.weights(widen(q), widen(k), allowed), widen(v)), v)


def _fused(q: Any, k: Any, v: Any, allowed: Any, *, causal: bool) -> Any:
    """On four axes, which is what torch's fast kernels take: heads of a group on the second."""
    shape = q.shape
    if q.ndim > 4:
        batch, heads = shape[:-3], shape[-3]
        if allowed is not None and allowed.ndim > 2:
            allowed = allowed.expand(*batch, 1, *allowed.shape[-2:]).flatten(0, -4)
        q = q.flatten(0, -4)
        k, v = (x.flatten(0, -4).expand(-1, heads, -1, -1) for x in (k, v))
    attend = sys.modules["torch"].nn.functional.scaled_dot_product_attention
    return attend(q, k, v, attn_mask=allowed, is_causal=causal).reshape(*shape[:-1], v.shape[-1])
