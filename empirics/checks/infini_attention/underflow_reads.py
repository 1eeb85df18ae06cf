"""What is read where features underflow: as printed, with queries scaled, from means; and keys that are recalled exactly for it."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from constructions.infini_attention.accumulating import DTYPES
from constructions.infini_attention.frontiers import SIGMA_LOST
from constructions.layers.infini_attention.access import Access
from constructions.layers.infini_attention.features import ELU_PLUS_ONE, Features
from constructions.layers.infini_attention.memory import empty, retrieve, update
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.infini_attention.underflow import elu_plus_one
from theory import formats
from theory.formats import Format
from theory.infini_attention import underflow as claims

TORCH_ELU = Features("elu(x) + 1", elu_plus_one)
Reader = Callable[[float, int, str], float]


def printed(x: float, channels: int, dtype: str) -> float:
    """phi(q) M / (phi(q) z) as it stands, after one key of pre-activation 0 and value 3."""
    return _read(Access(features=TORCH_ELU, nothing="undefined"), 0.0, x, channels, dtype)


def scaled(x: float, channels: int, dtype: str) -> float:
    """The same by the layer's own access."""
    return _read(Access(), 0.0, x, channels, dtype)


def _read(access: Access, key: float, query: float, channels: int, dtype: str) -> float:
    import torch

    k, q = (torch.full((1, channels), x, dtype=getattr(torch, dtype)) for x in (key, query))
    memory = access.write(access.empty((), channels, 1, k), k, torch.full_like(k[:, :1], 3.0))
    return float(access.read(memory, q)[0, 0])


QUERIES = [-float(2**k) for k in range(21)]


def _is_read(found: float, wanted: float, words: str, dtype: str) -> Evidence:
    """Equal but for four roundings, of two products with the value, one without, and the quotient: 5 u."""
    unit = float(formats.named({"float32": "fp32", "float64": "fp64"}[dtype]).unit_roundoff)
    if abs(found - wanted) <= 5 * unit * wanted:
        return holds()
    return fails(f"{words}: {found} is read", wanted, found)


@check(claims.printed_read, "exhausted", given={"x": QUERIES}, scope={"sizes": "queries -1, -2, -4, ..., -2^20"})
def every_query_reads(x: float, reader: Reader = printed, dtype: str = "float32", channels: int = 1) -> Evidence:
    """A finite number is read."""
    found = reader(x, channels, dtype)
    if math.isfinite(found):
        return holds()
    return fails(f"query {x:g} in a memory of one key, {dtype}: {found} is read", "a finite number", found)


control(every_query_reads, "scaled", "confirmed", reader=scaled, reason="the feature is divided by itself")
control(
    every_query_reads,
    "above-the-frontier",
    "confirmed",
    reader=lambda x, channels, dtype: printed(max(x, -16.0), channels, dtype),
    reason="features of 2^-24 and more are left",
)


@check(
    claims.scaled_read,
    "exhausted",
    given={"x": QUERIES, "channels": [1, 2], "dtype": ["float32", "float64"]},
    scope={"sizes": "queries -1, -2, -4, ..., -2^20, one and two channels"},
)
def every_scaled_query_reads(x: float, channels: int, dtype: str, reader: Reader = scaled) -> Evidence:
    """What is read is the only value stored."""
    return _is_read(reader(x, channels, dtype), 3.0, f"query {x:g}, {channels} channels, {dtype}", dtype)


control(every_scaled_query_reads, "printed", "refuted", reader=printed, reason="0 / 0")
control(
    every_scaled_query_reads,
    "exp-without-scaling",
    "refuted",
    reader=lambda x, channels, dtype: _read(
        Access(features=Features("exp", ELU_PLUS_ONE.of), nothing="undefined"), 0.0, x, channels, dtype
    ),
    reason="the same at -104 or -745",
)
control(
    every_scaled_query_reads,
    "means",
    "confirmed",
    reader=lambda x, channels, dtype: _read(Access(kept="means"), 0.0, x, channels, dtype),
    reason="no feature is formed at all",
)


@check(
    claims.means,
    "exhausted",
    given={"key": [0.0, *QUERIES, 1e38], "query": [0.0, -1000.0]},
    scope={"sizes": "23 pre-activations of one key, two queries"},
)
def every_key_is_stored(key: float, query: float, access: Access = Access(kept="means")) -> Evidence:
    """What is read is the only value stored."""
    return _is_read(_read(access, key, query, 1, "float32"), 3.0, f"key {key:g}, query {query:g}", "float32")


control(every_key_is_stored, "sums", "refuted", access=Access(), reason="e^-128 is 0 in fp32")
control(
    every_key_is_stored,
    "means-by-delta",
    "confirmed",
    access=Access("delta", "means"),
    reason="an empty memory reads 0",
)


def sigma(held: Format, x: Fraction) -> float:
    """ELU + 1 of one of the frontier's sides or 0, correctly rounded: 1, 0, or the least number of the format."""
    if x == 0:
        return 1.0
    return 0.0 if x <= SIGMA_LOST.sides(held)[0] else float(held.min_subnormal)


@check(
    claims.exact_recall,
    "exhausted",
    given={"name": ["fp8_e4m3fn", "fp8_e5m2", "fp16", "bf16"]},
    covers=True,
    scope={"sizes": "four formats, d = 3; unit vectors and three random rows as values"},
)
def recalled_from_there(name: str, shift: int = 0, channels: int = 3) -> Evidence:
    """Below the frontier every value is read as it is; above it, 0 stored beside 1 is not."""
    held = formats.named(name)
    dtype = DTYPES[name]
    draw = held.round_array(np.random.default_rng(0).uniform(-4, 4, (channels, 3)))
    values = np.concatenate([np.eye(channels), draw], axis=1).astype(dtype)
    for y, wanted in zip(SIGMA_LOST.sides(held), (True, False), strict=True):
        side = sigma(held, y + shift * (SIGMA_LOST.sides(held)[1] - SIGMA_LOST.sides(held)[0]))
        phi = np.where(np.eye(channels, dtype=bool), sigma(held, Fraction(0)), side).astype(dtype)
        memory = update(empty("linear", (), channels, values.shape[1], values), phi, values)
        exact = bool((retrieve(memory, phi) == values).all())
        if exact != wanted:
            return fails(f"{name}: pre-activations {float(y):.9g}: recalled exactly: {exact}", wanted, exact)
    return holds(cases=2)


control(recalled_from_there, "one-number-later", "refuted", shift=1, reason="the least number leaks")
control(recalled_from_there, "one-number-sooner", "refuted", shift=-1, reason="both are 0")
control(recalled_from_there, "five-channels", "confirmed", channels=5, reason="the same with more of them")
