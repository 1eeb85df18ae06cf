"""Checks and controls for the claims in `theory.deltaformer`, a module for each group of claims."""

from empirics.checks.deltaformer import (
    operator_floats,
    operator_forms,
    reachability,
    reduced_swaps,
    rounded_swaps,
    stability,
    summation_orders,
    swap_tracking,
)

__all__ = [
    "operator_floats",
    "operator_forms",
    "reachability",
    "reduced_swaps",
    "rounded_swaps",
    "stability",
    "summation_orders",
    "swap_tracking",
]
