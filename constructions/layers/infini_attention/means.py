"""The same memory without underflow and without overflow: its rows as means, its normaliser as a logarithm.

With R_j = M_j / z_j, the row of channel j over its normaliser, and l = log z, a read is softmax attention over the d channels,

    A = sum_j p_j R_j,   p = softmax_j (log phi_j(q) + l_j)

and a segment with features phi_t is written, z'_j = z_j + sum_t phi_tj, by

    R'_j = (z_j / z'_j) R_j + sum_t (phi_tj / z'_j) w_t,   w_t = v_t (linear) or v_t minus what its key reads (delta)

Equal to `memory` in the reals whenever z > 0, as both sides are divided by z; the quotients are exponentials of differences of
logarithms, so no feature is formed that could be 0 or too large: neither 0 / 0, nor a normaliser beyond the largest number of the
format. By the linear rule R_j stays a convex combination of values, coefficient by coefficient.

What it costs: l is rounded relative to its own size, so z gets a relative error of u |l| a segment where a sum has u. An increment is
lost altogether when it is below u |l| z, with token-wise writing and l = 14 after 2^20 tokens at 14 times fewer tokens than in a sum.

Features come in as logarithms, -inf for padding. An empty memory has l = -inf and reads 0, which is "zero" of `memory`; so does a
query of padding. There is no form for the rule without z, and none for z = 0 with M not 0: a token of a known key that comes before
every other writes nothing. Floats of numpy and torch. Derived here.
"""

from __future__ import annotations

import math
import sys
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Shaped

from constructions.arrays import Array, is_tensor, zeros
from constructions.layers.infini_attention.memory import Memory, chosen, filled, sum_of_products
from constructions.layers.scores import exp, top

__all__ = ["Means", "empty_means", "means_of", "retrieve_means", "update_means"]

_Logs = Shaped[Any, "*#batch n d"]


class Means(NamedTuple):
    """R `(*batch, d, m)` and l = log z `(*batch, d)`."""

    rows: Any
    logs: Any


def empty_means(batch: tuple[int, ...], d: int, m: int, like: Array, constant: float = 0.0) -> Means:
    """R = 0 and z = constant in every channel; see `memory.empty`."""
    log = math.log(constant) if constant else -math.inf
    return Means(zeros((*batch, d, m), like=like), filled((*batch, d), log, like))


def means_of(memory: Memory) -> Means:
    """The same memory, with z > 0 everywhere, in this form."""
    return Means(memory.matrix / memory.normaliser[..., None], _log(memory.normaliser))


def retrieve_means(means: Means, logs: _Logs) -> Shaped[Any, "*batch n m"]:
    """What queries with these logarithms of features read. Work 2 n d m + 6 n d + n m + n."""
    weights = _exp_below(logs + means.logs[..., None, :], top)
    total = weights.sum(-1)[..., None]  # at least 1, the largest weight, unless the memory is empty
    total = chosen(total != 0, total, filled((), 1, total))
    return sum_of_products(weights, means.rows) / total


def update_means(
    means: Means, logs: _Logs, v: Shaped[Any, "*#batch n m"], rule: str = "linear", *, known: Any = None
) -> Means:
    """The memory after a segment; arguments as in `memory.update`, features by their logarithms."""
    if logs.shape[-2] == 0:
        return means
    written = v if rule == "linear" else v - retrieve_means(means, logs)
    highest = _finite(_larger(_constant(means.logs), _over_time(_constant(logs))))
    before, phi = exp(means.logs - highest), exp(logs - highest[..., None, :])
    added = phi if known is None else chosen(known[..., None], zeros((), like=phi), phi)
    total = before + added.sum(-2)
    something = total != 0
    divisor = chosen(something, total, filled((), 1, total))
    share = chosen(something[..., None, :], phi, zeros((), like=phi)) / divisor[..., None, :]
    rows = (before / divisor)[..., None] * means.rows + sum_of_products(share.mT, written)
    return Means(rows, chosen(something, _log(divisor) + highest, means.logs))


def _exp_below(x: Array, largest: Any) -> Array:
    """exp(x) over its largest entry, as a constant; 0 where all are -inf."""
    return exp(x - _finite(_constant(largest(x))))


def _finite(x: Array) -> Array:
    """x with 0 in place of -inf, from which nothing but -inf is taken off."""
    return chosen(x == -math.inf, zeros((), like=x), x)


def _larger(x: Array, y: Array) -> Array:
    return sys.modules["torch"].maximum(x, y) if is_tensor(x) else np.maximum(x, y)


def _over_time(x: Array) -> Array:
    return x.amax(-2) if is_tensor(x) else x.max(-2)


def _log(x: Array) -> Array:
    return x.log() if is_tensor(x) else np.log(x)


def _constant(x: Array) -> Any:
    return x.detach() if is_tensor(x) else x
