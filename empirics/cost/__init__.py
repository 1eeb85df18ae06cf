"""Exact cost of a torch layer: work, span, memory, state and traffic as formulas in its sizes, judged against bounds.

    from empirics.cost import assert_bound, derive

The names below are imported from their own modules when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from empirics.cost.bounds import BoundVerdict as BoundVerdict
    from empirics.cost.bounds import assert_bound as assert_bound
    from empirics.cost.bounds import judge as judge
    from empirics.cost.cost import Cost as Cost
    from empirics.cost.cost import derive as derive
    from empirics.cost.errors import BadSubject as BadSubject
    from empirics.cost.errors import Undecided as Undecided
    from empirics.cost.registered import register_formula as register_formula

_MODULES = {
    "assert_bound": "bounds",
    "judge": "bounds",
    "BoundVerdict": "bounds",
    "Cost": "cost",
    "derive": "cost",
    "BadSubject": "errors",
    "Undecided": "errors",
    "register_formula": "registered",
}

__all__ = [*_MODULES]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"empirics.cost has no {name!r}; it has {', '.join(sorted(_MODULES))}")
    return getattr(import_module(f"empirics.cost.{_MODULES[name]}"), name)
