"""Checks and controls for the claims in `theory.takakura_suzuki`, a module for each group of claims; found by being here."""
