"""The passkey: margins certified, the bound over Q, 2^20 tokens in formats at every depth, and where fp16 ends."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations, product
from typing import Any

import numpy as np

from constructions.infini_attention.accumulating import DTYPES
from constructions.infini_attention.passkey import GRID, LARGEST, Passkey, off_for, off_needed
from constructions.infini_attention.streams import read, written
from constructions.layers.infini_attention.features import ELU_PLUS_ONE
from constructions.layers.infini_attention.memory import Memory, empty, retrieve, update
from empirics.checking import Evidence, Run, check, control, fails, holds
from theory import formats
from theory.inequalities import certificate
from theory.infini_attention import passkey as claims

PLACES = 5
DIGITS = (9, 0, 5, 4, 7)


@check(
    claims.margin,
    "certified",
    given={"power": [10, 20, 30, 40]},
    covers=True,
    scope={"sizes": "F = 2^10, 2^20, 2^30, 2^40, D = 5", "method": "bisection by sixteenths; both ends certified"},
)
def sixteenths_needed(power: int, places: int = PLACES, off: int = 0) -> Evidence:
    """18 (F + D - 1) (2 E + (D - 1) E^2) < 1 at the sixteenth named and not at the one before."""
    end = int(off_needed(2**power, PLACES) * GRID) + off
    if end - off != claims.SIXTEENTHS.get(power, end - off):
        return fails(f"F = 2^{power}: y = {end / GRID}", claims.SIXTEENTHS[power] / GRID, end / GRID)
    made = []
    for k, enough in ((end, True), (end - 1, False)):
        e = ["exp", Fraction(-k, GRID)]
        left = ["*", 18 * (2**power + places - 1), ["+", ["*", 2, e], ["*", places - 1, ["pow", e, 2]]]]
        made.append(certificate(*((left, "<", 1) if enough else (1, "<=", left)), claims.margin.id))
    found: dict[str, Any] = {f"y, F = 2^{power}": end / GRID}
    return holds(certificates=made, **found)


control(sixteenths_needed, "a-sixteenth-less", "refuted", off=-1, reason="a wrong digit is not excluded there")
control(sixteenths_needed, "a-sixteenth-more", "refuted", off=1, reason="not the least")
control(sixteenths_needed, "four-places", "confirmed", places=4, reason="F is what counts")


def _bounded(run: Run) -> dict[str, Any]:
    made = [
        (digits, fillers, e)
        for places in (1, 2, run.pick(3, 5))
        for fillers in (0, 1, 20)
        for e in (Fraction(1, 2), Fraction(1, 1000))
        for digits in product((0, 9), repeat=places)
    ]
    return {"case": made}


@check(
    claims.bound,
    "exhausted",
    given=_bounded,
    scope={"sizes": "D = 1, 2, 3 (full: 5), F = 0, 1, 20, E = 1/2, 1/1000, digits 0 and 9"},
)
def off_by_at_most(
    case: tuple[tuple[int, ...], int, Fraction], part: Fraction = Fraction(1), query: int = 1
) -> Evidence:
    """Reads through the code: the formula, and its bound."""
    digits, fillers, e = case
    d = len(digits)

    def features(role: int) -> tuple[Any, ...]:
        return tuple(Fraction(1) if c == role else e for c in range(d + 1))

    tokens = [(features(s), (v,)) for s, v in enumerate(digits, 1)] + [(features(0), (0,))] * fillers
    memory = written((tuple(tokens),))
    small = (2 * e + (d - 1) * e**2) / (1 + d * e**2)
    for s, v in enumerate(digits, 1):
        found = read(memory, tuple(query * x for x in features(s)))[0] - v
        others = fillers + d - 1
        wanted = small * (sum(digits) - v - others * v) / (1 + others * small)
        if found != wanted or abs(found) > part * LARGEST * others * small:
            return fails(f"digits {digits}, {fillers} fillers, E = {e}: place {s} is off by {found}", wanted, found)
    return holds(cases=d)


control(off_by_at_most, "half-the-bound", "refuted", part=Fraction(1, 2), reason="nearly reached with a small E")
control(off_by_at_most, "query-longer", "confirmed", query=3, symmetry="a query's length cancels")


def features_in(passkey: Passkey, roles: np.ndarray, name: str) -> np.ndarray:
    """ELU + 1 of the pre-activations, (T, D + 1), in the format: exactly 1 and 0."""
    return ELU_PLUS_ONE(passkey.role_map()).astype(DTYPES[name])[roles]


def stored(phi: np.ndarray, values: np.ndarray, segment: int, rule: str) -> Memory:
    """All whole segments of the stream, one after the other, through the layer's memory."""
    memory = empty(rule, (), phi.shape[-1], 1, phi)
    for start in range(0, len(phi), segment):
        memory = update(memory, phi[start : start + segment], values[start : start + segment], rule)
    return memory


def token_by_token(phi: np.ndarray, values: np.ndarray) -> Memory:
    """The linear rule in segments of one token: running sums of the features and of the products, in the format."""
    with np.errstate(over="ignore", invalid="ignore"):
        matrix = np.add.accumulate(phi * values, axis=0)[-1]
        return Memory(matrix[:, None], np.add.accumulate(phi, axis=0)[-1])


def answers(memory: Memory, passkey: Passkey, name: str) -> list[float]:
    """What each place's query reads."""
    with np.errstate(invalid="ignore"):
        queries = features_in(passkey, np.arange(1, passkey.places + 1), name)
        return [float(x) for x in retrieve(memory, queries)[:, 0]]


def _same(found: Sequence[float], digits: Sequence[int], words: str) -> Evidence:
    same = list(found) == list(map(float, digits))
    read_ = ", ".join(f"{x:g}" for x in found)
    return holds(cases=len(digits)) if same else fails(f"{words}: {read_} are read", digits, found)


Stream = tuple[str, str, int, int, int]
"""Format, rule, tokens, segment (1: token by token), depth."""


def _streams(run: Run) -> dict[str, Any]:
    made: list[Stream] = []
    long, narrow = 2**20, run.pick(2**17, 2**20)
    kinds = [
        ("fp32", "linear", long, 2048),
        ("fp32", "delta", long, 2048),
        ("bf16", "linear", narrow, 1),
        ("fp16", "linear", narrow, 1),
    ]
    kinds += run.pick([], [("fp64", "linear", long, 2048), ("fp64", "delta", long, 2048)])
    for name, rule, tokens, segment in kinds:
        last = tokens - PLACES
        steps = run.pick(2, 16)
        made += [(name, rule, tokens, segment, last * k // steps) for k in range(steps + 1)]
    return {"stream": made}


@check(
    claims.in_format,
    "exhausted",
    given=_streams,
    scope=lambda run: {
        "sizes": run.pick(
            "2^20 tokens in fp32, 2^17 in bf16 and fp16, 3 depths", "2^20 tokens, 17 depths, four formats"
        )
    },
    limit=600,
)
def read_exactly(stream: Stream, nearer: int = 1, lost: int = 0, digits: Sequence[int] = DIGITS) -> Evidence:
    """The digits, equal to the last bit, at this depth."""
    name, rule, tokens, segment, depth = stream
    held = formats.named(name)
    passkey = Passkey(PLACES, off_for(held) / nearer)
    roles, values = passkey.roles(tokens, depth, digits)
    roles[depth : depth + lost] = 0
    phi, column = features_in(passkey, roles, name), values[:, None].astype(DTYPES[name])
    memory = token_by_token(phi, column) if segment == 1 else stored(phi, column, segment, rule)
    return _same(answers(memory, passkey, name), digits, f"{name}, {rule}, {tokens} tokens, depth {depth}")


control(
    read_exactly,
    "pre-activation-20-times-nearer",
    "refuted",
    nearer=20,
    reason="a million fillers then weigh on the read",
)
control(read_exactly, "a-place-lost", "refuted", lost=1, reason="its query meets nothing")
control(
    read_exactly, "other-digits", "confirmed", digits=(0, 1, 2, 3, 8), reason="the linear rule does not look at values"
)


@check(
    claims.fp16_limit,
    "exhausted",
    given={"fillers": [2048 * s for s in (1, 2, 30, 31, 32, 33)] + [65519, 65520]},
    scope={"sizes": "1, 2, 30 .. 33 segments of fillers, 65 519 and 65 520 fillers"},
)
def fp16_by_segments(fillers: int, last: int = 65519, fmt: str = "fp16") -> Evidence:
    """Exact up to 65 519 fillers, NaN beyond. z of a segment is summed in fp16, in order, and added; the last may be ragged."""
    passkey = Passkey(PLACES, off_for(formats.named(fmt)))
    roles, values = passkey.roles(PLACES, 0, DIGITS)
    memory = stored(features_in(passkey, roles, fmt), values[:, None].astype(DTYPES[fmt]), PLACES, "linear")
    phi = features_in(passkey, np.zeros(2048, dtype=int), fmt)
    with np.errstate(over="ignore"):
        sums = np.add.accumulate(phi, axis=0)  # of a segment; a segment of one token with such a sum is the same write
        for count in [2048] * (fillers // 2048) + [fillers % 2048] * (fillers % 2048 > 0):
            memory = update(memory, sums[count - 1 : count], np.zeros((1, 1), dtype=DTYPES[fmt]))
    found = answers(memory, passkey, fmt)
    if fillers <= last:
        return _same(found, DIGITS, f"{fmt}, {fillers} fillers")
    if not np.isnan(found).all():
        return fails(f"{fmt}, {fillers} fillers: {found} are read", "NaN", found)
    return holds(cases=PLACES)


control(fp16_by_segments, "a-filler-sooner", "refuted", last=65518, reason="65 519 is rounded to 65 504")
control(fp16_by_segments, "a-filler-later", "refuted", last=65520, reason="a tie of 65 504 and infinity")
control(fp16_by_segments, "fp32", "refuted", fmt="fp32", reason="nothing overflows, so no NaN")


def _pairs(run: Run) -> dict[str, Any]:
    made = []
    for d in range(1, run.pick(4, 5)):
        for order in permutations(range(d)):
            made += [(order, values) for values in (product(range(4), repeat=d) if d < 3 else [tuple(range(d))])]
    return {"pair": made, "name": ["fp32", "bf16", "fp16", "fp8_e4m3fn", "fp8_e5m2"]}


@check(
    claims.recall,
    "exhausted",
    given=_pairs,
    scope=lambda run: {
        "sizes": f"d <= {run.pick(3, 4)}, all orders; values 0 .. 3 in all ways for d <= 2; five formats"
    },
)
def every_pair_recalled(
    pair: tuple[tuple[int, ...], tuple[int, ...]], name: str, again: int = 0, nearer: int = 1
) -> Evidence:
    """Token by token and in one segment, by both rules; `again` pairs are written a second time with another value."""
    order, values = pair
    passkey = Passkey(max(len(order) - 1, 1), off_for(formats.named(name)) / nearer)
    roles = np.array([*order, *order[:again]])
    column = np.array([*(values[i] for i in order), *(3 - values[i] for i in order[:again])], dtype=float)[:, None]
    phi, column = features_in(passkey, roles, name), column.astype(DTYPES[name])
    for rule, segment in product(("linear", "delta"), (1, len(roles))):
        memory = stored(phi, column, segment, rule)
        with np.errstate(invalid="ignore"):
            found = retrieve(memory, features_in(passkey, np.arange(len(order)), name))[:, 0].astype(float).tolist()
        if found != [float(v) for v in values]:
            told = f"{name}, {rule}, segments of {segment}, keys in the order {order}, values {values}"
            return fails(f"{told}: {found} are read", values, found)
    return holds(cases=4)


control(every_pair_recalled, "a-key-again", "refuted", again=1, reason="neither rule keeps the first value then")
control(every_pair_recalled, "pre-activations-nearer", "refuted", nearer=8, reason="others leak in fp32 and bf16")
