"""The product formula against brute force, and the printed bound with its amended form."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import prod

from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.takakura_suzuki.blocks import orders
from empirics.checks.takakura_suzuki.excesses import CASES, at_least, at_most, excess, scaled, told
from theory.takakura_suzuki import anisotropic_counting as claims
from theory.takakura_suzuki.constants import ball, ends
from theory.takakura_suzuki.expansion import kappa
from theory.takakura_suzuki.smoothness import Power, Smoothness, anisotropic

F = Fraction
CLASSES = (
    anisotropic(1),
    anisotropic(1, 1),
    anisotropic(F(2, 3), 1, F(3, 2)),
    Smoothness("anisotropic", Power(1)),
    Smoothness("anisotropic", Power(2)),
)
LEVELS = (F(1, 2), F(1), F(9, 8), F(2), F(5, 2), F(3), F(10, 3))


def ceilings(smoothness: Smoothness, T: Fraction) -> int:
    """The product of 2^ceil(T/a_i) - 1, from the formula."""
    return prod(2 ** -(-T // smoothness.exact(i)) - 1 for i in range(1, smoothness.active(T) + 1))


def floors(smoothness: Smoothness, T: Fraction) -> int:
    """With floor(T/a_i) + 1 in place of ceil."""
    return prod(2 ** (T // smoothness.exact(i) + 1) - 1 for i in range(1, smoothness.active(T) + 1))


@check(
    claims.product,
    "exhausted",
    given={"T": LEVELS, "smoothness": CLASSES},
    scope={"sizes": "five classes, T up to 10/3"},
)
def product_counts(
    T: Fraction, smoothness: Smoothness, law: Callable[[Smoothness, Fraction], int] = ceilings
) -> Evidence | None:
    """Every basis function below T is listed, block by block, and counted."""
    listed = sum(g < T for g in orders(smoothness, T))
    stated = law(smoothness, T)
    return (
        None
        if stated == listed
        else fails(f"a = {smoothness.a}, T = {T}: {listed} functions lie below T", stated, listed)
    )


control(product_counts, "floor-for-ceil", "refuted", law=floors, reason="T = 2, a = (1) counts order 2")
control(
    product_counts,
    "no-minus-one",
    "refuted",
    law=lambda sm, T: prod(2 ** -(-T // sm.exact(i)) for i in range(1, sm.active(T) + 1)),
    reason="1 + 2 + ... + 2^(c-1) is 2^c - 1: T = 1/2 has none active, T = 9/8 differs",
)
control(
    product_counts,
    "first-coordinate",
    "refuted",
    law=lambda sm, T: 2 ** -(-T // sm.exact(1)) - 1,
    reason="a = (1, 1) has another",
)
control(
    product_counts,
    "inactive-factors",
    "confirmed",
    law=lambda sm, T: ceilings(sm, T) * (2 ** -(-min(T, F(1)) // 1) - 1),
    symmetry="a factor with a_i >= T is 2^1 - 1 = 1",
)


@check(claims.dimensions, "exhausted", given={"case": CASES}, scope={"sizes": "q = 3/2, ..., 8, T up to 10^17"})
def a_bit_a_coordinate(case: tuple[Fraction, int], bits: Fraction = F(1), constant: int = 1) -> Evidence | None:
    """log2 G - zeta(q) T lies between -(q/(q-1)) T^(1/q) - 1 and d_max."""
    q, T = case
    found = excess(q, T)
    active = Smoothness("anisotropic", Power(q)).active(T)
    least = -scaled((q / (q - 1), q / (q - 1)), T, 1 / q)[0] * bits - constant
    if at_most(found, bits * active) and at_least(found, least):
        return None
    return fails(told(q, T, found), f"{float(least):.6g} to {float(bits * active):.6g}", float(found[0]))


control(
    a_bit_a_coordinate,
    "no-bit",
    "refuted",
    bits=F(0),
    reason="at q = 3/2, T = 1 has G = 1 and a~ T = 2.6, below -1",
)
control(
    a_bit_a_coordinate,
    "a-twentieth-bit",
    "refuted",
    bits=F(1, 20),
    reason="the lower bound is too high already at T = 1",
)
control(a_bit_a_coordinate, "two-bits", "confirmed", bits=F(2), reason="a weaker bound")

PRINTED = tuple((q, T) for q, T in CASES if q < 8)


@check(
    claims.printed, "exhausted", given={"case": PRINTED}, covers=True, scope={"sizes": "q = 3/2 to 4, T up to 10^17"}
)
def printed_bound(
    case: tuple[Fraction, int],
    largest: Fraction = F(4),
    power: int = 10,
    constant: int = 10,
    dimension: int | None = None,
    second: bool = False,
) -> Evidence:
    """log2 G <= a~ T + constant + power * log2 T, and with `second` + kappa(q) T^(1/q) where that is positive."""
    q, T = case
    if q > largest:
        return holds(cases=0)
    found = excess(q, T, dimension)
    allowed = constant + power * ends(ball(T).log() / ball(2).log())[0]
    if second:
        allowed += max(scaled(kappa(q), T, 1 / q)[0], F(0))
    if not at_most(found, allowed):
        return fails(told(q, T, found), f"at most {float(allowed):.6g}", f"{float(found[0]):.6g}")
    return holds()


control(printed_bound, "q-up-to-3", "confirmed", largest=F(3), reason="kappa(3) < 0")
control(
    printed_bound,
    "hundred-coordinates",
    "confirmed",
    dimension=100,
    reason="at most a bit a coordinate: 100 bits in all, less than 10 + 10 log2 T at T >= 10^3; at T = 1 G = 1",
)
control(
    printed_bound,
    "second-term-paid",
    "confirmed",
    second=True,
    reason="what is left after kappa(q) T^(1/q) is below 40 bits here",
)
control(printed_bound, "higher-power", "refuted", power=20, reason="1595 > 10 + 20 * 57")
control(printed_bound, "larger-constant", "refuted", constant=1000, power=0, reason="1595 > 1000")
