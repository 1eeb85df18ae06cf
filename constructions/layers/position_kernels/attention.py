"""Causal softmax attention with a position bias, whole or step by step.

o_i = sum_{j <= i} p_ij v_j,   p_i = softmax_j (<q_i, k_j> / sqrt(d) + b(i, j))
"""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from constructions.layers.position_kernels.bias import PositionBias
from constructions.layers.position_kernels.doors import check_mask
from constructions.layers.projections import Projected
from constructions.layers.shapes import choose

__all__ = ["BiasedAttention", "KeyValues", "biased_attention"]


FORMS = ("written-out", "fused")


class KeyValues(NamedTuple):
    """Keys, turned where the encoding is rotary, and values of the tokens so far, each `(batch, heads, t, d)`."""

    keys: Tensor
    values: Tensor


def biased_attention(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor, *, form: Literal["written-out", "fused"] | str = "written-out"
) -> Float[Tensor, "batch heads S m"]:
    """q `(batch, heads, S, d)`, k `(batch, heads, T, d)`, v `(batch, heads, T, m)`, mask `(heads or 1, S, T)` -> `(batch, heads, S, m)`

    written-out: scores, biases and softmax in the mask's dtype, at least float32. fused: torch's scaled_dot_product_attention, which
    takes the mask in the dtype of q: in bfloat16 a bias is rounded to eight bits, though from exact distances.
    ValueError for a mask of another shape, dtype or device.
    """
    check_mask("biased_attention", mask, q, k)
    return _attention(q, k, v, mask, choose("biased_attention", "form", form, FORMS))


def _attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor, form: str) -> Tensor:
    if form == "fused":
        return nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask.to(q.dtype))
    scores = ((q * (1 / math.sqrt(q.shape[-1]))) @ k.mT).to(mask.dtype) + mask
    return scores.softmax(-1).to(v.dtype) @ v


def _check_state(state: Any, k: Tensor) -> None:
    """ValueError unless `state` is one of tokens before k `(batch, heads, 1, d)`: that shape, with tokens that dtype and device."""
    remedy = "make it with init_state(batch), or give the state of the step before"
    if not isinstance(state, KeyValues):
        raise ValueError(f"BiasedAttention.step: state is of type {type(state).__name__}; {remedy}")
    batch, heads, _, d = k.shape
    past = state.keys.shape[-2] if state.keys.ndim > 1 else 0
    for name, part in zip(KeyValues._fields, state, strict=True):
        if tuple(part.shape) != (batch, heads, past, d):
            raise ValueError(
                f"BiasedAttention.step: the state's {name} has shape {tuple(part.shape)}; expected {(batch, heads, past, d)}; {remedy}"
            )
        if past and (part.dtype != k.dtype or part.device != k.device):
            raise ValueError(
                f"BiasedAttention.step: the state's {name} has dtype {part.dtype} on {part.device}; expected {k.dtype} on "
                f"{k.device}; {remedy}"
            )


class BiasedAttention(Projected):
    """Attention of several heads with a position bias between four square maps; `x (batch, N, width)` -> the same shape.

    A decoding state is the `KeyValues` so far; a step is the last row of the whole, whatever the bias, since `position` is asked for
    the same row. ValueError for a width that the heads do not divide, and for a state of another shape, dtype or device.
    """

    def __init__(
        self,
        width: int,
        position: PositionBias,
        *,
        form: Literal["written-out", "fused"] | str = "written-out",
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(width, device=device, dtype=dtype)
        if width % position.heads:
            raise ValueError(f"BiasedAttention: width {width} is no multiple of {position.heads} heads")
        self.position = position
        self.form = choose("BiasedAttention", "form", form, FORMS)

    def _heads(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.position.heads, -1)).transpose(-3, -2)

    def _attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        mask = self.position.mask(q.shape[-2], k.shape[-2], q)
        return _attention(q, k, v, mask, self.form).transpose(-3, -2).flatten(-2)

    def mix(self, x: Tensor, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        q, k, v = map(self._heads, (q, k, v))
        return self._attend(self.position.turn(q, 0), self.position.turn(k, 0), v)

    def init_state(self, batch: int) -> KeyValues:
        """No token yet."""
        empty = self._empty(batch, self.position.heads, 0, self.width // self.position.heads)
        return KeyValues(empty, empty)

    def step(self, x_t: Tensor, state: KeyValues | Any) -> tuple[Float[Tensor, "batch width"], KeyValues]:
        """One token `(batch, width)` after those in `state`: its output, and the new state."""
        q, k, v = map(self._heads, self._row(x_t))
        _check_state(state, k)
        past = state.keys.shape[-2]
        new = KeyValues(self.position.turn(k, past), v)
        # under autocast keys are narrower than an empty state
        made = KeyValues(*(torch.cat([old.to(row), row], -2) for old, row in zip(state, new, strict=True)))
        return self.out(self._attend(self.position.turn(q, past), *made))[:, 0], made
