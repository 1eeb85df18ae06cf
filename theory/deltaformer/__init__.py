"""Claims about Deltaformer attention, a module for each group.

The paper is cited for the system and for the goals. Its own theorem text was not read; the theorems, their constants
and their proofs are derived here.
"""

GROUPS = (
    "operator",
    "operator_kernels",
    "stability",
    "swap_tracking",
    "summation_orders",
    "reduced_swaps",
    "rounded_swaps",
    "exponential_swaps",
    "softmax_swaps",
    "stored_positions",
    "minimal_programs",
    "dimension",
    "capacity",
    "delta_rule",
    "finite_state",
    "transfer_one_hot",
    "transfer_reduced",
    "transfer_slot_tokens",
    "transfer_edges",
    "transfer_formats",
    "complexity_classes",
    "reachability",
    "edge_tokens",
    "softmax_reachability",
    "reachability_formats",
)
"""The modules, in the order of the ledger."""
