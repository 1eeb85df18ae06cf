"""Codes, temperatures and masks with one thing changed, and scores as algebraic numbers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import fmpq_poly, fmpz_poly

from constructions.takakura_suzuki.importance import ImportanceAttention
from constructions.takakura_suzuki.offsets import CircleCode, Turn, float_turn
from theory.takakura_suzuki import offset_laws


def without_longest(reach: int) -> tuple[int, ...]:
    """The dyadic periods but the last: a code two dimensions smaller."""
    return offset_laws.dyadic_periods(reach)[:-1]


def without_shortest(reach: int) -> tuple[int, ...]:
    """The dyadic periods but 2."""
    return offset_laws.dyadic_periods(reach)[1:]


def reversed_periods(reach: int) -> tuple[int, ...]:
    """The longest first."""
    return offset_laws.dyadic_periods(reach)[::-1]


def halved(temperature: Callable[[int, Fraction], Fraction]) -> Callable[[int, Fraction], Fraction]:
    """Half of the inverse temperature solved."""
    return lambda reach, eps: temperature(reach, eps) / 2


def doubled(temperature: Callable[[int, Fraction], Fraction]) -> Callable[[int, Fraction], Fraction]:
    """Twice the inverse temperature solved."""
    return lambda reach, eps: 2 * temperature(reach, eps)


def root_of_unity_turn(n: int) -> Turn:
    """Cosine and sine of a share of a turn in a primitive n-th root z of unity, 4 divides n: (z^k +- z^-k) / 2, 1 / i = z^(3n/4)."""

    def turn(share: Fraction) -> tuple[fmpq_poly, fmpq_poly]:
        k = int(share * n)
        up, down = _power(k), _power(-k % n)
        return (up + down) / 2, (up - down) * _power(3 * n // 4) / 2

    return turn


def _power(k: int) -> fmpq_poly:
    return fmpq_poly([0] * k + [1])


def reduced(value: Any, n: int) -> fmpq_poly:
    """The one representative below the degree of the n-th cyclotomic polynomial: equal numbers have equal ones."""
    return fmpq_poly(value) % fmpq_poly(fmpz_poly.cyclotomic(n))


class OnlyCosines(CircleCode):
    """Without the sines."""

    def key(self, position: int, turn: Turn = float_turn) -> list[Any]:
        return super().key(position, turn)[::2]


class Drifting(CircleCode):
    """Queries turn twice as fast as keys."""

    def query(self, position: int, offset: int, turn: Turn = float_turn) -> list[Any]:
        return self.key(2 * position + offset, turn)


class Turned(CircleCode):
    """Every angle one step on."""

    def key(self, position: int, turn: Turn = float_turn) -> list[Any]:
        return super().key(position + 1, turn)


def few_hats(gap: Fraction, chi: Fraction) -> ImportanceAttention:
    """Half-width 3/2 of the gap, a sixth of the hats."""
    return ImportanceAttention(gap, chi, hat_share=Fraction(3, 2))


def more_hats(gap: Fraction, chi: Fraction) -> ImportanceAttention:
    """Half-width gap / 4 taken from 9/10 of the gap, mask unchanged."""
    return ImportanceAttention(gap, chi, hat_share=Fraction(9, 40))


def weak_mask(gap: Fraction, chi: Fraction) -> ImportanceAttention:
    """A sixteenth of the mask."""
    return ImportanceAttention(gap, chi, mask=Fraction(1, 6) * (1 + gap))
