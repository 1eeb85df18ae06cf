"""Sums, maxima and what is made of them. A reduction from zero over n costs n and has span L(n); a mean is its sum plus out.

Variance, norms and logsumexp are no rows of the model's table: they are counted as the scalar program that computes them from sums,
maxima and pointwise steps.
"""

from __future__ import annotations

from typing import Any

from empirics.cost.rules.model import Call, Cost, cost, product, rule

__all__ = ["reduced"]


def reduced(call: Call) -> tuple[Any, Any]:
    """(elements read, elements of one reduction), from `dim`: an int, a list, or none for all."""
    x = call.first
    dim = call.get("dim")
    if dim is None or (isinstance(dim, (list, tuple)) and not dim):
        return x.numel(), x.numel()
    if x.dim() == 0:
        return x.numel(), 1
    dims = dim if isinstance(dim, (list, tuple)) else (dim,)
    return x.numel(), product(x.shape[d] for d in dims)


@rule(
    "sum", "nansum", "amax", "amin", "max", "min", "argmax", "argmin", "all", "any", "count_nonzero", name="reduction"
)
def reduction(call: Call) -> Cost:
    """in, L(n)."""
    read, n = reduced(call)
    return cost(read, ((1, (n,)),))


@rule("prod", name="reduction")
def prod(call: Call) -> Cost:
    """in, L(n); a product is no threshold gate."""
    read, n = reduced(call)
    return cost(read, ((1, (n,)),), gates=False)


@rule("aminmax")
def aminmax(call: Call) -> Cost:
    """A minimum and a maximum: 2 in, L(n)."""
    read, n = reduced(call)
    return cost(2 * read, ((1, (n,)),))


@rule("mean")
def mean(call: Call) -> Cost:
    """in + out, L(n) + 1."""
    read, n = reduced(call)
    return cost(read + call.size, ((1, ()), (1, (n,))))


def _variance(call: Call) -> tuple[Any, tuple[Any, ...]]:
    read, n = reduced(call)
    return 4 * read + 2 * call.size, ((4, ()), (2, (n,)))


@rule("var", "var_mean", name="variance")
def variance(call: Call) -> Cost:
    """Mean, difference, square, sum, division: 4 in + 2 out, 2 L(n) + 4."""
    return cost(*_variance(call))


@rule("std", "std_mean", name="variance")
def deviation(call: Call) -> Cost:
    """The same and a root: 4 in + 3 out, 2 L(n) + 5."""
    work, span = _variance(call)
    return cost(work + call.size, (*span, (1, ())))


@rule("logsumexp")
def logsumexp(call: Call) -> Cost:
    """Maximum, difference, exp, sum, log, maximum added: 4 in + 2 out, 2 L(n) + 4."""
    read, n = reduced(call)
    return cost(4 * read + 2 * call.size, ((4, ()), (2, (n,))))


@rule("linalg_vector_norm", "norm")
def norm(call: Call) -> Cost:
    """p = 2: squares, sum, root. p = 1, infinity or 0: absolute values or comparisons, then a sum or maximum. Else absolute
    values, powers, sum, root."""
    read, n = reduced(call)
    p = call.get("ord", call.get("p", 2))
    p = 2 if p is None else p
    if p == 2:
        return cost(2 * read + call.size, ((2, ()), (1, (n,))))
    if p in (0, 1, float("inf"), float("-inf")):
        return cost(2 * read, ((1, ()), (1, (n,))))
    return cost(3 * read + call.size, ((3, ()), (1, (n,))))
