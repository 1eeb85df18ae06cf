"""Cost of a written program: the model, exact amounts, and their closed forms."""
