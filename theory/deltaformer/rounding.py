"""Rounding errors of the Deltaformer's first stage, linear kernel, and of its gradient: rigorous bounds for every form. Derived here.

Let u be the unit roundoff, gamma_m = m u / (1 - m u), A_ti = beta_t <k_i, w_t> for i < t and |A|_ti = |beta_t| <|k_i|, |w_t|>.

*Forward.* Whatever the form, the computed u^_t, t = 0 .. T - 1, is v_t minus the sum over i < t and coordinates c of
beta_t w_tc k_ic u^_i, where each product and v_t itself pass through at most m_t = t + d + 2 rounded operations; counted for a
product:

    recurrence   one with k, t - 1 additions into the state (the first, to zero, is exact), one with w, d - 1 additions, one with
                 beta, one subtraction: t + d + 2
    solve        one with k and w, d - 1 additions, one with beta, one with u^, and at most t additions and subtractions of t products
                 and v_t in any order: t + d + 2
    chunked      s tokens before the chunk: one with k, s - 1 additions, in the chunk's product or to the state, one with w, d - 1
                 additions, one with beta, one subtraction, and at most t - s of the solve: t + d + 2; in the chunk as in the solve

and v_t passes through at most t subtractions. Any order of additions inside each of these sums, and fused operations, leave the
count as it is; one tree over all t d terms at once would need more. A token whose row of |A| is zero subtracts zeros: u^_t = v_t
exactly. So m_t <= T + d + 1, columns of v are bounded one by one, and with g_t = gamma_{m_t}, or 0 where row t of |A| is zero,

    (I + A) u^ = v + r,   |r_t| <= g_t (|v_t| + (|A| |u^|)_t),   hence   |u^ - u| <= |(I + A)^{-1}| |r|.

*Gradient.* y = dv solves (I + A)^T y = g, the same problem with time reversed, so the same bound holds with A transposed and
time counted from the end. The other gradients are sums of products of y_t, u_i with k, w and beta, each through at most
M = 2 (T + d + 1) + (columns of v) operations beyond those in y^ and u^ themselves. With errors e_y and e_u a product y_t u_i is
off by at most |y^| e_u + e_y |u^| + e_y e_u, and by gamma_M (|y^| + e_y)(|u^| + e_u) for its rounding.

*Second stage.* A term <k_i, q_t> u_i of o_t passes through at most t + d + 1 operations in every form (in the recurrence: one with
k, t additions to the state, one with q, d - 1 additions; where chunks are joined, one more and one term fewer), so |o^ - o|_t <=
gamma_{t+d+1} sum_i <|k_i|, |q_t|> |u_i|. Terms of the gradients, products of q, k, u and grad_o, pass through at most T + d + m + 2.

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


def roundings(earlier: int, d: int) -> int:
    """The most rounded operations any term of u_t passes through, in any form, t being the number of earlier tokens."""
    return earlier + d + 2


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
    """`inverse` times the residual's bound; `size` strictly lower triangular, or strictly upper for the gradient."""
    tokens = len(start)
    if not tokens:
        return start
    earlier = range(tokens) if not np.triu(size).any() else range(tokens - 1, -1, -1)
    factors = [
        gamma(roundings(t, system.k.shape[1]), unit_roundoff) if any(row) else fmpq(0)
        for t, row in zip(earlier, size, strict=True)
    ]
    return inverse @ (np.array(factors, dtype=object)[:, None] * (abs(start) + size @ abs(rational(found))))


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
    factor: Any = gamma(2 * roundings(tokens - 1, system.k.shape[1]) + width, unit_roundoff)
    pairs: Any = big_y @ e_u.T + e_y @ big_u.T + e_y @ e_u.T + factor * ((big_y + e_y) @ (big_u + e_u).T)
    nothing: Any = fmpq(0)
    pairs = np.where(np.tri(tokens, k=-1, dtype=bool), pairs, nothing)
    return GradientBounds(
        k=pairs.T @ (abs(system.beta)[:, None] * abs(system.w)),
        w=abs(system.beta)[:, None] * (pairs @ abs(system.k)),
        v=e_y,
        beta=(pairs * (abs(system.w) @ abs(system.k).T)).sum(axis=1) if system.k.shape[1] else system.beta * 0,
    )


def read_bounds(
    q: Any, k: Any, u: Any, grad_o: Any, unit_roundoff: Fraction
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The exact "o" of the second stage and the gradients of <grad_o, o> in "q", "k" and "u", each with an upper bound on the error
    of the computed one."""
    q, k, u, grad = (rational(x) for x in (q, k, u, grad_o))
    tokens, columns = u.shape
    if not tokens:
        return {"o": (u, u), "q": (q, q), "k": (k, k), "u": (u, u)}
    seen, zero = np.tri(tokens, dtype=bool), np.full((tokens, tokens), fmpq(0), dtype=object)

    def causal(queries: Any, keys: Any) -> np.ndarray:
        return np.where(seen, queries @ keys.T if queries.shape[1] else zero, zero)

    found = []
    for a, b, c, g in ((q, k, u, grad), (abs(q), abs(k), abs(u), abs(grad))):
        weights, pairs = causal(a, b), causal(g, c)
        found.append({"o": weights @ c, "q": pairs @ b, "k": pairs.T @ a, "u": weights.T @ g})
    rows = np.array([gamma(t + q.shape[1] + 1, unit_roundoff) for t in range(tokens)], dtype=object)[:, None]
    factors = {name: gamma(tokens + q.shape[1] + columns + 2, unit_roundoff) for name in ("q", "k", "u")}
    return {name: (exact, {"o": rows, **factors}[name] * found[1][name]) for name, exact in found[0].items()}


def near_instance(tokens: int, unit_roundoff: Fraction) -> dict[str, np.ndarray]:
    """Arguments, float64, on which the recurrence comes near the bound: d = m = 1, T >= 3.

    u_0 = 1, then T - 2 tokens with u_i = u (the unit roundoff), then one that reads them all. The state is 1, and 1 + u is a tie
    that rounds to 1 each time: the last token reads -1 where -1 - (T - 2) u is right. Only its row of A is not zero, so the bound
    there is gamma_m with m = T + 2 times |A| |u^| = 1 + (T - 2) u: observed/bound is (T - 2) / (T + 2) to first order in u.
    """
    v = np.full((tokens, 1), float(unit_roundoff))
    v[0], v[-1] = 1.0, 0.0
    w = np.zeros((tokens, 1))
    w[-1] = 1.0
    return {"k": np.ones((tokens, 1)), "w": w, "v": v, "beta": np.ones(tokens)}
