"""Claims about Pointer layers, a module for each group.

Every position points at one other position. The paper's abstract and a summary of it were read, its own text was not; a claim
says which text or which variant of the layer it is about. Theorems, constants and proofs are derived here.
"""

GROUPS = (
    "work",
    "memory",
    "score_reads",
    "structured_scores",
    "dot_products",
    "chunk_bounds",
    "ties",
    "reach",
    "dependency_paths",
    "distances",
    "heads",
    "gate",
    "gradients",
    "causality",
    "copy",
    "copy_codes",
    "copy_dimension",
    "parameters",
    "printed_throughput",
    "printed_copy",
    "printed_pointers",
    "loss",
    "reading",
)
"""The modules, in the order of the ledger."""
