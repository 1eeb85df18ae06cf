"""The doors of the reference layers: shapes, dtypes and sizes are looked at before anything is computed, and refused by name."""

from __future__ import annotations

import struct
from typing import Any

import torch
from torch import Tensor

__all__ = ["check_heads", "check_positive", "check_token", "check_tokens", "choose", "fits_64_bits"]


def check_positive(where: str, **sizes: Any) -> None:
    """ValueError unless every size is a positive integer of 64 bits."""
    for name, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ValueError(f"{where}: {name} = {size!r}; give a positive integer")
        if not fits_64_bits(size):
            raise ValueError(f"{where}: {name} = {size!r}; give a positive integer below 2^63")


def fits_64_bits(size: int) -> bool:
    """Whether torch can hold a plain number. Nothing is compared, since a comparison of sizes would be a branch of the layer; sizes
    that are symbols or remember how they were made always fit."""
    if type(size) is int:
        try:
            struct.pack("q", size)
        except struct.error:
            return False
    return True


def check_tokens(where: str, x: Tensor, weight: Tensor) -> None:
    """ValueError unless `x` is `(batch, time, width)`, of the dtype and device of `weight` `(..., width)`."""
    _check_rows(where, "x", x, weight, "batch, time, ")


def check_token(where: str, x_t: Tensor, weight: Tensor) -> None:
    """ValueError unless `x_t` is `(batch, width)`, of the dtype and device of `weight` `(..., width)`."""
    _check_rows(f"{where}.step", "x_t", x_t, weight, "batch, ")


def _check_rows(where: str, name: str, x: Any, weight: Tensor, axes: str) -> None:
    if not isinstance(x, Tensor):
        raise ValueError(
            f"{where}: {name} is of type {type(x).__name__}; give a torch tensor ({axes}{weight.shape[-1]})"
        )
    if x.ndim != axes.count(",") + 1 or x.shape[-1] != weight.shape[-1]:
        raise ValueError(f"{where}: {name} has shape {tuple(x.shape)}; expected ({axes}{weight.shape[-1]})")
    if x.device != weight.device:
        raise ValueError(f"{where}: {name} is on {x.device}, the weights on {weight.device}; move one to the other")
    # autocast converts floats of at most 32 bits, and leaves all else as it is
    casts = not x.is_meta and torch.is_autocast_enabled(x.device.type)
    casts = casts and all(each.is_floating_point and each.itemsize <= 4 for each in (x.dtype, weight.dtype))
    if x.dtype != weight.dtype and not casts:
        raise ValueError(
            f"{where}: {name} has dtype {x.dtype}, the weights {weight.dtype}; give {name}.to({weight.dtype})"
        )


def check_heads(where: str, q: Tensor, k: Tensor, v: Tensor, *, same_time: bool = True, **scalars: Tensor) -> None:
    """ValueError unless q is `(*batch, T, d)`, k `(*batch, T, d)`, v `(*batch, T, m)` and each scalar `(*batch, T)`, all of
    one dtype on one device; with `same_time=False` q may have a time of its own."""
    named = {"q": q, "k": k, "v": v, **scalars}
    fits = (
        min(q.ndim, k.ndim, v.ndim) >= 2
        and q.shape[:-2] == k.shape[:-2]
        and q.shape[-1] == k.shape[-1]
        and (not same_time or q.shape[-2] == k.shape[-2])
        and v.shape[:-1] == k.shape[:-1]
        and all(x.shape == k.shape[:-1] for x in scalars.values())
    )
    if not fits:
        told = ", ".join(f"{name} {tuple(x.shape)}" for name, x in named.items())
        wanted = [f"q (*batch, {'T' if same_time else 'S'}, d)", "k (*batch, T, d)", "v (*batch, T, m)"]
        wanted += [f"{name} (*batch, T)" for name in scalars]
        raise ValueError(f"{where}: the shapes do not fit together: {told}; expected {', '.join(wanted)}")
    for what, kinds in (
        ("dtype", {n: x.dtype for n, x in named.items()}),
        ("device", {n: x.device for n, x in named.items()}),
    ):
        if len(set(kinds.values())) > 1:
            told = ", ".join(f"{name} has {what} {kind}" for name, kind in kinds.items())
            raise ValueError(f"{where}: {told}; convert all to one with .to(k.{what})")


def choose(where: str, name: str, value: str, choices: tuple[str, ...]) -> str:
    """`value`, or ValueError unless it is one of the choices."""
    if value not in choices:
        raise ValueError(f"{where}: {name} = {value!r}; give one of {', '.join(map(repr, choices))}")
    return value
