"""Solves, factorisations and transforms.

A triangular solve of order n with m right-hand sides costs n^2 m, span 2 n. Inverse, LU, QR, Cholesky: 2 n^3, span 3 n, an upper
convention. A transform of length n: 5 n L(n), span L(n) (radix 2), a convention.
"""

from __future__ import annotations

from typing import Any

from empirics.cost.rules.model import Call, Cost, Terms, cost, rule

__all__: list[str] = []


@rule("linalg_solve_triangular")
def triangular_solve(call: Call) -> Cost:
    """n^2 m, 2 n."""
    n = call["self"].shape[-1]
    return cost(n * call.size, 2 * n)


@rule("triangular_solve", name="triangular solve")
def old_triangular_solve(call: Call) -> Cost:
    """The same under its old name."""
    n = call["A"].shape[-1]
    return cost(n * call.size, 2 * n)


def _factor(x: Any) -> tuple[Any, Any]:
    rows, columns = x.shape[-2:]
    least = rows if rows is columns else min(rows, columns)
    return 2 * x.numel() * least, 3 * least


_FACTORS = (
    "linalg_inv_ex inverse linalg_lu_factor_ex linalg_lu _lu_with_info linalg_qr linalg_cholesky_ex linalg_cholesky cholesky "
    "cholesky_inverse geqrf linalg_ldl_factor_ex _linalg_det _linalg_slogdet linalg_pinv"
)


@rule(*_FACTORS.split(), exact=False)
def factorisation(call: Call) -> Cost:
    """2 m n min(m, n), which is 2 n^3 of a square; 3 min(m, n)."""
    return cost(*_factor(call.first))


@rule("_linalg_solve_ex", "linalg_solve", name="factorisation", exact=False)
def solve(call: Call) -> Cost:
    """A factorisation and two triangular solves."""
    work, span = _factor(call["A"])
    n = call["A"].shape[-1]
    return cost(work + 2 * n * call.size, span + 4 * n)


@rule("linalg_lu_solve", "lu_solve", "cholesky_solve", name="triangular solve")
def solve_factored(call: Call) -> Cost:
    """Two triangular solves."""
    n = call["LU"].shape[-1] if call.get("LU") is not None else call.first.shape[-2]
    return cost(2 * n * call.size, 4 * n)


@rule("_fft_r2c", "_fft_c2c", "_fft_c2r", exact=False)
def fft(call: Call) -> Cost:
    """5 n L(n) a row of n, L(n); dimensions one after another; n is the length of the real or longer side."""
    x, out = call["self"], call.out
    longer = out if x.is_complex() and not out.is_complex() else x
    work: Terms = tuple((5 * longer.numel(), (longer.shape[d],)) for d in call["dim"])
    return cost(work, tuple((1, (longer.shape[d],)) for d in call["dim"]), gates=False)


@rule("_cdist_forward")
def cdist(call: Call) -> Cost:
    """Of every pair difference, power, sum over the width, root: 3 out d + out, L(d) + 3."""
    width = call["x1"].shape[-1]
    return cost(3 * call.size * width + call.size, ((3, ()), (1, (width,))))
