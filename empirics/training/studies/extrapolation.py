"""Position kernels trained at N and tested to 8 N: on text, on copy, and on recall in the full budget.

Plans are named "task model". Models of text are trained on some modules and tested on others, which is the `HELD`-th of what is
tested also; that is what tables, figures and claims read. Loss on text is compared at one length, where all models are tested on
the same texts: how much more a model loses than ALiBi at 8 N, less what it lost more at N, is its `rise`. Texts of different
lengths are different texts, and their losses may differ by more than the models' do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import torch

from empirics.rates.slopes import Interval
from empirics.store import Progress, Store
from empirics.tasks import Copying, Recall, Task, Text
from empirics.training import built, copiers, weights
from empirics.training.derived import Derived, record
from empirics.training.models import MODELS, Architecture
from empirics.training.plan import Plan
from empirics.training.statistics import accuracies, mean, mean_accuracy, nats
from empirics.training.studies.lines import Line, draw_lines
from empirics.training.study import Results, Study, seeds_of
from empirics.training.weights import Numbers
from theory.position_kernels.slopes import released_slopes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "FREE",
    "HELD",
    "HELD_OUT",
    "LEARNABLE",
    "LENGTHS",
    "LOG_SLOPES",
    "RELEASED",
    "N",
    "Row",
    "constructed",
    "draw",
    "extra",
    "fill",
    "held",
    "rises",
    "sloped",
    "slopes",
    "study",
    "table",
]

HELD_OUT, HELD = Text("held-out"), 0
"""What models trained on text are tested on, other modules; and its place among what is tested also."""
N = 32
LENGTHS = (N, 2 * N, 4 * N, 8 * N)
WIDTH, HEADS = 32, 2
FREE = ("rope", "alibi", "alibi-matched", "mep")
"""Kinds that tell positions without a parameter, "transformer-" left out."""
LEARNABLE = ("alibi-learned", "kerple", "mep-learned")
RELEASED = tuple(2.0 ** -float(slope.exponent) for slope in released_slopes(HEADS))
SEEDS = {"quick": 4, "full": 8}
COLOURS = {
    "learned": "#000000",
    "nope": "#56B4E9",
    "rope": "#D55E00",
    "alibi": "#0072B2",
    "alibi-matched": "#0072B2",
    "alibi-learned": "#0072B2",
    "kerple": "#009E73",
    "mep": "#CC79A7",
    "mep-learned": "#CC79A7",
}
STYLES = {"alibi-matched": ":", "alibi-learned": "--", "mep-learned": "--"}
MARKS = dict(zip(COLOURS, "xs^oPvDdh", strict=True))


def _plan(task: Task, model: str, layers: int, lengths: tuple[int, ...], budget: str, steps: int, tested: int) -> Plan:
    hidden = 64 if isinstance(task, Text) or layers > 1 else 0
    shape = Architecture(f"transformer-{model}", WIDTH, HEADS, layers, hidden, lengths[-1])
    short = lengths[0] if isinstance(task, Text) else lengths[0] // 2
    tests = lengths if budget == "full" else (lengths[0], lengths[-1])
    how = {"batch": 16, "rate": 1e-2, "warmup": 20, "every": 50, "watched": 16, "tested": tested}
    how |= {"also": (HELD_OUT,)} if isinstance(task, Text) else {}
    return Plan(task, shape, steps, lengths=(short, lengths[0]), tests=tests, **how)


def study(budget: str, seed: int = 0) -> Study:
    """quick: 4 seeds, two lengths. full: every model on copy too, recall, 8 seeds. ValueError for another budget."""
    if budget not in SEEDS:
        raise ValueError(f"extrapolation: budget = {budget!r}; give 'quick' or 'full'")
    full = budget == "full"
    models = ("learned", *FREE, *LEARNABLE, *(("nope",) if full else ()))
    made = {f"text {m}": _plan(Text(), m, 1, LENGTHS, budget, 500 if full else 270, 128) for m in models}
    for m in models if full else ("learned", "rope", "alibi", "mep-learned"):
        made[f"copy {m}"] = _plan(Copying(4, 4, 8), m, 1, LENGTHS, budget, 250, 64)
    if full:
        for m in ("learned", "rope", "nope", "alibi", "mep"):
            slow = _plan(Recall(64, 8), m, 2, (24, 48, 96, 192), budget, 1500, 64)
            made[f"recall {m}"] = replace(slow, rate=5e-3)
    return Study("extrapolation", made, seeds_of(seed, SEEDS[budget]))


def constructed(budget: str, store: Store) -> dict[int, float]:
    """Accuracies of rotary weights that copy, by length, from the store."""
    return built.read(store, "rope", study(budget).plans["copy rope"].task)


LOG_SLOPES: Derived = ("log slopes", lambda plan, seeds, trained: weights.named(trained, "slopes.log"))


def sloped(budget: str) -> Study:
    """The plan of ALiBi that learns its slopes."""
    return study(budget).only(
        lambda plan: plan.architecture.kind == "transformer-alibi-learned" and isinstance(plan.task, Text)
    )


def fill(store: Store, budget: str = "full", progress: Progress | None = None) -> None:
    """Put what the table and the figure read into the store: trainings, learned slopes, the construction."""
    plan = study(budget).plans["copy rope"]
    assert isinstance(plan.task, Copying)
    built.put(store, "rope", plan.task, copiers.turned_copier(plan.task, max(plan.tests)), plan.tests, plan.tested)
    record(study(budget), store, progress=progress)
    record(sloped(budget), store, LOG_SLOPES, progress=progress)


def held(task: str) -> int | None:
    """What results of a task are read from: of text the place of held-out text, else None."""
    return HELD if task == "text" else None


class Row(NamedTuple):
    """nats: an answer. parameters: all of them; extra: those that tell positions. Text is held-out text."""

    task: str
    model: str
    length: int
    accuracy: Interval
    nats: Interval
    parameters: int
    extra: int


def extra(model: str) -> int:
    """Parameters that tell positions: of one layer's bias, or of the table, a row for each of 8 N."""
    if model == "learned":
        return LENGTHS[-1] * WIDTH
    mixer = MODELS[f"transformer-{model}"].mixer(2 * HEADS, HEADS)
    return sum(p.numel() for name, p in mixer.named_parameters() if name.startswith("position."))


def table(results: Results) -> list[Row]:
    """A row for every plan and length tested."""
    rows = []
    for name, entries in results.items():
        task, model = name.split()
        for length in sorted(map(int, entries[0].values["tests"])):
            found = (mean_accuracy(accuracies(entries, length, held(task))), mean(nats(entries, length, held(task))))
            rows.append(Row(task, model, length, *found, entries[0].values["parameters"], extra(model)))
    return rows


def rises(results: Results, model: str, beside: str = "alibi", length: int = 8 * N) -> list[float]:
    """How much more a model loses than the other on held-out text of that length, less the same at N; a seed each."""
    at = [
        [a - b for a, b in zip(*(nats(results[f"text {m}"], tokens, HELD) for m in (model, beside)), strict=True)]
        for tokens in (length, N)
    ]
    return [far - near for far, near in zip(*at, strict=True)]


def slopes(numbers: Sequence[Numbers]) -> list[list[float]]:
    """Learned slopes by head, a seed each; they begin at `RELEASED`."""
    return [[float(torch.tensor(x).exp()) for part in one.values() for x in part] for one in numbers]


def draw(results: Results, made: Mapping[int, float], learned: Sequence[Sequence[float]], axes: Sequence[Axes]) -> None:
    """Axes for nats on held-out text beyond ALiBi's, copy, recall where the results have it, extra parameters against those nats at
    8 N, slopes by head. Means over seeds and 95 % intervals; made: copies of the construction, as crosses. ValueError for another
    number of axes."""
    text, copy, recall, pareto, steep = axes
    copy.plot(list(made), list(made.values()), "kx", ms=7, label="rope, constructed")
    for axis, title in ((text, "held-out text"), (copy, "copy, distance 4"), (recall, "recall")):
        axis.set_xscale("log", base=2)
        axis.set(xlabel="tokens (trained at the least)", ylabel="accuracy", title=title)
    text.set(ylabel="nats a character beyond ALiBi's")
    pareto.set(xlabel="parameters for positions", ylabel=f"nats a character at {8 * N}", title="held-out text")
    pareto.set_xscale("symlog", base=2)
    pareto.set_xticks([0, 2, 2**5, 2**9, 2**13])
    lines: dict[str, list[Line]] = {"text": [], "copy": [], "recall": [], "pareto": []}
    for name, entries in results.items():
        task, model = name.split()
        lengths = sorted(map(int, entries[0].values["tests"]))
        found = [mean_accuracy(accuracies(entries, n)) for n in lengths]
        if task == "text":
            beside = [zip(nats(entries, n, HELD), nats(results["text alibi"], n, HELD), strict=True) for n in lengths]
            found = [mean([a - b for a, b in pairs]) for pairs in beside]
            lines["pareto"].append(_line(model, [extra(model)], [mean(nats(entries, 8 * N, HELD))]))
        lines[task].append(_line(model, lengths, found))
    for axis, drawn in zip((text, copy, recall, pareto), lines.values(), strict=True):
        draw_lines(axis, drawn)
    for i, seed in enumerate(learned):
        steep.plot(
            range(len(seed)), seed, "v", ms=4, color=COLOURS["alibi"], alpha=0.6, label="learned" if i == 0 else None
        )
    steep.plot(range(len(RELEASED)), RELEASED, "_", ms=14, color="0.3", label="released")
    steep.set_yscale("log", base=2)
    steep.set(xlabel="head", ylabel="slope (nats a token)", title="ALiBi's slopes after training", xticks=range(HEADS))
    steep.legend(fontsize=7)


def _line(model: str, x: Sequence[float], found: Sequence[Interval]) -> Line:
    return Line(model, x, found, {"color": COLOURS[model], "marker": MARKS[model], "ls": STYLES.get(model, "-")})
