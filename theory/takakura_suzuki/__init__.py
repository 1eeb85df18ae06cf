"""Claims about approximation and estimation under mixed and anisotropic smoothness, a module for each group.

Statements recalled from the papers say so; exact statements, constants and proofs are derived here.
"""

GROUPS = (
    "blocks",
    "mixed_counting",
    "anisotropic_counting",
    "input_laws",
    "rates",
    "measured_rates",
    "gadgets",
    "attention",
    "transformer",
    "measured_transformer",
)
"""The modules, in the order of the ledger."""
