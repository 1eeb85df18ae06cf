"""A run in a process of its own, to be killed: `killed_run.py STORE DIRECTORY`. Importing it gives the same plan."""

import sys

from empirics.store import Store
from empirics.tasks import Counting
from empirics.training.loop import train
from empirics.training.models import Architecture
from empirics.training.plan import Plan

PLAN = Plan(
    Counting(2), Architecture("transformer-alibi", 8, 1, 1, 8), steps=60, batch=4, lengths=(3, 6), every=20, tests=(8,)
)
SEEDS = (0, 1)
SAVING = 7  # not a divisor of the steps between looks, so that a kill falls between them


def run(store, keep, progress=None):
    return train(PLAN, SEEDS, store=Store(store), keep=keep, saving=SAVING, progress=progress)


if __name__ == "__main__":
    import time

    from empirics.training.run import Run

    step = Run.step

    def slow(self, number):  # so that there is a middle to be killed in
        time.sleep(0.05)
        step(self, number)

    Run.step = slow
    run(sys.argv[1], sys.argv[2])
