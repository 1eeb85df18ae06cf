"""Scans, sorts and searches along a dimension.

A scan costs 2 in and has span 2 L(n) (Brent and Kung's tree); under v1-threshold each entry of a cumsum or cummax is one add-n or
max-n, span 1. Sorting n costs n L(n) with span L(n)(L(n)+1)/2 (Batcher's network has that depth), topk n L(k): conventions.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from empirics.cost.rules.model import Call, Cost, Terms, cost, rule

__all__: list[str] = []

HALF = Fraction(1, 2)


def _along(call: Call) -> tuple[Any, Any]:
    """(elements read, elements of one row); all one row where the operation has no dimension."""
    x, dim = call.first, call.get("dim")
    return x.numel(), x.numel() if dim is None or not x.dim() else x.shape[dim]


def _network(n: Any) -> Terms:
    return ((HALF, (n, n)), (HALF, (n,)))


@rule("cumsum", "cummax", "cummin", "_cummax_helper", "_cummin_helper", exact=False)
def scan(call: Call) -> Cost:
    """2 in, 2 L(n); span 1 under v1-threshold."""
    read, n = _along(call)
    return cost(2 * read, ((2, (n,)),))._replace(threshold=((1, ()),))


@rule("cumprod", "logcumsumexp", "_logcumsumexp", name="scan", exact=False)
def scan_of_another_operation(call: Call) -> Cost:
    """2 in, 2 L(n) in both models: its step is no sum and no maximum."""
    read, n = _along(call)
    return cost(2 * read, ((2, (n,)),), gates=False)


@rule("sort", "median", "nanmedian", "mode", exact=False)
def sort(call: Call) -> Cost:
    """n L(n) a row."""
    read, n = _along(call)
    return cost(((read, (n,)),), _network(n), gates=False)


@rule("topk", "kthvalue", exact=False)
def topk(call: Call) -> Cost:
    """n L(k) a row, as sort in span."""
    read, n = _along(call)
    return cost(((read, (call["k"],)),), _network(n), gates=False)


@rule("searchsorted", "bucketize")
def search(call: Call) -> Cost:
    """Bisection: L(n) an output."""
    n = call.get("sorted_sequence", call.get("boundaries")).shape[-1]
    return cost(((call.size, (n,)),), ((1, (n,)),), gates=False)
