"""Rounding errors of the gradients with exponential and softmax kernels, and of the second stage: rigorous bounds for every form.
Derived here; P, e, gamma and u, the unit roundoff, as in `rounding_kernels`: e bounds |P^ - P|, whenever P is formed.

*Errors of U and Y before anything is computed.* G is the gradient in U and Y that in alpha V: (I + A)^T y = G, the problem of U with
time reversed. For both, a product passes through at most n + 2 rounded operations and the given value through n (and one more
with alpha), n being the number of earlier tokens, for Y of later ones. With F_ti = |beta_t| ((P + e)_ti (1 + gamma_{n+2}) - P_ti),
transposed for Y, and R = |(I + A)^{-1}|, the bound E = R (gamma_n |given| + F |x^|) and |x^| <= |x| + E give

    (I - R F) E = R (gamma_n |given| + F |x|),     R F strictly triangular: E by substitution.

*Pairs.* N_ti = <y_t, u_i> is off by n_ti = |y| E_u + E_y |u| + E_y E_u + gamma_m (|y| + E_y)(|u| + E_u), m columns; D = dP = -beta N by
d = |beta| (n + u (|N| + n)). Since P >= 0, a sum of j terms P X with |X^ - X| <= x is off by the sum of
(P + e)(|X| + x)(1 + gamma_j) - P |X|, which is what dbeta_t = -sum_i P_ti N_ti is bounded by. dalpha = <v, y>, dv = alpha y.

*Through the kernel.* Exponential: S = P D, off by s = (P + e)(|D| + d) - P |D|. Softmax: S = P H, H = D - g, g_t = sum_i P_ti D_ti,

    s = (P + e)(|H| + h) - P |H| + gamma_2 (P + e)(|D| + d + |g| + g'),    h = d + g',  g' as above with j = t + 2,

whether the two products are subtracted or autograd goes through quotient, total and power: there P^ is the quotient before it
rounds, g passes through two divisions, one product and t - 1 additions, and the difference through one more. Last,
dw_t = lam sum_i S_ti k_i and dk_i = lam sum_t S_ti w_t: besides product and additions at most 9 operations, the rate's own
rounding, u + 3 2**-53 <= 4 u, that of log 2 in autograd's derivative of exp2, its two products, the product with the rate, and
one addition where w = k. So they are off by lam times the sum of ((|S| + s)(1 + gamma_{n+9}) - |S|) |k_i|, or |w_t|.

*Second stage.* o_t = sum_{i <= t} P_ti u_i of t + 1 terms; du_i = sum_t P_ti g_t; D = <g_t, u_i>, d = gamma_m |g_t| |u_i|; from
there through the kernel.

Hypotheses: those of `rounding_kernels`; products of weights and gradients do not underflow.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb

from theory.deltaformer.rounding_kernels import (
    KernelBound,
    ball,
    exactly,
    gamma_ball,
    precise,
    solved,
    upper,
    weight_bounds,
)
from theory.formats import Format

THROUGH = 9
"""Rounded operations between S and the gradients in keys and writes, besides one product and the additions."""


def kernel_gradient_bounds(
    k: Any, w: Any, v: Any, beta: Any, grad_u: Any, fmt: Format, *, rate: float, softmax: bool, alpha: Any = None
) -> dict[str, KernelBound]:
    """The exact gradients of <grad_u, u> in "k", "w", "v", "beta" and "alpha" (for None, of ones), and bounds on the errors of those
    computed in `fmt` by any form, for the floats given; shapes and rate as in `kernel_bound`. O(T^3 + T^2 (d + m)) on balls."""
    with precise():
        k, w, v, beta, grad = (ball(x) for x in (k, w, v, beta, grad_u))
        tokens, columns = v.shape
        scales = ball(np.ones(tokens) if alpha is None else alpha)
        given = scales[:, None] * v
        weights, errors = weight_bounds(k, w, fmt, arb(rate), softmax)
        u, inverse = solved(beta, weights, given)
        y = inverse.T @ grad if tokens else grad
        earlier, later = range(tokens), range(tokens - 1, -1, -1)
        loose = _loosened(beta, weights, errors, fmt)
        off_u = _ahead(abs(inverse), loose, _grown(given, earlier, alpha is not None, fmt), abs(u))
        loose_y, given_y = _loosened(beta, weights, errors, fmt, later), _grown(grad, later, False, fmt)
        off_y = np.flip(_ahead(np.flip(abs(inverse).T), np.flip(loose_y.T), np.flip(given_y), np.flip(abs(y))))
        pairs = np.tril(y @ u.T, -1) if tokens else weights
        most_y, most_u = abs(y) + off_y, abs(u) + off_u
        off = most_y @ most_u.T * (1 + gamma_ball(columns, fmt)) - abs(y) @ abs(u).T if tokens else weights
        unit = exactly(fmt.unit_roundoff)
        sized = abs(beta)[:, None]
        moved, off_moved = -beta[:, None] * pairs, sized * (off + unit * (abs(pairs) + off))
        found = _through(weights, errors, moved, off_moved, k, w, arb(rate), softmax, fmt, False)
        sums = _products(weights, errors, pairs, off, fmt)
        turned = gamma_ball(columns, fmt) * (abs(v) * most_y) + abs(v) * off_y
        rounded = off_y if alpha is None else abs(scales)[:, None] * (off_y + unit * most_y)
        made = {
            "k": found["k"],
            "w": found["w"],
            "v": (scales[:, None] * y, rounded),
            "beta": (-(weights * pairs).sum(axis=1), sums),
            "alpha": ((v * y).sum(axis=1), turned.sum(axis=1)),
        }
        return {
            name: KernelBound(exact, upper(error) if error.size else error) for name, (exact, error) in made.items()
        }


def kernel_read_bounds(
    q: Any, k: Any, u: Any, grad_o: Any, fmt: Format, *, rate: float, softmax: bool
) -> dict[str, KernelBound]:
    """The exact "o" of the second stage and gradients of <grad_o, o> in "q", "k" and "u", and bounds on the errors of those computed
    in `fmt` by any form, for floats q, k `(T, d)`, u, grad_o `(T, m)`. O(T^2 (d + m)) on balls."""
    with precise():
        q, k, u, grad = (ball(x) for x in (q, k, u, grad_o))
        tokens, columns = u.shape
        if not tokens:
            return {name: KernelBound(x, x) for name, x in (("o", u), ("q", q), ("k", k), ("u", u))}
        weights, errors = weight_bounds(k, q, fmt, arb(rate), softmax, itself=True)
        forwards, backwards = (
            np.array([gamma_ball(n + 1, fmt) for n in counts], dtype=object)[:, None]
            for counts in (range(tokens), range(tokens - 1, -1, -1))
        )
        most = weights + errors
        pairs = np.tril(grad @ u.T)
        off = np.tril(gamma_ball(columns, fmt) * (abs(grad) @ abs(u).T))
        found = _through(weights, errors, pairs, off, k, q, arb(rate), softmax, fmt, True)
        made = {
            "o": (weights @ u, (1 + forwards) * (most @ abs(u)) - weights @ abs(u)),
            "u": (weights.T @ grad, (1 + backwards) * (most.T @ abs(grad)) - weights.T @ abs(grad)),
            "k": found["k"],
            "q": found["w"],
        }
        return {name: KernelBound(exact, upper(error)) for name, (exact, error) in made.items()}


def _loosened(beta: Any, weights: Any, errors: Any, fmt: Format, counts: Any = None) -> np.ndarray:
    """F: by rows t the number of earlier tokens, or by columns i that of `counts`."""
    tokens = len(beta)
    factors = np.array([1 + gamma_ball(n + 2, fmt) for n in (counts or range(tokens))], dtype=object)
    factors = factors[:, None] if counts is None else factors[None, :]
    return abs(beta)[:, None] * ((weights + errors) * factors - weights)


def _grown(given: Any, counts: Any, scaled: bool, fmt: Format) -> np.ndarray:
    """gamma_n |given|, row by row."""
    factors = np.array([gamma_ball(n + scaled, fmt) for n in counts], dtype=object)
    return factors[:, None] * abs(given)


def _ahead(inverse: Any, loose: Any, given: Any, size: Any) -> np.ndarray:
    """E of (I - R F) E = R (given + F size), R F strictly lower triangular."""
    made = inverse @ (given + loose @ size) if len(size) else size
    both = inverse @ loose if len(size) else loose
    for t in range(1, len(size)):
        made[t] = made[t] + both[t, :t] @ made[:t]
    return made


def _products(weights: Any, errors: Any, factors: Any, off: Any, fmt: Format, more: int = 0) -> np.ndarray:
    """Bounds on the errors of the row sums of weights times factors."""
    counts = np.array([1 + gamma_ball(t + more, fmt) for t in range(len(weights))], dtype=object)
    return ((weights + errors) * (abs(factors) + off)).sum(axis=1) * counts - (weights * abs(factors)).sum(axis=1)


def _through(
    weights: Any,
    errors: Any,
    moved: Any,
    off: Any,
    k: Any,
    w: Any,
    rate: Any,
    softmax: bool,
    fmt: Format,
    itself: bool,
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Gradients in keys and writes, and bounds, from those in the weights: `moved`, off by at most `off`."""
    tokens = len(weights)
    if not tokens:
        return {"k": (k, k), "w": (w, w)}
    slack: Any = arb(0)
    if softmax:
        centre = (weights * moved).sum(axis=1)[:, None]
        off_centre = _products(weights, errors, moved, off, fmt, 2 + itself)[:, None]
        slack = gamma_ball(2, fmt) * (weights + errors) * (abs(moved) + off + abs(centre) + off_centre)
        moved, off = moved - centre, off + off_centre
    scored = weights * moved
    most = (weights + errors) * (abs(moved) + off) + slack
    counts = [
        np.array([1 + gamma_ball(n + itself + THROUGH, fmt) for n in order], dtype=object)[:, None]
        for order in (range(tokens), range(tokens - 1, -1, -1))
    ]
    size = abs(rate)
    return {
        "w": (rate * (scored @ k), size * (counts[0] * (most @ abs(k)) - abs(scored) @ abs(k))),
        "k": (rate * (scored.T @ w), size * (counts[1] * (most.T @ abs(w)) - abs(scored).T @ abs(w))),
    }
