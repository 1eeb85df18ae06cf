"""Counts for mixed smoothness against brute force and their bounds, compared exactly or in balls."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil
from typing import Any

from flint import ctx

from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.takakura_suzuki.blocks import orders
from theory.takakura_suzuki import mixed_counting as claims
from theory.takakura_suzuki.constants import PRECISION, ball, constant
from theory.takakura_suzuki.counting import count
from theory.takakura_suzuki.smoothness import Power, Smoothness, mixed

F = Fraction
CLASSES = (
    mixed(1),
    mixed(1, 3),
    mixed(2, 3),
    mixed(1, F(3, 2), F(3, 2)),
    mixed(F(2, 3), 1, 2, 5),
    Smoothness("mixed", Power(1)),
    Smoothness("mixed", Power(2)),
)
LEVELS = (F(1, 2), F(1), F(9, 8), F(2), F(7, 3), F(3), F(33, 8), F(9, 2), F(6), F(13), F(41, 2))


def exceeds(number: Fraction, T: Fraction) -> bool:
    """Whether number >= 2^T, by the power that makes the exponent an integer."""
    return number**T.denominator >= F(2) ** T.numerator


def told(smoothness: Smoothness, T: Fraction) -> str:
    return f"a = {smoothness.a}, T = {T}"


def printed_first(smoothness: Smoothness, T: Fraction) -> int:
    """2^ceil(T/a_1) - 1."""
    return 2 ** ceil(T / smoothness.exact(1)) - 1


def _instances(run: Run) -> dict[str, Any]:
    return {"T": LEVELS + run.pick((), (F(30), F(40))), "smoothness": CLASSES}


@check(claims.two_sided, "exhausted", given=_instances, scope={"sizes": "seven classes, T up to 41/2"})
def count_lies_between(
    T: Fraction,
    smoothness: Smoothness,
    counted: Callable[[Smoothness, Fraction], int] = count,
    lower: Callable[[Smoothness, Fraction], int] = printed_first,
    factor: int | Fraction = 2,
    tie: int = 0,
) -> Evidence | None:
    """G against both sides and the case of equality; small levels also against a list of every function."""
    total, low = counted(smoothness, T), lower(smoothness, T)
    if T <= 3 and (listed := sum(g < T for g in orders(smoothness, T))) != total:
        return fails(f"{told(smoothness, T)}: {listed} functions lie below T", total, listed)
    alone = smoothness.active(T) <= 1 + tie
    if total < low or (total == low) != alone:
        return fails(
            f"{told(smoothness, T)}: G = {total}, 2^ceil(T/a_1) - 1 = {low}",
            "equal exactly for T <= a_2",
            f"{total}, {low}",
        )
    C = constant(smoothness)[0]
    if exceeds(total / (factor * C), T / smoothness.exact(1)):
        return fails(
            f"{told(smoothness, T)}: G = {total} is not below {factor} * {float(C):.6g} * 2^(T/a_1)",
            f"< {factor} C_a 2^(T/a_1)",
            total,
        )
    return None


control(
    count_lies_between,
    "floor-for-ceil",
    "refuted",
    lower=lambda sm, T: 2 ** (int(T / sm.exact(1)) + 1) - 1,
    reason="T = 1 counts order 1",
)
control(
    count_lies_between,
    "order-t-counted",
    "refuted",
    counted=lambda sm, T: count(sm, T + F(1, 1000)),
    reason="T = 1 keeps order 1",
)
control(
    count_lies_between,
    "block-dropped",
    "refuted",
    counted=lambda sm, T: count(sm, T) - 1,
    reason="the constant function is missing",
)
control(count_lies_between, "a-2-strict", "refuted", tie=1, reason="two active coordinates are not equality")
control(
    count_lies_between,
    "factor-three-halves",
    "refuted",
    factor=F(3, 2),
    reason="just above a multiple of a_1 the quotient is near 2",
)
control(count_lies_between, "factor-three", "confirmed", factor=3, reason="a weaker bound")
control(
    count_lies_between,
    "scaled",
    "confirmed",
    counted=lambda sm, T: count(
        sm if isinstance(sm.a, Power) else mixed(*(3 * x for x in sm.a)), T if isinstance(sm.a, Power) else 3 * T
    ),
    symmetry="a and T times 3",
)


@check(
    claims.without_two,
    "exhausted",
    given={"T": LEVELS, "smoothness": CLASSES},
    covers=True,
    scope={"sizes": "T up to 41/2"},
)
def no_factor(T: Fraction, smoothness: Smoothness, factor: int = 1, lattice: bool = False) -> Evidence | None:
    """G < C_a 2^(T/a_1), on all levels or, with `lattice`, where T/a_1 and all a_i/a_1 are integers."""
    whole = isinstance(smoothness.a, Power) or all(
        (x / smoothness.exact(1)).denominator == 1 for x in map(F, smoothness.a)
    )
    if lattice and not (whole and (T / smoothness.exact(1)).denominator == 1):
        return holds(cases=0)
    total, C = count(smoothness, T), constant(smoothness)
    if exceeds(total / (factor * C[1]), T / smoothness.exact(1)):
        return fails(f"{told(smoothness, T)}: G = {total}, C_a = {float(C[0]):.6g}", f"< {factor} C_a 2^(T/a_1)", total)
    return None


control(no_factor, "factor-two", "confirmed", factor=2, reason="ceil adds less than 1 to an exponent")
control(no_factor, "on-the-lattice", "confirmed", lattice=True, reason="no ceil adds anything there")

SHARP = (mixed(1, 2), mixed(1, 3), mixed(1, 2, 3), Smoothness("mixed", Power(2)))


@check(
    claims.two_is_sharp,
    "exhausted",
    given=lambda run: {"smoothness": SHARP, "k": range(1, run.pick(13, 21))},
    scope={"sizes": "four classes, k up to 12"},
)
def ratio_comes_near_two(smoothness: Smoothness, k: int, goal: int = 2, offset: Fraction = F(1)) -> Evidence | None:
    """T = n + 2^-(k+4), n = 4 k + 24: G(T) > (goal - 2^-k) C_a 2^T."""
    T = 4 * k + 24 + offset * F(1, 2 ** (k + 4))
    # 2^T = 2^n 2^(offset 2^-(k+4)): enclosed in a ball, as its exact power would have 2^k digits
    with ctx.workprec(PRECISION + 4 * k):
        quotient = ball(count(smoothness, T)) / (ball(constant(smoothness)[1]) * ball(2) ** ball(T))
        if quotient > ball(goal - F(1, 2**k)):
            return None
        return fails(
            f"{told(smoothness, T)}: G is not above ({goal} - 2^-{k}) C_a 2^T", f"> {goal} - 2^-{k}", float(quotient)
        )


control(ratio_comes_near_two, "at-the-integer", "refuted", offset=F(0), reason="T = n has the count of n, half as many")
control(ratio_comes_near_two, "beyond-two", "refuted", goal=3, reason="2 is an upper bound")
control(ratio_comes_near_two, "near-one", "confirmed", goal=1, reason="a weaker claim")
