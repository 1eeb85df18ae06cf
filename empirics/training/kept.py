"""Results shared by the processes of a machine: what one has trained, no other trains again.

A plan and its seeds have a store, a lock and checkpoints of their own in `folder()`, so that several processes may ask at once: the
first trains, the others wait and read. Keys hold the plan, the seeds, the device and a hash of the code, so nothing old is ever
taken for new; a result says when it took how long. Removing the folder loses nothing but time.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch

from empirics.store import Store
from empirics.training.loop import Trained, train
from empirics.training.plan import Plan
from empirics.training.run import key_of

__all__ = ["FOLDER", "folder", "measured"]

FOLDER = "WEIGHTPROOF_TRAINED"
"""The environment variable that names the folder; else it is weightproof-out/trained where the process was started."""
LARGEST_KEPT = 256


def folder() -> Path:
    """Where results are kept."""
    return Path(os.environ.get(FOLDER) or "weightproof-out/trained")


@lru_cache(maxsize=LARGEST_KEPT)
def _measured(plan: Plan, seeds: tuple[int, ...], device: str, where: Path) -> Trained:
    key = {**key_of(plan, seeds[0], seeds, device), "torch": torch.__version__}
    name = sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:24]
    try:
        where.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(
            f"{where}: no folder for what is trained ({error.strerror}); name another one by {FOLDER}"
        ) from None
    with _alone(where / f"{name}.lock"):
        return train(plan, seeds, device=device, store=Store(where / f"{name}.jsonl"), keep=where / name)


def measured(plan: Plan, seeds: Sequence[int], device: Any = "cpu") -> Trained:
    """The results of a plan, with weights; trained here or elsewhere, and once. Errors as `train`; ValueError for a
    folder that cannot be made."""
    return _measured(plan, tuple(int(s) for s in seeds), str(device), folder().resolve())


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """While open, no other process is within; a process that is killed lets go."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
