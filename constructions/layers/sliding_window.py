"""Softmax attention to the last `window` tokens, as a mask over all pairs and as windows unfolded: equal, not equally dear.

    o_t = sum_i p_ti v_i,   p_t = softmax of <q_t, k_i> / sqrt(d) over t - window < i <= t

Source: Liu et al., arXiv 1801.10198 (local attention); Beltagy, Peters, Cohan, arXiv 2004.05150. Costs derived here.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor

from constructions.layers.projections import Projected
from constructions.layers.shapes import check_heads, check_positive, choose

__all__ = ["SlidingWindow", "WindowState", "sliding_window_masked", "sliding_window_unfolded"]

WindowState = tuple[Tensor, Tensor, Tensor]
"""The last `window` keys and values, each `(batch, window, width)`, and which of these slots hold a token, `(window,)`."""


def sliding_window_masked(q: Tensor, k: Tensor, v: Tensor, window: int) -> Float[Tensor, "*batch N m"]:
    """q, k `(*batch, N, d)`, v `(*batch, N, m)` -> `(*batch, N, m)`.

    Cost, batch 1, m = d: work 4 N^2 d + 10 N^2 + N d + N: quadratic, whatever the window, since masked entries are
    computed. Memory N^2.
    """
    check_heads("sliding_window_masked", q, k, v)
    check_positive("sliding_window_masked", window=window)
    time = torch.arange(k.shape[-2], device=k.device)
    age = time[:, None] - time
    scores = (q * (1 / math.sqrt(q.shape[-1]))) @ k.mT
    return scores.masked_fill((age < 0) | (age >= window), -torch.inf).softmax(-1) @ v


def sliding_window_unfolded(q: Tensor, k: Tensor, v: Tensor, window: int) -> Float[Tensor, "*batch N m"]:
    """The same; `window` zeros before keys and values, which are then viewed as overlapping windows, one a token.

    Cost, batch 1, m = d, W the window: work 4 N W d + 8 N W + N d + N + W + 2 (N + 2 W) d, memory N W. In a batch torch copies the
    windows before it multiplies them, N W d more for keys and for values.
    """
    check_heads("sliding_window_unfolded", q, k, v)
    check_positive("sliding_window_unfolded", window=window)
    keys, values = (
        torch.cat([x.new_zeros((*x.shape[:-2], window, x.shape[-1])), x], -2).unfold(-2, window, 1)[..., 1:, :, :]
        for x in (k, v)
    )
    slot, time = torch.arange(window, device=k.device), torch.arange(k.shape[-2], device=k.device)
    scores = (q * (1 / math.sqrt(q.shape[-1])))[..., None, :] @ keys
    scores = scores.masked_fill((time[:, None] + slot < window - 1)[:, None], -torch.inf)
    return (scores.softmax(-1) @ values.mT)[..., 0, :]


class SlidingWindow(Projected):
    """Attention to the last `window` tokens between four square maps; `x (batch, N, d)` -> the same shape.

    form: "mask" or "unfold". Cost, batch 1, W the window.
    mask: work 8 N d^2 + 4 N^2 d + 10 N^2 + N d + N, span 3 L(d) + 3 L(N) + 9 for d > 1; one more for d = 1, where the mask is
    ready after the scores.
    unfold: work 8 N d^2 + 4 N W d + 8 N W + 3 N d + 4 W d + N + W, span 3 L(d) + 3 L(W) + 9.
    A decoded token: work 8 d^2 + 6 W d + 8 W + d + 1, from a state of 2 W d numbers and W marks.
    """

    def __init__(
        self,
        width: int,
        window: int,
        *,
        form: Literal["mask", "unfold"] | str = "unfold",
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(width, device=device, dtype=dtype)
        check_positive("SlidingWindow", window=window)
        self.window = window
        self.form = choose("SlidingWindow", "form", form, ("mask", "unfold"))

    def mix(self, x: Tensor, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        form = sliding_window_masked if self.form == "mask" else sliding_window_unfolded
        return form(q, k, v, self.window)

    def init_state(self, batch: int) -> WindowState:
        """Slots without a token."""
        rows = self._empty(batch, self.window, self.width)
        return rows, rows, self._empty(self.window).bool()

    def step(self, x_t: Tensor, state: WindowState) -> tuple[Float[Tensor, "batch width"], WindowState]:
        """One token `(batch, width)` after those in `state`: its output, and the new state."""
        q, k, v = self._row(x_t)
        keys, values = (torch.cat([old[:, 1:], new], -2) for old, new in ((state[0], k), (state[1], v)))
        held = torch.cat([state[2][1:], state[2].new_ones(1)])
        scores = ((q * (1 / math.sqrt(self.width))) @ keys.mT).masked_fill(~held, -torch.inf)
        return self.out(scores.softmax(-1) @ values)[:, 0], (keys, values, held)
