"""Definitions of the reference layers' cores entry by entry, exact or in 60 digits, and the roundoff bounds of their float forms.

Rounding model: every operation has relative error at most u, an exponential at most 2 u; no underflow. u = 2^-53 unless another
format's is given; where products take operands in tf32, 2^-10 covers both roundings of a product, 2^-11 each, and float32's own.
gamma(n) bounds |prod (1 + delta_i) - 1| over n such factors. A program of + - * from exact inputs evaluates a polynomial; where no
two of its monomials cancel identically and each meets at most n roundings, its error is at most gamma(n) times the same program
on absolute values with every sign positive, the *majorant*.
"""

import math

import mpmath
import torch

U = torch.finfo(torch.float64).eps / 2
UNITS = {"float64": U, "float32": 2.0**-24, "tf32": 2.0**-10, "float16": 2.0**-11, "bfloat16": 2.0**-8}


def gamma(n, u=U):
    assert n * u < 1, "so many roundings have no bound in this format"
    return n * u / (1 - n * u)


def softmax_rows(q, k, v, allowed):
    """Attention of each query to the keys `allowed(t, scores of t)` says, in 60 digits; q, k, v `(N, d)` tensors -> lists."""
    with mpmath.workdps(60):
        rows = []
        for t, query in enumerate(q.tolist()):
            scores = [
                sum(mpmath.mpf(a) * mpmath.mpf(b) for a, b in zip(query, key, strict=True)) / mpmath.sqrt(len(query))
                for key in k.tolist()
            ]
            to = allowed(t, scores)
            weights = {i: mpmath.exp(scores[i]) for i in to}
            total = sum(weights.values())
            rows.append(
                [sum(w * mpmath.mpf(v[i, c].item()) for i, w in weights.items()) / total for c in range(v.shape[1])]
            )
        return rows


def softmax_bound(q, k, v, allowed, u=U):
    """Row by row, entry by entry: |computed - exact| for any order of the sums.

    A score meets d + 8 roundings (scale, its two factors where each operand is scaled, products, sum), so its error is at most
    E = gamma(d + 8) max |q||k| / sqrt d; subtracting the largest adds u R, R twice the largest |score|. A weight is then off by a
    factor exp(2 (E + u R)) and 2 N + 8 roundings of exponential, sum and quotient, and the read by N more.
    """
    tokens, d = k.shape
    bounds = []
    for t in range(len(q)):
        sizes = (q[t].abs() @ k.abs().mT) / math.sqrt(d)
        largest = float(sizes.max())
        scores = (q[t] @ k.mT) / math.sqrt(d)
        to = list(allowed(t, scores.tolist()))
        p = scores[to].softmax(0)
        exponent = 2 * (gamma(d + 8, u) * largest + u * 2 * largest)
        factor = math.expm1(exponent) + gamma(3 * tokens + 8, u) * math.exp(exponent)
        # The bound itself is computed in floats, from weights that are right to the same factor.
        bounds.append((1 + factor) * factor * (p @ v[to].abs()))
    return torch.stack(bounds) if bounds else torch.zeros_like(v)


def causal(t, _scores):
    return range(t + 1)


def within(window):
    return lambda t, _scores: range(max(0, t - window + 1), t + 1)


def largest(keep):
    """Of the causal scores; those of the test are distinct."""
    return lambda t, scores: sorted(range(t + 1), key=lambda i: scores[i], reverse=True)[:keep]


def worst_ratio(found, exact, bound):
    """The largest |found - exact| / bound, asserted to be at most 1; 0 bounds demand equality."""
    worst = 0.0
    with mpmath.workdps(60):
        for got, want, most in zip(
            found.flatten().tolist(), [x for row in exact for x in row], bound.flatten().tolist(), strict=True
        ):
            error = abs(mpmath.mpf(got) - want)
            assert error <= most, (got, want, most)
            worst = max(worst, float(error / most) if most else 0.0)
    return worst


def linear_attention(q, k, v):
    """Over any ring: lists of lists of numbers."""
    return [[sum(dot(q[t], k[i]) * v[i][c] for i in range(t + 1)) for c in range(len(v[0]))] for t in range(len(q))]


def delta_rule(q, k, v, beta, sign=-1):
    """Over any ring, from the definition; sign = +1 on absolute values is the majorant."""
    if not q:
        return []
    d, m = len(k[0]), len(v[0])
    state = [[0] * m for _ in range(d)]
    rows = []
    for t in range(len(q)):
        held = [sum(k[t][a] * state[a][c] for a in range(d)) for c in range(m)]
        state = [[state[a][c] + beta[t] * k[t][a] * (v[t][c] + sign * held[c]) for c in range(m)] for a in range(d)]
        rows.append([sum(q[t][a] * state[a][c] for a in range(d)) for c in range(m)])
    return rows


def dot(x, y):
    return sum(a * b for a, b in zip(x, y, strict=True))
