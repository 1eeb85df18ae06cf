"""Explicit weights for Pointer layers, one construction a file."""
