"""A figure of exact work and span beside measured time, against one size, log-log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from empirics.cost.clock import Timing, measure
from empirics.cost.errors import BadSubject
from theory.cost.formulas import evaluate

if TYPE_CHECKING:
    from empirics.cost.cost import Cost

__all__ = ["draw"]

VALUES = (16, 32, 64, 128, 256, 512, 1024)
OTHERS = 16


def draw(cost: Cost, file: str, values: tuple[int, ...] = VALUES) -> Timing:
    """Write the figure (PNG, PDF or SVG by the file's ending) and return what was measured.

    The first size varies, the others rest at 16. Raises BadSubject where matplotlib is missing, the ending is unknown, a formula is
    missing, or the layer does not run at these sizes.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise BadSubject("--plot needs matplotlib: pip install 'weightproof[notebooks]'") from None
    if Path(file).suffix not in (".png", ".pdf", ".svg"):
        raise BadSubject(f"--plot {file}: end the name in .png, .pdf or .svg")
    x, *rest = cost.subject.symbols
    others = dict.fromkeys(rest, OTHERS)
    timing = measure(cost.subject, x, values, others)
    work, span = ([float(evaluate(f, {**others, x: v})) for v in values] for f in (cost.work, cost.span))
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.loglog(values, work, "o-", label="exact work")
    left.loglog(values, span, "s-", label="exact span")
    left.set_ylabel("scalar operations")
    right.loglog(values, timing.seconds, "o-", color="C2", label="measured")
    scale = timing.seconds[-1] / work[-1]
    right.loglog(values, [w * scale for w in work], ":", color="C0", label="exact work, scaled to the last point")
    low, high = timing.interval
    settled = "" if timing.settled else ", not settled"
    right.set_title(f"measured exponent {timing.exponent:.2f} [{low:.2f}, {high:.2f}]{settled}", fontsize=9)
    right.set_ylabel("CPU seconds, one thread")
    for axes in (left, right):
        axes.set_xlabel(f"{x}" + (f"   ({', '.join(f'{k} = {v}' for k, v in others.items())})" if others else ""))
        axes.legend(fontsize=8)
    figure.suptitle(f"{cost.subject.name}: exact counts decide, the clock is only measured", fontsize=10)
    figure.savefig(file, dpi=150)
    return timing
