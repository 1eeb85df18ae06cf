"""Checks and controls for the claims in `theory.cost`, a module for each kind of evidence; found by being here."""
