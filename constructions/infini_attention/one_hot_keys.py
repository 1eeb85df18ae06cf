"""d keys that are nearly one-hot under ELU + 1: pre-activation x in the own channel, -y in the others, and what a read owes to others.

g = 1 + x and E = e^-y are features. Derived here: see `infini-attention/recall/one-hot-like`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from constructions.infini_attention.streams import Segment
from theory.deltaformer import margins

__all__ = ["DIMENSION", "TENTHS", "one_hot_tokens", "share", "tenths_needed"]

DIMENSION = 128
TENTHS = 10


def one_hot_tokens(d: int, g: Any, e: Any) -> Segment:
    """d tokens with features g in the own channel and e elsewhere; values are the unit vectors."""
    return tuple((tuple(g if c == i else e for c in range(d)), tuple(int(c == i) for c in range(d))) for i in range(d))


def share(d: Any, r: Any) -> Any:
    """What the other d - 1 tokens contribute to the read at one of them, r = e / g; numbers or symbols."""
    return 1 - (1 + (d - 1) * r**2) / (1 + (d - 1) * r) ** 2


def tenths_needed(p: int, d: int = DIMENSION) -> int:
    """The least k at which y = k / 10, x = 0 has a share below 2^-p, by bisection with balls; the share falls with y."""
    low, high = 0, TENTHS * (p + d.bit_length() + 2)  # share <= 2 d e^-y < 2^-p at the upper end
    while high - low > 1:
        middle = (low + high) // 2
        with margins.precise():
            e = margins.ball(Fraction(-middle, TENTHS)).exp()
            below = bool(share(d, e) < margins.ball(Fraction(1, 2**p)))
        low, high = (low, middle) if below else (middle, high)
    return high
