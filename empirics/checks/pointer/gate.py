"""What no gate does: take the own row away, or reach farther."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

from constructions.pointer.gates import gated_layer
from constructions.pointer.tables import AllTables, path_counts, table_at
from empirics.checking import Evidence, assume, check, control, fails, holds
from empirics.checks.pointer.table_batches import Tables, listed
from theory.pointer import gate as claims
from theory.pointer.tables import PointerTable

Combined = Callable[[Any, Any, Any], Any]
"""The output from the own row x, the gathered row y and the gate g of the own row."""


def gated(x: Any, y: Any, g: Any) -> Any:
    """x + y g(x)."""
    return x + y * g(x)


@check(
    claims.keeps_own,
    "derived",
    covers=True,
    scope={"sizes": "all gates and rows", "method": "the gate a function symbol"},
)
def nothing_gathered_is_the_own_row(combined: Combined = gated) -> Evidence:
    """With 0 gathered the output is the own row, whatever the gate."""
    import sympy

    x, g = sympy.Symbol("x"), sympy.Function("g")
    found = sympy.expand(combined(x, sympy.Integer(0), g))
    return holds() if found == x else fails(f"with 0 gathered the output is {found}, not x", x, found)


control(nothing_gathered_is_the_own_row, "no-residual", "refuted", combined=lambda x, y, g: y * g(x), reason="it is 0")
control(
    nothing_gathered_is_the_own_row,
    "highway",
    "refuted",
    combined=lambda x, y, g: (1 - g(x)) * x + g(x) * y,
    reason="a gate on the residual can close it",
)
control(
    nothing_gathered_is_the_own_row,
    "gated-sum",
    "refuted",
    combined=lambda x, y, g: (x + y) * g(x),
    reason="the residual is gated too",
)
control(
    nothing_gathered_is_the_own_row,
    "gate-of-the-other",
    "confirmed",
    combined=lambda x, y, g: x + y * g(y),
    reason="0 times any gate is 0",
)


@check(
    claims.own_always,
    "exhausted",
    given={"n": [1, 2, 3], "value": [1, 0, -1]},
    scope={"sizes": "N <= 3, L = 1, gates 1, 0, -1"},
)
def own_row_is_seen(n: int, value: int, gates: tuple[int, ...] = (1, 0, -1), itself: bool = True) -> Evidence:
    """Every table, by exact differences: output i changes with h_i, for a constant gate; `itself`: also where p_i = i."""
    assume(value in gates)
    for pointers in product(range(n), repeat=n):
        for i in range(n):
            if pointers[i] == i and not itself:
                continue
            outputs = [
                gated_layer([[own if j == i else 1] for j in range(n)], pointers, [[0]], [value], lambda g: g)
                for own in (0, 1)
            ]
            if outputs[0][i] == outputs[1][i]:
                words = f"{PointerTable(n, [[pointers]])}, gate {value}: output {i} is {outputs[0][i][0]} whatever the own row"
                return fails(words, "another", outputs[0][i][0])
    return holds(cases=n**n)


control(own_row_is_seen, "never-negative", "confirmed", gates=(1, 0), reason="1 + gate is at least 1")
control(own_row_is_seen, "another-target", "confirmed", itself=False, reason="the residual is not touched")
control(own_row_is_seen, "minus-one-only", "refuted", gates=(-1,), reason="1 + gate is 0")


def _tables(run: Any) -> dict[str, Any]:
    return {
        "tables": [
            AllTables(1, 1),
            AllTables(2, 1),
            AllTables(2, 2),
            AllTables(3, 1),
            *run.pick([], [AllTables(3, 1, nowhere=True)]),
        ]
    }


@check(
    claims.no_larger,
    "exhausted",
    given=_tables,
    scope={"sizes": "all tables with N = 2, L <= 2; N = 3, L = 1; all coefficients"},
)
def no_gate_reaches_farther(tables: Tables, neighbour: bool = False, own: tuple[int, ...] = (0, 1, 2)) -> Evidence:
    """Every table and every choice of coefficients: the support is within that of the ungated layer.

    own: coefficients of the own row; `neighbour`: the gate also reads the row before.
    """
    targets = tables.targets
    _, layers, _, n = targets.shape
    sides = list(product(own, (-1, 0, 1)))
    chosen = np.array(list(product(sides, repeat=layers * n)), dtype=np.int64).reshape(-1, layers, n, 2)
    for which, table in enumerate(targets):
        bound = path_counts(table[None])[0] > 0
        counts = np.broadcast_to(np.eye(n, dtype=np.int64), (len(chosen), n, n))
        for level in range(layers):
            rows = np.concatenate([counts, np.zeros((len(chosen), 1, n), dtype=np.int64)], axis=1)
            gathered = chosen[:, level, :, 1:] * rows[:, table[level, 0]]
            counts = chosen[:, level, :, :1] * counts + gathered
            if neighbour:
                counts = counts + np.roll(rows[:, :n], 1, axis=1)
        wrong = np.argwhere(((counts != 0) & ~bound).any(axis=-1))
        if wrong.size:
            b, i = (int(v) for v in wrong[0])
            found = table_at(targets, which)
            words = f"{found}: with coefficients {chosen[b].tolist()} output {i} depends on {listed(counts[b, i] != 0)}"
            return fails(words, listed(bound[i]), listed(counts[b, i] != 0), {"tables": found})
    return holds(cases=len(targets) * len(chosen))


control(no_gate_reaches_farther, "reads-the-row-before", "refuted", neighbour=True, reason="a third row is read")
control(no_gate_reaches_farther, "no-gradient-through-the-gate", "confirmed", own=(1,), reason="fewer coefficients")
