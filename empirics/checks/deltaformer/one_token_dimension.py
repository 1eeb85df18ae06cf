"""Head dimension at one token a swap: the relations of reflections, certified and exhausted."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

from constructions.deltaformer.matrix_certificates import determinant_certificate
from constructions.deltaformer.swap_tracking import OneHotSwaps
from empirics.checking import Evidence, check, control, fails, holds
from theory.deltaformer import dimension as claims


@check(claims.one_token, "derived", covers=True, scope={"sizes": "all n >= 2", "method": "algebra of two reflections"})
def neighbours_have_independent_roots(braid: int = 1, exchanged: bool = False) -> Evidence:
    """The three identities in C, and the determinant m + 1 of m neighbours, for the value `braid` of C_ij C_ji."""
    import sympy

    c: Any = sympy.Matrix(2, 2, lambda i, j: sympy.Symbol(f"C{i + 1}{j + 1}"))
    c = c.T if exchanged else c
    first, second = ((sympy.Integer(1), -_unit(i)) for i in range(2))

    def times(x: Any, y: Any) -> Any:
        """(a + K B W)(a' + K B' W) = a a' + K (a B' + a' B + B C B') W."""
        return x[0] * y[0], x[0] * y[1] + y[0] * x[1] + x[1] * c * y[1]

    def gap(x: Any, y: Any) -> Any:
        return (x[1] - y[1]).expand()

    twos = {c[0, 0]: 2, c[1, 1]: 2}
    square = gap(times(first, first), (1, sympy.zeros(2, 2)))
    commutator = gap(times(first, second), times(second, first))
    braiding = gap(times(times(first, second), first), times(times(second, first), second)).subs(twos).expand()
    cross = c[0, 1] * c[1, 0]
    wanted = (
        ("the square", square, (c[0, 0] - 2) * _unit(0)),
        ("the commutator", commutator, sympy.Matrix([[0, c[0, 1]], [-c[1, 0], 0]])),
        ("the braid", braiding, (1 - cross) * (_unit(0) - _unit(1))),
    )
    for name, found, right in wanted:
        if (found - right).expand() != sympy.zeros(2, 2):
            return fails(f"{name} differs by {(found - right).expand()}", right, found)
    m = sympy.Symbol("m")
    law = m + 1
    step = sympy.expand(2 * law.subs(m, m - 1) - braid * law.subs(m, m - 2) - law)
    if braiding.subs({c[0, 1]: braid, c[1, 0]: 1}) != sympy.zeros(2, 2):
        return fails(f"C_ij C_ji = {braid}: neighbours do not satisfy the braid relation")
    if step != 0 or (law.subs(m, 0), law.subs(m, 1)) != (1, 2):
        return fails(f"D_m = m + 1 misses the recursion by {step}", 0, step)
    return holds(cases=5)


def _unit(i: int) -> Any:
    import sympy

    return sympy.Matrix(2, 2, lambda r, s: int(r == s == i))


control(
    neighbours_have_independent_roots,
    "order-four",
    "refuted",
    braid=2,
    reason="neighbours whose product has order 4 are no swaps",
)
control(neighbours_have_independent_roots, "commuting", "refuted", braid=0, reason="neighbouring swaps do not commute")
control(
    neighbours_have_independent_roots,
    "keys-and-writes-exchanged",
    "confirmed",
    exchanged=True,
    symmetry="C is transposed, and the entries in question come in products C_ij C_ji",
)


def _roots(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Writes and keys `(n-1, n)` of the swaps of neighbours in Theorem A."""
    e = np.eye(n, dtype=np.int64)
    token = OneHotSwaps().swap(lambda slots: e[slots], np.arange(n - 1), np.arange(1, n))
    return token.w, token.k


def _first_and_third_alike(n: int) -> tuple[np.ndarray, np.ndarray]:
    """The two-dimensional representation of S_4, in which (0 1) and (2 3) act alike."""
    w, k = _roots(n)
    if n > 3:
        w, k = w.copy(), k.copy()
        w[2], k[2] = w[0], k[0]
    return w, k


@check(
    claims.one_token,
    "certified",
    given={"n": [2, 3, 4, 5, 8, 16]},
    scope={"sizes": "instances with n = 2, 3, 4, 5, 8, 16"},
)
def neighbours_have_determinant_n(n: int, roots: Callable[[int], tuple[np.ndarray, np.ndarray]] = _roots) -> Evidence:
    """C of Theorem A's own tokens has determinant n: the bound is met by tokens that exist."""
    w, k = roots(n)
    return holds(certificates=[determinant_certificate(w @ k.T, claims.one_token.id, stated=n)])


control(
    neighbours_have_determinant_n,
    "two-swaps-alike",
    "refuted",
    roots=_first_and_third_alike,
    reason="the representation of S_4 on two dimensions is not faithful, and C is singular",
)
control(
    neighbours_have_determinant_n,
    "last-first",
    "confirmed",
    roots=lambda n: (_roots(n)[0][::-1], _roots(n)[1][::-1]),
    symmetry="rows and columns reversed together",
)


def _reflections(d: int, size: int) -> np.ndarray:
    """All matrices I - k w, d x d, with integer entries of k and w in -size..size and w k = 2, each once."""
    vectors = np.array(list(product(range(-size, size + 1), repeat=d)), dtype=np.int64).reshape(-1, d)
    k, w = np.repeat(vectors, len(vectors), axis=0), np.tile(vectors, (len(vectors), 1))
    right = (k * w).sum(axis=1) == 2
    made = np.eye(d, dtype=np.int64) - k[right][:, :, None] * w[right][:, None, :]
    return np.unique(made.reshape(len(made), -1), axis=0).reshape(-1, d, d)


def _neighbours(n: int, d: int, size: int, distinct: bool) -> list[np.ndarray] | None:
    """n - 1 reflections, different if asked, with the relations of the swaps of neighbours; None when there are none."""
    pool = _reflections(d, size)

    def grow(taken: list[int]) -> list[int] | None:
        if len(taken) == n - 1:
            return taken
        allowed = np.ones(len(pool), dtype=bool)
        for place, index in enumerate(taken):
            g = pool[index]
            last = place == len(taken) - 1
            left, right = (g @ pool @ g, pool @ g @ pool) if last else (g @ pool, pool @ g)
            allowed &= (left == right).all(axis=(1, 2))
            allowed[index] &= not distinct
        return next(filter(None, (grow([*taken, int(i)]) for i in np.flatnonzero(allowed))), None)

    found = grow([])
    return None if found is None else [pool[index] for index in found]


@check(
    claims.one_token,
    "exhausted",
    given={"n": [2, 3, 4, 5]},
    scope={"sizes": "n = 2..5, integer keys and writes with entries in -2..2 (n <= 4), -1..1 (n = 5)"},
)
def no_reflections_in_fewer_dimensions(n: int, distinct: bool = True, spare: int = 0) -> Evidence:
    """Every choice of integer reflections: n - 1 with the relations of S_n exist in n - 1 dimensions and not in n - 2."""
    size = 2 if n < 4 else 1
    if _neighbours(n, n - 1 + spare, size, distinct) is None:
        return fails(f"n = {n}: none in {n - 1 + spare} dimensions")
    for d in range(1, n - 1):
        found = _neighbours(n, d, 2 if d < 3 else 1, distinct)
        if found is not None:
            return fails(f"n = {n}: {[g.tolist() for g in found]} in {d} dimensions", "none", d)
    return holds(cases=n)


control(
    no_reflections_in_fewer_dimensions,
    "swaps-may-act-alike",
    "refuted",
    distinct=False,
    reason="the representation of S_n by signs has dimension 1, and that of S_4 as S_3 dimension 2",
)
control(
    no_reflections_in_fewer_dimensions,
    "one-dimension-more",
    "confirmed",
    spare=1,
    reason="what fits into n - 1 dimensions fits into n; none fits into n - 2 still",
)
