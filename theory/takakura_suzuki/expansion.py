"""log2 G(T) for the anisotropic rule a_i = i**q: its second term, the sign of that, and an error bound for every T.

With h(x) = log2(2**ceil(x) - 1), log2 G(T) = sum_i h(T / i**q), and

    | log2 G(T) - zeta(q) T - kappa(q) T**(1/q) |  <=  4 T**(1/(q+1)) + 3      for all real q > 1, T > 0
    kappa(q) = integral_0^inf (h(u**-q) - u**-q) du = zeta(1/q) + sum_{m>=1} eps_m m**(-1/q)
    eps_m    = log2((1 - 2**-(m+1)) / (1 - 2**-m)) > 0,   their sum is 1

kappa increases with q from -infinity to 1/2 and has one zero. Derived here; the argument stands with the claims.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from theory.takakura_suzuki.constants import PRECISION, Enclosure, ball, ends, product
from theory.takakura_suzuki.counting import TooLarge
from theory.takakura_suzuki.roots import quotient
from theory.takakura_suzuki.smoothness import Power, Rational, Smoothness, rational

if TYPE_CHECKING:
    from flint import arb

_MOST_TERMS = 20_000_000


def gain(m: int) -> arb:
    """eps_m as a ball at the precision in force; below 2**-m * 0.73."""
    return (ball(Fraction(2 ** (m + 1) - 1, 2 ** (m + 1) - 2))).log() / ball(2).log()


def _exceeds_one(q: Rational) -> Fraction:
    if rational(q, "q") <= 1:
        raise ValueError(f"q = {q}: sum 1 / i**q diverges; the expansion needs q > 1")
    return Fraction(q)


def kappa_ball(q: Rational, precision: int = PRECISION) -> arb:
    """kappa(q) as a ball of about `precision` bits. ValueError for q <= 1.

    The series is cut after M terms; as eps sums to 1 and telescopes, the rest is at most -log2(1 - 2**-(M+1)).
    """
    from flint import ctx

    s = 1 / _exceeds_one(q)
    with ctx.workprec(precision + 16):
        terms = precision + 8
        found = ball(s).zeta()
        for m in range(1, terms + 1):
            found += gain(m) * ball(m) ** -ball(s)
        rest = -ball(1 - Fraction(1, 2 ** (terms + 1))).log() / ball(2).log()
        return found.union(found + rest)


def kappa(q: Rational, precision: int = PRECISION) -> Enclosure:
    """kappa(q) between two rationals. ValueError for q <= 1."""
    return ends(kappa_ball(q, precision))


def sign(q: Rational, precision: int = PRECISION) -> int:
    """The sign of kappa(q), 1 or -1; the precision is doubled until a ball excludes 0, and ValueError after 4096 bits."""
    while precision <= 4096:
        low, high = kappa(q, precision)
        if low > 0 or high < 0:
            return 1 if low > 0 else -1
        precision *= 2
    raise ValueError(f"q = {q}: kappa(q) is within 2**-4096 of 0; its sign is not decided")


def zero(bits: int) -> Enclosure:
    """Two rationals 2**-bits apart with kappa < 0 at the first and > 0 at the second. By bisection of [3, 4].

    ValueError for bits < 0.
    """
    if bits < 0:
        raise ValueError(f"bits = {bits}: give 0 or more, the bracket is 2**-bits wide")
    low, high = Fraction(3), Fraction(4)
    precision = bits + 32
    if sign(low, precision) >= 0 or sign(high, precision) <= 0:
        raise ValueError("kappa does not change its sign between 3 and 4")
    for _ in range(bits):
        middle = (low + high) / 2
        low, high = (middle, high) if sign(middle, precision) < 0 else (low, middle)
    return low, high


def error(q: Rational, T: Rational, precision: int = PRECISION) -> arb:
    """4 T**(1/(q+1)) + 3, the bound of what the two terms leave."""
    from flint import ctx

    with ctx.workprec(precision):
        return 4 * ball(T) ** (1 / ball(_exceeds_one(q) + 1)) + 3


def log2_count(smoothness: Smoothness, T: Rational, precision: int = PRECISION) -> Enclosure:
    """log2 G(T) between two rationals, for T far beyond what `counting.count` can write out.

    Anisotropic: the exact sum of ceil(T / a_i), plus balls for log2(1 - 2**-ceil). For a rule, coordinates up to T**(1/(q+1)) are
    taken one by one and the others by the value of their ceil: O(T**(1/(q+1))) steps.
    Mixed: with m = ceil(T / a_1) and b_i = a_i / a_1, when all b_i are integers G = 2**m (C_a - R) with
    0 <= R <= 2 * 2**(-delta m) * prod_{i>=2} 1 / (1 - 2**(1 - (1 - delta) b_i)), delta = (1 - 1/b_2) / 2; else only
    2**m - 1 <= G < 2 C_a 2**(T / a_1).
    ValueError as for the constants, TooLarge for more than 2 * 10**7 steps.
    """
    from flint import ctx

    level = smoothness.level(T)
    with ctx.workprec(precision + max(level.numerator.bit_length(), 1)):
        if smoothness.kind == "mixed":
            return ends(_mixed(smoothness, level, precision))
        return ends(_anisotropic(smoothness, level))


def _anisotropic(smoothness: Smoothness, T: Fraction) -> arb:
    active = smoothness.active(T)
    if not active:
        return ball(0)
    by_one, rule = active, smoothness.a
    if isinstance(rule, Power):  # about (T / scale)**(1 / (q + 1)): any number is right, this one is fast
        by_one = min(active, 1 + math.floor(math.exp(math.log(T / rule.scale) / (1 + rule.q))))
    most = smoothness.multiples_below(by_one, T)
    if active <= by_one + most:
        by_one, most = active, 0
    if by_one + most > _MOST_TERMS:
        raise TooLarge(f"log2 G({T}) takes {by_one + most} steps, above {_MOST_TERMS}: lower T")
    whole, fraction = 0, ball(0)
    for i in range(1, by_one + 1):
        c = smoothness.multiples_below(i, T) + 1
        whole += c
        fraction += _lost(c)
    # the coordinates beyond, by layers: h(x) = sum over m < x of 1 + eps_m, and m < T / a_i where a_i < T / m
    for m in range(1, most + 1):
        beyond = smoothness.active(T / m) - by_one
        if beyond <= 0:
            break
        whole += beyond
        fraction += beyond * _gain(m)
    return ball(whole) + fraction


def _lost(c: int) -> arb:
    """log2(1 - 2**-c)."""
    from flint import arb, ctx

    if c > ctx.prec + 2:  # between -2 * 2**-c and 0
        tiny = ball(Fraction(1, 2 ** (ctx.prec + 1)))
        return arb(0).union(-tiny)
    return ball(1 - Fraction(1, 2**c)).log() / ball(2).log()


def _gain(m: int) -> arb:
    from flint import arb, ctx

    if m > ctx.prec + 2:
        return arb(0).union(ball(Fraction(1, 2 ** (ctx.prec + 1))))
    return gain(m)


def _mixed(smoothness: Smoothness, T: Fraction, precision: int) -> arb:
    m = smoothness.multiples_below(1, T) + 1
    if smoothness.dimension == 1:
        return ball(m) + _lost(m)
    total = product(smoothness, precision=precision)
    if is_lattice(smoothness):
        ratio = quotient(smoothness.value(1), smoothness.value(2))
        assert ratio is not None, "a lattice has rational quotients"
        delta = (1 - ratio) / 2
        two = ball(2)
        rest = 2 * two ** -(ball(delta) * m) * product(smoothness, 1 - delta, precision=precision)
        if rest < total:
            return ball(m) + total.union(total - rest).log() / two.log()
    low = ball(m) + _lost(m)
    high = 1 + total.log() / ball(2).log() + ball(T) / smoothness.ball(1)
    return low.union(high)


def is_lattice(smoothness: Smoothness) -> bool:
    """Whether every a_i is an integer multiple of a_1."""
    if isinstance(smoothness.a, Power):
        return smoothness.is_rational
    quotients = (quotient(smoothness.value(i), smoothness.value(1)) for i in range(2, len(smoothness.a) + 1))
    return all(x is not None and x.denominator == 1 for x in quotients)
