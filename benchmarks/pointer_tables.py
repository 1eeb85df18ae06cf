"""The figures of `bench_pointer` as tables of text."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from pointer_stacks import PEER

from theory.pointer.printed import LENGTHS, THROUGHPUT

__all__ = ["copy_lines", "markdown", "printed_ratio", "tables"]

Row = dict[str, Any]


def printed_ratio(n: int) -> float | None:
    """Throughput of Pointer over that of the Transformer, as printed; None where nothing is."""
    if n not in LENGTHS:
        return None
    return float(THROUGHPUT["Pointer"][n].value / THROUGHPUT["Transformer"][n].value)


def tables(rows: list[Row], grown: list[Row], compared: list[Row], lengths: tuple[int, ...]) -> list[tuple[str, Any]]:
    """Three tables as lists of lines of text, the heading first."""
    names = list(dict.fromkeys(row["stack"] for row in rows))
    at = {(row["stack"], row["N"]): row for row in rows}
    grew = {(row["stack"], row["from"]): row for row in grown}
    beside = {(row["stack"], row["N"]): row for row in compared}
    steps = list(pairwise(lengths))

    def exponent(row: Row) -> str:
        low, high = row["interval"]
        return f"{row['exponent']:.2f} ({low:.2f} to {high:.2f}); {row['work_exponent']:.2f}"

    times = [
        [name, *(f"{1e6 * at[name, n]['seconds'] / n:.1f}; {at[name, n]['work'] / n / 1e6:.2f}" for n in lengths)]
        for name in names
    ]
    growth = [[name, *(exponent(grew[name, n]) for n, _ in steps)] for name in names]
    against = [
        [name, *(f"{beside[name, n]['ratio']:.2f}; {beside[name, n]['work_ratio']:.2f}" for n in lengths)]
        for name in names
        if name != PEER
    ]
    against.append(
        [
            "printed, Pointer / Transformer",
            *("" if printed_ratio(n) is None else f"{printed_ratio(n):.2f}" for n in lengths),
        ]
    )
    heading = [f"N = {n}" for n in lengths]
    return [
        ("microseconds a token; million operations a token", [["stack", *heading], *times]),
        ("exponent of time (interval); of work", [["stack", *(f"{a} to {b}" for a, b in steps)], *growth]),
        (f"throughput / that of {PEER}; the same of work", [["stack", *heading], *against]),
    ]


def copy_lines(rows: list[Row]) -> list[list[str]]:
    """A line a model, its distances in order; models were not all tried at the same ones."""
    names = list(dict.fromkeys(row["model"] for row in rows))
    mine = {name: [row for row in rows if row["model"] == name] for name in names}

    def cell(row: Row) -> str:
        low, high = (100 * x for x in row["interval"])
        return f"{row['distance']}: {100 * row['accuracy']:.2f} ({low:.1f} to {high:.1f})"

    return [["model", *("" for _ in mine[names[0]])], *([name, *map(cell, mine[name])] for name in names)]


def markdown(lines: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(line) + " |" for line in (lines[0], ["---"] * len(lines[0]), *lines[1:]))
