"""Checks of the claims about position kernels, a module for each group."""
