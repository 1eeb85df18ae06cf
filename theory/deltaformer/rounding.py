"""Rounding errors of the Deltaformer's first stage and of its gradient: rigorous bounds, valid for every form. Derived here.

Let u be the unit roundoff, gamma_m = m u / (1 - m u), A_ti = beta_t <k_i, w_t> for i < t and |A|_ti = |beta_t| <|k_i|, |w_t|>.

*Forward.* Whatever the form, the computed u^_t is v_t minus the sum over i < t and coordinates c of beta_t w_tc k_ic u^_i, where
each product and v_t itself pass through at most m = T + d + 5 rounded operations: in the recurrence one product with k and at
most T additions into the state, one product with w and at most d additions, one with beta, one subtraction; in the solve d
operations for an entry of A and one with beta, one product and at most T subtractions; in the chunked form both, for parts of the
sum that are disjoint, and one subtraction more. The order of additions inside each of these sums, and fused operations, do
not matter to the count; one tree over all T d terms at once would need more. Columns of v are bounded one by one. So
    (I + A) u^ = v + r,   |r| <= gamma_m (|v| + |A| |u^|),   hence   |u^ - u| <= |(I + A)^{-1}| gamma_m (|v| + |A| |u^|).

*Gradient.* y = dv solves (I + A)^T y = g, the same problem with time reversed, so the same bound holds with A transposed.
The other gradients are sums of products of y_t, u_i with k, w and beta, each through at most M = 2 m + (columns of v)
operations beyond those in y^ and u^ themselves. With errors e_y and e_u a product y_t u_i is off by at most
|y^| e_u + e_y |u^| + e_y e_u, and by gamma_M (|y^| + e_y)(|u^| + e_u) for its rounding.

Hypotheses: no overflow, no underflow; rounding to nearest; triangular systems solved by substitution (Higham, Accuracy and
Stability of Numerical Algorithms, chapter 8, for the counting argument).

All functions compute in rationals and cost O(T^3 + T^2 d m) operations on them: they are for tests, not for use at size.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from flint import fmpq

from theory.exact import to_fractions, unit_lower_inverse


class GradientBounds(NamedTuple):
    """Upper bounds on the errors of the gradients in k, w, v and beta, in the shapes of those; object arrays."""

    k: np.ndarray
    w: np.ndarray
    v: np.ndarray
    beta: np.ndarray


def rational(x: Any) -> np.ndarray:
    """An array of floats as exact rationals (fmpq); ValueError for NaN or infinity, which have none."""
    x = np.asarray(x)
    made = np.empty(x.shape, dtype=object)
    for index, value in np.ndenumerate(x):
        if not np.isfinite(value):
            raise ValueError(f"entry {index} is {value}; error bounds need finite numbers")
        made[index] = fmpq(*Fraction(float(value)).as_integer_ratio())
    return made


def roundings(tokens: int, d: int) -> int:
    """m: the most rounded operations any term of the first stage passes through, in any form."""
    return tokens + d + 5


def gamma(count: int, unit_roundoff: Fraction) -> fmpq:
    """count u / (1 - count u), for count u < 1."""
    value = count * unit_roundoff / (1 - count * unit_roundoff)
    return fmpq(value.numerator, value.denominator)


class _System(NamedTuple):
    """The exact system of an instance: arguments, A in absolute value, |(I + A)^{-1}|, the exact u."""

    k: np.ndarray
    w: np.ndarray
    v: np.ndarray
    beta: np.ndarray
    size: np.ndarray
    inverse: np.ndarray
    u: np.ndarray


def _system(k: Any, w: Any, v: Any, beta: Any) -> _System:
    k, w, v, beta = (rational(x) for x in (k, w, v, beta))
    tokens = len(beta)
    zero = np.full((tokens, tokens), fmpq(0), dtype=object)
    below = np.tri(tokens, k=-1, dtype=bool)
    a = np.where(below, beta[:, None] * (w @ k.T if w.shape[1] else zero), zero)
    size = np.where(below, abs(beta)[:, None] * (abs(w) @ abs(k).T if w.shape[1] else zero), zero)
    inverse = zero if not tokens else _fmpq(to_fractions(unit_lower_inverse(a)))
    return _System(k, w, v, beta, size, abs(inverse), inverse @ v if tokens else v)


def _fmpq(values: Any) -> np.ndarray:
    array = np.asarray(values, dtype=object)
    return np.array([fmpq(x.numerator, x.denominator) for x in array.ravel()], dtype=object).reshape(array.shape)


def exact_first_stage(k: Any, w: Any, v: Any, beta: Any) -> np.ndarray:
    """The exact u, `(T, m)` of fmpq, for arguments given as floats: (I + A)^{-1} v by python-flint."""
    return _system(k, w, v, beta).u


def forward_bound(k: Any, w: Any, v: Any, beta: Any, u_hat: Any, unit_roundoff: Fraction) -> np.ndarray:
    """Upper bound on |u_hat - u|, `(T, m)` of fmpq, for u_hat computed by any form in a format of that unit roundoff."""
    system = _system(k, w, v, beta)
    return _solve_bound(system.inverse, system.size, system, u_hat, system.v, unit_roundoff)


def _solve_bound(
    inverse: Any, size: Any, system: _System, found: Any, start: Any, unit_roundoff: Fraction
) -> np.ndarray:
    if not len(start):
        return start
    factor = gamma(roundings(len(start), system.k.shape[1]), unit_roundoff)
    return inverse @ (factor * (abs(start) + size @ abs(rational(found))))


def gradient_bounds(
    k: Any, w: Any, v: Any, beta: Any, grad_u: Any, u_hat: Any, y_hat: Any, unit_roundoff: Fraction
) -> GradientBounds:
    """Upper bounds on the errors of the computed gradient of <grad_u, u>, given the computed u and the computed dv."""
    system = _system(k, w, v, beta)
    tokens, width = system.v.shape
    e_u = _solve_bound(system.inverse, system.size, system, u_hat, system.v, unit_roundoff)
    e_y = _solve_bound(system.inverse.T, system.size.T, system, y_hat, rational(grad_u), unit_roundoff)
    if not tokens:
        return GradientBounds(system.k, system.w, e_y, system.beta)
    big_u, big_y = abs(rational(u_hat)), abs(rational(y_hat))
    factor: Any = gamma(2 * roundings(tokens, system.k.shape[1]) + width, unit_roundoff)
    pairs: Any = big_y @ e_u.T + e_y @ big_u.T + e_y @ e_u.T + factor * ((big_y + e_y) @ (big_u + e_u).T)
    nothing: Any = fmpq(0)
    pairs = np.where(np.tri(tokens, k=-1, dtype=bool), pairs, nothing)
    return GradientBounds(
        k=pairs.T @ (abs(system.beta)[:, None] * abs(system.w)),
        w=abs(system.beta)[:, None] * (pairs @ abs(system.k)),
        v=e_y,
        beta=(pairs * (abs(system.w) @ abs(system.k).T)).sum(axis=1) if system.k.shape[1] else system.beta * 0,
    )


def near_instance(tokens: int, unit_roundoff: Fraction) -> dict[str, np.ndarray]:
    """Arguments, float64, on which the recurrence comes near the bound: d = m = 1, T >= 3.

    u_0 = 1, then T - 2 tokens with u_i = u (the unit roundoff), then one that reads them all. The state is 1, and 1 + u is a tie
    that rounds to 1 each time: the last token reads -1 where -1 - (T - 2) u is right. The bound there is gamma_m times
    2 (1 + (T - 2) u), so observed/bound is (T - 2) / (2 (T + 6)) to first order in u.
    """
    v = np.full((tokens, 1), float(unit_roundoff))
    v[0], v[-1] = 1.0, 0.0
    w = np.zeros((tokens, 1))
    w[-1] = 1.0
    return {"k": np.ones((tokens, 1)), "w": w, "v": v, "beta": np.ones(tokens)}
