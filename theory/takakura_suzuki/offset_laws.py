"""How many dimensions, which gap and which temperature extract an offset by attention. Rational upper bounds; derived here.

Query i and key i' of a head for offset r score chi * sum_p cos(2 pi D / p), D = i' - i - r, over the periods p of the code. With a gap

    delta = min over D != 0 of sum_p (1 - cos(2 pi D / p))

the wrong keys of a window of 2 U + 1 share at most 2 U exp(-chi delta) of the attention: chi = log(2 U / eps) / delta leaves eps.
"""

from __future__ import annotations

from fractions import Fraction

from flint import arb, ctx

from theory.takakura_suzuki.gadget_laws import PRECISION, lower, upper
from theory.takakura_suzuki.roots import ball


def check_reach(reach: int) -> None:
    """ValueError unless U >= 1."""
    if reach < 1:
        raise ValueError(f"U = {reach}: give a reach of at least 1; a window of one token needs no attention")


def check_eps(eps: Fraction) -> None:
    """ValueError unless 0 < eps < 1."""
    if not 0 < eps < 1:
        raise ValueError(f"eps = {eps}: give a share of the attention between 0 and 1")


def dyadic_periods(reach: int) -> tuple[int, ...]:
    """2, 4, ..., 2^L, L = ceil(log2(2 U + 1)): twice as many dimensions."""
    check_reach(reach)
    return tuple(2**t for t in range(1, (2 * reach).bit_length() + 1))


def single_period(reach: int) -> tuple[int, ...]:
    """2 U + 1, the shortest period that tells all offsets of a window apart."""
    check_reach(reach)
    return (2 * reach + 1,)


def gap(periods: tuple[int, ...], difference: int) -> arb:
    """sum_p (1 - cos(2 pi D / p)) as a ball; exact where every p divides 2 D."""
    return sum((1 - ball(Fraction(2 * difference, p)).cos_pi() for p in periods), arb(0))


def dyadic_temperature(reach: int, eps: Fraction) -> Fraction:
    """chi = log(2 U / eps) / 2, rounded up to a multiple of 2^-16."""
    return temperature(reach, eps, arb(2))


def single_temperature(reach: int, eps: Fraction) -> Fraction:
    """chi = log(2 U / eps) / (1 - cos(2 pi / (2 U + 1))), rounded up."""
    with ctx.workprec(PRECISION):
        return temperature(reach, eps, gap(single_period(reach), 1))


def temperature(reach: int, eps: Fraction, delta: arb) -> Fraction:
    """chi = log(2 U / eps) / delta, rounded up to a multiple of 2^-16. ValueError for U < 1 or eps outside (0, 1)."""
    check_reach(reach)
    check_eps(eps)
    with ctx.workprec(PRECISION):
        return Fraction(-(-upper((ball(2 * reach / eps)).log() / delta * 2**16) // 1), 2**16)


def leak(periods: tuple[int, ...], chi: Fraction, reach: int, offset: int) -> tuple[Fraction, Fraction]:
    """The share of the wrong keys, enclosed: lower and upper bound. ValueError for an offset beyond the reach."""
    if abs(offset) > reach:
        raise ValueError(f"offset {offset}: the window reaches from {-reach} to {reach}; give an offset in it")
    with ctx.workprec(PRECISION):
        differences = [d - offset for d in range(-reach, reach + 1) if d != offset]
        mass = sum(((-ball(chi) * gap(periods, d)).exp() for d in differences), arb(0))
        share = mass / (1 + mass)
        return lower(share), upper(share)


def neighbours(period: int) -> tuple[Fraction, Fraction]:
    """Rationals x < 2 pi / p < y, so near that 1 - cos of either is the single-frequency gap up to 2^-40 of it."""
    with ctx.workprec(PRECISION):
        below = int(lower(2 * arb.pi() / period) * 2**48)
    return Fraction(below, 2**48), Fraction(below + 1, 2**48)
