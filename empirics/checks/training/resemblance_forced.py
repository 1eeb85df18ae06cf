"""The identities and signs that leave exact trackers of swaps no kernel but the theorem's."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

from empirics.checking import Evidence, check, control, fails, holds
from empirics.tasks import SwapTracking
from empirics.training.kernels import theorem
from theory.training import resemblance as claims


def _product(x: Any, y: Any, gram: Any) -> Any:
    """(a I + k^T X k) (b I + k^T Y k) for x = (a, X): coefficients of k_i (x) k_j in 2 x 2 matrices."""
    (a, X), (b, Y) = x, y
    return a * b, a * Y + b * X + X * gram * Y


def _signs(e: tuple[int, ...], commuting: bool) -> str:
    """What is wrong with the keys of four slots, where the inner products of those of slots 0 1, 0 2 and 0 3 are half these signs;
    nothing where disjoint swaps are asked to commute and do not. In whole numbers, twice the inner products."""
    e12, e13, e23 = e
    keys = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [-e12, 1, 0], [-e13, 0, 1], [0, -e23, 1]])
    twice = keys @ np.array([[2, e12, e13], [e12, 2, e23], [e13, e23, 2]]) @ keys.T
    if commuting and twice[theorem(4) == 0].any():
        return ""
    s = np.array([1, 1, e12, e13])
    signs = [s[j] for _, j in SwapTracking(4).pairs]
    return "" if np.array_equal(twice * np.outer(signs, signs), theorem(4)) else f"signs {e}: keys of another kernel"


@check(
    claims.forced,
    "derived",
    covers=True,
    scope={"sizes": "all dimensions, all n >= 3", "method": "identities in beta and c; all signs of three keys"},
)
def relations_force_the_kernel(
    two: int = 2,
    angle: Callable[[Any], Any] = lambda c: 1 - 4 * c**2,
    third: Callable[[Any], Any] = lambda c: -2 * c,
    commuting: bool = True,
) -> Evidence:
    """Involution, commutator, braid and conjugate as polynomials in beta and c; and the signs of keys that share slot 0."""
    import sympy

    b, c = sympy.symbols("beta c", real=True)
    gram = sympy.Matrix([[1, c], [c, 1]])

    def outer(u: Any, v: Any) -> Any:
        return sympy.Matrix(u) * sympy.Matrix([v])

    k, m, nothing = [1, 0], [0, 1], sympy.zeros(2, 2)
    kk, mm = outer(k, k), outer(m, m)
    any_beta, one, other = (1, -b * kk), (1, -two * kk), (1, -two * mm)
    square = _product(any_beta, any_beta, gram)
    commutator = _product(one, other, gram)[1] - _product(other, one, gram)[1]
    conjugate = _product(_product(one, other, gram), one, gram)
    braid = conjugate[1] - _product(_product(other, one, gram), other, gram)[1]
    made = [third(c), 1]
    identities = {
        "the square": square[1] - (b**2 - 2 * b) * kk,
        "the commutator": commutator - 4 * c * (outer(k, m) - outer(m, k)),
        "the braid": braid - 2 * angle(c) * (kk - mm),
        "the conjugate": conjugate[1] + 2 * outer(made, made),
    }
    for name, left in identities.items():
        if left.expand() != nothing:
            return fails(f"{name} is not as written: {left.expand().tolist()} is left", "0")
    choices = list(product((1, -1), repeat=3))
    for choice in choices:
        wrong = _signs(choice, commuting)
        if wrong:
            return fails(wrong, "the theorem's, for some signs of keys")
    return holds(cases=len(identities) + len(choices))


control(
    relations_force_the_kernel,
    "erasing",
    "refuted",
    two=1,
    reason="projections do not undo themselves and braid otherwise",
)
control(
    relations_force_the_kernel,
    "right-angles",
    "refuted",
    angle=lambda c: 1 - 2 * c**2,
    reason="reflections at 45 degrees have a product of order 4",
)
control(
    relations_force_the_kernel,
    "signs-of-the-third",
    "refuted",
    third=lambda c: 2 * c,
    reason="that key is another one unless c = 0",
)
control(
    relations_force_the_kernel,
    "disjoint-need-not-commute",
    "refuted",
    commuting=False,
    reason="e_12 e_13 e_23 = -1 is three keys that braid in pairs and no swaps of four slots; no signs alter that product",
)
control(
    relations_force_the_kernel,
    "expanded",
    "confirmed",
    angle=lambda c: (1 - 2 * c) * (1 + 2 * c),
    symmetry="the same polynomial",
)
