"""Drawing of the rate figures; the numbers come from `figure_data`, nothing is measured here.

    draw_rates(rate_data(seed=0)); save(figure, "rates.svg") writes the same bytes every time

Colours are Okabe and Ito's, which colour-blind readers can tell apart; every line has a mark of its own as well. matplotlib is needed.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Sequence
from itertools import pairwise
from math import exp, log
from pathlib import Path
from typing import TYPE_CHECKING, Any

from empirics.rates.contrast import Contrast
from empirics.rates.curves import Curve
from empirics.rates.dimensions import Dimensions
from empirics.rates.figure_data import Rates
from empirics.rates.oracle import line, local_slopes
from empirics.rates.slopes import Interval, ratios
from empirics.rates.wrong_smoothness import Decision

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKS = "osD^vP"
RISK = "risk (squared $L_2$ error)"
SAMPLES = "samples n"


def draw_rates(data: Rates) -> Figure:
    """Risk against n: left the worst target for each n, right a fixed one; slopes with their intervals stand beside their lines."""
    figure, axes = _figure(2, (10.5, 4.4))
    for axis, target in zip(axes, ("worst", "fixed"), strict=True):
        curves = [data.curves[name, target] for name in data.exponents]
        ends = _spread([float(curve.points[-1].risks.mean()) for curve in curves], 1.45)
        for i, (name, curve, end) in enumerate(zip(data.exponents, curves, ends, strict=True)):
            slope, limit = curve.slope(data.window), data.exponents[name]
            _measured(axis, curve, i, name)
            told = f"{slope.value:.2f} ({slope.low:.2f}, {slope.high:.2f})"
            if target == "worst":
                exact = [float(p.oracle) for p in curve.points]
                _line(axis, curve.n, line(curve.n, limit, (curve.n[-1], exact[-1])), i, ":")
                told += f"\noracle {curve.oracle_slope(data.window):.2f}, limit {limit:.2f}"
            else:
                exact = [float(p.ideal) for p in curve.points]
            _line(axis, curve.n, exact, i)
            axis.annotate(told, (curve.n[-1] * 1.12, end), fontsize=7, color=COLOURS[i], va="center")
        axis.set_xlim(curves[0].n[0] / 1.5, curves[0].n[-1] * 16)
    _words(axes[0], SAMPLES, RISK, "worst target for each n: measured, exact oracle (line), limit (dotted)")
    _words(axes[1], SAMPLES, RISK, "one fixed target: measured, ideal at the same N (line)")
    axes[0].legend(fontsize=7, loc="lower left")
    return figure


def draw_ratios(data: Rates) -> Figure:
    """Left: observed over oracle with its derived bracket (shaded). Right: local slopes, measured and exact, beside the limits."""
    figure, (left, right) = _figure(2, (10.5, 3.6))
    for i, name in enumerate(data.exponents):
        curve = data.curves[name, "worst"]
        bounds = curve.bracket()
        left.fill_between(curve.n, [b[0] for b in bounds], [b[1] for b in bounds], color=COLOURS[i], alpha=0.15, lw=0)
        _bars(left, [n * 1.05**i for n in curve.n], curve.ratios(), i, name)
        middle = [(a * b) ** 0.5 for a, b in pairwise(curve.n)]
        _line(right, middle, local_slopes(curve.n, [float(p.oracle) for p in curve.points]), i)
        right.plot(
            middle,
            local_slopes(curve.n, [float(p.risks.mean()) for p in curve.points]),
            MARKS[i],
            ms=4,
            color=COLOURS[i],
        )
        right.axhline(data.exponents[name], ls=":", lw=1, color=COLOURS[i])
    left.axhline(1, lw=0.8, color="0.4")
    _words(left, SAMPLES, "observed risk / oracle risk", "ratio, 95 % interval, derived bracket (shaded)", log_y=False)
    _words(right, SAMPLES, "local slope", "local slopes: measured, exact oracle (line), limit (dotted)", log_y=False)
    left.legend(fontsize=7)
    return figure


def draw_dimensions(data: Dimensions) -> Figure:
    """Left: risk against n for every D. Right: exact oracle over that of the smallest D, against D."""
    figure, (left, right) = _figure(2, (10.5, 3.6))
    for i, (D, curve) in enumerate(data.curves.items()):
        _line(left, curve.n, [float(p.oracle) for p in curve.points], i)
        _measured(left, curve, i, f"D = {_size(D)}, {curve.active} active", shift=1.04**i)
    growth, first = data.growth(), next(iter(data.curves.values()))
    for j, n in enumerate(first.n):
        grey = str(0.75 - 0.7 * j / len(first.n))
        right.plot(
            range(len(growth)), [found[j] for found in growth.values()], ".-", lw=1, color=grey, label=f"n = {n}"
        )
    right.set_xticks(range(len(growth)), [_size(D) for D in growth])
    _words(left, SAMPLES, RISK, "mixed, $a_i = i$, cut after D coordinates: measured, exact oracle (line)")
    right.set(xlabel="coordinates D", ylabel="oracle risk / that of the smallest D")
    right.set_title("exact oracle: flat once D passes the active coordinates", fontsize=9)
    left.legend(fontsize=7)
    right.legend(fontsize=6, ncols=2)
    return figure


def draw_contrast(data: Contrast) -> Figure:
    """Left: measured, isotropic in d dimensions beside infinitely many with growing a_i. Right: exact oracles far beyond."""
    figure, (left, right) = _figure(2, (10.5, 4.4))
    for i, (d, curve) in enumerate(data.curves.items()):
        slope = curve.slope()
        _measured(left, curve, i, f"isotropic, d = {d}: slope {slope.value:.2f} ({slope.low:.2f}, {slope.high:.2f})")
        _line(left, curve.n, [float(p.oracle) for p in curve.points], i)
        n, risks = data.exact[d]
        _line(right, n, risks, i)
        _line(right, n, line(n, -2 / (2 + d), (n[-1], risks[-1])), i, ":")
        told = f"d = {d}: limit -2/{2 + d}"
        right.annotate(
            told, (n[-1], risks[-1]), xytext=(4, -3), textcoords="offset points", fontsize=7, color=COLOURS[i]
        )
    slope, last = data.escape.slope(), len(data.curves)
    told = f"mixed, $a_i = i$, infinitely many: slope {slope.value:.2f} ({slope.low:.2f}, {slope.high:.2f})"
    _measured(left, data.escape, last, told)
    _line(left, data.escape.n, [float(p.oracle) for p in data.escape.points], last)
    _words(left, SAMPLES, RISK, "measured, exact oracle (line)")
    _words(right, SAMPLES, "oracle risk", "exact oracle and its limit $n^{-2/(2+d)}$ (dotted)")
    right.set_xlim(right=next(iter(data.exact.values()))[0][-1] * 1000)
    left.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2)
    return figure


def draw_wrong(data: dict[tuple[str, str], Decision]) -> Figure:
    """The slopes each hypothesis allows (bars) against the measured slope and its interval (band)."""
    figure, (axis,) = _figure(1, (6.5, 2.8))
    decisions = list(data.values())
    measured, (first, last) = decisions[0].measured, decisions[0].window
    axis.axvspan(measured.low, measured.high, color="0.85", label="measured, 99.9 % interval")
    axis.axvline(measured.value, color="0.3", lw=1)
    for i, decision in enumerate(decisions):
        axis.plot(decision.predicted, [i, i], lw=5, color=COLOURS[int(decision.rejected)], solid_capstyle="butt")
        told = "rejected" if decision.rejected else "kept"
        axis.annotate(told, (decision.predicted[1], i), xytext=(6, -3), textcoords="offset points", fontsize=7)
    axis.set_yticks(range(len(decisions)), [other for _, other in data])
    axis.margins(x=0.12)
    axis.set(xlabel=f"slope over n = {first}..{last}")
    axis.set_title("slopes that a hypothesis allows, and the one measured", fontsize=9)
    axis.legend(fontsize=7, loc="center right")
    return figure


def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write an .svg with the same bytes whenever the figure is the same: no date, names of clip paths numbered as they come.

    ValueError for another ending.
    """
    import matplotlib

    if Path(path).suffix != ".svg":
        raise ValueError(f"{path}: end the name in .svg; other formats by figure.savefig")
    text = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "weightproof"}):
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    names: dict[str, str] = {}
    numbered = re.sub(
        r"\bp[0-9a-f]{10}\b", lambda found: names.setdefault(found[0], f"clip{len(names)}"), text.getvalue()
    )
    Path(path).write_text("\n".join(row.rstrip() for row in numbered.splitlines()) + "\n", encoding="utf-8")


def _figure(columns: int, size: tuple[float, float]) -> tuple[Figure, Any]:
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise ModuleNotFoundError("drawing needs matplotlib: pip install 'weightproof[notebooks]'") from None
    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.subplots(1, columns, squeeze=False)[0]


def _size(D: int | None) -> str:
    return "∞" if D is None else str(D)


def _words(axis: Any, x: str, y: str, title: str, log_y: bool = True) -> None:
    axis.set_xscale("log", base=2)
    if log_y:
        axis.set_yscale("log")
    axis.set(xlabel=x, ylabel=y)
    axis.set_title(title, fontsize=9)


def _line(axis: Any, n: Sequence[float], values: Sequence[float], i: int, style: str = "-") -> None:
    axis.plot(n, values, style, color=COLOURS[i], lw=1)


def _bars(axis: Any, n: Sequence[float], found: Sequence[Interval], i: int, name: str) -> None:
    both = [[r.value - r.low for r in found], [r.high - r.value for r in found]]
    axis.errorbar(n, [r.value for r in found], both, fmt=MARKS[i], ms=4, lw=1, color=COLOURS[i], label=name)


def _measured(axis: Any, curve: Curve, i: int, name: str, shift: float = 1.0) -> None:
    """Mean risks with 95 % bootstrap intervals."""
    found = ratios([p.risks for p in curve.points], [1.0] * len(curve.points), curve.plan.seed)
    _bars(axis, [n * shift for n in curve.n], found, i, name)


def _spread(values: Sequence[float], least: float) -> list[float]:
    """The positive values moved so far apart that neighbours differ by the factor `least`, their order kept."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    moved = [log(values[i]) for i in order]
    for _ in range(len(values)):
        for i in range(len(moved) - 1):
            short = log(least) - (moved[i + 1] - moved[i])
            if short > 0:
                moved[i], moved[i + 1] = moved[i] - short / 2, moved[i + 1] + short / 2
    return [exp(moved[order.index(i)]) for i in range(len(values))]
