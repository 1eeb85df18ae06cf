"""Swap constructions falsified by one edit, and true neighbours: the subjects of the controls."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from constructions.deltaformer.swap_tracking import OneHotSwaps, Token
from empirics.checking import control


class SignDropped(OneHotSwaps):
    """e_a + e_b in place of e_a - e_b."""

    def swap(self, e: Any, a: Any, b: Any) -> Token:
        return Token(e(a) + e(b), e(a) + e(b))


class WriteReversed(OneHotSwaps):
    """w = e_b - e_a against k = e_a - e_b: the reflection becomes a stretch."""

    def swap(self, e: Any, a: Any, b: Any) -> Token:
        return Token(e(a) - e(b), e(b) - e(a))


class HalfBeta(OneHotSwaps):
    """beta = 1/2: the eigenvalue -1 becomes 0, and a swap an average."""

    def swap(self, e: Any, a: Any, b: Any) -> Token:
        return Token(e(a) - e(b), e(a) - e(b), Fraction(1, 2))


class DoubleBeta(OneHotSwaps):
    """beta = 2, right for DeltaNet's unit keys, wrong for keys of squared length 2."""

    def swap(self, e: Any, a: Any, b: Any) -> Token:
        return Token(e(a) - e(b), e(a) - e(b), 2)


class WrappedInAByte(OneHotSwaps):
    """Key times 85, write times -3: the right product only modulo 256."""

    def swap(self, e: Any, a: Any, b: Any) -> Token:
        return Token(85 * (e(a) - e(b)), -3 * (e(a) - e(b)))


class ScaleMoved(OneHotSwaps):
    """Key doubled, beta halved."""

    def swap(self, e: Any, a: Any, b: Any) -> Token:
        return Token(2 * (e(a) - e(b)), e(a) - e(b), Fraction(1, 2))


class WriteBetaDoubled(OneHotSwaps):
    """Writes with beta = 2, which would negate what a slot held."""

    def write(self, e: Any, slot: Any) -> Token:
        return Token(e(slot), e(slot), 2)


class WriteElsewhere(OneHotSwaps):
    """Writes with the key negated: the slot receives minus the content."""

    def write(self, e: Any, slot: Any) -> Token:
        return Token(-e(slot), e(slot))


class OneDimensionShort(OneHotSwaps):
    """The last slot has no coordinate."""

    def units(self, n: int) -> Any:
        return np.eye(n, dtype=np.int64)[:, : n - 1]


class PairReversed(OneHotSwaps):
    """(b a) in place of (a b)."""

    def swap(self, e: Any, a: Any, b: Any) -> Token:
        return super().swap(e, b, a)


class Relabelled(OneHotSwaps):
    """Coordinates permuted: slot j uses coordinate n-1-j."""

    def units(self, n: int) -> Any:
        return np.eye(n, dtype=np.int64)[::-1]


class SignedUnits(OneHotSwaps):
    """e_j replaced by -e_j for odd j, an orthonormal basis like any other."""

    def units(self, n: int) -> Any:
        return np.eye(n, dtype=np.int64) * (1 - 2 * (np.arange(n, dtype=np.int64) % 2))[:, None]


def within(longest: dict[int, int]) -> str:
    """The sizes of an enumeration in words, from the greatest S for each n."""
    return f"S <= {', '.join(map(str, longest.values()))} for n = {', '.join(map(str, longest))}"


def swap_controls(made: Any, *, coordinates: bool = True, fractions: bool = True) -> None:
    """The controls that every check of the swap construction must get right. `fractions=False` leaves out the true
    neighbour whose states are not whole numbers, for checks that enumerate too much to do it in fractions."""
    control(made, "sign-dropped", "refuted", construction=SignDropped(), reason="I - (e_a+e_b)(e_a+e_b)^T negates")
    control(made, "write-reversed", "refuted", construction=WriteReversed(), reason="the eigenvalue is 3, not -1")
    control(made, "beta-halved", "refuted", construction=HalfBeta(), reason="det of a swap is -1, of this token 0")
    control(made, "beta-doubled", "refuted", construction=DoubleBeta(), reason="|e_a - e_b|^2 = 2 already")
    control(made, "wrapped-in-a-byte", "refuted", construction=WrappedInAByte(), reason="85 times -3 is not 1")
    if fractions:
        control(
            made,
            "scale-moved",
            "confirmed",
            construction=ScaleMoved(),
            symmetry="only beta times the outer product of k and w enters the state",
        )
    control(
        made,
        "pair-reversed",
        "confirmed",
        construction=PairReversed(),
        symmetry="k and w both change sign: <-k, -w> = <k, w>",
    )
    if coordinates:
        control(
            made, "dimension-short", "refuted", construction=OneDimensionShort(), reason="the last slot cannot be read"
        )
        control(
            made,
            "coordinates-relabelled",
            "confirmed",
            construction=Relabelled(),
            symmetry="an orthogonal change of basis",
        )
        control(made, "basis-signs", "confirmed", construction=SignedUnits(), symmetry="an orthogonal change of basis")
