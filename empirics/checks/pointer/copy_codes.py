"""Codes that copy further than the quadratic one: centred, digits, signs, numbers of the format, residues."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from constructions.pointer.copy_arithmetic import Arithmetic, toy
from constructions.pointer.copy_codes import Code, Digits, Parabola, Residues, Signs
from constructions.pointer.copy_frontier import best_centre, frontier, wrong_position
from constructions.pointer.copy_number_codes import Floats
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.pointer.copy import NARROW, WIDE, arithmetics, compare
from empirics.checks.pointer.copy_edits import HalfQuery, Mirrored
from theory import formats
from theory.pointer import copy_codes as claims
from theory.pointer import copy_laws as laws

PLACE = Parabola(squares_first=True)


def _beside_the_law(arithmetic: Arithmetic, law: Callable[[int, str, str], int], code: Parabola) -> Evidence:
    _, found = best_centre(code, arithmetic, 1)
    return compare(arithmetic, 1, found, 1 + law(arithmetic.precision, arithmetic.path, arithmetic.tie))


@check(
    claims.centred,
    "exhausted",
    given={"arithmetic": arithmetics(NARROW, range(3, 8))},
    scope={"sizes": "fp8, bf16, fp16; precisions 3..7; D = 1", "method": "the best centre, searched"},
)
def centre_doubles(
    arithmetic: Arithmetic, law: Callable[[int, str, str], int] = laws.centred, code: Parabola = PLACE
) -> Evidence:
    """The largest frontier over all centres is 1 + F + L, less 1 with ties to the last index."""
    return _beside_the_law(arithmetic, law, code)


@check(
    claims.centred,
    "tested",
    given={"arithmetic": arithmetics(WIDE)},
    scope={
        "sizes": "fp32, fp64; D = 1",
        "method": "the best of the centres near, against the keys that a written bound leaves",
    },
)
def centre_doubles_in_wide_formats(
    arithmetic: Arithmetic, law: Callable[[int, str, str], int] = laws.centred, code: Parabola = PLACE
) -> Evidence:
    """The same where the rows are too many to run each against all keys."""
    return _beside_the_law(arithmetic, law, code)


for _check in (centre_doubles, centre_doubles_in_wide_formats):
    for _name, _law, _reason in (
        ("not-centred", laws.parabola, "half as many"),
        ("one-more", lambda p, path, tie: laws.centred(p, path, tie) + 1, "row N fails at the best centre"),
        (
            "twice-the-count",
            lambda p, path, tie: 2 * laws.parabola(p, path, tie),
            "the other side has the other tie rule",
        ),
        ("one-bit-fewer", lambda p, path, tie: laws.centred(p - 1, path, tie), "a bit is a factor of 1.4"),
    ):
        control(_check, _name, "refuted", law=_law, reason=_reason)
    control(_check, "half-query", "refuted", code=HalfQuery(squares_first=True), reason="points half as far")
    control(_check, "mirrored", "confirmed", code=Mirrored(squares_first=True), symmetry="both places negated")


def _exact(code: Code, arithmetic: Arithmetic) -> Evidence:
    """Whether every position's query, against every key, finds it."""
    if (wrong := wrong_position(code, arithmetic)) is None:
        return holds(cases=code.positions or 0)
    m, found = wrong
    where = "nowhere, a score being NaN" if found < 0 else f"at {found}"
    return fails(f"{arithmetic}, {code.positions} positions: the query for {m} points {where}", m, found)


def _digit_cases(run: Run) -> list[Arithmetic]:
    return arithmetics(("fp8_e5m2", "fp8_e4m3fn", "bf16", *run.pick((), ("fp16",))), range(3, 8))


@check(
    claims.digits,
    "exhausted",
    given=lambda run: {"arithmetic": _digit_cases(run)},
    covers=True,
    scope=lambda run: {"sizes": f"fp8, bf16{run.pick('', ', fp16')}, precisions 3..7; all D"},
)
def digits_are_exact(arithmetic: Arithmetic, bounds: Callable[[int], tuple[int, int]] = laws.digits) -> Evidence:
    """Every one of the (2A+1)(2B+1) positions against every key."""
    return _exact(Digits(*bounds(arithmetic.precision)), arithmetic)


control(digits_are_exact, "one-bit-fewer", "confirmed", bounds=lambda p: laws.digits(p - 1), reason="smaller digits")
control(digits_are_exact, "one-bit-more", "refuted", bounds=lambda p: laws.digits(p + 1), reason="squares are rounded")
control(
    digits_are_exact,
    "two-bits-more",
    "refuted",
    bounds=lambda p: laws.digits(p + 2),
    reason="squares are rounded by 2 and more",
)


@check(
    claims.signs,
    "exhausted",
    given=lambda run: {
        "fmt": [toy(2), *map(formats.named, ("fp8_e5m2", "fp8_e4m3fn", "bf16", *run.pick((), ("fp16",))))]
    },
    covers=True,
    scope=lambda run: {
        "sizes": f"fp8, bf16{run.pick('', ', fp16')}, precision 2; all D",
        "method": "one sign that differs",
    },
)
def signs_are_exact(fmt: formats.Format, law: Callable[[int], int] = laws.signs, differ: int = 1) -> Evidence:
    """With d signs no pattern of one difference has the score of none; with d + 1 one has, for an older and a newer key."""
    assert fmt.precision is not None, "Q has no frontier"
    claimed = law(fmt.precision)
    arithmetic = Arithmetic(fmt, "separate", "first")
    for d, exact in ((claimed, True), (claimed + 1, False)):
        keys = np.where(np.eye(d, dtype=bool)[::differ], -1, 1)
        scores = arithmetic.scores(
            np.ones((1, d), dtype=np.int64), np.concatenate([np.ones((1, d), dtype=np.int64), keys])
        )
        alike = np.flatnonzero(scores[1:] >= scores[0])
        if exact and alike.size:
            words = f"{fmt.name}, {d} signs: keys that differ in sign {int(alike[0])} score {scores[0]:g} like the wanted one"
            return fails(words, d - 2, scores[0])
        if not exact and not alike.size:
            return fails(f"{fmt.name}: {d} signs are exact still", claimed, d)
    return holds(cases=2 * claimed + 1)


control(signs_are_exact, "one-more", "refuted", law=lambda p: 2**p + 2, reason="the first sign is lost")
control(signs_are_exact, "one-fewer", "refuted", law=lambda p: 2**p, reason="2^p + 1 signs are exact still")
control(signs_are_exact, "one-bit-fewer", "refuted", law=lambda p: 2 ** (p - 1) + 1, reason="exact still")
control(signs_are_exact, "by-hand", "confirmed", law=lambda p: 1 + sum(2**b for b in range(p)) + 1, symmetry="2^p + 1")


@check(
    claims.signs,
    "exhausted",
    given=lambda run: {"arithmetic": arithmetics(("fp8_e5m2",), (2, 3), ("separate",))},
    scope={"sizes": "2^d positions, all pairs, in E5M2 and precisions 2 and 3"},
)
def every_pattern(arithmetic: Arithmetic, spare: int = 0) -> Evidence:
    """All 2^d positions for d = 2^p + 1, every query against every key."""
    return _exact(Signs(laws.signs(arithmetic.precision) + spare), arithmetic)


control(every_pattern, "one-sign-more", "refuted", spare=1, reason="a first bit that differs is forgotten")
control(every_pattern, "one-sign-fewer", "confirmed", spare=-1, reason="all sums are exact")


def _float_cases(run: Run) -> list[Arithmetic]:
    whole = arithmetics(("fp8_e5m2", "fp8_e4m3fn", "fp16", *run.pick((), ("bf16",))))
    return whole + run.pick([Arithmetic(formats.BF16, "returned", "last")], [])


@check(
    claims.floats,
    "exhausted",
    given=lambda run: {"arithmetic": _float_cases(run)},
    covers=True,
    scope=lambda run: {"sizes": f"fp8, fp16, bf16{run.pick(' (returned, last index)', '')}; all D"},
)
def numbers_are_exact(
    arithmetic: Arithmetic, spare: int = 0, law: Callable[[formats.Format], int] = laws.floats
) -> Evidence:
    """As many positions as the law says, every query against every key."""
    code = Floats(arithmetic.fmt, arithmetic.precision // 2 + spare)
    if not spare and code.positions != law(arithmetic.fmt):
        words = f"{arithmetic.fmt.name} has {code.positions} such numbers"
        return fails(words, law(arithmetic.fmt), code.positions)
    return _exact(code, arithmetic)


control(numbers_are_exact, "one-bit-more", "refuted", spare=1, reason="squares of p/2 + 1 bits are rounded")
control(numbers_are_exact, "one-sign", "refuted", law=lambda f: laws.floats(f) // 2 + 1, reason="both signs count")
control(
    numbers_are_exact,
    "by-count",
    "confirmed",
    law=lambda f: len(Floats(f, (f.precision or 0) // 2).numbers),
    symmetry="counted",
)


@check(
    claims.newest_match,
    "exhausted",
    given={"arithmetic": arithmetics(("fp8_e5m2", "fp8_e4m3fn"))[1::2]},
    scope={"sizes": "fp8, M = 8, D < M, N = 3 M; by periods all N"},
)
def copies_for_ever(
    arithmetic: Arithmetic, code: Code = Signs(3), modulus: int = 8, tie: str = "last", beyond: int = 0
) -> Evidence:
    """Rows to 3 M at every distance D < M."""
    residues = Residues(code, modulus)
    for distance in range(modulus + beyond):
        found = frontier(residues, replace(arithmetic, tie=tie), distance, most=3 * modulus)
        if found.n < 3 * modulus:
            words = f"{replace(arithmetic, tie=tie)}, M = {modulus}, D = {distance}: {found.failure}"
            return fails(words, found.n - distance, found.pointer)
    return holds(cases=modulus)


control(copies_for_ever, "first-index", "refuted", tie="first", reason="the oldest match wins, from row M + D on")
control(copies_for_ever, "distance-m", "refuted", beyond=1, reason="i itself has the residue of i - M")
control(copies_for_ever, "digits", "confirmed", code=Digits(2, 1), modulus=15, reason="exact on 15 positions")
control(copies_for_ever, "parabola-too-long", "refuted", code=PLACE, modulus=8, reason="E5M2 holds 3 positions")
