"""How many swaps the position coordinate counts in each format: searched, certified, and failed one further."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from constructions.deltaformer.stored_positions import SLOTS, StoredPositions
from empirics.checking import Evidence, Run, check, control, fails, holds
from theory import formats
from theory.deltaformer import stored_positions as claims

TAIL = 4
NARROW, WIDE = ("fp8_e5m2", "fp8_e4m3fn", "bf16"), ("tf32", "fp16", "fp32", "fp64")


@dataclass(frozen=True)
class Case:
    """A format by name, whether positions start at -2^p, and whether the failing program is run whole or its last swaps."""

    fmt: str
    centred: bool = False
    whole: bool = True
    rounded_scores: bool = False

    @property
    def precision(self) -> int:
        precision = formats.named(self.fmt).precision
        assert precision is not None, "Q counts for ever"
        return precision

    def construction(self, make: Any) -> StoredPositions:
        fmt = formats.named(self.fmt)
        start = -(2**self.precision) if self.centred else 0
        return make(fmt, fmt if self.rounded_scores else formats.Q, start, None if self.whole else TAIL)

    def __str__(self) -> str:
        places = f"positions from {'-2^p' if self.centred else '0'}"
        return f"{self.fmt}, {places}{', scores rounded' if self.rounded_scores else ''}"


def storage_law(precision: int, centred: bool) -> int:
    """The last swap ends at position n + 4 S, or 2^p less, which must be at most 2^p."""
    return (2 ** (precision + centred) - SLOTS) // 4


def score_law(precision: int, centred: bool) -> int:
    """13 + 10 S gaps, or 2^p less, are the greatest score; beyond 2^p an even number of swaps still ends without a tie."""
    fits = (2 ** (precision + centred) - 13) // 10
    return fits + fits % 2


class LengthForgotten(StoredPositions):
    """A temperature that would do for no swap, however many there are."""

    def share(self, swaps: int) -> Fraction:
        return self.gap(swaps) * 3


@cache
def _searched(case: Case, make: Any) -> tuple[int, str, int | None]:
    """The certified range, what is wrong with it ('' when nothing is), and the slot read wrong one swap further."""
    made = case.construction(make)
    certified = made.certified_swaps()
    if not made.certified(certified):
        return certified, f"the leak at {certified} swaps is {made.leak(certified):.3g}, which bounds nothing", None
    slot = made.wrong_slot(certified)
    wrong = "" if slot is None else f"{certified} swaps, certified, are read wrong at slot {slot}"
    return certified, wrong, made.wrong_slot(certified + 1)


def _frontier(case: Case, law: Any, make: Any) -> Evidence:
    """Search the certified range, run the worst program at it and one beyond, and compare with the law."""
    claimed = law(case.precision, case.centred)
    certified, wrong, beyond = _searched(case, make)
    if wrong:
        return fails(f"{case}: {wrong}")
    made = case.construction(make)
    if beyond is None:
        failure = made.first_failure(certified + 1)
        return fails(f"{case}: certified to {certified} swaps, first seen to fail at {failure}", certified + 1, failure)
    if claimed != certified:
        ends = made.worst_program(min(certified + 1, 2)).swaps
        told = " ".join(f"({a} {b})" for a, b in ends)
        words = f"{case}: {certified} swaps are read right, {certified + 1}, ending with {told}, are not"
        return fails(words, claimed, certified)
    frontier: dict[str, Any] = {f"frontier {case}": f"{certified}; slot {beyond} wrong at {certified + 1}"}
    return holds(**frontier)


def _cases(rounded: bool) -> Callable[[Run], dict[str, Any]]:
    """All formats, from both starts; programs run whole in the narrow ones."""

    def given(run: Run) -> dict[str, Any]:
        whole = run.pick(NARROW, (*NARROW, "tf32", "fp16"))
        made = [Case(fmt, c, fmt in whole, rounded) for fmt in (*NARROW, *WIDE) for c in (False, True)]
        return {"case": made}

    return given


_SCOPE = {
    "sizes": "n = 4; fp8, bf16, tf32, fp16, fp32, fp64; all S",
    "method": "bisection and a leak bound certify S*; a program of S* + 1 swaps is run and fails",
    "evaluation": "fp8, bf16: the whole program, fp64 beyond 64 tokens; others: its last swaps in balls",
}


@check(
    claims.stored_positions,
    "exhausted",
    given=_cases(rounded=False),
    covers=True,
    scope=_SCOPE,
)
def storage_frontier_is_sharp(case: Case, law: Any = storage_law, make: Any = StoredPositions) -> Evidence:
    """For each format and start: the searched certified range is the law, and one swap more fails on an explicit program."""
    return _frontier(case, law, make)


@check(
    claims.rounded_scores,
    "exhausted",
    given=_cases(rounded=True),
    covers=True,
    scope=_SCOPE,
)
def score_frontier_is_sharp(case: Case, law: Any = score_law, make: Any = StoredPositions) -> Evidence:
    """For each format and start: the searched certified range is the law, and one swap more fails on an explicit program."""
    return _frontier(case, law, make)


for _check, _law in ((storage_frontier_is_sharp, storage_law), (score_frontier_is_sharp, score_law)):
    control(_check, "one-more", "refuted", law=lambda p, c, law=_law: law(p, c) + 1, reason="that program fails")
    control(_check, "one-fewer", "refuted", law=lambda p, c, law=_law: law(p, c) - 1, reason="one more is right")
    control(_check, "one-bit-fewer", "refuted", law=lambda p, c, law=_law: law(p - 1, c), reason="a bit doubles S*")
    control(
        _check, "length-forgotten", "refuted", make=LengthForgotten, reason="a newer key of another slot weighs more"
    )
control(
    storage_frontier_is_sharp,
    "rearranged",
    "confirmed",
    law=lambda p, c: 2 ** (p - 2 + c) - 1,
    symmetry="the same number written out",
)
control(
    score_frontier_is_sharp,
    "by-hand",
    "confirmed",
    law=lambda p, c: 2 * -(-((2 ** (p + c) - 13) // 10) // 2),
    symmetry="the same number written out",
)
control(
    score_frontier_is_sharp,
    "not-made-even",
    "refuted",
    law=lambda p, c: max((2 ** (p + c) - 13) // 10, 0),
    reason="bf16 from -2^p: 50 swaps are right although 13 + 500 exceeds 2^9",
)
