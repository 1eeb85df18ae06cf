"""Hierarchical chains: hops of a layer put together, p <- p[p], so that a pointer leads 2^rounds hops away.

Short hops over a window of w positions lead at most 2^rounds (w - 1) back for rounds gathers of N integers each and another each for
the chain without its last hop. Source: the paper names hierarchical pointer chains as future work; this form is derived here.
"""

from __future__ import annotations

from jaxtyping import Int
from torch import Tensor

__all__ = ["all_but_one", "combined", "jump_tables"]


def jump_tables(pointers: Int[Tensor, "*batch N"], rounds: int) -> list[Tensor]:
    """p, p[p], p applied four times, ...: `rounds` tables, of 2^s hops each. Work (rounds - 1) N."""
    tables = [pointers]
    while len(tables) < rounds:
        tables.append(tables[-1].gather(-1, tables[-1]))
    return tables[:rounds]


def all_but_one(tables: list[Tensor], start: Int[Tensor, "*batch S"]) -> Int[Tensor, "*batch S"]:
    """Where 2^rounds - 2 hops more lead from where the first hop led, `start`: 1 + 2 + 4 + ... hops. Work (rounds - 1) S."""
    for table in tables[1:]:
        start = table.gather(-1, start)
    return start


def combined(pointers: Int[Tensor, "*batch N"], rounds: int) -> Int[Tensor, "*batch N"]:
    """p applied 2^rounds times. Work rounds N."""
    for _ in range(rounds):
        pointers = pointers.gather(-1, pointers)
    return pointers
