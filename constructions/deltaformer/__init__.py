"""Explicit weights for the Deltaformer operator, one construction a file."""
