"""What a rule is: from the shapes of one call of an aten operation to its work and span, as sums of coefficient * L(n_1) ... L(n_k).

Rules read shapes only and do not branch on sizes where that can be helped; they use +, * and // alone, so ints, torch.SymInt
and sympy integers all pass through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

__all__ = ["RULES", "Call", "Cost", "Rule", "Terms", "cost", "product", "rule", "unbounded"]

Terms = tuple[tuple[Any, tuple[Any, ...]], ...]


class Cost(NamedTuple):
    """Terms of (coefficient, log sizes); `threshold` is the span under v1-threshold, `matrix` the part of the work that
    FlopCounterMode counts."""

    work: Terms
    span: Terms
    threshold: Terms
    matrix: Any = 0


def unbounded(span: Terms) -> Terms:
    """The span when every reduction in it has unbounded fan-in and span 1: L(n) becomes 1."""
    return ((sum(c for c, _ in span), ()),)


def cost(work: Any, span: Any, *, gates: bool = True, matrix: Any = 0) -> Cost:
    """A cost; a bare number stands for a term without logarithms. `gates`: every logarithm in the span is a sum or a maximum."""
    work = work if isinstance(work, tuple) else ((work, ()),)
    span = span if isinstance(span, tuple) else ((span, ()),)
    return Cost(work, span, unbounded(span) if gates else span, matrix)


class Call:
    """One call of an operation: its arguments by the names of its schema, and what it returned."""

    __slots__ = ("_args", "_kwargs", "_positions", "out")

    def __init__(self, positions: dict[str, tuple[int, Any]], args: Sequence[Any], kwargs: dict[str, Any], out: Any):
        self._positions, self._args, self._kwargs = positions, args, kwargs
        self.out: Any = out

    def __getitem__(self, name: str) -> Any:
        """The argument, its default where it was not given; KeyError when the schema has no such name."""
        if name in self._kwargs:
            return self._kwargs[name]
        at, default = self._positions[name]
        return self._args[at] if at < len(self._args) else default

    def get(self, name: str, otherwise: Any = None) -> Any:
        """The argument, or `otherwise` where the schema has no such name."""
        return self[name] if name in self._positions else otherwise

    @property
    def first(self) -> Any:
        """The first tensor among the arguments."""
        return next(x for x in _flat((*self._args, *self._kwargs.values())) if hasattr(x, "numel"))

    @property
    def size(self) -> Any:
        """Elements of the result, of the first one where there are several."""
        return next(x for x in _flat((self.out,)) if hasattr(x, "numel")).numel()


def _flat(values: Iterable[Any]) -> Iterator[Any]:
    for x in values:
        if isinstance(x, (list, tuple)):
            yield from _flat(x)
        else:
            yield x


@dataclass(frozen=True)
class Rule:
    """A rule of the model. `exact`: a scalar program that starts from zero does just this many operations; else a convention."""

    name: str
    of: Callable[[Call], Cost]
    exact: bool


RULES: dict[
    str, Rule
] = {}  # by the name of the operation without "aten::", overload, or the trailing "_" of an in-place form


def rule(
    *operations: str, name: str = "", exact: bool = True
) -> Callable[[Callable[[Call], Cost]], Callable[[Call], Cost]]:
    """Enter a function as the rule of these operations; ValueError for a second rule of one operation."""

    def enter(function: Callable[[Call], Cost]) -> Callable[[Call], Cost]:
        for operation in operations:
            if operation in RULES:
                raise ValueError(
                    f"aten::{operation} has two rules: {RULES[operation].of.__name__} and {function.__name__}"
                )
            RULES[operation] = Rule(name or function.__name__.replace("_", " "), function, exact)
        return function

    return enter


def product(sizes: Any) -> Any:
    """The product of sizes; 1 of none."""
    total: Any = 1
    for n in sizes:
        total = total * n
    return total
