"""Rotary frequencies rounded to a format: how far a turn is off, in balls."""

from __future__ import annotations

from fractions import Fraction

from empirics.checking import Evidence, check, control, fails, holds
from theory import formats
from theory.deltaformer import margins
from theory.infini_attention import rotary as claims

BASE = 10**4
DISTANCES = [2**k for k in range(12)]


def rounded(frequency: Fraction, fmt: str) -> Fraction:
    return formats.named(fmt).round(frequency)


@check(
    claims.rounded,
    "exhausted",
    given={"d": [32, 64, 128]},
    covers=True,
    scope={"sizes": "d = 32, 64, 128, every pair, m = 1, 2, 4, ..., 2048", "method": "balls"},
)
def turns_within_the_bound(d: int, fmt: str = "fp32", part: Fraction = Fraction(1), base: int = BASE) -> Evidence:
    """Every pair and distance; balls decide each inequality, and the largest share of the bound that is reached is told."""
    reached = 0.0
    with margins.precise():
        unit = margins.ball(Fraction(1, 2**24))
        for c in range(d // 2):
            w = margins.ball(base) ** margins.ball(Fraction(-2 * c, d))
            near = margins.upper(w)  # beyond w by far less than fp32 tells
            off = margins.ball(rounded(near, fmt))
            for m in DISTANCES:
                found = abs((m * off).cos() - (m * w).cos())
                bound = margins.ball(part) * m * w * unit
                if c == 0:
                    if off != 1:
                        return fails(f"d = {d}, pair 0: the frequency is {off}, not 1")
                elif found > bound:
                    return fails(f"d = {d}, pair {c}, distance {m}: off by {found}", bound, found)
                elif not found <= bound:
                    return fails(f"d = {d}, pair {c}, distance {m}: not decided")
                else:
                    reached = max(reached, float((found / (m * w * unit)).mid()))
    return holds(cases=d // 2 * len(DISTANCES), reached=reached)


control(turns_within_the_bound, "bf16", "refuted", fmt="bf16", reason="its roundoff is 2^16 times larger")
control(
    turns_within_the_bound,
    "half-the-bound",
    "refuted",
    part=Fraction(1, 2),
    reason="some frequency is off by nearly half a unit",
)
control(turns_within_the_bound, "fp64", "confirmed", fmt="fp64", reason="2^29 times nearer")
control(turns_within_the_bound, "base-500000", "confirmed", base=500_000, reason="nothing rests on the base")
