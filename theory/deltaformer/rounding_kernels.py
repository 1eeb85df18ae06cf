"""Rounding errors of the first stage with exponential and softmax kernels: rigorous bounds, valid for every form. Derived here.

u is the unit roundoff, gamma_m = m u / (1 - m u), tau the smallest normal number, x_ti the exponent, lam (<k_i, w_t> - 1) for
the exponential kernel of temperature lam, s_ti = lam <k_i, w_t> for softmax of scale lam, t = 0 .. T - 1. In floats 2 ** y is
taken of y = <k_i, r w_t> - (r or the row's maximum), r = lam log2(e) rounded: |r^ - r| <= rho r with rho = u + 3 2**-53, the
constant and the product being made in fp64.

*Exponents.* r w_t rounds once, the inner product d times, the subtraction once; a common factor of r^ is a change of lam. So
with a_ti = gamma_{d+1} lam <|k_i|, |w_t|> and theta = (1 + rho)(1 + u) - 1 the exponent is off by at most

    exponential   b_ti = theta |x_ti| + (1 + theta) a_ti
    softmax       b_ti = theta |s_ti - max_j s_tj| + (1 + theta) a_ti + u (1 + theta) max_j a_tj

where from softmax what is common to a row is left out: it cancels.

*Weights.* exp2 within 3 units in the last place is a factor 1 + c u with c = 6; below tau anything may come out. So the power
is e^x (1 + eta) + tau', |eta| <= e^b (1 + c u) - 1, |tau'| <= tau. Exponential: e_ti = e^x eta + tau bounds the error of
P_ti. Softmax: the total of t terms is off by a factor within lambda_t = (1 + sum_j P_tj eta_tj)(1 + gamma_t) - 1 + 2 t tau and
the division rounds once: e_ti = P_ti ((1 + eta_ti)(1 + u) / (1 - lambda_t) - 1) + 4 tau.

*U.* The computed u^_t is alpha_t v_t minus the sum over i < t of beta_t P_ti u^_i: a product passes through at most t + 2 rounded
operations (with beta, with u^, t additions and subtractions in any order), v_t through t, and one more with alpha. So

    |u^ - u| <= |(I + A)^{-1}| (gamma_{t (+ 1)} |alpha_t v_t| + |beta_t| sum_i ((P + e)_ti (1 + gamma_{t+2}) - P_ti) |u^_i|).

Hypotheses: rounding to nearest, no overflow, underflow only of powers, gamma's arguments below 1, triangular systems solved by
substitution. All is computed in balls of 256 bits; what is returned are upper ends.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq

from theory.deltaformer.rounding import gamma, rational
from theory.formats import Format

EXP2_ULPS = 3


def precise() -> AbstractContextManager[Any]:
    """Balls of 256 bits."""
    return ctx.workprec(256)


def ball(x: Any) -> Any:
    """Floats as balls without radius."""
    return np.frompyfunc(arb, 1, 1)(rational(x)) if np.size(x) else rational(x)


@dataclass(frozen=True)
class KernelBound:
    """The exact values and an upper bound on the errors of computed ones, object arrays of balls of one shape."""

    exact: np.ndarray
    error: np.ndarray

    def worst(self, found: Any) -> tuple[bool, float]:
        """Whether every entry of `found` is certainly within the bound, and the greatest error / bound."""
        with precise():
            errors = abs(ball(found) - self.exact) if self.exact.size else self.exact
            inside = all(bool(e <= b) for e, b in zip(errors.ravel(), self.error.ravel(), strict=True))
            pairs = zip(errors.ravel(), self.error.ravel(), strict=True)
            return inside, max((float((e / b).mid()) for e, b in pairs if not b.contains(0)), default=0.0)


def rational_bounds(pairs: dict[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, KernelBound]:
    """Pairs of exact values and bounds in rationals (fmpq), as those of the linear kernel are, in balls."""
    with precise():
        balls: Any = np.frompyfunc(arb, 1, 1)
        made: Any = {name: [balls(x) if x.size else x for x in pair] for name, pair in pairs.items()}
        return {
            name: KernelBound(exact, upper(error) if error.size else error) for name, (exact, error) in made.items()
        }


def kernel_bound(
    k: Any, w: Any, v: Any, beta: Any, u_hat: Any, fmt: Format, *, rate: float, softmax: bool, alpha: Any = None
) -> KernelBound:
    """The bound for floats k, w `(T, d)`, v, u_hat `(T, m)`, beta, alpha `(T,)` of the format `fmt`; `rate` is the softmax's scale or
    the exponential's temperature. O(T^3 + T^2 (d + m)) operations on balls: for tests."""
    with precise():
        k, w, v, beta, found = (ball(x) for x in (k, w, v, beta, u_hat))
        tokens = len(k)
        if alpha is not None:
            v = ball(alpha)[:, None] * v
        weights, errors = weight_bounds(k, w, fmt, arb(rate), softmax)
        exact, inverse = solved(beta, weights, v)
        residual = np.empty_like(v)
        for t, column in np.ndindex(*v.shape):
            terms, passes = gamma_ball(t + 2, fmt), gamma_ball(t + (alpha is not None), fmt)
            read = sum(
                ((weights[t, i] + errors[t, i]) * (1 + terms) - weights[t, i]) * abs(found[i, column]) for i in range(t)
            )
            residual[t, column] = passes * abs(v[t, column]) + abs(beta[t]) * read
        return KernelBound(exact, upper(abs(inverse) @ residual) if tokens else residual)


def solved(beta: Any, weights: Any, v: Any) -> tuple[np.ndarray, np.ndarray]:
    """(I + A)^{-1} v and (I + A)^{-1}, by substitution."""
    tokens = len(v)
    unit: Any = np.array([[arb(i == t) for i in range(tokens)] for t in range(tokens)], dtype=object)
    made = np.concatenate([v, unit.reshape(tokens, tokens)], axis=1)
    for t in range(1, tokens):
        made[t] = made[t] - beta[t] * (weights[t, :t, None] * made[:t]).sum(axis=0)
    return made[:, : v.shape[1]], made[:, v.shape[1] :]


def weight_bounds(
    k: Any, w: Any, fmt: Format, rate: Any, softmax: bool, itself: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """The exact weights P of row t over the tokens before it, or up to it if `itself`, zero elsewhere, and bounds e on the errors of
    the computed ones."""
    tokens, d = k.shape
    roundoff, tau = exactly(fmt.unit_roundoff), exactly(fmt.min_normal)
    theta = (1 + roundoff + 3 * arb(2) ** -53) * (1 + roundoff) - 1
    sloppy = 1 + 2 * EXP2_ULPS * roundoff
    weights, errors = (np.full((tokens, tokens), arb(0), dtype=object) for _ in range(2))
    for t in range(tokens):
        seen = range(t + itself)
        inner = [sum((a * b for a, b in zip(k[i], w[t], strict=True)), arb(0)) for i in seen]
        sizes = [sum((abs(a * b) for a, b in zip(k[i], w[t], strict=True)), arb(0)) for i in seen]
        drift = [gamma_ball(d + 1, fmt) * abs(rate) * size for size in sizes]
        if not softmax:
            for i in seen:
                exponent = rate * (inner[i] - 1)
                eta = (theta * abs(exponent) + (1 + theta) * drift[i]).exp() * sloppy - 1
                weights[t, i], errors[t, i] = exponent.exp(), exponent.exp() * eta + tau
            continue
        if not seen:
            continue
        top, most = _greatest([rate * x for x in inner]), _greatest(drift)
        powers = [(rate * x - top).exp() for x in inner]
        total = sum(powers, arb(0))
        etas = [
            (theta * abs(rate * x - top) + (1 + theta) * (a + roundoff * most)).exp() * sloppy - 1
            for x, a in zip(inner, drift, strict=True)
        ]
        mean = sum((p * eta for p, eta in zip(powers, etas, strict=True)), arb(0)) / total
        off = (1 + mean) * (1 + gamma_ball(len(seen), fmt)) - 1 + 2 * len(seen) * tau
        for i in seen:
            weights[t, i] = powers[i] / total
            errors[t, i] = weights[t, i] * ((1 + etas[i]) * (1 + roundoff) / (1 - off) - 1) + 4 * tau
    return weights, errors


def exactly(x: Any) -> Any:
    """A rational as a ball."""
    value = Fraction(x)
    return arb(fmpq(value.numerator, value.denominator))


def gamma_ball(count: int, fmt: Format) -> Any:
    """gamma_count of the format."""
    return arb(gamma(count, Fraction(fmt.unit_roundoff)))


def _greatest(values: list[Any]) -> Any:
    found = values[0]
    for x in values[1:]:
        found = found.max(x)
    return found


def upper(values: Any) -> np.ndarray:
    """Upper ends."""
    return np.frompyfunc(lambda x: x.upper(), 1, 1)(values)


def near_kernel_instance(softmax: bool, seed: int = 0, tries: int = 1 << 14) -> tuple[float, dict[str, np.ndarray]]:
    """A rate and fp32 arguments, T = 3, d = m = 1, on which every form comes near the bound: the last token's exponent rounds
    about as badly as it can, and it reads the first token alone.

    Exponential: rate 2**10, <k, w> near 1, so that only the two products round, both down. Softmax: s = -60 against a second
    key with s = 0, whose value is 0; the rate's own rounding adds. Found by trying `tries` triples from the seed.
    """
    draw, single = np.random.default_rng(seed), np.float32
    constant = np.log2(np.e)
    spread = 1 + draw.random((3, tries)) / 16
    rates = spread[0] * (2.0**6 if softmax else 2.0**10) / constant
    writes, keys = spread[1].astype(single), (1 / spread[1]).astype(single)
    if softmax:
        keys = -spread[2].astype(single)
    scaled = (rates * constant).astype(single)
    computed = ((scaled * writes) * keys).astype(np.float64)
    by = rates * constant if softmax else scaled.astype(np.float64)
    off = np.abs(computed - by * writes.astype(np.float64) * keys) / np.abs(computed)
    best = int(np.argmax(off))
    key, write = float(keys[best]), float(writes[best])
    return float(rates[best]), {
        "k": np.array([[key], [0.0], [0.0]]),
        "w": np.array([[0.0], [0.0], [write]]),
        "v": np.array([[1.0], [0.0], [0.0]]),
        "beta": np.array([0.0, 0.0, 1.0]),
    }
