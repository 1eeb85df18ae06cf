"""Theorem D: n slots through normalised softmax with w = q and beta = 1, 4 tokens a swap, one temporary.

    score(i, t) = lam <r_{k_i}, r_{w_t}> / N + gap * i,   weights softmax over i < t:   the operator of flash-linear-attention

    sink                           first token, u = 0
    write content x into slot j    key r_j, query r_sink, v = e_x
    swap slots a and b             (k, w) = (a a) (c b) (b a) (a c)      c a temporary that may hold anything
    read slot j                    query r_j: a reader's o, or minus its u if its key is junk

Why: lam = gap (T + 1) / (1 - mu) makes an equal slot outweigh every difference of positions, so a query sees the newest token
with its slot's key, which leads by `gap` over the one before. In the limit of infinite gap that is the slot program
`POINTER_SWAP`; at finite gap a weight delta leaks, and rows being convex combinations the error grows with the depth D of
the pointer chain alone: at most 2 delta D. The gap is solved from it. n + 3 slots in all: head dimension
ceil(log2(n + 3)) + 1, the last coordinate of keys being the position. Derived here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from constructions.deltaformer.coded_tokens import Arithmetic, CodedTokens
from constructions.deltaformer.codes import Code, binary_sign
from constructions.deltaformer.slot_programs import POINTER_SWAP, SlotTokens, Template, decode
from constructions.deltaformer.temperatures import require_temperature
from constructions.layers.kernels import Softmax
from theory.deltaformer import margins
from theory.formats import FP64, Format
from theory.permutations import Permutation
from theory.programs import SwapProgram

__all__ = ["SoftmaxSwaps"]


@dataclass(frozen=True)
class SoftmaxSwaps:
    """The construction. `start` is the position of the first token.

    Raises ValueError when the template is no swap or not one of pointer semantics.
    """

    make_code: Callable[[int], Code] = binary_sign
    template: Template = POINTER_SWAP
    margin: Fraction = margins.HALF
    start: int = 0

    def __post_init__(self) -> None:
        if self.template.semantics != "pointer":
            raise ValueError(
                f"softmax sees the newest equal key alone; a program of {self.template.semantics} semantics needs a sum"
            )
        self.template.require()

    def code(self, n: int) -> Code:
        """One vector for each of the n slots, the temporaries, the sink and junk."""
        return self.make_code(n + self.template.extra_slots)

    def gap(self, program: SwapProgram) -> Fraction:
        """The lead of a match over the one before, solved from the pointer depth: every reading is within `margin`."""
        return margins.pointer_gap(1 + int(SlotTokens.compile(program, self.template).depths().max()), self.margin)

    def compile(self, program: SwapProgram, readers: bool = False, gap: Fraction | None = None) -> CodedTokens:
        """Keys `(r_k, position)` and queries `(lam r_w / N, gap)`, head dimension d + 1; `gap` is solved when None."""
        return self.encode(
            SlotTokens.compile(program, self.template, readers), self.gap(program) if gap is None else gap
        )

    def encode(self, slots: SlotTokens, gap: Fraction) -> CodedTokens:
        """The same for any tokens of pointer semantics."""
        code = self.code(slots.n)
        temperature = margins.slot_temperature(slots.length, gap, code.gap)
        positions = self.start + np.arange(slots.length)
        keys = np.concatenate([code.vectors[slots.keys], positions[:, None]], axis=1).astype(object)
        asked = np.concatenate([temperature * code.unit, np.full((code.size, 1), gap, dtype=object)], axis=1)
        return CodedTokens(slots, keys, asked[slots.writes], asked[: slots.n])

    def largest_score(self, tokens: CodedTokens) -> Fraction:
        """A bound on |score|: the temperature plus gap times the greatest position."""
        gap = Fraction(tokens.queries[0, -1])
        positions = max(abs(self.start), abs(self.start + tokens.slots.length - 1))
        return margins.slot_temperature(tokens.slots.length, gap, self.code(tokens.slots.n).gap) + gap * positions

    def kernel(self, number: Any) -> Softmax:
        """Softmax of the scores, which the queries already scale."""
        return Softmax(scale=number(1))

    def run(
        self, program: SwapProgram, gap: Fraction | None = None, arithmetic: Arithmetic = "fp64", fmt: Format = FP64
    ) -> Permutation:
        """What each slot holds after the program.

        Raises ValueError when a score overflows `fmt`, and when a reading is no content.
        """
        tokens = self.compile(program, gap=gap)
        chosen = Fraction(tokens.queries[0, -1])
        require_temperature(chosen, fmt, span=self.largest_score(tokens) / chosen)
        return decode(tokens.stages(self.kernel, arithmetic)[1], float(margins.HALF))
