"""The delta rule: a memory that moves what it holds under a key towards a new value; as loop, chunked.

    S_t = S_{t-1} + beta_t k_t (x) (v_t - k_t S_{t-1}),   o_t = q_t S_t

Chunked: within a chunk that starts from the state S the writes w_t = beta_t (v_t - k_t S_{t-1}) solve
(I + A) W = diag(beta) (V - K S), where A_ti = beta_t <k_t, k_i> for i < t and 0 elsewhere, since S_{t-1} = S + sum_{i<t} k_i (x) w_i.
I + A is unit lower triangular; one solve against [diag(beta) V, diag(beta) K] serves for every S (the UT transform of the WY
form). The two forms are equal over every commutative ring, and expand to the same products.

Source: Widrow, Hoff, 1960; as fast weights Schlag, Irie, Schmidhuber, arXiv 2102.11174; chunks: Yang, Wang, Zhang, Shen, Kim,
arXiv 2406.06484, after Bischof, Van Loan, 1987. Costs derived here.
"""

from __future__ import annotations

from typing import Any, Literal

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from constructions.arrays import cast_like, widen
from constructions.layers.linear_attention import chunks
from constructions.layers.projections import Projected
from constructions.layers.shapes import check_heads, check_positive, choose

__all__ = ["DeltaRule", "delta_rule_chunked", "delta_rule_loop", "unit_keys"]


def delta_rule_loop(q: Tensor, k: Tensor, v: Tensor, beta: Tensor) -> Shaped[Tensor, "*batch N m"]:
    """q, k `(*batch, N, d)`, v `(*batch, N, m)`, beta `(*batch, N)`, any dtype -> `(*batch, N, m)`; a token at a time.

    Cost, batch 1: work 6 N d m + 3 N m + d m, memory d m.
    """
    check_heads("delta_rule_loop", q, k, v, beta=beta)
    state = v.new_zeros((*v.shape[:-2], k.shape[-1], v.shape[-1]))
    rows = [v[..., :0, :]]
    for t in range(k.shape[-2]):
        write = beta[..., t, None, None] * (v[..., t, None, :] - k[..., t, None, :] @ state)
        state = state + k[..., t, :, None] * write
        rows.append(q[..., t, None, :] @ state)
    return torch.cat(rows, -2)


def delta_rule_chunked(q: Tensor, k: Tensor, v: Tensor, beta: Tensor, chunk: int) -> Shaped[Tensor, "*batch N m"]:
    """The same in a floating dtype, one triangular solve for all chunks at once, then a chunk at a time. N need not be a
    multiple of the chunk. Formats narrower than float32, which have no solve, are computed in it and rounded once.

    Cost, batch 1, C the chunk, n = ceil(N / C), P = n C: work 6 P d m + 2 P C (2 d + m) + P C (d + m) + 2 P C + 2 P d + 5 P m +
    (n + 1) d m, and (2 P - N) (2 d + m + 1) to pad. Memory P (C + d + m).
    """
    check_heads("delta_rule_chunked", q, k, v, beta=beta)
    check_positive("delta_rule_chunked", chunk=chunk)
    if not v.dtype.is_floating_point:
        raise ValueError(
            f"delta_rule_chunked: dtype {v.dtype} has no triangular solve; convert to a float, or use delta_rule_loop"
        )
    time, like = k.shape[-2], v
    q, k, v, beta = (chunks(widen(x), chunk) for x in (q, k, v, beta[..., None]))
    gated = beta * k
    right = torch.cat([beta * v, gated], -1)
    solved = torch.linalg.solve_triangular((gated @ k.mT).tril(-1), right, upper=False, unitriangular=True)
    values, keys = solved[..., : v.shape[-1]], solved[..., v.shape[-1] :]
    pairs = (q @ k.mT).tril()
    state = v.new_zeros((*v.shape[:-3], k.shape[-1], v.shape[-1]))
    rows = [v[..., :0, :, :].flatten(-3, -2)]
    for c in range(k.shape[-3]):
        writes = values[..., c, :, :] - keys[..., c, :, :] @ state
        rows.append(q[..., c, :, :] @ state + pairs[..., c, :, :] @ writes)
        state = state + k[..., c, :, :].mT @ writes
    return cast_like(torch.cat(rows, -2)[..., :time, :], like)


def unit_keys(k: Tensor) -> Float[Tensor, "*batch d"]:
    """k divided by its length; 0 stays 0, with a finite gradient.

    The square root of the least normal number is added to the squared length: below its roundoff for lengths over 2e-6 in
    float32, 2e-69 in float64, and large enough that its power -3/2 is finite. Work, a row of d: 3 d + 2; span L(d) + 4.
    """
    return k * ((k * k).sum(-1, keepdim=True) + torch.finfo(k.dtype).smallest_normal ** 0.5).rsqrt()


class DeltaRule(Projected):
    """The delta rule with unit keys and a learned beta in (0, most), between four square maps; `x (batch, N, d)` -> the same shape.

    form: "loop", or "chunked" with `chunk` tokens a chunk. most: 1 or 2. With unit keys a write never lengthens the error under its
    own key; I - beta k (x) k has the eigenvalue 1 - beta, which is negative only beyond 1, as a reflection needs.

    Cost, batch 1, most = 1; C the chunk, n = ceil(N / C), P = n C.
    loop: work 14 N d^2 + 8 N d + 3 N + d^2, span N (L(d) + 5) + 4 L(d) + 8.
    chunked: work 8 N d^2 + 2 N d + 2 N + 6 P d^2 + 8 P C d + 2 P C + 13 P d + 2 P + (n + 1) d^2, span
    n (L(C) + L(d) + 4) + 2 C + 4 L(d) + 11.
    A decoded token, most = 1: work 14 d^2 + 7 d + 3, a state of d^2 numbers.
    """

    def __init__(
        self,
        width: int,
        *,
        form: Literal["loop", "chunked"] | str = "chunked",
        chunk: int = 64,
        most: int = 1,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(width, device=device, dtype=dtype)
        check_positive("DeltaRule", chunk=chunk)
        if most not in (1, 2):
            raise ValueError(f"DeltaRule: most = {most!r}; give 1 or 2, the end of the range of beta")
        self.chunk, self.most = chunk, most
        self.form = choose("DeltaRule", "form", form, ("loop", "chunked"))
        self.gate = nn.Linear(width, 1, bias=False, device=device, dtype=dtype)

    def _beta(self, x: Tensor) -> Tensor:
        """(*batch, 1)."""
        beta = self.gate(x).sigmoid()
        return beta if self.most == 1 else self.most * beta

    def mix(self, x: Tensor, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        k, beta = unit_keys(k), self._beta(x)[..., 0]
        return delta_rule_loop(q, k, v, beta) if self.form == "loop" else delta_rule_chunked(q, k, v, beta, self.chunk)

    def init_state(self, batch: int) -> Tensor:
        """S_0 = 0, `(batch, width, width)`."""
        return self._empty(batch, self.width, self.width)

    def step(self, x_t: Tensor, state: Tensor) -> tuple[Float[Tensor, "batch width"], Tensor]:
        """One token `(batch, width)` after those in `state`: its output, and the new state."""
        q, k, v = self._row(x_t)
        k, beta = unit_keys(k), self._beta(x_t)[..., None]
        state = state + k.mT * (beta * (v - k @ state))
        return self.out(q @ state)[:, 0], state
