"""Claims about what gradient descent finds, beside what a construction guarantees; a module for each question.

What is said of trained models is measured: for the seeds, steps and sizes of the claim, with intervals over seeds. A model that did not
learn in the time it had is said to be one that did not, and not one that cannot.
"""

GROUPS: tuple[str, ...] = (
    "swaps",
    "paths",
    "basin",
    "resemblance",
    "distance",
    "extrapolation",
    "formats",
)
"""The modules, in the order of the ledger."""
