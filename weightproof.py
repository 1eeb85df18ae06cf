"""Weightproof: formal claims about sequence models as things that run.

    import weightproof as wp

    claim = wp.Claim(id="mine/first", statement="...", expected="confirmed", strength="tested", reason="...")

Every name is imported from its own room when it is first used, so that importing this module costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from constructions.deltaformer.reachability import NodeTokens as NodeTokens
    from constructions.deltaformer.swap_tracking import OneHotSwaps as OneHotSwaps
    from empirics import strategies as strategies
    from empirics.api import ledger as ledger
    from empirics.api import verify as verify
    from empirics.checking import Run as Run
    from empirics.checking import assume as assume
    from empirics.checking import check as check
    from empirics.checking import control as control
    from empirics.checking import fails as fails
    from empirics.checking import holds as holds
    from empirics.checking import skipped as skipped
    from empirics.checking import undecided as undecided
    from empirics.cost import assert_bound as assert_bound
    from empirics.cost import derive as derive
    from empirics.cost import register_formula as register_formula
    from theory.claim import Claim as Claim
    from theory.claim import Source as Source
    from theory.programs import Dag as Dag
    from theory.programs import SwapProgram as SwapProgram
    from theory.verdict import Outcome as Outcome
    from theory.verdict import Strength as Strength
    from theory.verdict import Verdict as Verdict

_ROOMS = {
    "Claim": "theory.claim",
    "Source": "theory.claim",
    "Outcome": "theory.verdict",
    "Strength": "theory.verdict",
    "Verdict": "theory.verdict",
    "SwapProgram": "theory.programs",
    "Dag": "theory.programs",
    "OneHotSwaps": "constructions.deltaformer.swap_tracking",
    "NodeTokens": "constructions.deltaformer.reachability",
    "Run": "empirics.checking",
    "check": "empirics.checking",
    "control": "empirics.checking",
    "holds": "empirics.checking",
    "fails": "empirics.checking",
    "undecided": "empirics.checking",
    "skipped": "empirics.checking",
    "assume": "empirics.checking",
    "derive": "empirics.cost",
    "assert_bound": "empirics.cost",
    "register_formula": "empirics.cost",
    "verify": "empirics.api",
    "ledger": "empirics.api",
}

__all__ = [*_ROOMS, "strategies"]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name == "strategies":
        return import_module("empirics.strategies")
    if name not in _ROOMS:
        raise AttributeError(f"weightproof has no {name!r}; it has {', '.join(sorted(__all__))}")
    return getattr(import_module(_ROOMS[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
