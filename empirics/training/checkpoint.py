"""Checkpoints that a kill at any moment leaves whole: written beside, flushed to the disk, then put in place by one rename."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

__all__ = ["load", "place", "save"]


def place(directory: str | os.PathLike[str], key: Mapping[str, Any]) -> Path:
    """The file for a run: named by a hash of what determines it."""
    name = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:24]
    return Path(directory) / f"{name}.pt"


def save(path: Path, key: Mapping[str, Any], state: Mapping[str, Any]) -> None:
    """Replace the checkpoint at `path`: whoever reads it, whenever, finds the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(
        ".new"
    )  # a second writer there is none; one that was killed left it, and it is written over
    with beside.open("wb") as file:
        torch.save({"key": json.dumps(key, sort_keys=True), "state": dict(state)}, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    held = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(held)  # so that the rename, too, survives
    finally:
        os.close(held)


def load(path: Path, key: Mapping[str, Any], device: Any = "cpu") -> dict[str, Any] | None:
    """The state at `path`, None where there is none yet. ValueError for a file that is no checkpoint of this run."""
    if not path.exists():
        return None
    try:
        held = torch.load(path, map_location=device, weights_only=True)
        known, state = held["key"], held["state"]
    except Exception as error:
        raise ValueError(f"{path}: no checkpoint ({type(error).__name__}: {error}); move the file away") from None
    if known != json.dumps(key, sort_keys=True):
        raise ValueError(f"{path}: a checkpoint of another run; move the file away")
    return state
