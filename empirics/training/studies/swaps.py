"""Which models learn to track swaps, and how accuracy falls beyond the lengths trained: equal parameters, equal steps, time reported.

    results = study("full").read(Store("notebooks/results/swaps.jsonl"))
    table(results); equal_time(results, n=5); save(figure(results), "swaps.svg")

The construction stands beside the trained models as one more plan: its weights, and one step too small to change one that matters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from empirics.rates.figures import COLOURS, MARKS, save
from empirics.rates.slopes import Interval
from empirics.store import Progress, Store, Values
from empirics.tasks import SwapTracking
from empirics.training.derived import record
from empirics.training.fingerprint import code_fingerprint
from empirics.training.hand_built import constructed
from empirics.training.loop import seconds_a_step
from empirics.training.plan import Plan
from empirics.training.sizing import sized
from empirics.training.statistics import accuracies, mean, mean_accuracy
from empirics.training.study import Results, Study, seeds_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "BUILT",
    "LENGTHS",
    "REFLECTING",
    "SHORT",
    "TINY",
    "TRAINED",
    "Row",
    "equal_time",
    "figure",
    "fill",
    "name_of",
    "paces",
    "plan_of",
    "save",
    "skill",
    "study",
    "table",
]

TRAINED = 16
"""The greatest length trained on, in tokens; the least is n + 3."""
LENGTHS = (8, 12, 16, 24, 32, 64, 128, 256, 512)
PARAMETERS, STEPS = 6000, 300
BUILT = "construction"
REFLECTING = ("deltaformer-linear", "deltanet-2")
SHORT = (*REFLECTING, "deltanet", "deltaformer", "transformer-rope", "gru")
"""The kinds of the quick study."""
KINDS = (
    *SHORT,
    "linear-attention",
    "deltaformer-key",
    "deltaformer-own",
    "deltaformer-linear-own",
    "transformer-alibi",
    "lstm",
)
TINY = 1e-12
"""A rate at which a step of Adam changes no weight but zeros, and those by so much."""


def plan_of(kind: str, n: int, layers: int = 1) -> Plan:
    """The run of a kind of model, or of the construction, on n slots."""
    task = SwapTracking(n)
    if kind == BUILT:
        how: dict[str, Any] = {"architecture": constructed(task).architecture, "steps": 1, "rate": TINY, "noise": 0.0}
    else:
        made = sized(kind, PARAMETERS, task.vocabulary, task.classes, layers=layers)
        how = {"architecture": made, "steps": STEPS, "rate": 1e-2}
    return Plan(task, batch=32, lengths=(n + 3, TRAINED), every=25, watched=32, tests=LENGTHS, tested=64, **how)


def name_of(kind: str, n: int, layers: int = 1) -> str:
    """The plan's name in a study."""
    return f"{kind}, {n} slots, {layers} layer{'s' if layers > 1 else ''}"


def study(budget: str, seed: int = 0) -> Study:
    """quick: 3 slots and, for DeltaNet that reflects and DeltaNet that does not, 5; one layer, 4 seeds. full: every kind on 3 and 5
    slots, the quick study's kinds on 4, and with two layers on 3 and 5; 8 seeds. ValueError for another budget."""
    if budget not in ("quick", "full"):
        raise ValueError(f"swaps: budget = {budget!r}; give 'quick' or 'full'")
    if budget == "quick":
        asked = [(k, 3, 1) for k in (BUILT, *SHORT)] + [(k, 5, 1) for k in (BUILT, "deltanet-2", "deltanet")]
    else:
        asked = [(k, n, 1) for n in (3, 4, 5) for k in (BUILT, *(SHORT if n == 4 else KINDS))]
        asked += [(k, n, 2) for n in (3, 5) for k in SHORT]
    count = 4 if budget == "quick" else 8
    seeds = seeds_of(seed, count)
    return Study("swaps", {name_of(*one): plan_of(*one) for one in asked}, seeds)


def fill(store: Store, budget: str = "full", progress: Progress | None = None) -> None:
    """Put what the table and the figure read into the store: trainings, without their strata, and how long a step takes."""
    asked, whole = study(budget), Store()
    record(asked, whole, progress=progress)
    for entry in whole:
        if entry.key not in store:
            store.put(entry.key, _without_strata(entry.values), entry.about)
    for plan in asked.plans.values():
        if plan.noise is None:
            key = {"kind": "pace", "plan": plan.configuration(), "seeds": list(asked.seeds), "code": code_fingerprint()}
            store.get(key, lambda plan=plan: {"seconds": seconds_a_step(plan, asked.seeds) / len(asked.seeds)})


def _without_strata(values: Values) -> Values:
    """Tests without their counts by swaps before a read, which are two thirds of the bytes and are not asked for."""
    return {**values, "tests": {length: {**counts, "strata": []} for length, counts in values["tests"].items()}}


def paces(store: Store, n: int, layers: int = 1) -> dict[str, float]:
    """CPU seconds of a step and seed by kind, as the store holds them, the latest."""
    entries = store.select(kind="pace", plan={"task": {"n": n}, "architecture": {"layers": layers}})
    return {entry.key["plan"]["architecture"]["kind"]: entry.values["seconds"] for entry in entries}


def skill(accuracy: float, n: int) -> float:
    """How much of the way from a guess, right once in n, to no mistake."""
    return (accuracy - 1 / n) / (1 - 1 / n)


@dataclass(frozen=True)
class Row:
    """A model of the table. seconds: of training, a seed. accuracy: by length in tokens, the mean over seeds; worst: their least."""

    kind: str
    n: int
    layers: int
    parameters: int
    steps: int
    seconds: float
    accuracy: dict[int, Interval]
    worst: dict[int, float]

    def __str__(self) -> str:
        shown = "  ".join(f"{length}: {at}" for length, at in self.accuracy.items())
        return f"{name_of(self.kind, self.n, self.layers)} ({self.parameters} parameters, {self.seconds:.1f} s a seed)  {shown}"


def _parts(name: str) -> tuple[str, int, int]:
    kind, slots, layers = name.split(", ")
    return kind, int(slots.split()[0]), int(layers.split()[0])


def table(results: Results) -> list[Row]:
    """A row for each plan, intervals over seeds."""
    rows = []
    for name, entries in results.items():
        found = {length: accuracies(entries, length) for length in sorted(map(int, entries[0].values["tests"]))}
        values = entries[0].values
        seconds = mean([entry.about["seconds a seed"] for entry in entries]).value
        at = {length: mean_accuracy(each) for length, each in found.items()}
        worst = {length: min(each) for length, each in found.items()}
        rows.append(Row(*_parts(name), values["parameters"], values["steps"], seconds, at, worst))
    return rows


def equal_time(
    results: Results, n: int, layers: int = 1, seconds: Mapping[str, float] | None = None
) -> dict[str, tuple[float, int, Interval]]:
    """Each kind's accuracy at the greatest length trained when as much time has passed as the fastest one took in all: (seconds a
    seed, steps, mean over seeds at the last look before). The rate has not fallen to its end there.

    seconds: of a step and seed by kind, such as `paces`; else those recorded, which count what else the machine did.
    ValueError for no such plans.
    """
    asked = {_parts(name)[0]: entries for name, entries in results.items() if _parts(name)[1:] == (n, layers)}
    asked.pop(BUILT, None)
    if not asked:
        raise ValueError(f"swaps: no results of {n} slots and {layers} layers")
    takes, made = {}, {}
    for kind, entries in asked.items():
        steps = entries[0].values["steps"]
        recorded = sum(entry.about["seconds a seed"] for entry in entries) / len(entries)
        takes[kind] = recorded if seconds is None else steps * seconds[kind]
    least = min(takes.values())
    for kind, entries in asked.items():
        steps = entries[0].values["steps"] * least / takes[kind]
        looks = [
            [look for look in entry.values["curve"] if look[0] <= steps] or entry.values["curve"][:1]
            for entry in entries
        ]
        made[kind] = (least, int(looks[0][-1][0]), mean_accuracy([seen[-1][2] for seen in looks]))
    return made


NAMES = {
    BUILT: "construction",
    "deltaformer-linear": "Deltaformer, linear kernel, β to 2",
    "deltanet-2": "DeltaNet, β to 2",
    "deltanet": "DeltaNet, β to 1",
    "deltaformer": "Deltaformer, softmax kernel",
    "transformer-rope": "softmax attention, RoPE",
    "gru": "GRU",
    "linear-attention": "linear attention",
}


def figure(results: Results, layers: int = 1, only: Sequence[str] = (BUILT, *SHORT)) -> Figure:
    """Accuracy against length, a panel for each number of slots: means over seeds with their intervals, a guess, lengths trained."""
    from matplotlib.figure import Figure

    rows = [row for row in table(results) if row.layers == layers or row.kind == BUILT]
    slots = sorted({row.n for row in rows if row.kind != BUILT})
    if not slots:
        raise ValueError(f"swaps: no results of {layers} layers to draw")
    made = Figure(figsize=(4.1 * len(slots) + 2.1, 4.0), layout="constrained")
    panels = made.subplots(1, len(slots), squeeze=False, sharey=True)[0]
    for axis, n in zip(panels, slots, strict=True):
        axis.axvspan(n + 3, TRAINED, color="0.9", lw=0)
        axis.text((n + 3) * 1.04, 0.02, "trained", fontsize=7, color="0.35", va="bottom")
        axis.axhline(1 / n, color="0.4", lw=0.8, ls=":")
        axis.text(LENGTHS[-1], 1 / n - 0.015, f"a guess, 1/{n}", fontsize=7, color="0.35", ha="right", va="top")
        for row in rows:
            if row.n == n and row.kind in only:
                _draw(axis, row, only.index(row.kind))
        axis.set_xscale("log", base=2)
        axis.set_xticks(LENGTHS[::2], [str(length) for length in LENGTHS[::2]])
        axis.set(xlabel="length (tokens)", ylim=(0, 1.04))
        axis.set_title(f"{n} slots, {layers} layer{'s' if layers > 1 else ''}", fontsize=9)
    panels[0].set_ylabel("accuracy (share of reads)")
    count = len(next(iter(results.values())))
    shown = {label: line for axis in panels for line, label in zip(*axis.get_legend_handles_labels(), strict=True)}
    made.legend(
        shown.values(), shown.keys(), loc="outside right center", fontsize=8, frameon=False,
        title=f"mean of {count} seeds,\n95 % interval", title_fontsize=8,
    )  # fmt: skip
    return made


def _draw(axis: Any, row: Row, i: int) -> None:
    lengths = list(row.accuracy)
    found = list(row.accuracy.values())
    built = row.kind == BUILT
    colour = "black" if built else COLOURS[(i - 1) % len(COLOURS)]
    axis.fill_between(lengths, [x.low for x in found], [x.high for x in found], color=colour, alpha=0.2, lw=0)
    axis.plot(
        lengths, [x.value for x in found], ls="--" if built else "-", marker=None if built else MARKS[(i - 1) % len(MARKS)],
        ms=4, lw=1.3, color=colour, label=NAMES.get(row.kind, row.kind), zorder=3 if built else 2,
    )  # fmt: skip
