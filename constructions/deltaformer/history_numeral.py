"""A head of dimension 1 that remembers every swap: the state is a numeral whose digits are the swaps.

    swap number r of m - 1 possible ones    k = 1    w = 1 - m    v = r    beta = 1

The state x becomes x + (r - (1 - m) x) = m x + r. Digits run from 1 to m - 1, so the numeral names the sequence of swaps
and its length, for every length, and a decoder that may be any function finds the arrangement. The numbers grow by
log2(m) bits a swap. Derived here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from constructions.layers import deltaformer as operator
from theory.permutations import Permutation, all_swaps, contents_after
from theory.programs import SwapProgram


@dataclass(frozen=True)
class HistoryNumeral:
    """The construction; `modulus` keeps only the residue of the state, for comparison (0: all of it)."""

    modulus: int = 0
    head_dimension = 1

    def state(self, program: SwapProgram) -> int:
        """The state after the proper swaps, by the operator over the integers; one token a swap."""
        number = {swap: r for r, swap in enumerate(all_swaps(program.n), 1)}
        digits = [number[min(a, b), max(a, b)] for a, b in program.proper]
        one = np.ones((len(digits), 1), dtype=object)
        values = np.array(digits, dtype=object).reshape(-1, 1)
        u = operator.recurrence(one, -one * len(number), values)
        final = int(u.sum()) if digits else 0
        return final % self.modulus if self.modulus else final

    def decode(self, n: int, state: int) -> Permutation:
        """The arrangement of the n slots, from the state alone."""
        swaps, base = all_swaps(n), len(all_swaps(n)) + 1
        taken = []
        while state:
            state, digit = divmod(state, base)
            if digit == 0:
                raise ValueError(f"state with a digit 0 in base {base}: no sequence of swaps leads to it")
            taken.append(swaps[digit - 1])
        return contents_after(n, reversed(taken))
