"""Explicit weights and streams for the memory of Infini-attention, one construction a file."""
