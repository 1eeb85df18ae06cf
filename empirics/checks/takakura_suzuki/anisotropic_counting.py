"""Counts for anisotropic smoothness against brute force, and log2 G for a_i = i^q against its two terms, in balls."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from math import prod

from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.takakura_suzuki.blocks import orders
from theory.takakura_suzuki import anisotropic_counting as claims
from theory.takakura_suzuki import bracket
from theory.takakura_suzuki.constants import Enclosure, ball, ends, reciprocal_sum
from theory.takakura_suzuki.expansion import error, gain, kappa, log2_count, sign
from theory.takakura_suzuki.smoothness import Power, Smoothness, anisotropic

F = Fraction
Interval = tuple[Fraction, Fraction]
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


@cache
def logarithm(q: Fraction, T: int, dimension: int | None = None) -> Interval:
    """log2 G(T) for a_i = i^q."""
    return log2_count(Smoothness("anisotropic", Power(q, 1, dimension)), T)


def excess(q: Fraction, T: int, dimension: int | None = None) -> Interval:
    """log2 G(T) - a~ T for a_i = i^q."""
    low, high = logarithm(q, T, dimension)
    least, most = reciprocal_sum(Smoothness("anisotropic", Power(q, 1, dimension)))
    return low - T * most, high - T * least


def scaled(number: Interval, T: int, exponent: Fraction) -> Interval:
    """number * T^exponent."""
    factor = ends(ball(T) ** ball(exponent))
    corners = [x * y for x in number for y in factor]
    return min(corners), max(corners)


def _told(q: Fraction, T: int, found: Interval) -> str:
    return f"a_i = i^({q}), T = 10^{len(str(T)) - 1}: log2 G - a~ T = {float(found[0]):.6g}"


BELOW, ABOVE = (F(3, 2), F(2), F(3), F(10, 3)), (F(7, 2), F(4), F(8))
CASES = tuple(
    (q, 10**e)
    for q in (F(3, 2), F(2), F(3), F(7, 2), F(4), F(8))
    for e in (0, 3, 6, 9, 12, 17)
    if e / (q + 1) <= F(7, 2) or (q, e) == (F(7, 2), 17)
)


@check(claims.dimensions, "exhausted", given={"case": CASES}, scope={"sizes": "q = 3/2, ..., 8, T up to 10^17"})
def a_bit_a_coordinate(case: tuple[Fraction, int], bits: Fraction = F(1), constant: int = 1) -> Evidence | None:
    """log2 G - zeta(q) T lies between -(q/(q-1)) T^(1/q) - 1 and d_max."""
    q, T = case
    low, high = excess(q, T)
    active = Smoothness("anisotropic", Power(q)).active(T)
    least = -scaled((q / (q - 1), q / (q - 1)), T, 1 / q)[0] * bits - constant
    if low <= bits * active and least <= high:
        return None
    return fails(_told(q, T, (low, high)), f"{float(least):.6g} to {float(bits * active):.6g}", float(low))


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
    allowed = constant + power * ends(ball(T).log() / ball(2).log())[1]
    if second:
        allowed += max(scaled(kappa(q), T, 1 / q)[1], F(0))
    if found[0] > allowed:
        return fails(_told(q, T, found), f"at most {float(allowed):.6g}", f"{float(found[0]):.6g}")
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


def without_gains(q: Fraction) -> Interval:
    """zeta(1/q) without the gains."""
    return ends(ball(1 / q).zeta())


@check(claims.expansion, "exhausted", given={"case": CASES}, scope={"sizes": "q = 3/2, 2, 3, 7/2, 4, 8; T up to 10^17"})
def two_terms(
    case: tuple[Fraction, int], second: Callable[[Fraction], Enclosure] = kappa, share: Fraction = F(1)
) -> Evidence | None:
    """|log2 G - zeta(q) T - kappa(q) T^(1/q)| against share * (4 T^(1/(q+1)) + 3)."""
    q, T = case
    found, term = excess(q, T), scaled(second(q), T, 1 / q)
    rest = found[0] - term[1], found[1] - term[0]
    allowed = ends(error(q, T))[1] * share
    if -allowed <= rest[1] and rest[0] <= allowed:
        return None
    return fails(
        f"{_told(q, T, found)}, second term {float(term[0]):.6g}",
        f"within {float(allowed):.6g}",
        f"{float(rest[0]):.6g} left",
    )


control(two_terms, "no-gains", "refuted", second=without_gains, reason="the eps_m add 0.8 T^(1/2) at q = 2")
control(two_terms, "no-second-term", "refuted", second=lambda q: (F(0), F(0)), reason="0.6 T^(1/2) is left at q = 2")
control(
    two_terms,
    "sign-turned",
    "refuted",
    second=lambda q: (-kappa(q)[1], -kappa(q)[0]),
    reason="1.2 T^(1/2) is left at q = 2",
)
control(
    two_terms,
    "floor-for-ceil",
    "refuted",
    second=lambda q: ends(
        ball(1 / q).zeta() + sum((gain(m) * ball(m - 1) ** -ball(1 / q) for m in range(2, 90)), ball(0)) + gain(1) * 4
    ),
    reason="jumps one integer too early: the gains have the weights of m - 1",
)
control(two_terms, "double-bound", "confirmed", share=F(2), reason="a weaker bound")
control(
    two_terms,
    "a-hundredth",
    "refuted",
    share=F(1, 100),
    reason="T = 1 has G = 1, so -zeta(q) - kappa(q) is left, more than 7/100",
)


@check(
    claims.sign_change,
    "certified",
    covers=True,
    scope={"sizes": "all q > 1; the zero to 20 decimals", "method": "monotone, signs at two points"},
)
def signs_at_two_points(zero: tuple[Fraction, Fraction] = claims.ZERO, terms: int = 84) -> Evidence:
    """kappa < 0 at the lower end and > 0 at the upper one, as inequalities in rationals, log and exp."""
    return holds(cases=2, certificates=bracket.certificates(*zero, claims.sign_change.id, terms))


_UNIT = F(1, 10**20)
control(
    signs_at_two_points,
    "one-decimal-up",
    "refuted",
    zero=(claims.ZERO[0] + _UNIT, claims.ZERO[1] + _UNIT),
    reason="the zero lies below",
)
control(
    signs_at_two_points,
    "one-decimal-down",
    "refuted",
    zero=(claims.ZERO[0] - _UNIT, claims.ZERO[1] - _UNIT),
    reason="the zero lies above",
)
control(signs_at_two_points, "integers", "confirmed", zero=(F(3), F(4)), terms=24, reason="a wider bracket")


@check(
    claims.sign_change,
    "exhausted",
    given={"pair": [(F(n, 10), F(n + 1, 10)) for n in (11, 12, 15, 20, 33, 34, 40, 80, 400)]},
    scope={"sizes": "nine pairs of q between 1.1 and 40.1"},
)
def kappa_increases(
    pair: tuple[Fraction, Fraction], law: Callable[[Fraction], Enclosure] = kappa, top: Fraction = F(1, 2)
) -> Evidence | None:
    """kappa of the smaller q is below that of the larger, which is below 1/2; FLINT's zeta function."""
    (_, before), (after, most) = law(pair[0]), law(pair[1])
    if before < after and most < top:
        return None
    return fails(
        f"kappa({pair[0]}) = {float(before):.6g}, kappa({pair[1]}) = {float(after):.6g}", f"increasing, below {top}", ""
    )


control(kappa_increases, "lower-limit", "refuted", top=F(2, 5), reason="kappa(40) = 0.466")
control(kappa_increases, "one-over-q", "refuted", law=lambda q: kappa(1 + 1 / q), reason="1 + 1/q falls with q")
control(
    kappa_increases, "fewer-bits", "confirmed", law=lambda q: kappa(q, 64), symmetry="the same number, less sharply"
)


def allowance(q: Fraction) -> Fraction:
    """c = 3 + 4 x^q / (q+1), x = 4 q / (|kappa| (q+1)), for kappa(q) < 0."""
    x = ball(4 * q) / (ball(-kappa(q)[1]) * ball(q + 1))
    return ends(3 + 4 * x ** ball(q) / ball(q + 1))[1]


DECIDED = tuple(
    (q, 10**e)
    for q in (*BELOW, *ABOVE)
    for e in (0, 3, 6, 9, 12, 17)
    if e / (q + 1) <= F(39, 10) and (q < F(7, 2) or e >= 12)
)


@check(
    claims.decided,
    "exhausted",
    given={"case": DECIDED},
    scope={"sizes": "q = 3/2, 2, 3, 10/3 and 7/2, 4, 8; T up to 10^17"},
)
def bound_is_decided(
    case: tuple[Fraction, int], zero: Fraction = claims.ZERO[0], half: Fraction = F(1, 2)
) -> Evidence | None:
    """Below `zero` G <= 2^(zeta(q) T + c); above it the excess is at least half of kappa(q) T^(1/q)."""
    q, T = case
    found = excess(q, T)
    if q < zero:
        if sign(q) < 0 and found[0] <= allowance(q):
            return None
        return fails(
            f"{_told(q, T, found)}, kappa = {float(kappa(q)[0]):.6g}", "bounded by a constant", float(found[0])
        )
    wanted = scaled(kappa(q), T, 1 / q)[1] * half
    if sign(q) > 0 and found[1] >= wanted:
        return None
    return fails(
        f"{_told(q, T, found)}, kappa = {float(kappa(q)[0]):.6g}", f"at least {float(wanted):.6g}", float(found[0])
    )


control(bound_is_decided, "zero-at-4", "refuted", zero=F(4), reason="kappa(7/2) > 0")
control(bound_is_decided, "zero-at-3", "refuted", zero=F(3), reason="kappa(3) < 0")
control(bound_is_decided, "zero-at-17/5", "confirmed", zero=F(17, 5), reason="no q tried lies between")
control(bound_is_decided, "three-halves", "refuted", half=F(3, 2), reason="the excess is about kappa(q) T^(1/q)")
