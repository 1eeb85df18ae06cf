"""The tables that `bench_rates.py` prints, from its rows."""

from __future__ import annotations

from typing import Any

__all__ = ["tables"]

Row = dict[str, Any]


def _three(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _set(row: Row) -> list[str]:
    failed = row.get("failed")
    found = [failed[:90], "", ""] if failed else [_three(row[name]) for name in ("seconds", "ratio", "mib")]
    return [row["set"], str(row["rows"]), row["package"], *found]


def _reached(row: Row) -> list[str]:
    return [row["family"], row["package"], str(row["dimension"]), row["stopped"] or "not stopped"]


def _fit(row: Row) -> list[str]:
    sizes = [str(row[name]) for name in ("n", "N", "replicates")]
    return [*sizes, row["solver"], _three(row["seconds"]), _three(row["ratio"]), f"{row['deviation']:.1e}"]


def tables(sets: list[Row], dimensions: list[Row], fits: list[Row]) -> list[tuple[str, list[list[str]]]]:
    """Titles and lines, the header first."""
    return [
        ("sets of multi-indices", [["set", "rows", "package", "seconds", "ratio", "MiB"], *map(_set, sets)]),
        ("largest dimension", [["family", "package", "largest d", "stopped by"], *map(_reached, dimensions)]),
        (
            "least squares",
            [["n", "N", "replicates", "solver", "seconds", "ratio", "deviation"], *map(_fit, fits)],
        ),
    ]
