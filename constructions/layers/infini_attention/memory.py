"""The compressive memory: what it is, how it is read, how a segment of tokens is written into it.

    read             A = phi(Q) M / (phi(Q) z)                        rows of Q, one a query; divided row by row
    linear           M' = M + phi(K)^T V                              z' = z + sum_t phi(K_t)
    delta            M' = M + phi(K)^T (V - phi(K) M / (phi(K) z))    z' = z + sum_t phi(K_t)
    delta-frozen     M' as by delta                                   z' = z + sum of phi(K_t) over tokens of keys not yet known
    delta-unit       M' = M + phi(K)^T (V - phi(K) M)                 no z; read A = phi(Q) M; phi of length 1

A whole segment is written at once: its tokens are read against the memory as it was before the segment, not against each other.
So by the delta rules a segment of n tokens is not n segments of one token; by the linear rule it is, exactly.

The paper gives no M_0 and z_0, and both are arguments: `empty` makes M = 0 with z = c in every channel, a `Memory` of any other
numbers is one too. With c = 0 the first read is 0 / 0. `nothing` says what that is: "zero", a query that meets nothing reads 0, and
the delta rules then write V as it is; "undefined", divided as printed, NaN in floats and ZeroDivisionError over the rationals.
Whether the gate skips the read of an empty memory is the caller's affair, who knows whether anything was written.

Features come in already mapped, `phi (*batch, n, d)`; see `features`. Arrays are those of `constructions.arrays`, all of one dtype;
over rationals (objects: `Fraction`, `fmpq`) everything here is exact, and Python integers among them divide to fractions. Formats
narrower than float32 round every operation, sums over a segment and over d run in index order, and a segment is summed before it is
added to M and z, so that segments of one token are the token-wise accumulation. Batch axes broadcast.

Source: Munkhdalai, Faruqui, Gopal, arXiv 2404.07143, equations 6 to 9; the rules without z and with frozen z are ours.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Shaped

from constructions.arrays import Array, batch_shape, is_narrow, is_tensor, product, select, zeros
from constructions.layers.scores import is_object

__all__ = [
    "NOTHING",
    "RULES",
    "Memory",
    "chosen",
    "empty",
    "filled",
    "has_normaliser",
    "retrieve",
    "sum_of_products",
    "update",
]

RULES = ("linear", "delta", "delta-frozen", "delta-unit")

NOTHING = ("zero", "undefined")
"""What a query reads that meets nothing, phi z = 0."""

_Features = Shaped[Any, "*#batch n d"]


class Memory(NamedTuple):
    """M `(*batch, d, m)` and z `(*batch, d)`; no z by the rule "delta-unit"."""

    matrix: Any
    normaliser: Any


def chosen(condition: Array, x: Array, otherwise: Array) -> Array:
    """Entries of x where the condition holds, else the other; all of one library."""
    return x.where(condition, otherwise) if is_tensor(x) else np.where(condition, x, otherwise)


def filled(shape: tuple[int, ...], number: Any, like: Array) -> Array:
    """The number everywhere, rounded to the dtype of `like`, on its device; itself among objects."""
    if is_tensor(like):
        return like.new_full(shape, float(number))
    return np.full(shape, number if is_object(like) else float(number), dtype=like.dtype)


def has_normaliser(rule: str) -> bool:
    return rule != "delta-unit"


def empty(rule: str, batch: tuple[int, ...], d: int, m: int, like: Array, constant: Any = 0) -> Memory:
    """M = 0 `(*batch, d, m)` and z = constant `(*batch, d)`, of the dtype and device of `like`. The constant is not used where
    there is no z."""
    z = filled((*batch, d), constant, like) if has_normaliser(rule) else None
    return Memory(zeros((*batch, d, m), like=like), z)


def retrieve(memory: Memory, phi: _Features, *, nothing: str = "zero") -> Shaped[Any, "*batch n m"]:
    """What the queries with these features read. Work 2 n d m + 2 n d + n m, and 2 n where `nothing` is "zero"."""
    found = sum_of_products(phi, memory.matrix)
    if memory.normaliser is None:
        return found
    below = _denominators(memory, phi)
    if nothing == "undefined":
        return _quotients(found, below[..., None])
    anything = below != 0
    # 1 in place of 0, before the division: autograd would carry 0 / 0 through a selection after it.
    made = _quotients(found, chosen(anything, below, filled((), 1, below))[..., None])
    return select(anything[..., None], made)


def update(
    memory: Memory,
    phi: _Features,
    v: Shaped[Any, "*#batch n m"],
    rule: str = "linear",
    *,
    known: Any = None,
    nothing: str = "zero",
) -> Memory:
    """The memory after a segment of keys with features `phi` and values `v`; the one before is left alone.

    known: booleans `(*batch, n)`, for "delta-frozen" alone: tokens whose key was stored before, which leave z as it is.
    Work 2 n d m + d m and n d + d for z; by a delta rule a read more and n m. No tokens, n = 0, change nothing.
    """
    if phi.shape[-2] == 0:
        return memory
    written = v if rule == "linear" else v - retrieve(memory, phi, nothing=nothing)
    matrix = memory.matrix + sum_of_products(phi.mT, written)
    if memory.normaliser is None:
        return Memory(matrix, None)
    added = phi if known is None else select(~known[..., None], phi)
    return Memory(matrix, memory.normaliser + _in_order(added))


def sum_of_products(a: Shaped[Any, "*#batch p q"], b: Shaped[Any, "*#batch q r"]) -> Shaped[Any, "*batch p r"]:
    """The matrix product; in formats narrower than float32 each operation rounded, sums in index order."""
    if not is_narrow(a):
        return product(a, b)
    total = zeros((*batch_shape((a, 2), (b, 2)), a.shape[-2], b.shape[-1]), like=a)
    for c in range(a.shape[-1]):
        total = total + a[..., :, c, None] * b[..., c, None, :]
    return total


def _denominators(memory: Memory, phi: _Features) -> Shaped[Any, "*batch n"]:
    return sum_of_products(phi, memory.normaliser[..., None])[..., 0]


def _in_order(phi: Shaped[Any, "*batch n d"]) -> Shaped[Any, "*batch d"]:
    if not is_narrow(phi):
        return phi.sum(-2)
    total = phi[..., 0, :]
    for t in range(1, phi.shape[-2]):
        total = total + phi[..., t, :]
    return total


def _exact_quotient(a: Any, b: Any) -> Any:
    return Fraction(a, b) if isinstance(a, int) and isinstance(b, int) else a / b


def _quotients(a: Array, b: Array) -> Array:
    """a / b; of integers among objects the fraction."""
    return np.frompyfunc(_exact_quotient, 2, 1)(a, b) if is_object(a) else a / b
