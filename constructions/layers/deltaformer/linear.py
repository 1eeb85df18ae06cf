"""The operator with linear kernels through its state, the sum of k_i (x) u_i over earlier tokens: d x m numbers, any T.

The forms `recurrence` (a state a token) and `chunked` (a state a chunk) of both stages, and of the adjoint, which is the
operator again with time reversed. Plain functions of arrays: autograd follows them through tensors. Derived here.
"""

from __future__ import annotations

from typing import Any

from jaxtyping import Shaped

from constructions.arrays import (
    Array,
    batch_shape,
    contract,
    flip_time,
    join_time,
    lower,
    outer,
    product,
    solve_unit_lower,
    stack_time,
    strict_lower,
    zeros,
)

__all__ = ["adjoint", "first_stage", "read", "step"]

_Keys = Shaped[Any, "*#batch time d"]
_Values = Shaped[Any, "*#batch time m"]
_Scales = Shaped[Any, "*#batch time"] | None


def step(
    state: Shaped[Any, "*#batch d m"],
    k: Shaped[Any, "*#batch d"],
    w: Shaped[Any, "*#batch d"],
    v: Shaped[Any, "*#batch m"],
    beta: Array | None,
) -> tuple[Array, Array]:
    """The state after a token, and its u."""
    erased = contract(w, state)
    u = v - (erased if beta is None else beta[..., None] * erased)
    return state + outer(k, u), u


def first_stage(k: _Keys, w: _Keys, v: _Values, beta: _Scales, chunk: int | None) -> Array:
    """u `(*batch, T, m)` for T >= 1; chunk None is the recurrence."""
    batch = batch_shape((k, 2), (w, 2), (v, 2), (beta, 1))
    (time, d), m = k.shape[-2:], v.shape[-1]
    state = zeros((*batch, d, m), like=v)
    rows = []
    if chunk is None:
        for t in range(time):
            state, u = step(state, k[..., t, :], w[..., t, :], v[..., t, :], None if beta is None else beta[..., t])
            rows.append(u)
        return stack_time(rows)
    for start in range(0, time, chunk):
        now = slice(start, start + chunk)
        beta_now = None if beta is None else beta[..., now, None]
        erased, inner = product(w[..., now, :], state), strict_lower(product(w[..., now, :], k[..., now, :].mT))
        if beta_now is not None:
            erased, inner = beta_now * erased, beta_now * inner
        u = solve_unit_lower(inner, v[..., now, :] - erased)
        rows.append(u)
        if start + chunk < time:
            state = state + product(k[..., now, :].mT, u)
    return join_time(rows)


def read(q: _Keys, k: _Keys, u: _Values, chunk: int | None, strict: bool = False) -> Array:
    """o_t = sum over i <= t, or i < t if `strict`, of <k_i, q_t> u_i, for T >= 1; chunk None is the recurrence."""
    batch = batch_shape((q, 2), (k, 2), (u, 2))
    (time, d), m = k.shape[-2:], u.shape[-1]
    state = zeros((*batch, d, m), like=u)
    rows = []
    if chunk is None:
        for t in range(time):
            before, state = state, state + outer(k[..., t, :], u[..., t, :])
            rows.append(contract(q[..., t, :], before if strict else state))
        return stack_time(rows)
    causal = strict_lower if strict else lower
    for start in range(0, time, chunk):
        now = slice(start, start + chunk)
        weights = causal(product(q[..., now, :], k[..., now, :].mT))
        rows.append(product(weights, u[..., now, :]) + product(q[..., now, :], state))
        if start + chunk < time:
            state = state + product(k[..., now, :].mT, u[..., now, :])
    return join_time(rows)


def adjoint(
    k: _Keys, w: _Keys, u: _Values, beta: _Scales, grad_u: _Values, chunk: int | None
) -> tuple[Array, Array, Array, Array]:
    """Gradients in k, w, v and beta; see `gradients` for the formulas."""
    scaled = w if beta is None else beta[..., None] * w
    y = flip_time(first_stage(flip_time(scaled), flip_time(k), flip_time(grad_u), None, chunk))
    z = -read(y, u, k, chunk, strict=True)
    grad_k = -flip_time(read(flip_time(u), flip_time(y), flip_time(scaled), chunk, strict=True))
    return grad_k, z if beta is None else beta[..., None] * z, y, contract(w, z[..., None])[..., 0]
