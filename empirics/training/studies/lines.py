"""Lines with intervals, each with a colour and a mark, and its name at its end, names moved apart where they would overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from empirics.rates.slopes import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Line", "draw_lines"]

APART = 0.055
"""Between names, of the axis's height."""


class Line(NamedTuple):
    """style: what matplotlib's errorbar takes."""

    name: str
    x: Sequence[float]
    found: Sequence[Interval]
    style: Mapping[str, Any]


def draw_lines(axis: Axes, lines: Sequence[Line]) -> None:
    """The lines, then their names; the axis's scale and limits must stand before, or follow from the lines."""
    for _, x, found, style in lines:
        both = [[f.value - f.low for f in found], [f.high - f.value for f in found]]
        axis.errorbar(x, [f.value for f in found], both, ms=4, lw=1, capsize=2, **style)
    if not lines:
        return
    low, high = axis.get_ylim()
    heights = _apart([line.found[-1].value for line in lines], APART * (high - low))
    for (name, x, found, style), height in zip(lines, heights, strict=True):
        told = {
            "xy": (x[-1], found[-1].value),
            "xytext": (8, 0),
            "fontsize": 7,
            "color": style["color"],
            "va": "center",
        }
        moved = (height - found[-1].value) / (high - low) * axis.bbox.height * 72 / axis.figure.dpi
        axis.annotate(name, **{**told, "xytext": (8, moved)}, textcoords="offset points")


def _apart(values: Sequence[float], least: float) -> list[float]:
    """The values moved so far up or down that neighbours are `least` apart, their order kept."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    moved = [values[i] for i in order]
    for _ in range(4 * len(values)):
        for i in range(len(moved) - 1):
            short = least - (moved[i + 1] - moved[i])
            if short > 0:
                moved[i], moved[i + 1] = moved[i] - short / 2, moved[i + 1] + short / 2
    return [moved[order.index(i)] for i in range(len(values))]
