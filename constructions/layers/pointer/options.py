"""The door of a Pointer layer: sizes, switches that contradict each other, pointers and states, refused by name."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from constructions.layers.pointer.buckets import Buckets
from constructions.layers.pointer.candidates import AllPositions, Candidates
from constructions.layers.pointer.decoding import PointerState
from constructions.layers.pointer.scoring import SCORES
from constructions.layers.pointer.selection import TIES, TRAININGS, check_temperature
from constructions.layers.shapes import check_positive, choose

__all__ = [
    "check_bits",
    "check_pointers",
    "check_sizes",
    "check_state",
    "check_switches",
    "check_temperature",
]

_WHERE = "PointerBlock"


def check_sizes(width: Any, heads: Any, tile: Any, rounds: Any, expansion: Any) -> None:
    """ValueError unless sizes are positive, heads divide the width, and rounds and expansion are not negative."""
    check_positive(_WHERE, width=width, heads=heads, tile=tile)
    for name, size in (("rounds", rounds), ("expansion", expansion)):
        if isinstance(size, bool) or not isinstance(size, int) or size < 0:
            raise ValueError(f"{_WHERE}: {name} = {size!r}; give a non-negative integer, 0 for none")
    if width % heads:
        raise ValueError(f"{_WHERE}: width {width} is not divisible by {heads} heads; give heads that divide {width}")


def check_switches(
    combine: str,
    score: str,
    ties: str,
    training: str,
    form: str,
    gate: str,
    norm: str,
    activation: str,
    candidates: Any,
) -> None:
    """ValueError for an unknown switch, or for a form that does not fit the candidates, the score or the training."""
    for name, value, choices in (
        ("combine", combine, ("slices", "sum")),
        ("score", score, SCORES),
        ("ties", ties, TIES),
        ("training", training, TRAININGS),
        ("form", form, ("written-out", "tiled", "running")),
        ("gate", gate, ("sigmoid", "linear", "none")),
        ("norm", norm, ("layer", "none")),
        ("activation", activation, ("gelu", "relu")),
    ):
        choose(_WHERE, name, value, choices)
    if not isinstance(candidates, Candidates):
        raise ValueError(
            f"{_WHERE}: candidates is of type {type(candidates).__name__}; give a rule, Window(16) for example"
        )
    if form == "written-out":
        return
    if not isinstance(candidates, AllPositions):
        raise ValueError(
            f"{_WHERE}: form = {form!r} is for all positions, not for {candidates}; give form='written-out'"
        )
    if training != "hard":
        raise ValueError(
            f"{_WHERE}: form = {form!r} keeps no scores, which training = {training!r} needs; give form='written-out' or "
            "training='hard'"
        )
    if form == "running" and score != "additive":
        raise ValueError(
            f"{_WHERE}: form = 'running' needs targets that do not depend on the query, score = {score!r}; give "
            "score='additive' or form='tiled'"
        )


def check_bits(candidates: Candidates, coordinates: int) -> None:
    """ValueError for buckets of more bits than a head's key has coordinates."""
    if isinstance(candidates, Buckets) and candidates.bits > coordinates:
        raise ValueError(
            f"{_WHERE}: buckets of {candidates.bits} bits from keys of {coordinates} coordinates a head; give at most as "
            "many bits, or fewer heads"
        )


def check_pointers(where: str, previous: Any, shape: tuple[int, ...], like: Tensor, time: Tensor | None = None) -> None:
    """ValueError unless `previous` is None or integers of this shape on the device of `like` inside the sequence: of its last
    axis, or, of one token, of those before it, so many as `time` says, and itself."""
    if previous is None:
        return
    told = tuple(previous.shape) if isinstance(previous, Tensor) else type(previous).__name__
    if told != shape:
        axes = "(batch, heads, time)" if len(shape) == 3 else "(batch, heads)"
        raise ValueError(f"{where}: previous is {told}; give pointers {axes} = {shape}")
    if previous.dtype != torch.long or previous.device != like.device:
        raise ValueError(
            f"{where}: previous has dtype {previous.dtype} on {previous.device}; give torch.int64 on {like.device}"
        )
    if previous.is_meta or not previous.numel():
        return
    least, most = (int(x) for x in previous.aminmax())
    newest = shape[-1] - 1 if time is None else int(time)
    if least < 0 or most > newest:
        found = least if least < 0 else most
        raise ValueError(f"{where}: previous points at {found}, outside the sequence; give 0..{newest}")


def check_state(where: str, state: Any, batch: int, heads: int) -> None:
    """ValueError unless `state` is one of `init_state` for so many sequences and heads."""
    if not isinstance(state, PointerState):
        raise ValueError(f"{where}: state is of type {type(state).__name__}; make it with init_state(batch)")
    if tuple(state.keys.shape[:2]) != (batch, heads):
        found = tuple(state.keys.shape[:2])
        raise ValueError(
            f"{where}: the state is for batch and heads {found}, the token for {(batch, heads)}; make it with init_state({batch})"
        )
