"""Solves, factorisations and transforms.

A triangular solve of order n with m right-hand sides costs n^2 m, span 2 n. Inverse, LU, QR, Cholesky: 2 n^3, span 3 n, an upper
convention. A transform of length n: 5 n L(n), span L(n) (radix 2), a convention.
"""

from __future__ import annotations

from typing import Any

from empirics.cost.rules.model import Call, Cost, Terms, cost, product, rule

__all__: list[str] = []


@rule("linalg_solve_triangular", exact=False)
def triangular_solve(call: Call) -> Cost:
    """n^2 m, 2 n."""
    n = call["self"].shape[-1]
    return cost(n * call.size, 2 * n)


@rule("triangular_solve", name="triangular solve", exact=False)
def old_triangular_solve(call: Call) -> Cost:
    """The same under its old name."""
    n = call["A"].shape[-1]
    return cost(n * call.size, 2 * n)


def _factor(x: Any) -> tuple[Any, Any]:
    rows, columns = x.shape[-2:]
    least = rows if rows is columns else min(rows, columns)
    return 2 * x.numel() * least, 3 * least


_FACTORS = (
    "linalg_inv_ex linalg_lu_factor_ex linalg_lu linalg_qr linalg_cholesky_ex cholesky "
    "cholesky_inverse geqrf linalg_ldl_factor_ex _linalg_det _linalg_slogdet linalg_pinv"
)


@rule(*_FACTORS.split(), exact=False)
def factorisation(call: Call) -> Cost:
    """2 m n min(m, n), which is 2 n^3 of a square; 3 min(m, n)."""
    return cost(*_factor(call.first))


@rule("_linalg_solve_ex", name="factorisation", exact=False)
def solve(call: Call) -> Cost:
    """A factorisation and two triangular solves."""
    work, span = _factor(call["A"])
    n = call["A"].shape[-1]
    return cost(work + 2 * n * call.size, span + 4 * n)


@rule("linalg_lu_solve", "cholesky_solve", name="triangular solve", exact=False)
def factored_solve(call: Call) -> Cost:
    """Two triangular solves."""
    n = call.first.shape[-2]
    return cost(2 * n * call.size, 4 * n)


@rule("_fft_r2c", "_fft_c2c", "_fft_c2r", exact=False)
def fft(call: Call) -> Cost:
    """5 n L(n) a row of n, L(n); dimensions one after another; n is the length of the real or longer side."""
    x, out = call["self"], call.out
    longer = out if x.is_complex() and not out.is_complex() else x
    work: Terms = tuple((5 * longer.numel(), (longer.shape[d],)) for d in call["dim"])
    return cost(work, tuple((1, (longer.shape[d],)) for d in call["dim"]), gates=False)


@rule("_cdist_forward", "_pdist_forward")
def cdist(call: Call) -> Cost:
    """Of every pair the norm of the difference: 3 out d + out, L(d) + 3 for p = 2; 3 out d, L(d) + 2 for p = 1, infinity and 0;
    else 4 out d + out, L(d) + 4."""
    width, p = call.first.shape[-1], call["p"]
    each, rooted = (3, 1) if p == 2 else (3, 0) if p in (0, 1, float("inf")) else (4, 1)
    return cost(each * call.size * width + rooted * call.size, ((each - 1 + rooted, ()), (1, (width,))))


@rule("_cdist_backward", exact=False)
def cdist_backward(call: Call) -> Cost:
    """Of every pair and coordinate difference, power, product and sum, and of every pair a quotient; a sum over the other points."""
    pairs, others = call["grad"].numel(), call["grad"].shape[-1]
    return cost(4 * pairs * call["x1"].shape[-1] + pairs, ((4, ()), (1, (others,))))


@rule("_trilinear")
def trilinear(call: Call) -> Cost:
    """Two products of everything and a sum: 3 m n k, L(n) + 2, over the dimensions summed, as torch writes it out."""
    sizes: dict[int, Any] = {}
    for x, added in (("i1", "expand1"), ("i2", "expand2"), ("i3", "expand3")):
        present = iter(call[x].shape)
        total = call[x].dim() + len(call[added])
        sizes |= {d: next(present) for d in range(total) if d not in call[added]}
    n = product(sizes[d] for d in call["sumdim"])
    return cost(3 * product(sizes.values()), ((2, ()), (1, (n,))))
