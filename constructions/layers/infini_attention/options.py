"""What an Infini-attention layer can be asked for, and what it refuses: by name, before anything is computed."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor

from constructions.layers.infini_attention.memory import RULES, Memory, has_normaliser
from constructions.layers.infini_attention.streaming import InfiniState
from constructions.layers.shapes import check_positive, choose

__all__ = [
    "GATES",
    "POSITIONS",
    "STARTS",
    "Sizes",
    "check_asked",
    "check_dtypes",
    "check_flags",
    "check_given",
    "check_heads",
    "check_known",
    "check_number",
    "check_state",
    "start_of",
]

GATES = ("head", "channel")
"""One gate a head, or one for each of its value channels."""

STARTS = ("local", "gated")
"""Without anything stored the output is A_dot alone, or gated as later, of a memory that reads 0."""

POSITIONS = ("none", "rotary")

_WHERE = "InfiniAttention"


class Sizes(NamedTuple):
    """What a state depends on; normalised: whether there is a z."""

    groups: int
    d: int
    m: int
    segment: int
    normalised: bool


def check_heads(width: int, heads: int, groups: int, head_dim: int | None, position: str) -> int:
    """The width of a head; ValueError for heads that groups do not divide, a width that heads do not, or rotary positions of an
    odd one."""
    check_positive(_WHERE, width=width, heads=heads, groups=groups)
    if heads % groups:
        raise ValueError(
            f"{_WHERE}: {heads} heads are not divisible by {groups} groups; give a number of groups that divides {heads}"
        )
    if head_dim is None:
        if width % heads:
            raise ValueError(
                f"{_WHERE}: width {width} is not divisible by {heads} heads; give head_dim, or heads that divide {width}"
            )
        head_dim = width // heads
    check_positive(_WHERE, head_dim=head_dim)
    choose(_WHERE, "position", position, POSITIONS)
    if position == "rotary" and head_dim % 2:
        raise ValueError(f"{_WHERE}: rotary positions turn pairs, head_dim = {head_dim} is odd; give an even head_dim")
    return head_dim


def check_known(rule: str) -> bool:
    """Whether the rule asks which keys are known; ValueError for an unknown rule."""
    return choose(_WHERE, "rule", rule, RULES) == "delta-frozen"


def start_of(start: Any, rule: str) -> tuple[str, float]:
    """One of STARTS and the constant c of z_0; ValueError for anything but these, a positive number or a Memory."""
    if isinstance(start, Memory):
        return "gated", 0.0
    if isinstance(start, str):
        return choose(_WHERE, "start", start, STARTS), 0.0
    number = isinstance(start, int | float) and not isinstance(start, bool)
    if not number or not 0 < start < math.inf:
        raise ValueError(f"{_WHERE}: start = {start!r}; give 'local', 'gated', a positive number for z_0 or a Memory")
    if not has_normaliser(rule):
        raise ValueError(
            f"{_WHERE}: start = {start!r} is a z_0, which rule = {rule!r} has not; give 'local' or 'gated'"
        )
    return "gated", float(start)


def check_given(given: Memory, sizes: Sizes, kept: str) -> None:
    """The memory to start from; ValueError unless it is of the layer's shape, with z not negative, for means positive."""
    groups, d, m, _, normalised = sizes
    z_shape = (groups, d) if normalised else None
    for name, x, shape in (("matrix", given.matrix, (groups, d, m)), ("normaliser", given.normaliser, z_shape)):
        told = tuple(x.shape) if isinstance(x, Tensor) else None if x is None else type(x).__name__
        if told != shape:
            axes = (
                "None, as the rule has no z"
                if shape is None
                else f"a tensor (groups, {'d, m' if shape[2:] else 'd'}) = {shape}"
            )
            raise ValueError(f"{_WHERE}: the {name} of start is {told}; give {axes}")
    z = given.normaliser
    if z is not None and not z.is_meta:
        least = float(z.min())
        if not (least > 0 or (least == 0 and kept == "sums")):
            most = (
                "positive numbers, as their logarithms are kept" if kept == "means" else "numbers that are not negative"
            )
            raise ValueError(f"{_WHERE}: the least number in the normaliser of start is {least:g}; give {most}")


def check_flags(where: str, name: str, flags: Any, like: Tensor, what: str) -> None:
    """ValueError unless None or booleans of the shape of `like` without its width, on its device."""
    if flags is None:
        return
    shape = tuple(like.shape[:-1])
    if not isinstance(flags, Tensor):
        raise ValueError(
            f"{where}: {name} is of type {type(flags).__name__}; give torch.bool of shape {shape}, True {what}"
        )
    if flags.dtype != torch.bool or tuple(flags.shape) != shape or flags.device != like.device:
        raise ValueError(
            f"{where}: {name} is {flags.dtype} of shape {tuple(flags.shape)} on {flags.device}; expected torch.bool of shape "
            f"{shape} on {like.device}, True {what}"
        )


def check_asked(where: str, known: Any, asked: bool, rule: str) -> None:
    """ValueError where the rule needs to be told which keys are known and is not, or is told and does not need it."""
    if asked and known is None:
        raise ValueError(
            f"{where}: known = None; rule = {rule!r} needs torch.bool with a number for every token, True where its key came before"
        )
    if known is not None and not asked:
        raise ValueError(f"{where}: known is given, which rule = {rule!r} does not look at; leave it out")


def check_number(name: str, value: Any) -> float:
    """ValueError unless it is a positive finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ValueError(f"{_WHERE}: {name} = {value!r}; give a positive number")
    return float(value)


def check_dtypes(**dtypes: torch.dtype | None) -> None:
    """ValueError unless each is None or a floating-point format of at least 16 bits."""
    for name, dtype in dtypes.items():
        if dtype is not None and (
            not isinstance(dtype, torch.dtype) or not dtype.is_floating_point or dtype.itemsize < 2
        ):
            raise ValueError(f"{_WHERE}: {name} = {dtype}; give a floating-point format of at least 16 bits")


def check_state(where: str, state: Any, batch: int | None, sizes: Sizes, like: Tensor, memory: torch.dtype) -> None:
    """ValueError unless `state` is one of such a layer for so many sequences, None for any number, with keys and values of the
    dtype and device of `like`."""
    remedy = "make it with init_state(batch), or give the state of the call before"
    if not isinstance(state, InfiniState):
        raise ValueError(f"{where}: state is of type {type(state).__name__}; {remedy}")
    for name, part in zip(InfiniState._fields, state, strict=True):
        if not isinstance(part, Tensor) and not (name == "normaliser" and part is None):
            raise ValueError(f"{where}: the state's {name} is of type {type(part).__name__}; {remedy}")
    groups, d, m, segment, normalised = sizes
    held = state.keys.shape[-2] if state.keys.ndim > 1 else 0
    batch = (state.stored.shape or [0])[0] if batch is None else batch
    flags = {name: 0 if getattr(state, name).shape[-1:] == (0,) else held for name in ("valid", "known")}
    wanted = {
        "matrix": ((batch, groups, 1, d, m), memory),
        "normaliser": ((batch, groups, 1, d) if normalised else None, memory),
        "stored": ((batch, 1, 1), torch.int64),
        "keys": ((batch, groups, 1, held, d), like.dtype if held else state.keys.dtype),  # no key, no matter
        "values": ((batch, groups, 1, held, m), like.dtype if held else state.values.dtype),
        **{name: ((batch, 1, 1, flags[name]), torch.bool) for name in flags},
    }
    for name, (shape, dtype) in wanted.items():
        part = getattr(state, name)
        told = None if part is None else tuple(part.shape)
        if told != shape:
            raise ValueError(f"{where}: the state's {name} has shape {told}; expected {shape}; {remedy}")
        if part is not None and (part.dtype != dtype or part.device != like.device):
            raise ValueError(
                f"{where}: the state's {name} has dtype {part.dtype} on {part.device}; expected {dtype} on {like.device}; {remedy}"
            )
    if held > segment:
        raise ValueError(
            f"{where}: the state's open segment holds {held} tokens, a segment here has {segment}; go on with the segment it "
            "was made with"
        )
