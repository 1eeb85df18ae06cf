"""Tasks for trained and hand-built models, one a file, all of one form: tokens in, a class at the positions that are asked.

    task = named("swaps-5")
    tokens, targets, strata = task.sample(batch=64, length=32, seed=0, device="cpu")

`task.guess` is what a guess earns, `task.difficulty` the complexity class with its source, `task.oracle(row)` the exact targets of one
sequence, `task.configuration()` what determines the tokens of a seed. Lengths count tokens, and go beyond those trained on.
"""

from __future__ import annotations

from empirics.tasks.copying import Copying
from empirics.tasks.counting import Counting
from empirics.tasks.passkey import Passkey
from empirics.tasks.reachability import Reachability
from empirics.tasks.recall import Recall
from empirics.tasks.swap_tracking import SwapTracking
from empirics.tasks.task import IGNORE, Batch, Labels, Task, generator_of
from empirics.tasks.text import Text
from empirics.tasks.words import WordProblem

__all__ = [
    "IGNORE",
    "TASKS",
    "Batch",
    "Copying",
    "Counting",
    "Labels",
    "Passkey",
    "Reachability",
    "Recall",
    "SwapTracking",
    "Task",
    "Text",
    "WordProblem",
    "generator_of",
    "named",
]

TASKS: dict[str, Task] = {
    **{f"swaps-{n}": SwapTracking(n) for n in (3, 4, 5)},
    **{
        f"{group.replace('_', '').lower()}-{form}": WordProblem(group, form)
        for group in ("S_3", "S_5", "A_5", "Z_60")
        for form in ("elements", "swaps")
    },
    **{
        f"reach-{family}-{tokens}": Reachability(family, tokens)
        for family in ("chains", "trees", "random")
        for tokens in ("edges", "nodes")
    },
    "copy-8": Copying(8, 8, 16),
    "copy-4-to-8": Copying(4, 8, 16),
    "recall": Recall(),
    "passkey": Passkey(),
    "parity": Counting(2),
    "count-3": Counting(3),
    "text": Text(),
}
"""Tasks by name, with usual sizes; other sizes are made from the classes."""


def named(name: str) -> Task:
    """The task of that name. ValueError for another name, saying which is near."""
    if name not in TASKS:
        from difflib import get_close_matches

        near = get_close_matches(name, TASKS, n=1, cutoff=0.0)[0]
        raise ValueError(f"unknown task {name!r}; did you mean {near!r}? The tasks are {', '.join(TASKS)}")
    return TASKS[name]
