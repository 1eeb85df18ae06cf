"""What `weightproof cost` does: find the subject, derive, judge, and say it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from empirics.cost.bounds import BoundVerdict, judge
from empirics.cost.cost import Cost, derive
from empirics.cost.errors import BadSubject
from empirics.cost.report import cost_document, described, explained
from empirics.discovery import import_file
from theory.verdict import Outcome

__all__ = ["Answer", "find", "run"]

OK, EXCEEDED, UNDECIDED = 0, 1, 3


@dataclass(frozen=True)
class Answer:
    """The text, the data and the exit code of one command; `draw` writes the plot."""

    cost: Cost
    verdicts: list[BoundVerdict]
    backward: bool
    text: str
    document: dict[str, Any] | None

    @property
    def exit_code(self) -> int:
        """1 if a bound is exceeded, 3 if one is undecided or holds only as far as was tried, or without bounds a formula is missing."""
        if any(v.outcome is Outcome.REFUTED for v in self.verdicts):
            return EXCEEDED
        unclear = any(v.outcome is not Outcome.CONFIRMED or v.conditional for v in self.verdicts)
        if not self.verdicts:
            quantities = [self.cost.quantity(name) for name in self.cost.names]
            unclear = any(not q.known or q.untried or q.opaque for q in quantities)
        return UNDECIDED if unclear else OK

    def draw(self, file: str) -> None:
        from empirics.cost.plot import draw

        draw(self.cost, file)


def find(text: str) -> Callable[..., Any]:
    """The function FILE.py:FUNCTION or MODULE:FUNCTION names. Raises BadSubject when there is no such thing."""
    place, colon, name = text.rpartition(":")
    if not colon or not place or not name:
        raise BadSubject(f"{text}: name a function as FILE.py:FUNCTION or MODULE:FUNCTION")
    module = _imported(place) if place.endswith(".py") else _module(place)
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is None:
        functions = sorted(
            n for n, v in vars(module).items() if callable(v) and getattr(v, "__module__", "") == module.__name__
        )
        raise BadSubject(f"{place}: has no {name}" + (f"; it has {', '.join(functions[:12])}" if functions else ""))
    return found


def _imported(path: str) -> ModuleType:
    if not Path(path).is_file():
        raise BadSubject(f"{path}: no such file")
    return import_file(path)


def _module(name: str) -> ModuleType:
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        with redirect_stdout(sys.stderr):
            return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        first = next(iter(str(error).splitlines()), "")
        raise BadSubject(f"{name}: does not import: {type(error).__name__}: {first}") from None


def run(
    subject: str,
    bounds: Mapping[str, str],
    backward: bool,
    where: Sequence[str],
    fixed: str,
    model: str,
    attention: str,
    document: bool,
) -> Answer:
    """Derive the subject's cost, judge each bound, and word the answer. Raises BadSubject, BadBound and ValueError."""
    cost = derive(find(subject), model=model, attention=attention)
    whole = cost.backward if backward else cost
    constants = [part.strip() for part in fixed.split(",") if part.strip()]
    verdicts = [judge(whole, name, bound, where, constants) for name, bound in bounds.items()]
    told = [explained(v, cost.subject.name) for v in verdicts] or [described(whole)]
    data = cost_document(whole, verdicts, torch.__version__) if document else None
    return Answer(whole, verdicts, backward, "\n\n".join(told), data)
