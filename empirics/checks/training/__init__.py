"""Checks and controls for the claims in `theory.training`, a module for each question; found by being here."""
