"""Leak and temperature of attention that picks tokens by importance. Rational bounds; derived here."""

from __future__ import annotations

from fractions import Fraction

from flint import ctx

from theory.takakura_suzuki.gadget_laws import PRECISION, upper
from theory.takakura_suzuki.offset_laws import check_eps
from theory.takakura_suzuki.roots import ball

OVERLAP = Fraction(3, 8)
"""What hats of importances within half a half-width overlap at least: min(1/2 - d^2 / 2, 1 - d) at d = 1/2."""


def temperature(window: int, gap: Fraction, eps: Fraction) -> Fraction:
    """chi = log((W - 1) / min(eps, gap / 8)) / gap, rounded up to a multiple of 2^-16."""
    if window < 2:
        raise ValueError(f"W = {window}: give a window of at least 2 tokens; one token needs no choice")
    if not 0 < gap <= 1:
        raise ValueError(f"gap = {gap}: importances lie in [0, 1], give a gap above 0 and at most 1")
    check_eps(eps)
    with ctx.workprec(PRECISION):
        least = ball((window - 1) / min(eps, gap / 8)).log() / ball(gap)
        return Fraction(-(-upper(least * 2**16) // 1), 2**16)


def leak(window: int, gap: Fraction, chi: Fraction) -> Fraction:
    """(W - 1) exp(-chi gap), from above."""
    with ctx.workprec(PRECISION):
        return upper((window - 1) * (-ball(chi * gap)).exp())
