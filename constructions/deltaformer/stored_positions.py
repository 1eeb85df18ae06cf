"""Theorem D with keys and queries stored in a number format, with scores exact or rounded: how many swaps it can count.

Codes are signs, which every format holds; the position is not, beyond 2^p. Gap and temperature are chosen in the format,
rounded up, so that only positions (and scores) are at risk. `leak` bounds what softmax puts beside the newest match for every
program of S swaps at once, from the rounded scores; `worst_program` is where two equal keys have neighbouring positions.
Four slots, so that swap s ends at position start + 4 (s + 1). Derived here.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from jaxtyping import Bool, Shaped

from constructions.deltaformer.coded_tokens import as_balls
from constructions.deltaformer.codes import binary_sign
from constructions.deltaformer.slot_programs import POINTER_SWAP, SlotTokens
from constructions.deltaformer.temperatures import require_temperature
from constructions.layers import deltaformer as operator
from constructions.layers.kernels import Kernel, Softmax
from theory.deltaformer import margins
from theory.formats import Format, Q
from theory.programs import SwapProgram

__all__ = ["SLOTS", "StoredPositions"]

SLOTS = 4
HEAD = SLOTS + 1
"""Tokens before the swaps: the sink and a write a slot."""
MARGIN = Fraction(1, 4)
IN_BALLS = 64
"""Programs of at most this many tokens run in balls, longer ones in float64, which holds their scores exactly."""


@dataclass(frozen=True)
class RoundedScores(Kernel):
    """Softmax of scores rounded to a format; over float64, or over rationals, whose weights are balls."""

    fmt: Format
    normalised = True

    def weights(self, queries: Any, keys: Any, allowed: Any = None) -> Any:
        scores = queries @ keys.T
        if scores.dtype == object:
            return Softmax().weights(
                as_balls(rounded(self.fmt, scores)), as_balls(np.eye(len(keys), dtype=int)), allowed
            )
        return Softmax().weights(self.fmt.round_array(scores), np.eye(len(keys)), allowed)


def rounded(fmt: Format, x: Any) -> Shaped[np.ndarray, ...]:
    """Every entry of an array of rationals rounded to the format, as Fractions."""
    made = np.empty(np.shape(x), dtype=object)
    for index, value in np.ndenumerate(x):
        made[index] = fmt.round(Fraction(value))
    return made


def raised(fmt: Format, x: Fraction) -> Fraction:
    """The least number of the format that is not below x > 0. Raises ValueError where there is none, naming the largest."""
    require_temperature(x, fmt)
    near = fmt.round(x)
    if near >= x or fmt.precision is None:
        return near
    exponent = near.numerator.bit_length() - near.denominator.bit_length()
    exponent -= near < Fraction(2) ** exponent
    return near + Fraction(2) ** (exponent - fmt.precision + 1)


@dataclass(frozen=True)
class StoredPositions:
    """The construction for S swaps of four slots.

    fmt: of keys and queries. score_format: of scores, Q for exact ones. start: position of the sink. tail: how many of the S swaps
    are run, the last ones, at the positions they have among S; all when None.
    """

    fmt: Format
    score_format: Format = Q
    start: int = 0
    tail: int | None = None

    def run_swaps(self, swaps: int) -> int:
        """How many swaps are run."""
        return swaps if self.tail is None else min(swaps, self.tail)

    def tokens(self, swaps: int) -> int:
        """How many tokens are run."""
        return HEAD + 4 * self.run_swaps(swaps)

    def depth(self, swaps: int) -> int:
        """The greatest pointer depth, of a reader."""
        return 2 * self.run_swaps(swaps) + 2

    def gap(self, swaps: int) -> Fraction:
        """The least power of two that leaves errors below 1/4 when nothing is rounded."""
        needed, gap = margins.pointer_gap(self.depth(swaps), MARGIN), Fraction(1)
        while gap < needed:
            gap *= 2
        return raised(self.fmt, gap)

    def share(self, swaps: int) -> Fraction:
        """The temperature a sign, lam / N, in the format: a multiple of the gap where that is representable."""
        code, gap = binary_sign(SLOTS + 3), self.gap(swaps)
        return raised(self.fmt, gap * -(-(self.tokens(swaps) + 1) // (code.gap * code.norm)))

    def places(self, swaps: int) -> Shaped[np.ndarray, " time"]:
        """The positions of the tokens that are run: Python integers, or float64 for many tokens."""
        first, steps = self.start + 4 * (swaps - self.run_swaps(swaps)), np.arange(self.tokens(swaps))
        return first + steps.astype(object) if len(steps) <= IN_BALLS else (first + steps).astype(np.float64)

    def positions(self, swaps: int) -> Shaped[np.ndarray, " time"]:
        """Those positions as the format stores them: Fractions, or float64 for many tokens."""
        return rounded(self.fmt, self.places(swaps))

    def scores(self, swaps: int, stored: Shaped[np.ndarray, " time"], inner: int) -> Shaped[np.ndarray, " time"]:
        """Scores before rounding, of keys at these positions whose code has that inner product with the query's."""
        gap, share = self.gap(swaps), self.share(swaps)
        return inner * share + gap * stored if stored.dtype == object else float(inner * share) + float(gap) * stored

    def nothing_rounded(self, swaps: int) -> bool:
        """Whether every position, and every score of an equal slot, is held exactly."""
        stored = self.positions(swaps)
        own = self.scores(swaps, stored, 3)
        return bool((stored == self.places(swaps)).all() and (rounded(self.score_format, own) == own).all())

    def leak(self, swaps: int) -> float:
        """A bound on the weight beside the newest match, over all tokens of all programs of so many swaps; float64.

        Sums e^(difference of rounded scores) over every older token that can have the same key, and over all tokens as if
        they had another slot's key with the greatest likeness. A few roundings of relative size 2^-52 a term.
        """
        stored = self.positions(swaps)
        same, other = (rounded(self.score_format, self.scores(swaps, stored, inner)) for inner in (3, 1))
        base = same[-1]
        same, other = ((x - base).astype(np.float64) for x in (same, other))
        older = np.exp(np.minimum(same[None, :] - same[:, None], 0)) * _may_share(len(stored))
        others = np.exp(np.minimum(other[None, :] - same[:, None], 0))
        return float((older.sum(axis=1) + others.sum(axis=1)).max())

    def certified(self, swaps: int) -> bool:
        """Whether every program of so many swaps reads right: 2 delta D < 1/2, with room for the roundings of `leak`."""
        leak = self.leak(swaps) * (1 + 2.0**-20)
        return leak <= 0.5 and 2 * leak * self.depth(swaps) < 0.5

    def worst_program(self, swaps: int) -> SwapProgram:
        """Slots 0 and 1 exchanged again and again, 0 and 2 last: the last swap reads slot 0 behind two neighbouring keys 0."""
        run = self.run_swaps(swaps)
        return SwapProgram(SLOTS, [(0, 1)] * (run - 1) + [(0, 2)] * min(run, 1))

    def reads(self, swaps: int) -> Shaped[np.ndarray, "n n"]:
        """What the four readers after the worst program return, float64 (middles of balls when short)."""
        slots, code = SlotTokens.compile(self.worst_program(swaps), POINTER_SWAP), binary_sign(SLOTS + 3)
        gap, share = self.gap(swaps), self.share(swaps)
        keys = np.concatenate([code.vectors[slots.keys], self.positions(swaps)[:, None]], axis=1).astype(object)
        asked = np.concatenate([share * code.vectors, np.full((code.size, 1), gap, dtype=object)], axis=1)
        writes, queries = asked[slots.writes], asked[:SLOTS]
        kernel = RoundedScores(self.score_format)
        if len(keys) > IN_BALLS:
            k, w, q = (x.astype(np.float64) for x in (keys, writes, queries))
            u = operator.solve(k, w, slots.contents.astype(np.float64), kernel=kernel)
            return kernel.weights(q, k) @ u
        with margins.precise():
            allowed = np.tri(len(keys), k=-1, dtype=bool)
            weights = kernel.weights(writes, keys, allowed)
            u = as_balls(slots.contents)
            for t in range(1, len(u)):
                u[t] = u[t] - weights[t, :t] @ u[:t]
            read = kernel.weights(queries, keys) @ u
            return np.array([[float(x.mid()) for x in row] for row in read])

    def wrong_slot(self, swaps: int) -> int | None:
        """The first slot whose reading is 1/2 or more from what it holds after the worst program; None when there is none."""
        wanted = np.eye(SLOTS)[list(self.worst_program(swaps).contents())]
        wrong = np.flatnonzero(~(np.abs(self.reads(swaps) - wanted) < 0.5).all(axis=1))
        return int(wrong[0]) if wrong.size else None

    def certified_swaps(self) -> int:
        """The largest S such that every S' <= S is certified: bisection while nothing is rounded, then one by one."""
        low, high = 0, 1
        if not self.nothing_rounded(low):
            high = 0
        while high and self.nothing_rounded(high):
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.nothing_rounded(middle) else (low, middle)
        while self.certified(low + 1):
            low += 1
        return low

    def first_failure(self, beyond: int, tries: int = 16) -> int | None:
        """The smallest S > beyond at which the worst program is read wrong; None within so many tries."""
        return next((s for s in range(beyond + 1, beyond + 1 + tries) if self.wrong_slot(s) is not None), None)


def _may_share(tokens: int) -> Bool[np.ndarray, "time time"]:
    """[newer, older]: whether the keys of two tokens can name one slot, in some program.

    Not: two writes; a temporary and an ordinary slot; the sink and anything; a and b of one swap.
    """
    index = np.arange(tokens)
    place, swap = (index - HEAD) % 4, (index - HEAD) // 4
    kind = np.where(index == 0, 0, np.where(index < HEAD, 1, np.where(place == 1, 3, 2)))
    ordinary = (kind == 1) | (kind == 2)
    made = ordinary[:, None] & ordinary | (kind[:, None] == 3) & (kind == 3)
    made &= ~((kind[:, None] == 1) & (kind == 1))
    together = (swap[:, None] == swap) & (kind[:, None] == 2) & (kind == 2)
    is_b = place == 2
    made &= ~(together & (is_b[:, None] != is_b))
    return made & (index[:, None] > index)
