"""Checks and controls for the claims in `theory.infini_attention`, a module for each group of claims; found by being here."""
