"""pytest collects every check and every control of a claim file as an item: `pytest my_claims.py -k sign`.

A check's item passes when the claim comes out as its `expected` says, a control's when it comes out as declared. Both run
the same engine as `weightproof verify`. `--hypothesis-seed` sets the seed; `--weightproof-budget full` tries more.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from empirics.checking import Check


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("weightproof")
    group.addoption(
        "--weightproof-budget", choices=("quick", "full"), default="quick", help="how much every check tries"
    )
    group.addoption("--weightproof-device", choices=("cpu", "cuda"), default="cpu", help="where checks on a device run")


def pytest_pycollect_makeitem(collector: Any, name: str, obj: object) -> list[pytest.Item] | None:
    """A check, and each of its controls, defined in the module being collected."""
    if "empirics.checking" not in sys.modules:
        return None  # nothing can be a check before the module that defines them is imported
    from empirics.checking import Check

    if not isinstance(obj, Check):
        return None
    if obj.module != collector.module.__name__:
        return []
    return list(_items(collector, name, obj))


def _items(collector: Any, name: str, check: Check) -> Iterator[pytest.Item]:
    yield CheckItem.from_parent(collector, name=name, check=check, control=None)
    for control in check.controls:
        yield CheckItem.from_parent(collector, name=f"{name}[{control.name}]", check=check, control=control.name)


class NotAsExpected(Exception):
    """A check or control came out otherwise; the message says how."""


class CheckItem(pytest.Item):
    """One check on one subject."""

    def __init__(self, *, check: Check, control: str | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.check, self.control = check, control

    def runtest(self) -> None:
        from empirics.checking import Run
        from empirics.engine import run_check
        from theory.verdict import Outcome

        option: Any = self.config.getoption
        seed = option("--hypothesis-seed", default=None)
        seed = seed if isinstance(seed, int) else int(seed) if seed and str(seed).isdigit() else 0
        run = Run(seed, option("--weightproof-budget"), option("--weightproof-device"))
        result = run_check(self.check, self.control, run)
        chosen = self.check.control(self.control)
        expected = self.check.claim.expected_outcome if chosen is None else chosen.expected
        if result.outcome is Outcome.SKIPPED:
            pytest.skip(result.message)
        if result.outcome is not expected:
            raise NotAsExpected(
                f"{self.check.claim.id}: {result.label} was to be {expected.lower()}, came out {result.outcome.lower()}"
                f" (seed {seed}){': ' + result.message if result.message else ''}"
            )

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        if isinstance(excinfo.value, NotAsExpected):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int, str]:
        return self.path, self.check.function.__code__.co_firstlineno - 1, f"{self.check.claim.id}: {self.name}"
