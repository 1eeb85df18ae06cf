"""Trackers trained in float32 and run in narrower formats: accuracy by length, the construction beside."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from empirics.rates.figures import COLOURS, MARKS
from empirics.store import Progress, Store, Values
from empirics.tasks import SwapTracking, Task
from empirics.training.derived import Derived, read, record
from empirics.training.evaluation import evaluate_rows
from empirics.training.fingerprint import code_fingerprint
from empirics.training.flat import Shell
from empirics.training.hand_built import swap_tracker
from empirics.training.loop import Trained
from empirics.training.models import Architecture, TokenModel
from empirics.training.plan import Plan
from empirics.training.statistics import mean_accuracy
from empirics.training.studies.resemblance import TRACKERS, tracker
from empirics.training.study import Results, Study, seeds_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "FORMATS",
    "LENGTHS",
    "POWERS",
    "built",
    "by_format",
    "draw",
    "failing",
    "fill",
    "numbers",
    "results",
    "study",
    "table",
]

POWERS = "powers of two"
FORMATS = ("float32", "float16", "bfloat16", "float8_e5m2", POWERS)
"""Those of torch, and signed powers of two; with the last two only the weights are rounded, and all is computed in float32."""
LENGTHS = {"quick": (12, 32, 64, 128, 512), "full": (12, 32, 64, 128, 256, 512, 1024)}
SEQUENCES = 32


def study(budget: str = "quick", seed: int = 0) -> Study:
    """The trackers of 3 slots that `resemblance` trains, so that they train once. ValueError for a budget not "quick" or "full"."""
    if budget not in ("quick", "full"):
        raise ValueError(f"formats: budget = {budget!r}; give 'quick' or 'full'")
    full = budget == "full"
    plans = {kind: tracker(kind, 3, 600 if full else 200) for kind in TRACKERS}
    return Study("formats", plans, seeds_of(seed, 8 if full else 4))


def numbers(lengths: Sequence[int]) -> Derived:
    """Accuracy by format and length of every seed, all on the same words."""

    def accuracies(plan: Plan, seeds: Sequence[int], trained: Trained) -> list[Values]:
        if trained.weights is None:
            raise ValueError("numbers: the weights are gone")
        return by_format(trained.shell, trained.weights, plan.task, lengths)

    return f"formats at {', '.join(map(str, lengths))}", accuracies


def by_format(
    shell: Shell, rows: Tensor, task: Task, lengths: Sequence[int], formats: Sequence[str] = FORMATS
) -> list[Values]:
    """{format: {length: accuracy}}, a row each. The delta rule goes a token at a time, so that its state is of the format, too;
    in chunks it would be float32."""
    model: Any = deepcopy(shell.model)
    mixer = model.blocks[0].mixer
    if hasattr(mixer, "most"):
        mixer.form = "loop"
    own = Shell(model, shell.stacked, rows.device)
    made: list[dict[str, dict[str, float]]] = [{name: {} for name in formats} for _ in rows]
    for name in formats:
        narrow = _rounded(rows, name)
        for length in lengths:
            for held, counts in zip(made, evaluate_rows(own, narrow, task, length, SEQUENCES), strict=True):
                held[name][str(length)] = counts.accuracy
    return list(made)


def _rounded(rows: Tensor, name: str) -> Tensor:
    if name == POWERS:  # the nearest in the logarithm
        return torch.where(rows == 0, rows, rows.sign() * rows.abs().log2().round().exp2())
    narrow = rows.to(getattr(torch, name))
    return narrow.float() if name.startswith("float8") else narrow


def _as_delta_rule(made: TokenModel) -> TokenModel:
    """The same weights in the layer of "deltanet-2": a write has beta = 1, so that its value is not scaled, and a swap has
    no value. Queries are not made unit there, which changes the size of what is read and not the order of the classes."""
    a, task = made.architecture, SwapTracking(3)
    other = TokenModel(Architecture("deltanet-2", a.width, 1, 1, 0), task.vocabulary, task.classes)
    other.load_state_dict({name.replace("beta_gate", "gate"): p for name, p in made.state_dict().items()})
    return other


@lru_cache(maxsize=8)
def built(
    kind: str, lengths: tuple[int, ...], gate: float = 1.0, formats: tuple[str, ...] = FORMATS, device: str = "cpu"
) -> Values:
    """The same of the construction, in either layer; gate: a factor on the gate's weights."""
    task = SwapTracking(3)
    made = swap_tracker(task)
    block: Any = made.blocks[0]
    block.mixer.beta_gate.weight.data *= gate
    made = _as_delta_rule(made) if kind == "deltanet-2" else made
    shell = Shell(deepcopy(made), stacked=True, device=device)
    return by_format(shell, shell.flatten(made)[None].to(device), task, lengths, formats)[0]


def fill(store: Store, budget: str = "full", progress: Progress | None = None) -> None:
    """Put what the table and the figure read into the store: trainings, accuracies by format, the construction's."""
    asked, lengths = study(budget), LENGTHS[budget]
    record(asked, store, numbers(lengths), progress=progress)
    for kind in TRACKERS:
        key = {"kind": "construction", "model": kind, "lengths": list(lengths), "code": code_fingerprint()}
        store.get(key, lambda kind=kind: built(kind, tuple(lengths)))


def results(store: Store, budget: str = "full") -> Results:
    """Accuracies by format of every seed, from the store. ValueError for what it does not hold."""
    asked = study(budget)
    return read(asked, store, numbers(LENGTHS[budget])[0])


def table(found: Results, store: Store) -> list[dict[str, Any]]:
    """A row a model, format and length: the mean over seeds with its interval, and the construction's accuracy. ValueError where the
    store does not hold the latter."""
    rows = []
    for name, entries in found.items():
        lengths = sorted(map(int, entries[0].values["float32"]))
        beside = store.select(kind="construction", model=name, lengths=lengths)
        if not beside:
            told = ", ".join(map(str, lengths))
            raise ValueError(f"formats: the store holds no construction for {name} at {told} tokens; fill the store")
        for form in FORMATS:
            for length in map(str, lengths):
                told = {"model": name, "format": form, "length": int(length), "seeds": len(entries)}
                trained = mean_accuracy([entry.values[form][length] for entry in entries])
                rows.append({**told, "trained": trained, "construction": beside[-1].values[form][length]})
    return rows


def failing(
    rows: Sequence[dict[str, Any]], least: float = 0.95
) -> dict[tuple[str, str], tuple[int | None, int | None]]:
    """By model and format the shortest length tested at which fewer are right, of the trained in the mean, and of the construction;
    None where it holds at all of them."""
    made: dict[tuple[str, str], tuple[int | None, int | None]] = {}
    for model, form in dict.fromkeys((row["model"], row["format"]) for row in rows):
        own = [row for row in rows if (row["model"], row["format"]) == (model, form)]
        trained = min((row["length"] for row in own if row["trained"].value < least), default=None)
        made[model, form] = trained, min((row["length"] for row in own if row["construction"] < least), default=None)
    return made


def draw(found: Results, store: Store) -> Figure:
    """A panel a model: accuracy against length in each format, means over seeds with 95 % intervals; dashed the construction."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.5, 4.0), layout="constrained")
    panels = figure.subplots(1, len(found), sharey=True, squeeze=False)[0]
    rows = table(found, store)
    for axis, name in zip(panels, found, strict=True):
        for i, form in enumerate(FORMATS):
            own = [row for row in rows if (row["model"], row["format"]) == (name, form)]
            x = [row["length"] * 1.04**i for row in own]
            values = [row["trained"].value for row in own]
            both = [
                [row["trained"].value - row["trained"].low for row in own],
                [row["trained"].high - row["trained"].value for row in own],
            ]
            axis.errorbar(x, values, both, fmt=f"{MARKS[i]}-", ms=4, lw=1, color=COLOURS[i], label=form)
            axis.plot(
                x, [row["construction"] for row in own], f"{MARKS[i]}--", ms=3, lw=0.8, color=COLOURS[i], alpha=0.6
            )
        axis.axhline(1 / 3, ls=":", lw=1, color="0.5")
        axis.set_xscale("log", base=2)
        axis.set(xlabel="tokens", title=name)
    panels[0].set_ylabel("accuracy; dashed: construction; dotted: a guess")
    panels[-1].legend(fontsize=7)
    return figure
