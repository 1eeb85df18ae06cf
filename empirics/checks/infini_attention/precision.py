"""z over a long stream: frontiers searched by running, one token more and less; errors at 2^20 tokens beside their bounds."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from constructions.infini_attention.accumulating import running, segmented, token_wise
from empirics.checking import Evidence, Run, check, control, fails, holds
from theory import formats
from theory.infini_attention import precision as claims
from theory.summation import Order, blocked, sum_bound

MILLION = 2**20
SEGMENT = 2048
TIME = Order("time")


def _stall_cases(run: Run) -> dict[str, Any]:
    names = ("fp8_e5m2", "fp8_e4m3fn", "bf16", "fp16", "fp32")
    made = []
    for name in names:
        held = formats.named(name)
        assert held.precision is not None
        made += [(name, 2**k) for k in range(6) if not held.overflows(2 ** (held.precision + k))]
    return {"case": made}


@check(
    claims.stalls,
    "exhausted",
    given=_stall_cases,
    covers=True,
    scope=lambda run: {
        "sizes": "all five formats, k = 0 .. 5 where finite",
        "method": run.pick("fp32 run from 4096 segments before, integers being exact so far", "all run from 0"),
    },
)
def exact_then_still(case: tuple[str, int], early: int = 0, feature: float = 1.0, run: Run = Run()) -> Evidence:
    """The first segment that leaves z as it was, found by running; before it z is exact, after it nothing moves."""
    name, segment = case
    held = formats.named(name)
    limit = 2 ** (held.precision or 0) - early
    skipped = max(0, limit - 4096) if run.budget == "quick" else 0
    start = segment * feature * skipped
    terms = np.full(limit - skipped + 4096, segment * feature)
    sums = running(terms, float(start), name).astype(np.float64)
    exact = start + np.cumsum(terms)
    moved = np.flatnonzero(np.diff(np.concatenate([[start], sums])) == 0)
    first = skipped + int(moved[0]) if len(moved) else -1
    if first != limit:
        return fails(
            f"{name}, segments of {segment}: segment {first + 1} is the first to leave z", limit + 1, first + 1
        )
    if (sums[: limit - skipped] != exact[: limit - skipped]).any() or (
        sums[limit - skipped :] != segment * feature * limit
    ).any():
        return fails(f"{name}, segments of {segment}: z is not exact before, or moves after")
    return holds(cases=len(terms))


control(exact_then_still, "one-segment-sooner", "refuted", early=1, reason="2^p - 1 + 1 is exact")
control(exact_then_still, "three-halves", "refuted", feature=1.5, reason="not a tie: it is rounded up to 2 a while")
control(exact_then_still, "features-of-a-half", "confirmed", feature=0.5, reason="the same by a power of two")


@check(
    claims.overflows,
    "exhausted",
    given={"segment": [2**k for k in range(12)]},
    covers=True,
    scope={"sizes": "n = 1, 2, 4, ..., 2048, all tokens to 2^17"},
)
def overflows_or_stalls(segment: int, least: int = 32, token: int = 65536, fmt: str = "fp16") -> Evidence:
    """The first token at which z is infinite, by running; or the number at which it stalls."""
    sums = running(np.full(2 * 65536 // segment, float(segment)), 0.0, fmt).astype(np.float64)
    infinite = np.flatnonzero(~np.isfinite(sums))
    found = (int(infinite[0]) + 1) * segment if len(infinite) else None
    wanted = token if segment >= least else None
    if found != wanted:
        return fails(f"{fmt}, segments of {segment}: infinite from token {found} on", wanted, found)
    if found is None and not (sums[2048:] == 2048 * segment).all():
        return fails(f"{fmt}, segments of {segment}: z ends at {sums[-1]}", 2048 * segment, sums[-1])
    return holds(cases=len(sums))


control(overflows_or_stalls, "from-16-on", "refuted", least=16, reason="with 16 it stalls at 32 768")
control(overflows_or_stalls, "from-64-on", "refuted", least=64, reason="with 32 it reaches 65 536")
control(overflows_or_stalls, "a-token-sooner", "refuted", token=65535, reason="65 504 is finite")
control(overflows_or_stalls, "bf16", "refuted", fmt="bf16", reason="its greatest number is 3 * 10^38")


def worst_stream(name: str, tokens: int = MILLION) -> np.ndarray:
    """1 and then u, u, ...: sigma of 0 and of log u."""
    terms = np.full(tokens, float(formats.named(name).unit_roundoff))
    terms[0] = 1
    return terms


@check(
    claims.worst,
    "exhausted",
    given={"name": ["fp32", "bf16", "fp16"]},
    covers=True,
    scope={"sizes": "2^20 tokens, three formats"},
)
def near_the_bound(
    name: str, stream: Callable[[str], np.ndarray] = worst_stream, least: float = 0.94, segment: int = SEGMENT
) -> Evidence:
    """Observed error over bound; and in fp32 the segments' error."""
    held = formats.named(name)
    terms = stream(name)
    exact = math.fsum(terms)
    error = abs(token_wise(terms, name) - exact)
    bound = float(sum_bound(held, len(terms), TIME)) * exact
    ratio = error / bound
    if not least <= ratio <= 1:
        return fails(f"{name}: the error is {ratio:.4f} of the bound", f"{least} to 1", f"{ratio:.6f}")
    found: dict[str, Any] = {f"error / bound, {name}": round(ratio, 4)}
    if name == "fp32":
        by_segments = abs(segmented(terms, segment, name) - exact)
        if by_segments > float((SEGMENT - 1) * held.unit_roundoff) or 512 * by_segments > error:
            return fails(f"fp32, segments of {segment}: the error is {by_segments:.3g}, token-wise {error:.3g}")
    return holds(cases=len(terms), **found)


control(
    near_the_bound,
    "twice-u",
    "refuted",
    stream=lambda name: np.where(worst_stream(name) == 1, 1.0, 2 * worst_stream(name)),
    reason="2 u is an ulp of 1 and is added exactly",
)
control(near_the_bound, "segments-of-one", "refuted", segment=1, reason="that is token by token")
control(near_the_bound, "segments-of-1024", "confirmed", segment=1024, reason="less is lost in the first segment")


@lru_cache(maxsize=1)
def features(seed: int) -> np.ndarray:
    """ELU + 1 of 2^20 standard normal numbers, in fp64."""
    x = np.random.default_rng(seed).standard_normal(MILLION)
    return np.exp(np.minimum(x, 0)) + np.maximum(x, 0)


@lru_cache(maxsize=4)
def rounded(name: str, seed: int, scale: float) -> tuple[np.ndarray, float]:
    """The features in the format, and their exact sum."""
    terms = formats.named(name).round_array(scale * features(seed))
    return terms, math.fsum(terms)


Range = tuple[float, float]
WITHIN: dict[tuple[str, bool], Range] = {
    ("fp32", False): (1e-6, 1e-3),
    ("fp32", True): (0.0, 1e-5),
    ("bf16", False): (0.95, 1.0),
    ("fp16", False): (0.95, 1.0),
    ("bf16", True): (1 / 3, 1.0),
    ("fp16", True): (math.inf, math.inf),
}
"""The relative errors that the claim states, token by token and by segments."""


def _draws(run: Run) -> dict[str, Any]:
    seeds = [run.seed + i for i in range(run.pick(1, 3))]
    return {"case": [(name, wise, seed) for name, wise in WITHIN for seed in seeds]}


@check(
    claims.random_keys,
    "tested",
    given=_draws,
    scope=lambda run: {"sizes": f"2^20 tokens, one channel, {run.pick('one draw', 'three draws')}"},
)
def error_after_a_million(
    case: tuple[str, bool, int], within: dict[tuple[str, bool], Range] = WITHIN, scale: float = 1.0
) -> Evidence:
    """The relative error against the exact sum of the rounded features, in the range stated and within the bound of its order."""
    name, by_segments, seed = case
    held = formats.named(name)
    terms, exact = rounded(name, seed, scale)
    found = segmented(terms, SEGMENT, name) if by_segments else token_wise(terms, name)
    error = abs(found - exact) / exact
    low, high = within[name, by_segments]
    told = f"{name}, {f'segments of {SEGMENT}' if by_segments else 'token by token'}"
    if not low <= error <= high:
        return fails(f"{told}, seed {seed}: wrong by {error:.3g}", f"{low} to {high}", f"{error:.6g}")
    said: dict[str, Any] = {f"error, {told}": f"{error:.2g}"}
    if math.isfinite(found):
        bound = float(sum_bound(held, len(terms), blocked(SEGMENT) if by_segments else TIME))
        if error > bound:
            return fails(f"{told}: wrong by {error:.3g}, more than the bound {bound:.3g}", bound, error)
        said[f"error / bound, {told}"] = f"{error / bound:.2g}"
    return holds(cases=len(terms), **said)


control(
    error_after_a_million,
    "ten-times-less",
    "refuted",
    within={**WITHIN, ("fp32", False): (0.0, 1e-6)},
    reason="a random walk of a million steps",
)
control(
    error_after_a_million,
    "fp16-finite",
    "refuted",
    within={**WITHIN, ("fp16", True): (0.0, 1.0)},
    reason="the sum is above 10^6",
)
control(
    error_after_a_million, "twice-the-features", "confirmed", scale=2.0, reason="a power of two changes no rounding"
)
