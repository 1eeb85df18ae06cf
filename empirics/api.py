"""The two functions of the Python interface that look at whole ledgers."""

from __future__ import annotations

from pathlib import Path

from theory.ledger import Ledger
from theory.verdict import Verdict


def ledger() -> Ledger:
    """All claims of this project."""
    from empirics.discovery import gather, systems

    return gather(systems())[0]


def verify(
    *targets: str,
    budget: str = "quick",
    seed: int = 0,
    device: str = "cpu",
    jobs: int | None = None,
    out: str | Path = "weightproof-out",
) -> list[Verdict]:
    """Verify claims by glob, or those of claim files, with all their controls; all but `training/*` without targets.

    Verdicts, certificates and counterexamples are written under `out` as they are decided.

    Raises UnknownClaim, BadFile, BadOutput or ValueError before anything runs when an argument is wrong.
    """
    from empirics import verifier

    return verifier.verify(verifier.plan(targets, budget=budget, seed=seed, device=device, jobs=jobs, out=out))
