"""The cost of a written layer: work, span, memory and state as exact formulas, with the lines behind each term."""
