"""The formats, weights and evaluations of the reachability frontiers, and what it means to be one."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from constructions.deltaformer.reachability_formats import EVALUATIONS, Arithmetic, undecided_graph
from empirics.checking import Evidence, fails
from theory import formats

NARROW = ("fp8_e4m3fn", "fp8_e5m2", "fp16")
LONG = ("bf16", "tf32", "fp32", "fp64")


@dataclass(frozen=True)
class Case:
    """A format by name, an edge weight, an evaluation, and what happens beyond either end of the range."""

    fmt: str
    eps: Fraction
    evaluation: str
    underflow: Any = "gradual"
    saturate: bool = False

    @property
    def arithmetic(self) -> Arithmetic:
        return Arithmetic(formats.named(self.fmt), self.underflow, self.saturate)

    def __str__(self) -> str:
        return f"{self.arithmetic}, {self.evaluation}, eps = {self.eps}"


def ways(fmt: str) -> tuple[str, ...]:
    """The evaluations a format has: fp32 and fp64 have no wider one here."""
    return EVALUATIONS if fmt not in ("fp32", "fp64") else EVALUATIONS[:-1]


def frontier(case: Case, n: int) -> Evidence | str:
    """If n is the frontier, which of the three graphs is lost on n + 1 nodes, none being lost on n; else a refutation."""
    lost = undecided_graph(n, case.eps, case.arithmetic, case.evaluation)
    if lost is not None:
        return fails(f"{case}: {lost} on {n} nodes is not decided", "decided", "not decided")
    lost = undecided_graph(n + 1, case.eps, case.arithmetic, case.evaluation)
    if lost is None:
        return fails(f"{case}: every graph on {n + 1} nodes is decided", "a graph that is not", "none")
    return f"{n}; {lost} on {n + 1} is lost"


def wider(name: str, widest: str) -> bool:
    order = (*NARROW, *LONG)
    return order.index(name) > order.index(widest)
