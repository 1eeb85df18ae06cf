"""The operator's steps on whole numbers that never wrap: dtypes grow, from int8 to int64 to Python's integers, when a
bound on the result asks for it. Entries that are fractions stay fractions.

numpy's integers wrap modulo 2**bits without a word, so an enumeration in int8 would take a weight of 257 for 1. Here the
greatest magnitude of what is multiplied bounds the result before it is computed. Derived here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Shaped

from constructions.layers import deltaformer as operator

Whole = Shaped[np.ndarray, "..."]
"""An array of a signed integer dtype, or of Python integers and fractions."""


def step(state: Whole, k: Whole, w: Whole, v: Whole, beta: Whole) -> tuple[Whole, Whole]:
    """`constructions.layers.deltaformer.step` in the narrowest dtype, at least that of the state, in which no entry of
    the result wraps. Shapes and cost as there, and one pass over each argument."""
    return _step(state, k, w, v, beta, [_greatest(x) for x in (k, w, v, beta)])


def _step(state: Whole, k: Whole, w: Whole, v: Whole, beta: Whole, greatest: Sequence[Any]) -> tuple[Whole, Whole]:
    """`step`, given the greatest magnitudes in k, w, v and beta."""
    of_k, of_w, of_v, of_beta = greatest
    before = _greatest(state)
    change = of_v + of_beta * w.shape[-1] * of_w * before
    arrays = _fitting(max(change, before + of_k * change, *greatest), state, k, w, v, beta)
    return operator.step(*arrays, check_finite=False)


def recurrence(k: Whole, w: Whole, v: Whole, beta: Whole) -> Whole:
    """U `(batch, T, m)` of tokens `(batch, T, d)`, by `step`, as int64 or, where that is too narrow, as Python integers."""
    state = np.zeros((k.shape[0], k.shape[-1], v.shape[-1]), dtype=np.int8)
    rows = [np.zeros((k.shape[0], 0, v.shape[-1]), dtype=np.int64)]
    greatest = [_greatest(x) for x in (k, w, v, beta)]
    for t in range(k.shape[1]):
        state, u = _step(state, k[:, t], w[:, t], v[:, t], beta[:, t], greatest)
        rows.append(u[:, None])
    return np.concatenate(rows, axis=1)


def product(a: Whole, b: Whole) -> Whole:
    """The matrix product a @ b in the narrowest dtype, at least that of b, in which no entry wraps."""
    b, a = _fitting(max(a.shape[-1] * _greatest(a) * _greatest(b), _greatest(a)), b, a)
    if not a.shape[-1]:
        return a @ b
    total = a[..., :, :1] * b[..., :1, :]
    for c in range(1, a.shape[-1]):
        total = total + a[..., :, c, None] * b[..., c, None, :]
    return total


def _greatest(x: Whole) -> Any:
    """The greatest magnitude of an entry, as a Python number."""
    if not x.size:
        return 0
    most, least = x.max(), x.min()
    return max(most, -least) if x.dtype == object else max(int(most), -int(least))


def _fitting(bound: Any, first: Whole, *others: Whole) -> tuple[Whole, ...]:
    """All arrays in one dtype that holds the bound: the first array's if it does."""
    arrays = (first, *others)
    if any(x.dtype == object for x in arrays):
        chosen: Any = object
    else:
        wider = [t for t in (np.int8, np.int64) if np.dtype(t).itemsize >= first.dtype.itemsize]
        chosen = next((t for t in wider if bound <= np.iinfo(t).max), object)
    return tuple(x.astype(chosen, copy=False) for x in arrays)
