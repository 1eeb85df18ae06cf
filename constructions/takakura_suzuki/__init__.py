"""Explicit weights and networks for functions of mixed and anisotropic smoothness, one construction a file."""
