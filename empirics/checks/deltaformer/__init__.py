"""Checks and controls for the claims in `theory.deltaformer`, a module for each group of claims."""

from empirics.checks.deltaformer import (
    edge_tokens,
    inverse_forms,
    node_dimension,
    operator_floats,
    operator_forms,
    reachability,
    softmax_reachability,
    summation_orders,
    swap_tracking,
)

__all__ = [
    "edge_tokens",
    "inverse_forms",
    "node_dimension",
    "operator_floats",
    "operator_forms",
    "reachability",
    "softmax_reachability",
    "summation_orders",
    "swap_tracking",
]
