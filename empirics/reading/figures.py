"""Figures of a reading: a row a layer, of one head, the nulls in every panel that compares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from empirics.reading.reading import Reading
from empirics.reading.statistics import Statistics

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw"]

SHARES = {
    "own": lambda s: s.self_loops,
    "targets": lambda s: s.distinct_share,
    "clustered": lambda s: s.clustered,
    "long": lambda s: s.long_jumps,
    "changes": lambda s: s.changes,
}
"""What the last panel compares: shares, each `(layers, heads)`."""


def draw(reading: Reading, head: int = 0, sequence: int = 0) -> Figure:
    """For each layer: cumulated hops, targets by position, in-degrees of one sequence, and shares beside the nulls.

    ValueError for a head or a sequence that was not read. ModuleNotFoundError, saying what to install, without matplotlib.
    """
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise ModuleNotFoundError("draw needs matplotlib: pip install 'weightproof[notebooks]'") from None
    layers, batch, heads, _ = reading.found.in_degrees.shape
    for name, value, most in (("head", head, heads), ("sequence", sequence, batch)):
        if not 0 <= value < most:
            raise ValueError(f"draw: {name} = {value}; {most} were read, give 0..{most - 1}")
    figure = Figure(figsize=(14, 3 * layers), layout="constrained")
    every = {"read": reading.found, **reading.nulls}
    for layer, row in enumerate(figure.subplots(layers, 4, squeeze=False)):
        _hops(row[0], every, layer, head)
        _heat(row[1], reading.found, layer, head)
        _in_degrees(row[2], reading.found, layer, head, sequence)
        _shares(row[3], every, layer, head)
        row[0].set_ylabel(f"layer {layer}\nshare of pointers")
    test = reading.found.specialisation
    figure.suptitle(
        f"head {head}, {reading.found.sequences} sequences of {reading.found.tokens}; layers differ by {test.divergence:.3f} bits, "
        f"p = {test.p_value:.3g}"
    )
    return figure


def _style(name: str) -> dict[str, Any]:
    return {"linewidth": 2} if name == "read" else {"linewidth": 1, "linestyle": "--"}


def _hops(axes: Any, every: dict[str, Statistics], layer: int, head: int) -> None:
    for k, (name, s) in enumerate(every.items()):
        counts = s.hops[layer, head]
        axes.step(
            np.arange(s.tokens),
            np.cumsum(counts) / counts.sum(),
            color=f"C{k}",
            **_style(name),
            where="post",
            label=name,
        )
    axes.set(xlabel="hop of at most", ylim=(0, 1.02))
    axes.legend(fontsize=7)


def _heat(axes: Any, s: Statistics, layer: int, head: int) -> None:
    heat = s.heat[layer, head]
    each = heat / heat.sum(-1, keepdims=True)
    axes.imshow(each, aspect="auto", cmap="Blues", vmin=0, extent=(0, s.tokens, s.tokens, 0), interpolation="nearest")
    axes.set(xlabel="target", ylabel="position")


def _in_degrees(axes: Any, s: Statistics, layer: int, head: int, sequence: int) -> None:
    axes.fill_between(np.arange(s.tokens), s.in_degrees[layer, sequence, head], step="mid", linewidth=0)
    axes.step(
        np.arange(s.tokens), s.allowed, where="mid", color="C3", linewidth=1, label=f"more is a cluster ({s.level:g})"
    )
    axes.set(xlabel="target", ylabel="pointers at it")
    axes.legend(fontsize=7)


def _shares(axes: Any, every: dict[str, Statistics], layer: int, head: int) -> None:
    at = np.arange(len(SHARES))
    for k, (name, s) in enumerate(every.items()):
        axes.bar(at + 0.2 * (k - 1.5), [float(x(s)[layer, head]) for x in SHARES.values()], width=0.2, label=name)
    axes.set_xticks(at, list(SHARES), fontsize=8)
    axes.set_ylim(0, 1.02)
    axes.legend(fontsize=7)
