"""Which models learn reachability, by path length: an average hides that only paths of one edge are learnt.

    results = study("full").read(Store("notebooks/results/paths.jsonl"))
    table(results); save(figure(results), "paths.svg")

Two chains over six names, an edge a token, and one question at the end. An edge is a token and so is a question about it: whether
the edge itself is told is one look-up, and `look_up` is what answering only that would earn. The construction beside them spends what
it needs, seven times as many parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from empirics.rates.figures import COLOURS, MARKS, save
from empirics.rates.slopes import Interval
from empirics.store import Progress, Store
from empirics.tasks import Reachability
from empirics.training.derived import record
from empirics.training.hand_built import constructed
from empirics.training.plan import Plan
from empirics.training.sizing import sized
from empirics.training.statistics import accuracies, mean, mean_accuracy, stratum_accuracies
from empirics.training.studies.swaps import TINY
from empirics.training.study import Results, Study, seeds_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "BUILT",
    "NO_PATH",
    "UNTRAINED",
    "Row",
    "figure",
    "fill",
    "length_of",
    "look_up",
    "name_of",
    "plan_of",
    "save",
    "study",
    "table",
]

CHAINS, TREES = Reachability("chains", "edges", 6), Reachability("trees", "nodes", 6)
"""Trees are told node by node, two questions each."""
PARAMETERS, STEPS, LONGER = 6000, 500, 3
NO_PATH = 0
"""The stratum of questions without a path; others are edges on the path."""
BUILT, UNTRAINED = "construction", "untrained"
ERASING = "deltaformer-linear-own"
SHORT = (ERASING, "deltanet-2")
"""The kinds of the quick study."""
KINDS = (*SHORT, "linear-attention", "deltaformer-linear", "deltaformer-own", "deltanet", "transformer-learned", "gru")
TWO_LAYERS = (ERASING, "transformer-learned")


def length_of(task: Reachability) -> int:
    """The one length that all graphs of these sizes have: that of as many nodes as names."""
    return task.shortest if task.longest is None else task.longest


def plan_of(kind: str, task: Reachability = CHAINS, layers: int = 1, times: int = 1) -> Plan:
    """The run of a kind of model, of the construction, or of the Deltaformer as it begins; `times` as many steps."""
    length = length_of(task)
    if kind == BUILT:
        how: dict[str, Any] = {"architecture": constructed(task).architecture, "steps": 1, "rate": TINY, "noise": 0.0}
    else:
        of = ERASING if kind == UNTRAINED else kind
        made = sized(of, PARAMETERS, task.vocabulary, task.classes, layers=layers, longest=length)
        trained = {"steps": 1, "rate": TINY} if kind == UNTRAINED else {"steps": times * STEPS, "rate": 1e-2}
        how = {"architecture": made, **trained}
    return Plan(task, batch=64, lengths=(length, length), every=50, watched=128, tests=(length,), tested=2048, **how)


def name_of(kind: str, task: Reachability = CHAINS, layers: int = 1, times: int = 1) -> str:
    """The plan's name in a study."""
    return f"{kind}, {task.family}, {layers} layer{'s' if layers > 1 else ''}, {times * STEPS} steps"


def study(budget: str, seed: int = 0) -> Study:
    """quick: chains, two kinds, 4 seeds. full: every kind, two of them with two layers and one with three times the steps; trees
    with and without erasure; 8 seeds. ValueError for another budget."""
    if budget not in ("quick", "full"):
        raise ValueError(f"paths: budget = {budget!r}; give 'quick' or 'full'")
    asked: list[tuple[Any, ...]] = [(k, CHAINS) for k in (BUILT, UNTRAINED, *(SHORT if budget == "quick" else KINDS))]
    if budget == "full":
        asked += [(k, CHAINS, 2) for k in TWO_LAYERS]
        asked += [(ERASING, CHAINS, 1, LONGER)]
        asked += [(k, TREES) for k in (BUILT, ERASING, "linear-attention")]
    count = 4 if budget == "quick" else 8
    seeds = seeds_of(seed, count)
    return Study("paths", {name_of(*one): plan_of(*one) for one in asked}, seeds)


def fill(store: Store, budget: str = "full", progress: Progress | None = None) -> None:
    """Put what the table and the figure read into the store: trainings."""
    record(study(budget), store, progress=progress)


def look_up(results: Results, family: str = "chains") -> float:
    """The accuracy of answering whether the edge itself is told: right where there is no path and where it is one edge."""
    values = _entries(results, family)[0].values["tests"]
    counts = next(iter(values.values()))
    return sum(of for stratum, _, of in counts["strata"] if stratum <= 1) / counts["of"]


def _entries(results: Results, family: str) -> list[Any]:
    found = [entries for name, entries in results.items() if name.split(", ")[1] == family]
    if not found:
        raise ValueError(f"paths: no results of {family}")
    return found[0]


@dataclass(frozen=True)
class Row:
    """A model of the table. seconds: of training, a seed. accuracy: of all questions; by_length: {edges on the path, 0 for none:}."""

    name: str
    parameters: int
    seconds: float
    accuracy: Interval
    by_length: dict[int, Interval]

    def __str__(self) -> str:
        shown = "  ".join(f"{edges or 'none'}: {at}" for edges, at in self.by_length.items())
        return f"{self.name} ({self.parameters} parameters, {self.seconds:.1f} s a seed)  all: {self.accuracy}  {shown}"


def table(results: Results) -> list[Row]:
    """A row for each plan, intervals over seeds."""
    rows = []
    for name, entries in results.items():
        values = entries[0].values
        (length,) = map(int, values["tests"])
        seconds = mean([entry.about["seconds a seed"] for entry in entries]).value
        strata = {edges: mean_accuracy(each) for edges, each in sorted(stratum_accuracies(entries, length).items())}
        rows.append(Row(name, values["parameters"], seconds, mean_accuracy(accuracies(entries, length)), strata))
    return rows


NAMES = {
    BUILT: "construction",
    ERASING: "Deltaformer, linear kernel, w its own",
    "deltanet-2": "DeltaNet, β to 2",
    "deltaformer-own": "Deltaformer, softmax kernel, w its own",
    "linear-attention": "linear attention",
    "transformer-learned": "softmax attention, learned positions",
    "gru": "GRU",
}


def figure(results: Results, family: str = "chains", only: Sequence[str] = tuple(NAMES)) -> Figure:
    """Accuracy against path length, models of one layer and the usual steps: means over seeds with intervals, and a coin."""
    from matplotlib.figure import Figure

    asked = {f"{kind}, {family}, 1 layer, {STEPS} steps": kind for kind in only}
    rows = [row for row in table(results) if row.name in asked]
    if not rows:
        raise ValueError(f"paths: no results of {family} to draw")
    made = Figure(figsize=(7.2, 3.8), layout="constrained")
    axis = made.subplots()
    axis.axhline(0.5, color="0.4", lw=0.8, ls=":")
    axis.text(0.01, 0.51, "a coin", fontsize=7, color="0.35", transform=axis.get_yaxis_transform())
    for at, row in enumerate(rows):
        kind = asked[row.name]
        i, built = only.index(kind), kind == BUILT
        places = [edges + 0.035 * (at - len(rows) / 2) for edges in row.by_length]
        found = list(row.by_length.values())
        bars = [[x.value - x.low for x in found], [x.high - x.value for x in found]]
        colour = "black" if built else COLOURS[(i - 1) % len(COLOURS)]
        mark = "_" if built else MARKS[(i - 1) % len(MARKS)]
        axis.errorbar(
            places, [x.value for x in found], bars, fmt=mark, ls="--" if built else "-", ms=5, lw=1, color=colour
        )
        axis.plot([], [], marker=mark, ls="--" if built else "-", color=colour, label=NAMES.get(kind, kind))
    edges = sorted({edges for row in rows for edges in row.by_length})
    axis.set_xticks(edges, ["no path" if e == NO_PATH else str(e) for e in edges])
    axis.set(xlabel="edges on the path", ylabel="accuracy (share of questions)", ylim=(-0.02, 1.04))
    axis.set_title(
        f"reachability in {family} of 6 nodes, mean of {len(next(iter(results.values())))} seeds", fontsize=9
    )
    made.legend(
        loc="outside right center", fontsize=8, frameon=False, title="95 % interval over seeds", title_fontsize=8
    )
    return made
