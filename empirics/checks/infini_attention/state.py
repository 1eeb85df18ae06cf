"""Numbers kept by the layer, the printed table's arithmetic, and the work of one segment more."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any

from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.cost.counted import at, counted
from empirics.checks.cost.counted import numbers as numbers_counted
from theory.cost import infini_attention as layers
from theory.infini_attention import state as claims

Sizes = tuple[int, int, int, int, int]
"""Tokens, groups, d_k, d_v, segment."""


def _sizes(run: Run) -> dict[str, Any]:
    heads = ((1, 1, 1), (2, 4, 3), *run.pick((), ((2, 1, 3), (1, 4, 1))))
    made = [(n * c + rest, *of, c) for n, c, rest, of in product((0, 1, 4), (1, 3), (0, 1), heads) if n * c + rest]
    return {"sizes": made}


@check(
    claims.numbers,
    "tested",
    given=_sizes,
    scope={"sizes": "to 13 tokens, segments of 1 and 3; 1 and 2 groups, d_k 1 and 4, d_v 1 and 3"},
)
def numbers_kept(sizes: Sizes, rule: str = "linear", held: int = 1, with_z: int = 1) -> Evidence:
    """The numbers in the state, part by part, after that many tokens."""
    import torch

    from constructions.layers.infini_attention.module import InfiniAttention

    tokens, groups, d, m, segment = sizes
    layer = InfiniAttention(2, groups, segment=segment, head_dim=d, value_dim=m, rule=rule)
    with torch.no_grad():
        _, state = layer.resume(torch.zeros(1, held * tokens, 2))
    memory = sum(x.numel() for x in (state.matrix, state.normaliser) if x is not None)
    wanted = groups * (d * m + with_z * d)
    told = f"{tokens} tokens, {groups} groups, d_k = {d}, d_v = {m}, segments of {segment}"
    if memory != wanted:
        return fails(f"{told}: {memory} numbers in the memory", wanted, memory)
    beside = sum(x.numel() for x in state) - memory
    if beside > segment * groups * (d + m) + 1:
        return fails(f"{told}: {beside} numbers beside the memory", segment * groups * (d + m) + 1, beside)
    return holds()


control(numbers_kept, "without-z", "refuted", with_z=0, reason="z has d_k numbers")
control(numbers_kept, "delta", "confirmed", rule="delta", reason="the same M and z")
control(numbers_kept, "twice-the-tokens", "confirmed", held=2, reason="the length does not enter")

COUNT = 12 * 8 * (128 * 128 + 128)
MILLION = 10**6


@check(claims.table, "exhausted", scope={"sizes": "one number"}, covers=True)
def printed_size(heads: int = 8, keys: int = 128, z: int = 1) -> Evidence:
    """12 heads (d_k d_v + d_k), and its tenths of a million."""
    found = 12 * heads * (keys * 128 + z * keys)
    if found != COUNT or round(Fraction(found, MILLION) * 10) != 16:
        return fails(f"{heads} heads, d_k = {keys}: {found} numbers", COUNT, found)
    return holds()


control(printed_size, "without-z", "refuted", z=0, reason="1 572 864 rounds to 1.6 too, and is another number")
control(printed_size, "one-head", "refuted", heads=1, reason="an eighth")
control(
    printed_size,
    "half-the-heads-twice-the-keys",
    "confirmed",
    heads=4,
    keys=256,
    symmetry="d_v 128: heads d_k (d_v + 1)",
)

BOUNDS = (Fraction(182_500_000), Fraction(183_500_000))


@check(claims.ratio, "exhausted", scope={"sizes": "every m that rounds to 183 million"}, covers=True)
def ratio_of_counts(count: int = COUNT, printed: int = 114, most: Fraction = BOUNDS[1]) -> Evidence:
    """The quotient is monotone, so its two ends stand for all."""
    low, high = round(BOUNDS[0] / count), round(most / count)
    if not low <= printed <= high:
        return fails(
            f"from {float(BOUNDS[0] / count):.2f} to {float(most / count):.2f} times {count} numbers", printed, low
        )
    return holds()


control(ratio_of_counts, "rounded-count", "confirmed", count=16 * MILLION // 10, reason="183 / 1.6 = 114.4")
control(ratio_of_counts, "115", "confirmed", printed=115, reason="115.13 to 115.76 times")


@check(claims.rounded_ratio, "exhausted", scope={"sizes": "every m that rounds to 183 million"}, covers=True)
def ratio_of_rounded(printed: Fraction = Fraction(183) / Fraction(16, 10), count: int = COUNT) -> Evidence:
    """The printed quotient, and both ends of the exact one."""
    ends = [round(x / count) for x in BOUNDS]
    if round(printed) != 114 or not 115 <= ends[0] <= ends[1] <= 116:
        return fails(f"printed {float(printed):.1f}, exact {ends[0]} to {ends[1]} times")
    return holds()


control(ratio_of_rounded, "one-more-place", "refuted", printed=Fraction(183) / Fraction(159, 100), reason="115.1")
control(ratio_of_rounded, "of-rounded-count", "refuted", count=16 * MILLION // 10, reason="114 to 115")
control(ratio_of_rounded, "in-thousands", "confirmed", printed=Fraction(183_000, 1_600), symmetry="the unit cancels")

SEGMENT_WORK = "12*C*d**2 + C**2*(4*d + 9) + 21*C*d + 3*C + d**2 + d + 9"


@cache
def work_of(layer: str, tokens: int, d: int, segment: int) -> int:
    """The layer's work, counted once."""
    return numbers_counted(counted(layer, {"N": tokens, "d": d, "C": segment}))["work"]


@check(
    claims.work,
    "tested",
    given=lambda run: {"sizes": [(1, 2), (3, 2), *run.pick([], [(2, 1), (5, 4)])]},
    scope={"sizes": "C = 1, 3, d = 2 (full: C = 2, d = 1; C = 5, d = 4): s = 1 .. 3 counted, to 2^20 by the formula"},
)
def a_segment_more(
    sizes: tuple[int, int], work: str = SEGMENT_WORK, layer: str = "infini_attention_linear", s: int = 1
) -> Evidence:
    """Differences of counts of the layer between neighbouring numbers of segments, and of its formula far out."""
    c, d = sizes
    wanted = at(work, {"C": c, "d": d})
    formula = getattr(layers, layer).costs.work
    for turn in (*range(s, 3), 2**10, 2**20):
        if turn < 4:
            before, after = (work_of(layer, n * c, d, c) for n in (turn, turn + 1))
        else:
            before, after = (at(formula, {"N": n * c, "d": d, "C": c}) for n in (turn, turn + 1))
        if after - before != wanted:
            return fails(f"C = {c}, d = {d}: segment {turn + 1} costs {after - before}", wanted, after - before)
    return holds(cases=4)


control(
    a_segment_more,
    "write-forgotten",
    "refuted",
    work="10*C*d**2 + C**2*(4*d + 9) + 16*C*d + 3*C + 8",
    reason="2 C d^2 and more",
)
control(a_segment_more, "delta", "refuted", layer="infini_attention_delta", reason="it reads before it writes")
control(
    a_segment_more,
    "delta-as-counted",
    "confirmed",
    layer="infini_attention_delta",
    work="14*C*d**2 + C**2*(4*d + 9) + 26*C*d + 5*C + d**2 + d + 11",
    reason="2 C d^2 + 5 C d + 2 C + 2 more, whatever s is",
)
