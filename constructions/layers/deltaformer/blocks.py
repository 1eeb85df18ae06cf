"""The operator by row blocks, for every kernel: the weights of a few tokens over all tokens before them at a time. Derived here.

With P_ti = kappa(k_i, w_t), zero unless i < t, and chunk c of tokens after those in p:

    U_c = (I + beta_c P_cc)^{-1} (V_c - beta_c (P_cp U_p))             first stage, chunks forwards
    Y_c = (I + beta_c P_cc)^{-T} (G_c - sum over later chunks s of P_sc^T (beta_s Y_s))      its adjoint, backwards
    dV = Y,  dP_ti = -beta_t <y_t, u_i>,  dbeta_t = -sum_i P_ti <y_t, u_i>

and dP goes through the kernel's own adjoint. Work O(T^2 (d + m)) for each batch entry; memory O(C T) besides arguments and
results, as the adjoint forms the weights again. Nothing here is followed by autograd. A kernel is asked for whole rows of
weights, so it may normalise them. Every kind of array in `constructions.arrays` that is not narrower than float32.
Sums over the rows of a block are made transposed, with time along memory: the BLAS is a third faster on few rows by many.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jaxtyping import Shaped

from constructions.arrays import (
    Array,
    batch_shape,
    earlier,
    product,
    solve_unit_lower,
    solve_unit_lower_transposed,
    time_inner,
    zeros,
)
from constructions.layers.kernels import Kernel

__all__ = ["first_stage", "first_stage_adjoint", "read", "read_adjoint", "row_weights"]

_Keys = Shaped[Any, "*#batch time d"]
_Values = Shaped[Any, "*#batch time m"]
_Scales = Shaped[Any, "*#batch time"] | None


def row_weights(
    queries: _Keys, keys: _Keys, kernel: Kernel, valid: _Scales, now: slice, strict: bool
) -> tuple[Array, Array]:
    """The weights `(*batch, now, now.stop)` of the tokens `now` over those before them, and which were allowed."""
    allowed = earlier(now.stop - now.start, queries, strict)
    if valid is not None:
        seen = valid[..., None, : now.stop] & valid[..., now, None]
        seen[..., now] &= allowed
        allowed = seen
    return kernel.weights(queries[..., now, :], keys[..., : now.stop, :], allowed), allowed


def first_stage(
    k: _Keys, w: _Keys, v: _Values, beta: _Scales, valid: _Scales, kernel: Kernel, chunk: int, out: Array | None = None
) -> Array:
    """u `(*batch, T, m)`; written into `out` where that is given."""
    u: Any = out
    if u is None:
        u = zeros((*batch_shape((k, 2), (w, 2), (v, 2), (beta, 1), (valid, 1)), *v.shape[-2:]), like=v)
    k = time_inner(k)
    for now in _chunks(k.shape[-2], chunk):
        weights, _ = row_weights(w, k, kernel, valid, now, strict=True)
        here, before = _scaled(beta, now, weights[..., now]), weights[..., : now.start]
        rest = v[..., now, :]
        if now.start:
            rest = rest - _scaled(beta, now, product(before, u[..., : now.start, :]))
        u[..., now, :] = solve_unit_lower(here, rest)
    return u


def first_stage_adjoint(
    k: _Keys, w: _Keys, beta: _Scales, valid: _Scales, u: _Values, grad_u: _Values, kernel: Kernel, chunk: int
) -> tuple[Array, Array, Array, Array]:
    """Gradients in k, w, v and beta, each with all batch axes of `u`, which `grad_u` has too."""
    batch, time = tuple(u.shape[:-2]), k.shape[-2]
    grad_w, grad_beta = zeros((*batch, *w.shape[-2:]), like=u), zeros((*batch, time), like=u)
    keys_gradient, y = (zeros((*batch, width, time), like=u) for width in (k.shape[-1], u.shape[-1]))
    y[...] = grad_u.mT
    scored = time_inner(k)
    for now in reversed(list(_chunks(time, chunk))):
        before, until = slice(0, now.start), slice(0, now.stop)
        weights, allowed = row_weights(w, scored, kernel, valid, now, strict=True)
        y_now = solve_unit_lower_transposed(_scaled(beta, now, weights[..., now]), y[..., now].mT)
        y[..., now] = y_now.mT
        y[..., before] -= product(_scaled(beta, now, y_now).mT, weights[..., before])
        grad_weights = product(-y_now, u[..., until, :].mT)
        if beta is not None:
            grad_beta[..., now] = (grad_weights * weights).sum(-1)
            grad_weights = _scaled(beta, now, grad_weights)
        pulled = kernel.adjoint(w[..., now, :], k[..., until, :], allowed, weights, grad_weights)
        if pulled is not None:
            grad_w[..., now, :] = pulled[0]
            keys_gradient[..., until] += pulled[1].mT
    return keys_gradient.mT, grad_w, y.mT, grad_beta


def read(q: _Keys, k: _Keys, u: _Values, valid: _Scales, kernel: Kernel, chunk: int, out: Array | None = None) -> Array:
    """o `(*batch, T, m)`; written into `out` where that is given."""
    made: Any = out
    if made is None:
        made = zeros((*batch_shape((q, 2), (k, 2), (u, 2), (valid, 1)), *u.shape[-2:]), like=u)
    k = time_inner(k)
    for now in _chunks(k.shape[-2], chunk):
        weights, _ = row_weights(q, k, kernel, valid, now, strict=False)
        made[..., now, :] = product(weights, u[..., : now.stop, :])
    return made


def read_adjoint(
    q: _Keys, k: _Keys, u: _Values, valid: _Scales, grad_o: _Values, kernel: Kernel, chunk: int
) -> tuple[Array, Array, Array]:
    """Gradients in q, k and u, each with all batch axes of `grad_o`."""
    batch, time = tuple(grad_o.shape[:-2]), k.shape[-2]
    grad_q = zeros((*batch, *q.shape[-2:]), like=u)
    keys_gradient, u_gradient = (zeros((*batch, width, time), like=u) for width in (k.shape[-1], u.shape[-1]))
    scored = time_inner(k)
    for now in _chunks(time, chunk):
        until = slice(0, now.stop)
        weights, allowed = row_weights(q, scored, kernel, valid, now, strict=False)
        grad_now = grad_o[..., now, :]
        u_gradient[..., until] += product(grad_now.mT, weights)
        grad_weights = product(grad_now, u[..., until, :].mT)
        pulled = kernel.adjoint(q[..., now, :], k[..., until, :], allowed, weights, grad_weights)
        if pulled is not None:
            grad_q[..., now, :] = pulled[0]
            keys_gradient[..., until] += pulled[1].mT
    return grad_q, keys_gradient.mT, u_gradient.mT


def _chunks(time: int, chunk: int) -> Iterator[slice]:
    return (slice(start, min(start + chunk, time)) for start in range(0, time, chunk))


def _scaled(beta: Any, now: slice, rows: Array) -> Array:
    return rows if beta is None else beta[..., now, None] * rows
