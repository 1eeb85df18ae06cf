"""Sizes as symbols of torch's shape environment, its guards, and both as formulas of `theory.cost.formulas`.

A guard is a fact about the sizes that a run assumed, where Python or torch asked. Sizes are at least 2 here, which no guard states.
An equality pins sizes, and then a run shows nothing of others; that one size divides another is an equality with room, and is kept as
a condition. What follows from sizes of at least 2 is dropped.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import FrameType
from typing import Any

import sympy
import torch
from torch._guards import Source
from torch.fx.experimental.symbolic_shapes import DimDynamic, ShapeEnv

from empirics.cost.comparisons import kind_of_file
from empirics.cost.relations import SMALLEST, Facts, divided, follows, learned, quotient, smallest
from theory.cost.formulas import symbol

__all__ = ["Guard", "Shapes"]

_TORCH = os.path.join(os.path.dirname(torch.__file__), "")


@dataclass(frozen=True)
class _Named(Source):
    """Where torch thinks a size comes from: a name."""

    local: str

    @property
    def _name_template(self) -> str:
        return self.local


@dataclass(frozen=True)
class Guard:
    """A relation of sizes that the run took for granted, with the line that asked; `fatal`: an equality that pins sizes."""

    relation: Any
    file: str
    line: int
    fatal: bool

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.file else "torch"
        return f"{self.relation} ({where})"


class _Noted(list[Any]):
    """The environment's list of guards, which notes for each the innermost line of the user's code, of torch.nn's else."""

    def __init__(self) -> None:
        super().__init__()
        self.places: list[tuple[str, int]] = []

    def append(self, guard: Any) -> None:
        self.places.append(_asking(sys._getframe(1)))
        super().append(guard)


def _asking(frame: FrameType | None) -> tuple[str, int]:
    network = ("", 0)
    while frame is not None:
        file = frame.f_code.co_filename
        if kind_of_file(file) == "user":
            if not file.startswith(_TORCH):
                return file, frame.f_lineno
            network = network if network[0] else (file, frame.f_lineno)
        frame = frame.f_back
    return network


class Shapes:
    """Size symbols with hints: the values at which comparisons come out, while formulas keep the symbols."""

    def __init__(self, hints: Mapping[str, int]) -> None:
        self.environment = ShapeEnv(duck_shape=False)
        self._guards = self.environment.guards = _Noted()
        self._known: list[Any] = []
        self._looked = 0
        self._pinned: Guard | None = None
        self.sizes: dict[str, torch.SymInt] = {}
        self._names: dict[sympy.Symbol, sympy.Symbol] = {}
        for name, hint in hints.items():
            source = _Named(name)
            made = self.environment.create_symbol(hint, source, DimDynamic.DYNAMIC, None)
            self._names[made] = symbol(name)  # pyright: ignore[reportArgumentType]
            self.sizes[name] = self.environment.create_symintnode(made, hint=hint, source=source)  # pyright: ignore[reportArgumentType]

    def formula(self, x: Any) -> Any:
        """The formula of a size (an int, Fraction or SymInt). ValueError for what has none."""
        if isinstance(x, torch.SymInt):
            return self._translated(x.node.expr)
        fraction = Fraction(x)
        return sympy.Rational(fraction.numerator, fraction.denominator)

    def told(self, formula: Any) -> Any:
        """A formula written out, with whole quotients where the guards say that one size divides another."""
        return sympy.expand(divided(formula, set(filter(None, map(quotient, self._relations())))))

    def guards(self) -> list[Guard]:
        """The guards so far that say anything beyond sizes of at least 2 and the guards before them, in the order they were met."""
        found: list[Guard] = []
        ratios: set[Any] = set()
        facts: Facts = {}
        for relation, (file, line) in zip(self._relations(), self._guards.places, strict=True):
            left = divided(relation, ratios)
            if follows(left, facts) or any(left == guard.relation for guard in found):
                continue
            ratio = quotient(left)
            if ratio is not None:
                ratios.add(ratio)
            found.append(Guard(left, file, line, isinstance(left, sympy.Equality) and ratio is None))
            facts.update(learned(left, facts))
        return found

    def _relations(self) -> list[Any]:
        for guard in self._guards[len(self._known) :]:
            self._known.append(self._translated(guard.expr))
        return self._known

    def pinned(self) -> Guard | None:
        """The first guard that pins sizes; quick when there was no new guard since the last call."""
        if len(self._guards) != self._looked:
            fresh = self._relations()[self._looked :]
            self._looked = len(self._guards)
            if self._pinned is None and any(isinstance(r, sympy.Equality) and quotient(r) is None for r in fresh):
                self._pinned = next((guard for guard in self.guards() if guard.fatal), None)
            if self._pinned is None and self.environment.replacements:
                size, value = next(iter(self.environment.replacements.items()))
                self._pinned = Guard(sympy.Eq(self._names.get(size, size), value), *self._guards.places[-1], True)
        return self._pinned

    def _translated(self, x: Any) -> Any:
        if x in self._names:
            return self._names[x]
        if not x.args:
            if x.free_symbols:
                raise ValueError(f"{x} is no size")
            return x
        args = [self._translated(part) for part in x.args]
        return (_MEANINGS.get(type(x).__name__) or x.func)(*args)


def _floor(a: Any, b: Any) -> Any:
    """floor(a / b), as -ceiling(-a / b) for a negative a."""
    ratio = a / b
    return -sympy.ceiling(-ratio) if ratio.could_extract_minus_sign() else sympy.floor(ratio)


def _greatest(*parts: Any) -> Any:
    """Max, a 1 left out beside a positive integer."""
    if any(p.is_integer and p.is_positive and p != 1 for p in parts):
        parts = tuple(p for p in parts if p != 1)
    return sympy.Max(*parts)


_MEANINGS: dict[str, Callable[..., Any]] = {
    "FloorDiv": _floor,
    "CleanDiv": lambda a, b: a / b,
    "CeilDiv": lambda a, b: sympy.ceiling(a / b),
    "CeilToInt": sympy.ceiling,
    "FloorToInt": sympy.floor,
    "TruncToInt": sympy.floor,
    "RoundToInt": lambda a: sympy.floor(a + sympy.Rational(1, 2)),
    "IntTrueDiv": lambda a, b: a / b,
    "FloatTrueDiv": lambda a, b: a / b,
    "ToFloat": lambda a: a,
    "FloatPow": lambda a, b: a ** sympy.nsimplify(b),
    "PowByNatural": lambda a, b: a**b,
    "PythonMod": lambda a, b: a if a == 1 and smallest(b) >= SMALLEST else sympy.Mod(a, b),
    "Mod": lambda a, b: a if a == 1 and smallest(b) >= SMALLEST else sympy.Mod(a, b),
    "Max": _greatest,
    "Min": sympy.Min,
    "OpaqueUnaryFn_sqrt": sympy.sqrt,
}
"""Functions of torch's own among those of its formulas, by the name of their class."""
