"""What is trained to answer each question, and its tables and figures, a module for each question.

`study(budget)` are the plans; `fill(store, budget, progress)` trains what the store does not hold; tables and figures are read from
the store alone.
"""

__all__ = ["STUDIES"]

STUDIES = ("swaps", "paths", "basin", "resemblance", "distance", "extrapolation", "formats")
"""The modules, in the order of the questions."""
