"""Exact copy with the quadratic code: over the integers, and its frontier in each format, searched and compared with its law."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from itertools import product
from typing import Any

from constructions.pointer.copy_arithmetic import PATHS, TIES, Arithmetic, toy
from constructions.pointer.copy_codes import Digits, Parabola
from constructions.pointer.copy_frontier import Frontier, frontier
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.pointer.copy_edits import (
    HalfQuery,
    Mirrored,
    NextWanted,
    PlainKeys,
    RaisedSquares,
    Tripled,
)
from theory import formats
from theory.pointer import copy as claims
from theory.pointer import copy_laws as laws

NARROW, WIDE = ("fp8_e5m2", "fp8_e4m3fn", "bf16", "fp16"), ("fp32", "fp64")
NAMES = (*NARROW, *WIDE)
CODE = Parabola(squares_first=True)


def arithmetics(names: Iterable[str], toys: Iterable[int] = (), paths: Iterable[str] = PATHS) -> list[Arithmetic]:
    """Every path and tie rule in toy formats of these precisions, then in the named ones."""
    made = [*map(toy, toys), *map(formats.named, names)]
    return [Arithmetic(fmt, path, tie) for fmt, path, tie in product(made, tuple(paths), TIES)]


@check(
    claims.quadratic_scores, "derived", covers=True, scope={"sizes": "all N and D", "method": "completing the square"}
)
def score_falls_by_the_square(code: Any = CODE) -> Evidence:
    """Score of i - D less score of j is (j - (i-D))^2 times a positive constant, with i, D and j as symbols."""
    import sympy

    i, d, j = sympy.symbols("i D j", integer=True)

    def score(key: Any) -> Any:
        return sum(q * k for q, k in zip(code.query(i - d), code.key(key), strict=True))

    lost = sympy.expand(score(i - d) - score(j))
    per_square = sympy.cancel(lost / (j - (i - d)) ** 2)
    if not (per_square.is_number and per_square > 0):
        return fails(f"the score of j is {sympy.factor(lost)} below that of i - D", (j - (i - d)) ** 2, lost)
    m = -sympy.Symbol("s", nonnegative=True)
    before = sympy.expand((score(0) - score(j)).subs(d, i - m) / per_square)
    if sympy.expand(before - (j**2 - 2 * m * j)) != 0:
        return fails(f"rows before D: key j is {before} below key 0", j**2 - 2 * m * j, before)
    return holds(cases=2)


@check(
    claims.quadratic_scores,
    "exhausted",
    given={"n": range(1, 13), "distance": range(12)},
    scope={"sizes": "N <= 12, D < 12", "evaluation": "integers"},
)
def small_lengths(n: int, distance: int, code: Any = CODE) -> Evidence:
    """Every row against every key, seen or not, in integers: one greatest score, at max(i - D, 0), clamped or not."""
    for i in range(n):
        for wanted in {i - distance, max(i - distance, 0)}:
            query = code.query(wanted)
            scores = [sum(q * k for q, k in zip(query, code.key(j), strict=True)) for j in range(n)]
            best = [j for j, score in enumerate(scores) if score == max(scores)]
            if best != [max(i - distance, 0)]:
                words = f"N = {n}, D = {distance}: row {i} scores {scores}, greatest at {best}"
                return fails(words, max(i - distance, 0), best)
    return holds(cases=n)


for _check in (score_falls_by_the_square, small_lengths):
    control(_check, "squares-plus-one", "confirmed", code=RaisedSquares(), symmetry="all scores fall by 1")
    control(_check, "times-three", "confirmed", code=Tripled(), symmetry="all scores tripled")
    control(_check, "mirrored", "confirmed", code=Mirrored(), symmetry="j and 2(i-D) negated")
    control(_check, "half-query", "refuted", code=HalfQuery(), reason="(i-D) j - j^2 peaks at (i-D)/2")
    control(_check, "next-wanted", "refuted", code=NextWanted(), reason="points at i - D + 1")
    control(_check, "no-squares", "refuted", code=PlainKeys(), reason="2(i-D) j - j grows with j")


@cache
def _searched(code: Parabola, arithmetic: Arithmetic, distance: int) -> Frontier:
    return frontier(code, arithmetic, distance)


def compare(arithmetic: Arithmetic, distance: int, found: Frontier, claimed: int) -> Evidence:
    """The claimed N beside the frontier found: at N all rows are right, row N is wrong."""
    where = f"{arithmetic}, D = {distance}"
    if found.n == claimed:
        named = arithmetic.fmt.name in formats.FORMATS
        scope: dict[str, Any] = {f"frontier {where}": str(found)} if named else {}
        return holds(**scope)
    if found.n > claimed:
        return fails(f"{where}: row {claimed} is right still, row {found.wrong} is the first wrong one", claimed, found)
    return fails(f"{where}: {found.failure}, not at {found.n - distance}", claimed, found)


def _beside_the_law(
    arithmetic: Arithmetic, distance: int, law: Callable[[int, str, str], int], code: Parabola
) -> Evidence:
    claimed = distance + law(arithmetic.precision, arithmetic.path, arithmetic.tie)
    return compare(arithmetic, distance, _searched(code, arithmetic, distance), claimed)


@check(
    claims.frontier,
    "exhausted",
    given={"arithmetic": arithmetics(NARROW, range(3, 12)), "distance": (1, 2, 16)},
    scope={
        "sizes": "fp8, bf16, fp16; precisions 3..11; D = 1, 2, 16",
        "method": "row N fails, rows D..N-1 are right, against all keys",
    },
)
def frontier_is_the_law(
    arithmetic: Arithmetic,
    distance: int,
    law: Callable[[int, str, str], int] = laws.parabola,
    code: Parabola = CODE,
) -> Evidence:
    """The first wrong row, searched, is D + m(p, path, tie)."""
    return _beside_the_law(arithmetic, distance, law, code)


@check(
    claims.frontier,
    "tested",
    given={"arithmetic": arithmetics(WIDE), "distance": (1, 2, 16)},
    scope={
        "sizes": "fp32, fp64; D = 1, 2, 16",
        "method": "row N fails, the rows near it and D are right, against the keys that a written bound leaves",
    },
)
def frontier_in_wide_formats(
    arithmetic: Arithmetic,
    distance: int,
    law: Callable[[int, str, str], int] = laws.parabola,
    code: Parabola = CODE,
) -> Evidence:
    """The same where the rows are too many to run each against all keys."""
    return _beside_the_law(arithmetic, distance, law, code)


for _check in (frontier_is_the_law, frontier_in_wide_formats):
    for _name, _change, _reason in (
        ("one-more", lambda p, path, tie: laws.parabola(p, path, tie) + 1, "row N fails"),
        ("one-fewer", lambda p, path, tie: laws.parabola(p, path, tie) - 1, "row N - 1 is right"),
        ("one-bit-fewer", lambda p, path, tie: laws.parabola(p - 1, path, tie), "a bit is a factor of 1.4"),
        ("no-tie-rule", lambda p, path, tie: laws.parabola(p, path, "first"), "the last index loses the first tie"),
        ("no-path", lambda p, path, tie: laws.parabola(p, "wide", tie), "rounded products lose a row or two"),
    ):
        control(_check, _name, "refuted", law=_change, reason=_reason)
    control(
        _check,
        "place-first",
        "refuted",
        code=Parabola(),
        reason="a fused sum that ends with the square has rounded 2(i-D) j before",
    )
    control(_check, "half-query", "refuted", code=HalfQuery(squares_first=True), reason="row 1 + D ties")
    control(_check, "next-wanted", "refuted", code=NextWanted(squares_first=True), reason="points at i - D + 1")
    control(
        _check,
        "mirrored",
        "confirmed",
        code=Mirrored(squares_first=True),
        symmetry="j and 2(i-D) negated: rounding to nearest is odd",
    )


@check(
    claims.tie_rule,
    "exhausted",
    given={"fmt": NAMES, "path": PATHS},
    scope={"sizes": "D = 1"},
)
def rules_agree(fmt: str, path: str, code: Any = CODE) -> Evidence:
    """The frontier at distance 1 with ties to the first and to the last index."""
    found = [frontier(code, Arithmetic(formats.named(fmt), path, tie), 1) for tie in TIES]
    if found[0].n == found[1].n:
        return holds()
    told = (
        f"{fmt}, {path}, D = 1: {found[0].n} positions with ties to the first index, {found[1].n} with ties to the last"
    )
    return fails(told, found[0], found[1])


control(rules_agree, "two-digits", "confirmed", code=Digits(2, 1), reason="its 15 positions never tie, in any format")
control(rules_agree, "centred", "refuted", code=Parabola(2, squares_first=True), reason="the right side fails by a tie")


@check(
    claims.distance,
    "exhausted",
    given={"path": PATHS, "tie": TIES},
    scope={"sizes": "D = 1..24"},
)
def count_is_the_same(path: str, tie: str, fmt: str = "fp8_e4m3fn", distances: range = range(1, 25)) -> Evidence:
    """N - D at each distance against N - D at distance 1."""
    arithmetic = Arithmetic(formats.named(fmt), path, tie)
    at_one = _searched(CODE, arithmetic, 1).n - 1
    for distance in distances:
        found = _searched(CODE, arithmetic, distance)
        if found.n - distance != at_one:
            return fails(
                f"{arithmetic}: {at_one} positions at D = 1, {found.n - distance} at D = {distance}", at_one, found
            )
    return holds(cases=len(distances))


control(count_is_the_same, "before-overflow", "confirmed", distances=range(1, 17), reason="row 22 is not reached")
control(count_is_the_same, "bf16", "confirmed", fmt="bf16", reason="no square up to row 42 overflows")
control(count_is_the_same, "past-overflow", "refuted", distances=range(22, 25), reason="every row sees a NaN")


def _far(run: Run) -> list[tuple[Arithmetic, int]]:
    far = {
        "fp8_e4m3fn": range(1, 25),
        "fp8_e5m2": (238, 12000, 16000, 31000, 60000),
        "fp16": run.pick((2048,), (600, 1000, 2048, 4096, 40000)),
    }
    return [(arithmetic, d) for name, ds in far.items() for d in ds for arithmetic in arithmetics([name])]


@check(
    claims.distance_capped,
    "exhausted",
    given=lambda run: {"case": _far(run)},
    covers=True,
    scope=lambda run: {"sizes": f"E4M3FN D <= 24, E5M2 D <= 60000, fp16 D = 2048{run.pick('', ' and 600 to 40000')}"},
)
def capped_count(case: tuple[Arithmetic, int], law: Callable[[Any, str, str, int], int] = laws.capped) -> Evidence:
    """The first wrong row, every row against every key it sees, is D + the capped count."""
    arithmetic, distance = case
    claimed = distance + law(arithmetic.fmt, arithmetic.path, arithmetic.tie, distance)
    return compare(arithmetic, distance, _searched(CODE, arithmetic, distance), claimed)


for _name, _change, _reason in (
    ("never-overflows", lambda f, path, tie, d: laws.parabola(f.precision, path, tie), "22^2 is NaN in E4M3FN"),
    ("one-more", lambda f, path, tie, d: laws.capped(f, path, tie, d) + 1, "row N fails"),
    (
        "infinities-only-lose",
        lambda f, path, tie, d: laws.capped(f, "wide" if f.overflow == "infinity" else path, tie, d),
        "a product that overflows too leaves infinity less infinity",
    ),
):
    control(capped_count, _name, "refuted", law=_change, reason=_reason)
control(
    capped_count,
    "by-hand",
    "confirmed",
    law=lambda f, path, tie, d: (
        min(laws.parabola(4, path, tie), max(22 - d, 0)) if f.name == "fp8_e4m3fn" else laws.capped(f, path, tie, d)
    ),
    symmetry="22 is the first integer whose square overflows E4M3FN",
)
