"""Linear attention: a running sum of outer products, read by the query; as cumsum, as loop, chunked.

    S_t = S_{t-1} + k_t (x) v_t,   o_t = q_t S_t

The three forms are equal over every commutative ring. The layer maps q and k by elu + 1, which is positive, and divides by the
sum of weights, which is read from the same state with a column of ones beside v.

Source: Katharopoulos, Vyas, Pappas, Fleuret, arXiv 2006.16236; chunks: Hua et al., arXiv 2202.10447. Costs derived here.
"""

from __future__ import annotations

from typing import Any, Literal

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from constructions.layers.projections import Projected
from constructions.layers.shapes import check_heads, check_positive, choose

__all__ = ["LinearAttention", "chunks", "linear_attention_chunked", "linear_attention_cumsum", "linear_attention_loop"]


def chunks(x: Tensor, chunk: int) -> Shaped[Tensor, "*batch n chunk d"]:
    """`(*batch, N, d)` cut into n = ceil(N / chunk) chunks, zeros appended. Work (2 n chunk - N) d: zeros, then a copy."""
    n = -(-x.shape[-2] // chunk)
    padding = x.new_zeros((*x.shape[:-2], n * chunk - x.shape[-2], x.shape[-1]))
    return torch.cat([x, padding], -2).unflatten(-2, (n, chunk))


def linear_attention_cumsum(q: Tensor, k: Tensor, v: Tensor) -> Shaped[Tensor, "*batch N m"]:
    """q, k `(*batch, N, d)`, v `(*batch, N, m)`, any dtype -> `(*batch, N, m)`; every state at once.

    Cost, batch 1: work 5 N d m, memory N d m.
    """
    check_heads("linear_attention_cumsum", q, k, v)
    states = (k[..., :, None] * v[..., None, :]).cumsum(-3)
    return (q[..., None, :] @ states)[..., 0, :]


def linear_attention_loop(q: Tensor, k: Tensor, v: Tensor) -> Shaped[Tensor, "*batch N m"]:
    """The same, a token at a time. Cost, batch 1: work 4 N d m + N m + d m, memory d m."""
    check_heads("linear_attention_loop", q, k, v)
    state = v.new_zeros((*v.shape[:-2], k.shape[-1], v.shape[-1]))
    rows = [v[..., :0, :]]
    for t in range(k.shape[-2]):
        state = state + k[..., t, :, None] * v[..., t, None, :]
        rows.append(q[..., t, None, :] @ state)
    return torch.cat(rows, -2)


def linear_attention_chunked(q: Tensor, k: Tensor, v: Tensor, chunk: int) -> Shaped[Tensor, "*batch N m"]:
    """The same: all pairs within a chunk, one state for each chunk; no loop. N need not be a multiple of the chunk.

    Cost, batch 1, C the chunk, n = ceil(N / C), P = n C: work 2 P C (d + m) + P C + 4 P d m + P m + (3 n + 1) d m, and
    (2 P - N) (2 d + m) to pad. Memory P C + n d m.
    """
    check_heads("linear_attention_chunked", q, k, v)
    check_positive("linear_attention_chunked", chunk=chunk)
    time = k.shape[-2]
    q, k, v = (chunks(x, chunk) for x in (q, k, v))
    within = (q @ k.mT).tril() @ v
    states = k.mT @ v
    before = torch.cat([torch.zeros_like(states[..., :1, :, :]), states.cumsum(-3)[..., :-1, :, :]], -3)
    return (within + q @ before).flatten(-3, -2)[..., :time, :]


class LinearAttention(Projected):
    """Linear attention with features elu + 1, normalised, between four square maps; `x (batch, N, d)` -> the same shape.

    form: "cumsum", "loop" or "chunked" with `chunk` tokens a chunk.

    Cost, batch 1; C the chunk, n = ceil(N / C), P = n C.
    cumsum: work 13 N d^2 + 11 N d + 2 N, span 3 L(d) + 2 L(N) + 7.
    loop: work 12 N d^2 + 11 N d + 3 N + d^2 + d, span N + 3 L(d) + 8.
    chunked: work 8 N d^2 + 3 N d + N + 4 P d^2 + 4 P C d + 3 P C + 11 P d + 3 P + (3 n + 1) (d^2 + d), span
    3 L(d) + L(C) + 2 L(n) + 10.
    A decoded token: work 12 d^2 + 10 d + 2, from a state of d^2 + d numbers.
    """

    def __init__(
        self,
        width: int,
        *,
        form: Literal["cumsum", "loop", "chunked"] | str = "chunked",
        chunk: int = 64,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(width, device=device, dtype=dtype)
        check_positive("LinearAttention", chunk=chunk)
        self.chunk = chunk
        self.form = choose("LinearAttention", "form", form, ("cumsum", "loop", "chunked"))

    def mix(self, x: Tensor, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        q, k, v = _features(q, k, v)
        if self.form == "chunked":
            return _normalised(linear_attention_chunked(q, k, v, self.chunk))
        return _normalised(
            linear_attention_cumsum(q, k, v) if self.form == "cumsum" else linear_attention_loop(q, k, v)
        )

    def init_state(self, batch: int) -> Tensor:
        """S_0 = 0, `(batch, width, width + 1)`, whose last column sums the keys."""
        return self._empty(batch, self.width, self.width + 1)

    def step(self, x_t: Tensor, state: Tensor) -> tuple[Float[Tensor, "batch width"], Tensor]:
        """One token `(batch, width)` after those in `state`: its output, and the new state."""
        q, k, v = _features(*self._row(x_t))
        state = state + k.mT * v
        return self.out(_normalised(q @ state))[:, 0], state


def _features(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """elu + 1 of q and k; v with a column of ones."""
    return nn.functional.elu(q) + 1, nn.functional.elu(k) + 1, torch.cat([v, v.new_ones((*v.shape[:-1], 1))], -1)


def _normalised(o: Tensor) -> Tensor:
    return o[..., :-1] / o[..., -1:]
