"""Both stages in every form, behind the doors: w given, v already times alpha, padding already zero."""

from __future__ import annotations

from typing import Any

from jaxtyping import Shaped

from constructions.arrays import (
    Array,
    cast_like,
    is_float,
    is_tensor,
    product,
    select,
    solve_unit_lower,
    widen,
)
from constructions.layers.deltaformer import blocks, linear
from constructions.layers.deltaformer.doors import Form
from constructions.layers.kernels import Kernel, Linear

__all__ = ["first_stage", "hidden", "is_linear", "second_stage", "weighted", "widened"]

_Keys = Shaped[Any, "*#batch time d"]
_Values = Shaped[Any, "*#batch time m"]
_Scales = Shaped[Any, "*#batch time"] | None


def is_linear(kernel: Kernel) -> bool:
    return isinstance(kernel, Linear)


def weighted(alpha: Array | None, v: Array) -> Array:
    """alpha_t v_t."""
    return v if alpha is None else alpha[..., None] * v


def widened(*arrays: Any) -> Any:
    """The arrays, None among them, in float32 where they are narrower."""
    return [None if x is None else widen(x) for x in arrays]


def hidden(valid: Array | None, *rows: Any, scales: tuple[Any, ...] = ()) -> Any:
    """The arrays with zeros at padding, so that nothing there, not even NaN, is met again."""
    if valid is None:
        return [*rows, *scales]
    made = [select(valid[..., None], x) for x in rows]
    return [*made, *(None if x is None else select(valid, x) for x in scales)]


def first_stage(
    k: _Keys, w: _Keys, v: _Values, beta: _Scales, valid: _Scales, form: Form, chunk: int, kernel: Kernel
) -> Array:
    through_state = is_linear(kernel) and k.shape[-2] > 0  # without tokens there is no state to begin with
    if through_state and form == "recurrence":
        return linear.first_stage(k, w, v, beta, None)
    like = v
    k, w, v, beta = widened(k, w, v, beta)
    if form == "solve":
        weights, _ = blocks.row_weights(w, k, kernel, valid, slice(0, k.shape[-2]), strict=True)
        made = solve_unit_lower(weights if beta is None else beta[..., None] * weights, v)
    elif through_state:
        made = linear.first_stage(k, w, v, beta, chunk)
    else:
        made = _by_blocks(v, "first_stage")(k, w, v, beta, valid, kernel, 1 if form == "recurrence" else chunk)
    return cast_like(made, like)


def second_stage(q: _Keys, k: _Keys, u: _Values, valid: _Scales, form: Form, chunk: int, kernel: Kernel) -> Array:
    through_state = is_linear(kernel) and k.shape[-2] > 0
    if through_state and form == "recurrence":
        return linear.read(q, k, u, None)
    like = u
    q, k, u = widened(q, k, u)
    if form == "solve":
        weights, _ = blocks.row_weights(q, k, kernel, valid, slice(0, k.shape[-2]), strict=False)
        made = product(weights, u)
    elif through_state:
        made = linear.read(q, k, u, chunk)
    else:
        made = _by_blocks(u, "read")(q, k, u, valid, kernel, 1 if form == "recurrence" else chunk)
    return cast_like(made, like)


def _by_blocks(like: Array, stage: str) -> Any:
    """The row blocks of that stage, for tensors as a function that autograd knows."""
    if not (is_tensor(like) and is_float(like)):
        return getattr(blocks, stage)
    from constructions.layers.deltaformer import differentiable

    return getattr(differentiable, stage)
