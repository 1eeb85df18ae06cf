"""Both stages a token at a time, from what earlier tokens left behind. Derived here.

Linear kernels leave a state of d m numbers. Every other kernel needs the earlier keys and what was written under them: a
cache that grows by d + m numbers a token. Arguments are left alone: a cache can be continued in two ways.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from constructions.arrays import (
    Array,
    batch_shape,
    cast_like,
    contract,
    is_array,
    join_time,
    product,
    undisturbed,
    widen,
    zeros,
)
from constructions.layers.deltaformer.doors import CACHE_SHAPES, STEP_SHAPES, check_kernel, check_overflow, door
from constructions.layers.deltaformer.linear import step
from constructions.layers.deltaformer.stages import is_linear, weighted, widened
from constructions.layers.kernels import LINEAR, Kernel

__all__ = ["Cache", "decode", "init_cache"]


class Cache(NamedTuple):
    """The keys `(*batch, t, d)` of the t tokens so far, the u written under them `(*batch, t, m)`, and which of them count
    `(*batch, t)`, None for all. Float32 where the arguments are of a narrower format."""

    keys: Array
    written: Array
    valid: Array | None = None


def init_cache(k: Array, v: Array, *, kernel: Kernel = LINEAR, read_kernel: Kernel | None = None) -> Cache | Array:
    """What there is before the first token, for tokens like `k` `(*batch, d)` and `v` `(*batch, m)`, whose values do not
    matter: a state `(*batch, d, m)` of zeros if both kernels are linear, else an empty cache.

    `v` has the batch axes of u, those of k, w, v and beta together; `k` its own, of as many axes.
    """
    if is_linear(kernel) and is_linear(kernel if read_kernel is None else read_kernel):
        batch = np.broadcast_shapes(tuple(k.shape[:-1]), tuple(v.shape[:-1]))
        return zeros((*batch, k.shape[-1], v.shape[-1]), like=widen(v))
    return Cache(*(zeros((*x.shape[:-1], 0, x.shape[-1]), like=widen(v)) for x in (k, v)))


def decode(
    state: Cache | Array,
    q: Array,
    k: Array,
    w: Array | None,
    v: Array,
    beta: Array | None = None,
    *,
    alpha: Array | None = None,
    kernel: Kernel = LINEAR,
    read_kernel: Kernel | None = None,
    check_finite: bool = True,
) -> tuple[Array, Cache | Array]:
    """One token of `attention`: returns its o `(*batch, m)` and the new state. `state` is of `init_cache` or of the call
    for the token before, with the same kernels.

    Shapes: q, k, w `(*batch, d)`, v `(*batch, m)`, alpha, beta `(*batch,)`. Work O(d m) for linear kernels, else O(t (d + m))
    for the token after t others. Formats narrower than float32 are widened and o is rounded once.
    Raises ValueError for shapes, dtypes or devices that do not fit together, a state of the other kind or of other sizes,
    and for NaN or infinities in the token unless `check_finite=False`.
    """
    read_kernel = kernel if read_kernel is None else read_kernel
    token = {"q": q, "k": k, "w": w, "v": v, "beta": beta, "alpha": alpha}
    door("decode", token, STEP_SHAPES, check_finite)
    like = v

    q, k, w, v, beta, alpha = widened(q, k, k if w is None else w, v, beta, alpha)
    stateful = is_linear(kernel) and is_linear(read_kernel)
    if is_array(state) if not stateful else isinstance(state, Cache):
        told, wanted = ("a Cache", "a state (*batch, d, m)") if stateful else ("an array", "a Cache")
        raise ValueError(
            f"deltaformer.decode: state is {told}, these kernels need {wanted}; make it with init_cache and the same kernels"
        )
    if not stateful and not isinstance(state, Cache):
        raise ValueError(
            f"deltaformer.decode: state is of type {type(state).__name__}; give a Cache, made with init_cache"
        )
    with undisturbed(v):
        v = weighted(alpha, v)
        if not isinstance(state, Cache):
            door("decode", {"state": state, "k": k, "w": w, "v": v, "beta": beta}, STEP_SHAPES, False)
            _check_batch("state is", state, _batch(k, w, v, beta))
            state, _ = step(state, k, w, v, beta)
            return cast_like(contract(q, state), like), state
        for each in (kernel, read_kernel):
            check_kernel("decode", each, k)
        _check_cache(state, k, w, v, beta)
        erased = zeros((*state.written.shape[:-2], v.shape[-1]), like=v)
        if state.keys.shape[-2]:
            erased = _attend(w, state, kernel)
        u = v - weighted(beta, erased)
        after = _append(state, k, u)
        made = _attend(q, after, read_kernel)
        made = cast_like(made, like)
    if check_finite:
        rows: Any = ((kernel, w, True), (read_kernel, q, False))
        check_overflow("decode", after.keys, [(each, row[..., None, :], strict) for each, row, strict in rows], made)
    return made, after


def _attend(query: Array, cache: Cache, kernel: Kernel) -> Array:
    allowed = None if cache.valid is None else cache.valid[..., None, :]
    return product(kernel.weights(query[..., None, :], cache.keys, allowed), cache.written)[..., 0, :]


def _append(cache: Cache, k: Array, u: Array) -> Cache:
    keys, written = (join_time([old, new[..., None, :]]) for old, new in zip(cache[:2], (k, u), strict=True))
    if cache.valid is None:
        return Cache(keys, written)
    new = cache.valid[..., :1] | True
    return Cache(keys, written, join_time([cache.valid[..., None], new[..., None]])[..., 0])


def _check_cache(cache: Cache, k: Array, w: Array, v: Array, beta: Array | None) -> None:
    named = {"keys": cache.keys, "written": cache.written, "k": k, "w": w, "v": v, "beta": beta}
    door("decode", {**named, "valid": cache.valid}, CACHE_SHAPES, False)
    _check_batch("cache's keys are", cache.keys, tuple(k.shape[:-1]))
    _check_batch("cache's written are", cache.written, _batch(k, w, v, beta))


def _batch(k: Array, w: Array, v: Array, beta: Array | None) -> tuple[int, ...]:
    """The batch shape of a token's u."""
    return batch_shape((k, 1), (w, 1), (v, 1), (beta, 0))


def _check_batch(what: str, held: Array, given: tuple[int, ...]) -> None:
    if tuple(held.shape[:-2]) != given:
        raise ValueError(
            f"deltaformer.decode: the {what} for tokens of batch shape {tuple(held.shape[:-2])}, this token has {given}; give "
            "tokens of one batch shape to one cache"
        )
