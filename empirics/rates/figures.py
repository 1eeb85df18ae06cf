"""Figures of the rates: a function that returns the numbers, with a seed and a quick size, and one that draws them.

    data = rate_data(seed=0, quick=True)       curves: measured risks, exact oracle, bracket
    draw_rates(data).savefig("rates.svg")      or `save`, which writes the same bytes every time

Colours are Okabe and Ito's, which colour-blind readers can tell apart; every line has a mark of its own as well.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from empirics.rates.contrast import Contrast, measure_contrast
from empirics.rates.curves import Curve, Plan, measure, powers
from empirics.rates.dimensions import Dimensions, measure_dimensions
from empirics.rates.oracle import exponent, line, local_slopes
from empirics.rates.slopes import Window
from empirics.rates.store import Progress, Store
from empirics.rates.wrong_smoothness import Decision, decide_all
from theory.takakura_suzuki.constants import effective
from theory.takakura_suzuki.smoothness import Power, Smoothness, anisotropic

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HALF = Fraction(1, 2)
CLASSES = {
    "mixed, $a_i = i$": Smoothness("mixed", Power(1)),
    "mixed, $a_i = i/2$": Smoothness("mixed", Power(1, HALF)),
    "anisotropic, $a_i = i^2$": Smoothness("anisotropic", Power(2)),
}
"""Classes with infinitely many coordinates: a+ = 1, 1/2 and 6/pi^2."""
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKS = "osD^vP"


def sizes(quick: bool) -> tuple[tuple[int, ...], int]:
    """(n, replicates): 2^8..2^12 with 32 replicates, or 2^8..2^15 with 128."""
    return (powers(8, 12), 32) if quick else (powers(8, 15), 128)


def window(quick: bool) -> Window:
    """The window over which slopes are told: all n measured."""
    n, _ = sizes(quick)
    return n[0], n[-1]


@dataclass(frozen=True, eq=False)
class Rates:
    """Curves by class and target, the window of the slopes, and the asymptotic exponent of each class."""

    curves: dict[tuple[str, str], Curve]
    exponents: dict[str, float]
    window: Window


def rate_data(
    seed: int = 0, quick: bool = False, store: Store | None = None, progress: Progress | None = None
) -> Rates:
    """Every class with a worst-case target for each n and with one fixed target."""
    n, replicates = sizes(quick)
    curves = {
        (name, target): measure(Plan(smoothness, n, 1, target, replicates, seed), store, progress)
        for target in ("worst", "fixed")
        for name, smoothness in CLASSES.items()
    }
    exponents = {name: float(exponent(effective(smoothness)[0])) for name, smoothness in CLASSES.items()}
    return Rates(curves, exponents, window(quick))


def dimension_data(
    seed: int = 0, quick: bool = False, store: Store | None = None, progress: Progress | None = None
) -> Dimensions:
    """Mixed smoothness a_i = i cut after 1, 4, 16, 64 and 256 coordinates, and not cut."""
    n, replicates = sizes(quick)
    return measure_dimensions(
        Plan(CLASSES["mixed, $a_i = i$"], n, 1, "worst", replicates // 2, seed), store=store, progress=progress
    )


def contrast_data(
    seed: int = 0, quick: bool = False, store: Store | None = None, progress: Progress | None = None
) -> Contrast:
    """Isotropic a = 1 in 1, 2, 4, 8 dimensions beside a_i = i in infinitely many; n up to 2^13 measured, as at d = 4 N grows fast."""
    n, replicates = sizes(quick)
    plan = Plan(CLASSES["mixed, $a_i = i$"], tuple(m for m in n if m <= 2**13), 1, "worst", replicates // 2, seed)
    return measure_contrast(plan, last=28 if quick else 40, store=store, progress=progress)


def wrong_data(
    seed: int = 0, quick: bool = False, store: Store | None = None, progress: Progress | None = None
) -> dict[tuple[str, str], Decision]:
    """Every hypothesis about the curve of a_i = i, over 2^8..2^13 or more: {(curve, hypothesis): decision}."""
    n, replicates = sizes(quick)
    n = powers(8, max(13, n[-1].bit_length() - 1))
    right = CLASSES["mixed, $a_i = i$"]
    hypotheses = {
        "$a_i = i$": right,
        "$a_i = i/2$": CLASSES["mixed, $a_i = i/2$"],
        "$a_i = 2i$": Smoothness("mixed", Power(1, 2)),
        "isotropic, d = 2": anisotropic(1, 1),
        "isotropic, d = 8": anisotropic(*[1] * 8),
    }
    curve = measure(Plan(right, n, 1, "worst", 2 * replicates, seed), store, progress)
    return decide_all({"$a_i = i$": curve}, list(hypotheses.items()), (n[0], n[-1]))


def draw_rates(data: Rates) -> Figure:
    """Risk against n: left the worst-case target, right a fixed one; slopes stand beside their lines."""
    figure, axes = _figure(2, (10.5, 4.2))
    for axis, target in zip(axes, ("worst", "fixed"), strict=True):
        for i, name in enumerate(data.exponents):
            curve = data.curves[name, target]
            slope = curve.slope(data.window)
            risks = [float(p.risks.mean()) for p in curve.points]
            _measured(axis, curve, i, name)
            if target == "worst":
                axis.loglog(curve.n, [float(p.oracle) for p in curve.points], "-", color=COLOURS[i], lw=1)
                axis.loglog(
                    curve.n,
                    line(curve.n, data.exponents[name], (curve.n[-1], float(curve.points[-1].oracle))),
                    ":",
                    color=COLOURS[i],
                    lw=1,
                )
                told = f"{slope.value:.2f} ({slope.low:.2f}, {slope.high:.2f})\noracle {curve.oracle_slope(data.window):.2f}, limit {data.exponents[name]:.2f}"
            else:
                axis.loglog(curve.n, [float(p.ideal) for p in curve.points], "-", color=COLOURS[i], lw=1)
                told = f"{slope.value:.2f} ({slope.low:.2f}, {slope.high:.2f})"
            axis.annotate(
                told, (curve.n[-1], risks[-1]), xytext=(6, -4), textcoords="offset points", fontsize=7, color=COLOURS[i]
            )
        axis.set(xlabel="samples n", ylabel="risk (squared $L_2$ error)")
        axis.margins(x=0.02)
        axis.set_xlim(right=curve.n[-1] * 6)
    axes[0].set_title("worst target for each n: measured, exact oracle (line), limit (dotted)")
    axes[1].set_title("one fixed target: measured, ideal at the same N (line)")
    axes[0].legend(fontsize=7, loc="lower left")
    return figure


def draw_ratios(data: Rates) -> Figure:
    """Left: observed over oracle with its derived bracket (shaded). Right: local slopes, measured and exact, beside the limits."""
    figure, (left, right) = _figure(2, (10.5, 3.6))
    for i, name in enumerate(data.exponents):
        curve = data.curves[name, "worst"]
        found, bounds = curve.ratios(), curve.bracket()
        shift = [n * 1.05**i for n in curve.n]
        left.errorbar(
            shift, [r.value for r in found], _bars(found), fmt=MARKS[i], ms=4, lw=1, color=COLOURS[i], label=name
        )
        left.fill_between(curve.n, [b[0] for b in bounds], [b[1] for b in bounds], color=COLOURS[i], alpha=0.15, lw=0)
        middle = [(a * b) ** 0.5 for a, b in zip(curve.n, curve.n[1:], strict=False)]
        right.plot(middle, local_slopes(curve.n, [float(p.oracle) for p in curve.points]), "-", lw=1, color=COLOURS[i])
        right.plot(
            middle,
            local_slopes(curve.n, [float(p.risks.mean()) for p in curve.points]),
            MARKS[i],
            ms=4,
            color=COLOURS[i],
        )
        right.axhline(data.exponents[name], ls=":", lw=1, color=COLOURS[i])
    left.axhline(1, lw=0.8, color="0.4")
    left.set(
        xscale="log",
        xlabel="samples n",
        ylabel="observed risk / oracle risk",
        title="ratio, 95 % interval, derived bracket (shaded)",
    )
    right.set(
        xscale="log",
        xlabel="samples n",
        ylabel="local slope",
        title="local slopes: measured, exact oracle (line), limit (dotted)",
    )
    left.legend(fontsize=7)
    return figure


def draw_dimensions(data: Dimensions) -> Figure:
    """Left: risk against n for every D. Right: exact oracle over that of one coordinate, against D."""
    figure, (left, right) = _figure(2, (10.5, 3.6))
    for i, (D, curve) in enumerate(data.curves.items()):
        name = f"D = {'infinity' if D is None else D}, {curve.active} active"
        left.loglog(curve.n, [float(p.oracle) for p in curve.points], "-", lw=1, color=COLOURS[i])
        _measured(left, curve, i, name)
    growth = data.growth()
    places = range(len(growth))
    first = next(iter(data.curves.values()))
    for j, n in enumerate(first.n):
        right.plot(
            places,
            [ratios[j] for ratios in growth.values()],
            "-",
            marker=".",
            lw=1,
            color=str(0.75 - 0.6 * j / len(first.n)),
            label=f"n = {n}",
        )
    right.set_xticks(list(places), ["∞" if D is None else str(D) for D in growth])
    left.set(xlabel="samples n", ylabel="risk (squared $L_2$ error)", title="mixed, $a_i = i$, cut after D coordinates")
    right.set(
        xlabel="coordinates D",
        ylabel="oracle risk / that of D = 1",
        title="exact oracle: flat once D passes the active ones",
    )
    left.legend(fontsize=7)
    right.legend(fontsize=6, ncols=2)
    return figure


def draw_contrast(data: Contrast) -> Figure:
    """Left: measured, isotropic in d dimensions beside infinitely many with growing a_i. Right: exact oracles far beyond."""
    figure, (left, right) = _figure(2, (10.5, 3.8))
    for i, (d, curve) in enumerate(data.curves.items()):
        slope = curve.slope()
        _measured(left, curve, i, f"isotropic, d = {d}: slope {slope.value:.2f} ({slope.low:.2f}, {slope.high:.2f})")
        left.loglog(curve.n, [float(p.oracle) for p in curve.points], "-", lw=1, color=COLOURS[i])
        n, risks = data.exact[d]
        right.loglog(n, risks, "-", lw=1, color=COLOURS[i], label=f"d = {d}")
        right.loglog(n, line(n, -2 / (2 + d), (n[-1], risks[-1])), ":", lw=1, color=COLOURS[i])
        right.annotate(
            f"-{2}/{2 + d}",
            (n[-1], risks[-1]),
            xytext=(4, -3),
            textcoords="offset points",
            fontsize=7,
            color=COLOURS[i],
        )
    slope, last = data.escape.slope(), len(data.curves)
    _measured(left, data.escape, last, f"mixed, $a_i = i$, infinitely many: slope {slope.value:.2f}")
    left.set(xlabel="samples n", ylabel="risk (squared $L_2$ error)", title="measured, exact oracle (line)")
    right.set(xlabel="samples n", ylabel="oracle risk", title="exact oracle and its limit $n^{-2/(2+d)}$ (dotted)")
    left.legend(fontsize=7)
    right.legend(fontsize=7, loc="lower left")
    return figure


def draw_wrong(data: dict[tuple[str, str], Decision]) -> Figure:
    """The slope each hypothesis allows (bars) against the measured slope and its interval (band)."""
    figure, (axis,) = _figure(1, (6, 2.8))
    names = [other for _, other in data]
    decisions = list(data.values())
    measured = decisions[0].measured
    axis.axvspan(measured.low, measured.high, color="0.85", label="measured, 99.9 % interval")
    axis.axvline(measured.value, color="0.3", lw=1)
    for i, decision in enumerate(decisions):
        low, high = decision.predicted
        axis.plot([low, high], [i, i], "-", lw=5, color=COLOURS[1 if decision.rejected else 0], solid_capstyle="butt")
        axis.annotate(
            "rejected" if decision.rejected else "kept",
            (high, i),
            xytext=(6, -3),
            textcoords="offset points",
            fontsize=7,
        )
    axis.set_yticks(range(len(names)), names)
    axis.set(
        xlabel=f"slope over n = {decisions[0].window[0]}..{decisions[0].window[1]}",
        title="slopes that a hypothesis allows",
    )
    axis.legend(fontsize=7, loc="upper left")
    return figure


def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write an .svg or a .pdf that has the same bytes whenever the figure is the same: no date, no random names."""
    import matplotlib

    with matplotlib.rc_context({"svg.hashsalt": "weightproof", "svg.fonttype": "path"}):
        pdf = os.fspath(path).endswith(".pdf")
        figure.savefig(path, metadata={"CreationDate" if pdf else "Date": None})


def _figure(columns: int, size: tuple[float, float]) -> tuple[Figure, Any]:
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise ModuleNotFoundError("drawing needs matplotlib: pip install 'weightproof[notebooks]'") from None
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False)[0]
    for axis in axes:
        axis.title.set_fontsize(9)
    return figure, axes


def _bars(intervals: list[Any]) -> list[list[float]]:
    return [[r.value - r.low for r in intervals], [r.high - r.value for r in intervals]]


def _measured(axis: Any, curve: Curve, i: int, name: str) -> None:
    """Mean risks with 95 % bootstrap intervals."""
    from empirics.rates.slopes import ratios

    found = ratios([p.risks for p in curve.points], [1.0] * len(curve.points), curve.plan.seed)
    axis.errorbar(
        curve.n, [r.value for r in found], _bars(found), fmt=MARKS[i], ms=4, lw=1, color=COLOURS[i], label=name
    )
    axis.set_xscale("log")
    axis.set_yscale("log")
