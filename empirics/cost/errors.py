"""What a cost derivation can say instead of an answer."""

from __future__ import annotations

__all__ = ["BadSubject", "Undecided"]


class BadSubject(ValueError):
    """A subject that cannot be counted: what it did, at which sizes, and what to do."""


class Undecided(AssertionError):
    """It cannot be told whether a bound holds: what stands in the way, and the remedy."""
