"""Checks and controls for the claims in `theory.pointer`, a module for each group of claims; found by being here."""
