"""Theorem D with keys and queries stored in a number format, with scores exact or rounded: how many swaps it can count.

Codes are signs, which every format holds; the position is not, beyond 2^p. Gap and temperature are chosen in the format,
rounded up, so that only positions (and scores) are at risk. `leak` bounds what softmax puts beside the newest match for every
program of S swaps at once, from the rounded scores; `worst_program` is where two equal keys have neighbouring positions.
Four slots, so that swap s ends at position start + 4 (s + 1).

S may be as large as the format counts, some 10^15 in fp64, so nothing here looks at all tokens of a long program. The gap is a
power of two, hence a score of an equal slot is gap times an integer that grows by 1 with every token: the tokens up to some
index are held exactly, and bisection finds it. To those the derived bound on the leak applies; the few others are looked at one
by one. A long program is run from the newest key of each slot before its last swaps; what that leaves out has weight at most
the leak, which `slack` carries through the tokens that are run. Derived here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from jaxtyping import Bool, Shaped

from constructions.deltaformer.coded_tokens import as_balls
from constructions.deltaformer.codes import binary_sign
from constructions.deltaformer.rounded_scores import RoundedScores, holds_all, raised, rounded
from constructions.deltaformer.slot_programs import POINTER_SWAP, SlotTokens
from constructions.layers import deltaformer as operator
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
OWN, OTHER = 3, 1
"""Inner products of three-sign codes: of a slot with itself, and the greatest of two slots."""


@dataclass(frozen=True)
class StoredPositions:
    """The construction for S swaps of four slots.

    fmt: of keys and queries. score_format: of scores, Q for exact ones. start: position of the sink. tail: how many of the
    last swaps are run token by token, at least, when the worst program is run; all when None.
    """

    fmt: Format
    score_format: Format = Q
    start: int = 0
    tail: int | None = None

    def tokens(self, swaps: int) -> int:
        """How many tokens there are before the readers."""
        return HEAD + 4 * swaps

    def depth(self, swaps: int) -> int:
        """The greatest pointer depth, of a reader."""
        return 2 * swaps + 2

    def gap(self, swaps: int) -> Fraction:
        """The least power of two that leaves errors below 1/4 when nothing is rounded."""
        needed, gap = margins.pointer_gap(self.depth(swaps), MARGIN), Fraction(1)
        while gap < needed:
            gap *= 2
        return raised(self.fmt, gap)

    def share(self, swaps: int) -> Fraction:
        """The temperature a sign, lam / N, in the format: a multiple of the gap."""
        code, gap = binary_sign(SLOTS + 3), self.gap(swaps)
        return raised(self.fmt, gap * -(-(self.tokens(swaps) + 1) // (code.gap * code.norm)))

    def stored(self, index: Any) -> Shaped[np.ndarray, " some"]:
        """The positions of tokens of these indices as the format stores them; Fractions."""
        return rounded(self.fmt, self.start + np.asarray(index, dtype=object))

    def scores(self, swaps: int, index: Any, inner: int) -> Shaped[np.ndarray, " some"]:
        """The rounded scores of these tokens for a query whose code has that inner product with theirs; Fractions."""
        exact = inner * self.share(swaps) + self.gap(swaps) * self.stored(index)
        return rounded(self.score_format, exact)

    def held_up_to(self, swaps: int) -> Callable[[int], bool]:
        """Whether the formats hold the positions and scores of all tokens up to one."""
        gap, share = self.gap(swaps), self.share(swaps)
        lows = [int(inner * share / gap) + self.start for inner in (OWN, OTHER)]

        def held(last: int) -> bool:
            positions = holds_all(self.fmt, Fraction(1), self.start, self.start + last)
            return positions and all(holds_all(self.score_format, gap, low, low + last) for low in lows)

        return held

    def unrounded(self, swaps: int) -> int:
        """How many tokens, from the first, have a position and scores that the formats hold; by bisection."""
        held, low, high = self.held_up_to(swaps), 0, self.tokens(swaps)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if held(middle) else (low, middle)
        return low

    def leak(self, swaps: int) -> float:
        """A bound on the weight beside the newest match, over all tokens of all programs of so many swaps; float64.

        When nothing is rounded, the derived bound. Else e^(difference of rounded scores) is summed over every older token that
        can have the same key, and over all tokens as if they had another slot's key with the greatest likeness: one by one
        over the tokens from shortly before the first that is rounded, and as a geometric series, which they are, over those
        before. Other matches are older, hence unrounded, and none has a lower score than the first token would have. A few
        roundings of relative size 2^-52 a term.
        """
        tokens, exact, gap = self.tokens(swaps), self.unrounded(swaps), self.gap(swaps)
        prefers_its_slot = (OWN - OTHER) * self.share(swaps) >= gap * (tokens + 1)
        if exact == tokens and prefers_its_slot:
            return float(margins.pointer_leak(gap))
        ratio = float(np.exp(-float(gap)))
        series = 1 / (1 - ratio)
        before = max(exact - 8, 0) if prefers_its_slot else 0
        index = np.array([*range(before, tokens)], dtype=object)
        same, other = (self.scores(swaps, index, inner) for inner in (OWN, OTHER))
        base = same[-1]
        near, far = ((x - base).astype(np.float64) for x in (same, other))
        older = np.exp(np.minimum(near[None, :] - near[:, None], 0)) * _may_share(tokens, before)
        others = np.exp(np.minimum(far[None, :] - near[:, None], 0))
        total = older.sum(axis=1) + others.sum(axis=1)
        if not before:
            return float(total.max())
        last, lowest = (
            [float(self.scores(swaps, [i], inner)[0] - base) for inner in (OWN, OTHER)] for i in (before - 1, 0)
        )
        total += series * (np.exp(np.minimum(last[0] - near, 0)) + np.exp(np.minimum(last[1] - near, 0)))
        reached = np.exp(np.minimum(far - lowest[0], 0)).sum() + series * np.exp(min(last[1] - lowest[0], 0))
        return float(max(total.max(), series * ratio + reached))

    def certified(self, swaps: int) -> bool:
        """Whether every program of so many swaps reads right: 2 delta D < 1/2, with room for the roundings of `leak`."""
        leak = self.leak(swaps) * (1 + 2.0**-20)
        return leak <= 0.5 and 2 * leak * self.depth(swaps) < 0.5

    def certified_swaps(self) -> int:
        """The largest S such that every S' <= S is certified: bisection while nothing is rounded, then one by one."""

        def whole(swaps: int) -> bool:
            return self.held_up_to(swaps)(self.tokens(swaps) - 1)

        low, high = 0, 1
        while whole(high):
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if whole(middle) else (low, middle)
        while self.certified(low + 1):
            low += 1
        return low

    def run_swaps(self, swaps: int) -> int:
        """How many of the last swaps are run: all, or so many that no token before them is rounded."""
        if self.tail is None:
            return swaps
        needed = swaps - max(self.unrounded(swaps) - HEAD, 0) // 4
        run = max(self.tail, needed)
        return swaps if run + 2 >= swaps else run

    def slack(self, swaps: int) -> Fraction:
        """How far what is run may read from what the whole program reads; 0 when all of it is run.

        A kept key is exact up to 2 delta D. A query gives to the tokens left out delta at most, all |u| being at most
        1 / (1 - delta), so each token that is run, and the reader, adds 2 delta / (1 - delta).
        """
        run = self.run_swaps(swaps)
        if run == swaps:
            return Fraction(0)
        leak = margins.pointer_leak(self.gap(swaps))
        return 2 * leak * (2 * (swaps - run) + 2) + (4 * run + 1) * 2 * leak / (1 - leak)

    def worst_program(self, swaps: int) -> SwapProgram:
        """Slots 3 and 1 exchanged again and again, 3 and 2 last: the last swap finds slot 3 behind two neighbouring keys.

        Slot 3 is the last to be written, so that even a single swap has neighbouring keys.
        """
        return SwapProgram(SLOTS, [(3, 1)] * (swaps - 1) + [(3, 2)] * min(swaps, 1))

    def reads(self, swaps: int) -> Shaped[np.ndarray, "n n"]:
        """What the four readers after the worst program return up to `slack`, float64 (middles of balls when short)."""
        run = self.run_swaps(swaps)
        left_out = max(swaps - run - 2 + (swaps - run) % 2, 0)
        slots = SlotTokens.compile(self.worst_program(swaps - left_out), POINTER_SWAP)
        first = len(slots.keys) - 4 * run
        kept = np.array([*sorted({int(k): t for t, k in enumerate(slots.keys[:first])}.values())], dtype=int)
        if not left_out:
            kept = np.arange(first)
        chosen = np.concatenate([kept, np.arange(first, len(slots.keys))])
        index = np.array([int(t) + (4 * left_out if t >= HEAD else 0) for t in chosen], dtype=object)
        code, gap, share = binary_sign(SLOTS + 3), self.gap(swaps), self.share(swaps)
        keys = np.concatenate([code.vectors[slots.keys[chosen]], self.stored(index)[:, None]], axis=1).astype(object)
        asked = np.concatenate([share * code.vectors, np.full((code.size, 1), gap, dtype=object)], axis=1)
        writes, queries = asked[slots.writes[chosen]], asked[:SLOTS]
        kernel = RoundedScores(self.score_format)
        if len(keys) > IN_BALLS:
            k, w, q = (x.astype(np.float64) for x in (keys, writes, queries))
            u = operator.solve(k, w, slots.contents.astype(np.float64), kernel=kernel)
            return kernel.weights(q, k) @ u
        with margins.precise():
            allowed = np.tri(len(keys), k=-1, dtype=bool)
            weights = kernel.weights(writes, keys, allowed)
            u = as_balls(slots.interpret()[chosen] if left_out else slots.contents)
            for t in range(len(kept) if left_out else 1, len(u)):
                u[t] = as_balls(slots.contents[chosen[t]]) - weights[t, :t] @ u[:t]
            read = kernel.weights(queries, keys) @ u
            return np.array([[float(x.mid()) for x in row] for row in read])

    def wrong_slot(self, swaps: int) -> int | None:
        """The first slot that the worst program certainly reads 1/2 or more off; None when there is none."""
        alike = self.worst_program(swaps if swaps < 2 else 2 + swaps % 2)  # an even number of exchanges changes nothing
        wanted = np.eye(SLOTS)[list(alike.contents())]
        bound = 0.5 + float(self.slack(swaps))
        wrong = np.flatnonzero(~(np.abs(self.reads(swaps) - wanted) < bound).all(axis=1))
        return int(wrong[0]) if wrong.size else None

    def first_failure(self, beyond: int, tries: int = 16) -> int | None:
        """The smallest S > beyond at which the worst program is read wrong; None within so many tries."""
        return next((s for s in range(beyond + 1, beyond + 1 + tries) if self.wrong_slot(s) is not None), None)


def _may_share(tokens: int, first: int = 0) -> Bool[np.ndarray, "time time"]:
    """[newer, older] from token `first` on: whether the keys of two tokens can name one slot, in some program.

    Not: two writes; a temporary and an ordinary slot; the sink and anything; a and b of one swap.
    """
    index = np.arange(first, tokens)
    place, swap = (index - HEAD) % 4, (index - HEAD) // 4
    kind = np.where(index == 0, 0, np.where(index < HEAD, 1, np.where(place == 1, 3, 2)))
    ordinary = (kind == 1) | (kind == 2)
    made = ordinary[:, None] & ordinary | (kind[:, None] == 3) & (kind == 3)
    made &= ~((kind[:, None] == 1) & (kind == 1))
    together = (swap[:, None] == swap) & (kind[:, None] == 2) & (kind == 2)
    is_b = place == 2
    made &= ~(together & (is_b[:, None] != is_b))
    return made & (index[:, None] > index)
