"""The finite state of a linear kernel, and what a positive definite one holds."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import permutations
from typing import Any

import numpy as np

from constructions.deltaformer.matrix_certificates import rank_certificate
from constructions.deltaformer.memory import Halved, Power
from constructions.deltaformer.swap_tracking import plain
from constructions.layers import deltaformer as operator
from constructions.layers.kernels import Kernel
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.deltaformer.dimension import determinants_agree, over_t
from theory.deltaformer import finite_state as claims
from theory.exact import to_fractions, to_matrix


@check(claims.linear_limit, "derived", covers=True, scope={"sizes": "all d and N > d", "method": "block identities"})
def readings_through_few_dimensions(lower: Callable[[Any, Any], Any] = over_t, missing: int = 1) -> Evidence:
    """The two block factorisations of a linear read-out, with N = d + `missing` readings."""
    return determinants_agree(lower, missing)


control(readings_through_few_dimensions, "t-forgotten", "refuted", lower=lambda s, t: s, reason="the block is S / t")
control(readings_through_few_dimensions, "as-many-rows", "refuted", missing=0, reason="d pairs can be read")
control(readings_through_few_dimensions, "many-too-many", "confirmed", missing=7, reason="more pairs, all the more")


def _unit_keys(n: int, d: int) -> np.ndarray:
    """The first n of the unit vectors, then vectors (1, j, j^2, ...)."""
    made = np.vander(np.arange(n, dtype=np.int64), d, increasing=True)
    made[: min(n, d)] = np.eye(min(n, d), d, dtype=np.int64)
    return made


@check(
    claims.linear_limit,
    "certified",
    given={"d": [1, 2, 3, 5]},
    scope={"sizes": "d = 1, 2, 3, 5 with N = d and N = d + 1"},
)
def readings_have_rank_d(
    d: int, keys: Callable[[int, int], np.ndarray] = _unit_keys, more: int = 1, rank_more: int = 0
) -> Evidence:
    """Unit values at d keys are read exactly, and at d + `more` keys with rank d, as the checker sees."""
    made = []
    for n, rank in ((d, d), (d + more, d + rank_more)):
        k, values = keys(n, d).astype(object), np.eye(n, dtype=np.int64).astype(object)
        read = k @ (k.T @ operator.recurrence(k, None, values))
        if n == d and (read != values).any():
            return fails(f"d = {d}: {n} pairs read {read.tolist()}", values.tolist(), read.tolist())
        made.append(rank_certificate(read, claims.linear_limit.id, stated=rank))
    return holds(certificates=made)


control(
    readings_have_rank_d,
    "one-pair-more",
    "refuted",
    rank_more=1,
    reason="d + 1 pairs do not have d + 1 independent readings",
)
control(
    readings_have_rank_d,
    "oblique-keys",
    "refuted",
    keys=lambda n, d: np.tril(np.ones((n, d), dtype=np.int64)),
    reason="keys that are not orthogonal disturb each other",
)
control(readings_have_rank_d, "three-too-many", "confirmed", more=3, reason="still d rows")
control(
    readings_have_rank_d,
    "signs",
    "confirmed",
    keys=lambda n, d: -_unit_keys(n, d),
    symmetry="<-k, -k'> = <k, k'>",
)


def _exponential_entry(temperature: Fraction) -> Callable[[Fraction], Any]:
    return lambda inner: ["exp", plain(temperature * inner)]


def _square_entry(inner: Fraction) -> Any:
    return plain(inner * inner)


def _determinant(keys: tuple[tuple[int, ...], ...], entry: Callable[[Fraction], Any]) -> Any:
    """The determinant of the kernel's matrix on the keys, as an expression for the checker: all permutations written out."""
    n = len(keys)
    inner = [[Fraction(sum(a * b for a, b in zip(x, y, strict=True))) for y in keys] for x in keys]
    terms: list[Any] = []
    for p in permutations(range(n)):
        swaps = sum(p[i] > p[j] for i in range(n) for j in range(i + 1, n))
        product = ["*", *(entry(inner[i][p[i]]) for i in range(n))]
        terms.append(["neg", product] if swaps % 2 else product)
    return ["+", *terms]


LINES = [tuple((x,) for x in range(n)) for n in (2, 3, 4)]
PLANE = [((0, 0), (1, 0), (0, 1), (1, 1), (-1, 1))]


@check(
    claims.positive_definite,
    "certified",
    given={"keys": [*LINES, *PLANE]},
    scope={
        "sizes": "d = 1, N = 2, 3, 4; d = 2, N = 5",
        "method": "determinant written out over permutations, enclosed",
    },
)
def determinant_is_positive(
    keys: tuple[tuple[int, ...], ...], entry: Callable[[Fraction], Any] = _exponential_entry(Fraction(1, 2))
) -> Evidence:
    """0 < det K for the exponential kernel on integer keys, decided by the checker's own enclosures of exp."""
    data = {"left": 0, "relation": "<", "right": _determinant(keys, entry)}
    return holds(
        certificates=[{"weightproof": 1, "kind": "inequality", "claim": claims.positive_definite.id, "data": data}]
    )


control(
    determinant_is_positive,
    "square-of-the-inner-product",
    "refuted",
    entry=_square_entry,
    reason="one feature in one dimension: already two keys are dependent",
)
control(
    determinant_is_positive,
    "colder",
    "confirmed",
    entry=_exponential_entry(Fraction(1)),
    reason="any positive temperature",
)


@check(
    claims.positive_definite,
    "exhausted",
    given={"n": [1, 2, 3, 4, 5, 6, 7]},
    scope={
        "sizes": "N = 1..7 keys in d = 2",
        "arithmetic": "Q",
        "evaluation": "operator, halved inner products to the power 3",
    },
)
def values_are_decoded(n: int, power: int = 3) -> Evidence:
    """The operator's readings at all keys as a matrix: its determinant is that of K, and its inverse gives the values back."""
    from constructions.deltaformer.memory import rational_circle

    keys, kernel = rational_circle(n), Halved(power)
    values = np.array([[Fraction(int(i == j)) for j in range(n)] for i in range(n)], dtype=object)
    gram = kernel.weights(keys, keys)
    read = gram @ operator.solve(keys, None, values, kernel=kernel)
    found, wanted = to_matrix(read).det(), to_matrix(gram).det()
    if found != wanted:
        return fails(
            f"{n} keys: the map from values to readings has determinant {found}, K has {wanted}", wanted, found
        )
    if found == 0:
        return fails(f"{n} keys in d = 2, power {power}: different values have equal readings", "det > 0", 0)
    if n > 2 and (read == values).all():
        return fails(f"{n} keys: the readings are the values themselves")
    if (to_fractions(to_matrix(read).inv()) @ read != values).any():
        return fails(f"{n} keys: the inverse does not give the values back")
    return holds()


control(
    values_are_decoded, "power-2", "refuted", power=2, reason="five features on the circle, so six keys are dependent"
)
control(values_are_decoded, "power-4", "confirmed", power=4, reason="nine features on the circle")


@check(claims.any_nonlinear_kernel, "exhausted", given={"n": [1, 2, 3]}, scope={"sizes": "N = 1, 2, 3 keys in d = 1"})
def readings_tell_values_apart(n: int, kernel: Kernel = Power(2, rectified=False)) -> Evidence:
    """Keys 1..N in one dimension: values that are not zero and are read as zero everywhere, if there are any."""
    keys = np.array([[Fraction(i + 1)] for i in range(n)], dtype=object)
    gram = kernel.weights(keys, keys)
    null, rank = to_matrix(gram).rref()
    if rank == n:
        return holds()
    stored = np.full((n, 1), Fraction(0), dtype=object)
    stored[rank] = Fraction(1)
    for row in range(rank):
        value = null[row, rank]
        stored[row] = -Fraction(int(value.p), int(value.q))
    values = np.tril(gram, -1) @ stored + stored
    u = operator.solve(keys, None, values, kernel=kernel)
    read = gram @ u
    assert (u == stored).all()
    assert not read.any()
    told = ", ".join(str(x) for x in values[:, 0])
    return fails(f"{n} keys 1..{n} in d = 1: the values {told} are read as 0 at every key", told, "0")


control(
    readings_tell_values_apart,
    "four-features",
    "confirmed",
    kernel=Halved(3),
    reason="(1 + x y)^3 has four features in one dimension, so three keys are independent",
)
control(
    readings_tell_values_apart,
    "three-features",
    "confirmed",
    kernel=Halved(2),
    reason="(1 + x y)^2 has three features in one dimension, so three keys are independent",
)
