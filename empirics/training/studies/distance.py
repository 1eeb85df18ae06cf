"""Copy and recall against distance, the passkey trained short and tested long, and Infini-attention's gates.

Plans are named "task model". Models are of width 32, without MLP where one layer is to do it; "infini" has no positions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from empirics.rates.slopes import Interval
from empirics.store import Progress, Store
from empirics.tasks import Copying, Passkey, Recall, Task
from empirics.training import built, copiers, weights
from empirics.training.derived import Derived, record
from empirics.training.models import Architecture, TokenModel
from empirics.training.plan import Plan, Stop
from empirics.training.statistics import Share, accuracies, mean_accuracy, share, stratum_accuracies
from empirics.training.studies.lines import Line, draw_lines
from empirics.training.study import Results, Study, seeds_of
from empirics.training.weights import Numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["GATES", "LEARNED", "Row", "constructions", "draw", "fill", "gated", "gates", "study", "table"]

LEARNED = 0.8
"""A seed has learned a task when it answers so much of it right; guesses earn 1/8 or 1/10."""
PASSKEY = Passkey(1, 8)
TRAINED, FAR = 48, 384
"""The passkey's greatest length in training, three segments of Infini-attention, and eight times as much."""
DEPTHS = (0, 50, 100)
SEEDS = {"quick": 4, "full": 8}
STEPS = {"quick": 300, "full": 400}
"""Of training; copying in the full budget twice as many."""
COLOURS = {"learned": "#0072B2", "nope": "#D55E00", "infini": "#009E73", "pointer": "#CC79A7", "rope": "#E69F00"}
MARKS = {"learned": "o", "nope": "s", "infini": "^", "pointer": "D", "rope": "v"}


def _plan(task: Task, kind: str, layers: int, lengths: tuple[int, int], budget: str, **more: Any) -> Plan:
    longest = max((lengths[1], *more.get("tests", ())))
    shape = Architecture(kind, 32, 2, layers, 32 if kind == "pointer" or layers > 1 else 0, longest)
    how = {"batch": 16, "rate": 1e-2, "warmup": 50, "every": 50, "tested": 128, "stop": Stop(0.999, 2)}
    return Plan(task, shape, lengths=lengths, **{**how, "steps": STEPS[budget], "tests": (lengths[1],), **more})


def _copy(kind: str, distance: int, layers: int, budget: str) -> Plan:
    steps = 2 * STEPS[budget] if budget == "full" else STEPS[budget]
    return _plan(Copying(distance, distance, 8), kind, layers, (distance + 4, 2 * distance + 8), budget, steps=steps)


def _passkey(kind: str, budget: str) -> Plan:
    depths = tuple(Passkey(1, 8, depth) for depth in DEPTHS)
    tests = (TRAINED, FAR) if budget == "quick" else (TRAINED, 2 * TRAINED, FAR)
    return _plan(PASSKEY, kind, 1, (8, TRAINED), budget, tests=tests, also=depths, stop=None)


def study(budget: str, seed: int = 0) -> Study:
    """quick: 4 seeds. full: a third distance, models of two layers, passkeys of attention, 8 seeds. ValueError for another budget."""
    if budget not in SEEDS:
        raise ValueError(f"distance: budget = {budget!r}; give 'quick' or 'full'")
    full = budget == "full"
    made = {}
    for distance in (4, 12, 24) if full else (4, 12):
        for model, kind in (("learned", "transformer-learned"), ("nope", "transformer-nope"), ("infini", "infini")):
            made[f"copy-{distance} {model}"] = _copy(kind, distance, 1, budget)
        if full or distance == 4:
            made[f"copy-{distance} pointer"] = _copy("pointer", distance, 2, budget)
        if full:
            made[f"copy-{distance} infini-2"] = _copy("infini", distance, 2, budget)
    for model, kind, layers in (("rope-2", "transformer-rope", 2), ("rope-1", "transformer-rope", 1)):
        made[f"recall {model}"] = _plan(Recall(8, 8), kind, layers, (9, 24), budget)
    if full:
        for model, kind in (("learned-2", "transformer-learned"), ("infini-2", "infini"), ("pointer-2", "pointer")):
            made[f"recall {model}"] = _plan(Recall(8, 8), kind, 2, (9, 24), budget)
    made |= {f"passkey {kind}": _passkey(kind, budget) for kind in ("infini", "pointer")}
    made["passkey-segment infini"] = _plan(PASSKEY, "infini", 1, (8, 16), budget, stop=None)
    if full:
        made |= {f"passkey {kind}": _passkey(f"transformer-{kind}", budget) for kind in ("nope", "learned")}
    return Study("distance", made, seeds_of(seed, SEEDS[budget]))


def _tasks(budget: str) -> dict[str, Plan]:
    """A plan of each task that there is a construction for, by name."""
    made: dict[str, Plan] = {}
    for name, plan in study(budget).plans.items():
        made.setdefault(name.split()[0], plan)
    made.pop("passkey-segment", None)
    return made


def _constructed(plan: Plan) -> TokenModel:
    if isinstance(plan.task, Copying):
        return copiers.copier(plan.task, max(plan.tests))
    if isinstance(plan.task, Recall):
        return copiers.recaller(plan.task, max(plan.tests))
    return copiers.memory_finder(PASSKEY)


def constructions(budget: str, store: Store) -> dict[str, dict[int, float]]:
    """Accuracies of the constructions by length, from the store: of "copy-4" and so on, "recall", "passkey"."""
    return {name: built.read(store, name, plan.task) for name, plan in _tasks(budget).items()}


GATES: Derived = ("gates", lambda plan, seeds, trained: weights.named(trained, "beta"))


def gated(budget: str) -> Study:
    """The plans that have gates."""
    return study(budget).only(lambda plan: plan.architecture.kind.startswith("infini"))


def fill(store: Store, budget: str = "full", progress: Progress | None = None) -> None:
    """Put what the table and the figure read into the store: trainings, Infini-attention's gates, the constructions."""
    for name, plan in _tasks(budget).items():
        built.put(store, name, plan.task, _constructed(plan), plan.tests, plan.tested)
    record(study(budget), store, progress=progress)
    record(gated(budget), store, GATES, progress=progress)


class Row(NamedTuple):
    """depth: in percent, None for any. learned: seeds with at least `LEARNED`."""

    task: str
    model: str
    length: int
    depth: int | None
    accuracy: Interval
    learned: Share
    parameters: int
    steps: float


def table(results: Results) -> list[Row]:
    """A row for every plan, length tested and depth."""
    rows = []
    for name, entries in results.items():
        task, model = name.split()
        first = entries[0]
        asked: list[tuple[int | None, int | None]] = [(None, None)]
        asked += [(i, other["depth"]) for i, other in enumerate(first.key["plan"]["also"])]
        steps = sum(e.values["steps"] for e in entries) / len(entries)
        for length in sorted(map(int, first.values["tests"])):
            for also, depth in asked:
                found = accuracies(entries, length, also)
                told = (mean_accuracy(found), share(found, LEARNED), first.values["parameters"], steps)
                rows.append(Row(task, model, length, depth, *told))
    return rows


def gates(numbers: Sequence[Numbers]) -> list[list[float]]:
    """The memory's share by head, sigmoid of the gate, a seed each; it begins at 1/2."""
    return [[float(torch.tensor(x).sigmoid()) for part in one.values() for x in part] for one in numbers]


def draw(
    results: Results,
    made: Mapping[str, Mapping[int, float]],
    shares: Mapping[str, list[list[float]]],
    axes: Sequence[Axes],
) -> None:
    """Four axes: copy against distance; recall against the tokens since the value; passkey at any depth against length; the memory's
    share by head. Means over seeds and 95 % intervals; made: what the constructions reach, as crosses, a line for recall.
    ValueError for another number of axes."""
    copies, recalls, keys, opened = axes
    for task, reached in made.items():
        if task == "recall":
            recalls.axhline(min(reached.values()), color="k", lw=0.8, ls="--", label="constructed")
            continue
        axis = copies if task.startswith("copy") else keys
        at = [int(task.split("-")[1])] * len(reached) if task.startswith("copy") else list(reached)
        axis.plot(at, list(reached.values()), "kx", ms=7, label="constructed")
    rows = table(results)
    for axis in (copies, recalls):
        axis.axhline(1 / 8, color="0.6", lw=0.8, ls=":")
    copies.set(xlabel="distance (tokens)", ylabel="accuracy", title="copy", ylim=(0, 1.05))
    recalls.set(xlabel="tokens since the value", ylabel="accuracy", title="recall", ylim=(0, 1.05))
    keys.set(xlabel="tokens (trained up to the line)", ylabel="accuracy", title="passkey at any depth", ylim=(0, 1.05))
    keys.axvline(TRAINED, color="0.6", lw=0.8)
    keys.set_xscale("log", base=2)
    line = []
    for model in dict.fromkeys(r.model for r in rows if r.task.startswith("copy")):
        mine = [r for r in rows if r.model == model and r.task.startswith("copy")]
        line.append(_line(model, [int(r.task.split("-")[1]) for r in mine], [r.accuracy for r in mine]))
    draw_lines(copies, line)
    line = []
    for name in (name for name in results if name.startswith("recall")):
        length = max(map(int, results[name][0].values["tests"]))
        by = sorted(stratum_accuracies(results[name], length).items())
        line.append(_line(name.split()[1], [since for since, _ in by], [mean_accuracy(found) for _, found in by]))
    draw_lines(recalls, line)
    line = []
    for model in dict.fromkeys(r.model for r in rows if r.task == "passkey"):
        mine = [r for r in rows if r.task == "passkey" and r.model == model and r.depth is None]
        line.append(_line(model, [r.length for r in mine], [r.accuracy for r in mine]))
    draw_lines(keys, line)
    for place, found in enumerate(shares.values()):
        for i, one in enumerate(found):
            at = [place + (i - len(found) / 2) / (2 * len(found))] * len(one)
            opened.plot(at, one, "o", ms=4, color=COLOURS["infini"])
    opened.axhline(0.5, color="0.6", lw=0.8)
    opened.set(ylabel="memory's share of a head", title="gates after training; start at the line", ylim=(0, 1))
    opened.set_xticks(range(len(shares)), list(shares), fontsize=7, rotation=30, ha="right", rotation_mode="anchor")


def _line(model: str, x: Sequence[float], found: Sequence[Interval]) -> Line:
    of = model.split("-")[0]
    style = {"color": COLOURS[of], "marker": MARKS[of], "ls": "--" if model.endswith("-1") else "-"}
    return Line(model, x, found, style)
