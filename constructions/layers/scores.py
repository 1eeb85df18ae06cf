"""Arrays of scores `(*batch, S, T)`, a row a query: masks, maxima, exponentials, adjoints, for arrays of `constructions.arrays`.

Functions ending in `_over` work in the storage of their first argument where that is a tensor of its own that autograd does not
follow, so it may be overwritten; what they return is the result either way. Each costs one pass over its arguments.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from constructions.arrays import Array, is_tensor, product

__all__ = [
    "each",
    "exp",
    "exp2_over",
    "is_object",
    "minus_over",
    "only",
    "only_over",
    "over_over",
    "through",
    "times_over",
    "top",
    "where",
    "whole",
]


def is_object(x: Array) -> bool:
    """Whether it is a numpy array of objects."""
    return not is_tensor(x) and x.dtype == object


def each(x: np.ndarray, function: Any) -> np.ndarray:
    """The function of every entry, as objects."""
    made = np.empty(x.shape, dtype=object)
    for index, value in np.ndenumerate(x):
        made[index] = function(value)
    return made


def top(x: Array) -> Array:
    """The greatest of each row, `(*batch, S, 1)`."""
    return x.amax(-1, keepdim=True) if is_tensor(x) else x.max(-1)[..., None]


def exp(x: Array) -> Array:
    """Entry by entry; of objects their own `exp`."""
    return sys.modules["torch"].exp(x) if is_tensor(x) else np.exp(x)


def where(condition: Any, x: Any, otherwise: Any) -> Array:
    """Entries of x where the condition holds, else the other; a number takes the dtype and device of the array."""
    like = x if is_tensor(x) else otherwise
    if is_tensor(like):
        torch = sys.modules["torch"]
        return torch.where(torch.as_tensor(condition, device=like.device), x, otherwise)
    return np.where(condition, x, otherwise)


def whole(allowed: Any, x: Array) -> Any:
    """`allowed` with a column for every column of x."""
    missing = x.shape[-1] - allowed.shape[-1]
    if not missing:
        return allowed
    if is_tensor(allowed):
        return sys.modules["torch"].nn.functional.pad(allowed, (missing, 0), value=True)
    return np.concatenate([np.ones((*allowed.shape[:-1], missing), dtype=bool), allowed], axis=-1)


def only(x: Array, allowed: Any) -> Array:
    """x with zeros where not allowed."""
    if allowed is None:
        return x
    return only_over(x, allowed, 0) if _owned(x) else where(whole(allowed, x), x, 0)


def _owned(x: Array) -> bool:
    return is_tensor(x) and not x.requires_grad


def only_over(x: Array, allowed: Any, otherwise: Any) -> Array:
    """x with that other number where not allowed."""
    if allowed is None:
        return x
    if not is_tensor(x):
        return np.where(whole(allowed, x), x, np.asarray(otherwise, dtype=x.dtype))
    barred = ~sys.modules["torch"].as_tensor(allowed, device=x.device)
    if not _owned(x):
        return x.masked_fill(~whole(~barred, x), otherwise)
    x[..., x.shape[-1] - barred.shape[-1] :].masked_fill_(barred, otherwise)
    return x


def minus_over(x: Array, y: Any) -> Array:
    """x - y, y a constant to autograd."""
    y = y.detach() if is_tensor(y) else y
    return x.sub_(y) if _owned(x) else x - y


def exp2_over(x: Array) -> Array:
    """2 ** x."""
    if is_tensor(x):
        return x.exp2_() if _owned(x) else x.exp2()
    return np.exp2(x)


def times_over(x: Array, y: Array) -> Array:
    return x.mul_(y) if _owned(x) else x * y


def over_over(x: Array, y: Array) -> Array:
    return x.div_(y) if _owned(x) else x / y


def through(queries: Array, keys: Array, pulled: Array, scale: Any = None) -> tuple[Array, Array]:
    """Through scale <x, y>: gradients in queries and keys from that in the scaled inner products. The second is made transposed,
    which is the faster way round for a BLAS: fewer queries than keys."""
    grad_queries = product(pulled, keys)
    if scale is None:
        return grad_queries, product(queries.mT, pulled).mT
    number = scale if is_object(queries) else float(scale)
    return number * grad_queries, product((number * queries).mT, pulled).mT
