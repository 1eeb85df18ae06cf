"""Cost of a written program: the model, exact amounts and their closed forms; and the claims about the reference layers.

What a claim says of a layer is about the program as written and about the public cost model v1, not about the function it computes.
"""

GROUPS = (
    "attention",
    "recurrences",
    "mixing",
    "deltaformer",
    "pointer",
    "infini_attention",
    "position_kernels",
    "passes",
    "bounds",
    "comparisons",
)
"""The modules that hold claims, in the order of the ledger."""
