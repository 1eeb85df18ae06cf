"""Claims about Infini-attention, a module for each group.

The paper's own text was not read: what it prints is quoted here as told from memory. Theorems, constants and proofs are derived here.
"""

GROUPS = (
    "state",
    "order",
    "convexity",
    "recall",
    "decoding",
    "presentations",
    "stability",
    "causality",
    "grouping",
    "rotary",
    "gate",
    "precision",
    "underflow",
    "random_keys",
    "passkey",
    "printed",
)
"""The modules, in the order of the ledger."""
