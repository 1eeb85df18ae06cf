"""ELU + 1 at its ends: frontiers certified, torch's own found by running, what is read beyond them in each form."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from constructions.infini_attention.accumulating import DTYPES
from constructions.infini_attention.frontiers import ELU_LOST, SIGMA_LOST, Frontier
from constructions.layers.infini_attention.access import Access
from constructions.layers.infini_attention.features import ELU_PLUS_ONE, Features
from constructions.layers.infini_attention.memory import empty, retrieve, update
from empirics.checking import Check, Evidence, check, control, fails, holds
from theory import formats
from theory.claim import Claim
from theory.formats import UNDERFLOWS, Format, Underflow
from theory.inequalities import certificate
from theory.infini_attention import underflow as claims

ROUNDED = tuple(f.name for f in formats.FORMATS.values() if not f.exact)


def _certified(claim: Claim, frontier: Frontier, cases: list[tuple[str, Underflow]]) -> Check:
    def zero_from_there(
        case: tuple[str, Underflow], frontier: Frontier = frontier, shift: int = 0, flushed: bool = True
    ) -> Evidence:
        """The last number of the format below the frontier and the next one, above it: two certificates for each format."""
        fmt, underflow = case
        held = formats.named(fmt)
        below, above = frontier.sides(held, underflow if flushed else "gradual")
        gap = above - below
        below, above = below + shift * gap, above + shift * gap
        if not (held.holds(below) and held.holds(above) and held.round((below + above) / 2) in (below, above)):
            return fails(f"{fmt}: {float(below)} and {float(above)} are no neighbours of the format")
        bound = original.expression(held, underflow)
        made = certificate(below, "<", bound, claim.id), certificate(bound, "<", above, claim.id)
        found: dict[str, Any] = {f"0 up to, {fmt}{', flushed' if underflow == 'flush' else ''}": float(below)}
        return holds(certificates=made, **found)

    original = frontier
    scope = {"sizes": f"{len(ROUNDED)} formats", "method": "monotone; both ends certified"}
    return check(claim, "certified", given={"case": cases}, covers=True, scope=scope)(zero_from_there)


_GRADUAL: list[tuple[str, Underflow]] = [(fmt, "gradual") for fmt in ROUNDED]
once = _certified(claims.rounded_once, SIGMA_LOST, [(fmt, u) for fmt in ROUNDED for u in UNDERFLOWS])
twice = _certified(claims.rounded_twice, ELU_LOST, _GRADUAL)

for _check, _other in ((once, ELU_LOST), (twice, SIGMA_LOST)):
    control(_check, "one-number-later", "refuted", shift=1, reason="there the result is not 0")
    control(_check, "one-number-sooner", "refuted", shift=-1, reason="the next number gives 0 as well")
    control(_check, "the-other-frontier", "refuted", frontier=_other, reason="they differ in every format but fp16's")
control(once, "flush-forgotten", "refuted", flushed=False, reason="flushed, it is 0 sooner")
control(
    twice,
    "in-another-base",
    "confirmed",
    frontier=Frontier("log of 2^-(p+1)", lambda _: 1, lambda f, _: Fraction(1, 2 ** ((f.precision or 0) + 1))),
    symmetry="-(p + 1) log 2 = log 2^-(p+1)",
)


def around_the_frontier(held: Format) -> np.ndarray:
    """Numbers of the format, ascending, from -(p + 3) log 2 to -(p - 2) log 2, 1/64 apart before rounding."""
    p = held.precision or 0
    return np.unique(held.round_array(np.arange(-(p + 3) * np.log(2), -(p - 2) * np.log(2), 1 / 64)))


def _zeros(x: np.ndarray, name: str, function: Callable[[Any], Any], one_by_one: bool) -> np.ndarray:
    """Where the function of tensors gives 0."""
    import torch

    dtype = {"fp64": torch.float64, "fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[name]
    held = torch.from_numpy(x).to(dtype)
    made = torch.stack([function(each[None])[0] for each in held]) if one_by_one else function(held)
    return (made == 0).numpy()


def elu_plus_one(x: Any) -> Any:
    import torch

    return torch.nn.functional.elu(x) + 1


@check(
    claims.torch_elu,
    "exhausted",
    given={"name": ["fp64", "fp32", "bf16", "fp16"], "one_by_one": [True, False]},
    covers=True,
    scope={"sizes": "numbers 1/64 apart, as this machine computes them"},
)
def frontier_of_torch(
    name: str, one_by_one: bool, function: Callable[[Any], Any] = elu_plus_one, later: int = 0
) -> Evidence:
    """0 at all numbers below the lower limit, at none above the upper one; where it ends is told."""
    held = formats.named(name)
    x = around_the_frontier(held)
    zero = _zeros(x, name, function, one_by_one)
    way = "one by one" if one_by_one else "together"
    powers = (-(held.precision or 0) - 1 - later, -(held.precision or 0))
    ends = [Frontier("a power of 2", lambda _, n=n: n, lambda _, __: Fraction(2)).sides(held) for n in powers]
    low, high = (float(below + k * (above - below)) for (below, above), k in zip(ends, (-2, 3), strict=True))
    if not zero[x <= low].all():
        return fails(f"{name}, {way}: not 0 at {x[(x <= low) & ~zero][0]:.9g}", 0)
    if zero[x >= high].any():
        return fails(f"{name}, {way}: 0 at {x[(x >= high) & zero][-1]:.9g}", "not 0")
    found: dict[str, Any] = {f"0 up to about, {name}, {way}": f"{x[zero][-1]:.6g}"}
    return holds(cases=len(x), **found)


control(frontier_of_torch, "without-loss", "refuted", function=ELU_PLUS_ONE.of, reason="exp(min(x, 0)) is not 0 there")
control(
    frontier_of_torch,
    "twice-as-far",
    "refuted",
    function=lambda x: elu_plus_one(2 * x),
    reason="0 from half of the limit on",
)
control(frontier_of_torch, "a-log-2-lower", "confirmed", later=1, reason="a weaker lower limit")

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


def _is_read(found: float, wanted: float, words: str) -> Evidence:
    return holds() if found == wanted else fails(f"{words}: {found} is read", wanted, found)


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
    return _is_read(reader(x, channels, dtype), 3.0, f"query {x:g}, {channels} channels, {dtype}")


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
    return _is_read(_read(access, key, query, 1, "float32"), 3.0, f"key {key:g}, query {query:g}")


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
