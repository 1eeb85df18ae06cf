"""Claims about Deltaformer attention, a module for each group.

The paper is cited for the system and for the goals. Its own theorem text was not read; the theorems, their constants
and their proofs are derived here.
"""

from theory.deltaformer import (
    edge_tokens,
    operator,
    reachability,
    softmax_reachability,
    summation_orders,
    swap_tracking,
)

__all__ = ["operator", "swap_tracking", "summation_orders", "reachability", "edge_tokens", "softmax_reachability"]
