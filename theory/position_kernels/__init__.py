"""Claims about kernels of the distance between positions, a module for each group.

Source: multiple-kernel position encodings (MEP) and their relatives ALiBi, KERPLE, T5, Sandwich, FIRE. MEP's own text was not read;
what it defines and says is as its abstract, a summary and public code tell it.
"""

GROUPS: tuple[str, ...] = (
    "bounds",
    "effective_windows",
    "far_mass",
    "closure",
    "definiteness",
    "numerics",
    "extrapolation",
)
"""The modules, in the order of the ledger."""
