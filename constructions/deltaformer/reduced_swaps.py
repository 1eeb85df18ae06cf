"""Theorem A': n slots in head dimension n - 1, one token a swap, linear kernel, contents distinct.

    write content x into slot j < n    k = w = e_j                    v = e_x
    write content x into slot n        k = -(1, ..., 1), w = 0        v = e_x    after the others
    swap slots a, b < n                k = w = e_a - e_b              v = 0
    swap slots a and n                 k = (1, ..., 1) + e_a, w = e_a v = 0
    read slot j < n                    q = e_j, the largest entry;  slot n: q = e_1, the smallest entry

Why: row j of the state holds y_j = c_j - c_n, the content of slot j less that of the last slot. Exchanging a and n makes
it c_j - c_a = y_j - y_a, and -y_a for j = a. y_j = e_x - e_z with x != z says both contents: x is where it is largest, z
where it is smallest. Slots count from 0 in the code, so the last is n - 1. Derived here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int, Shaped

from constructions.deltaformer.swap_tracking import Token
from constructions.deltaformer.tokens import Tokens
from theory.permutations import Permutation
from theory.programs import SwapProgram


@dataclass(frozen=True)
class ReducedSwaps:
    """The construction, over any unit vectors `e` and all-ones vector `ones` that belong together."""

    def units(self, n: int) -> Int[np.ndarray, "slots d"]:
        """The unit vectors of the slots before the last, as rows: (n - 1, n - 1)."""
        return np.eye(n - 1, dtype=np.int8)

    def write(self, e: Any, slot: Any) -> Token:
        """Put the token's value into a slot before the last."""
        return Token(k=e(slot), w=e(slot))

    def write_last(self, ones: Any) -> Token:
        """Put the token's value into the last slot: subtract it everywhere."""
        return Token(k=-ones, w=0 * ones)

    def swap(self, e: Any, a: Any, b: Any) -> Token:
        """Exchange two slots before the last."""
        return Token(k=e(a) - e(b), w=e(a) - e(b))

    def swap_last(self, e: Any, ones: Any, a: Any) -> Token:
        """Exchange slot a with the last."""
        return Token(k=ones + e(a), w=e(a))

    def read(self, e: Any, slot: Any) -> Any:
        """The query whose answer is the content of `slot` less that of the last."""
        return e(slot)

    def compile_batch(self, n: int, swaps: Int[np.ndarray, "batch length 2"]) -> Tokens:
        """T = n + length tokens of many programs, int8; a swap of a slot with itself becomes the zero token.

        Raises ValueError for n < 2 and for a slot out of range, which it names.
        """
        if n < 2:
            raise ValueError(f"n = {n} slots: head dimension n - 1 needs n >= 2; a single slot needs no tracking")
        outside = (swaps < 0) | (swaps >= n)
        if outside.any():
            row, token, side = (int(i) for i in np.argwhere(outside)[0])
            raise ValueError(f"program {row}, swap {token}: slot {int(swaps[row, token, side])} is outside 0..{n - 1}")
        table = self.units(n)
        ones = np.ones(table.shape[1], dtype=np.int8)
        padded = np.concatenate([table, 0 * ones[None]])

        def e(slots: Any) -> np.ndarray:
            return padded[slots]

        batch, length = swaps.shape[:2]
        a, b = swaps.min(axis=2), swaps.max(axis=2)
        with_last = ((b == n - 1) & (a != b))[..., None]
        inside, across = self.swap(e, a, b), self.swap_last(e, ones, a)
        first, last = self.write(e, np.arange(n - 1)), self.write_last(ones)

        def joined(name: str) -> np.ndarray:
            head = np.concatenate([getattr(first, name), getattr(last, name)[None]])
            body = np.where(with_last, getattr(across, name), getattr(inside, name))
            return np.concatenate([np.broadcast_to(head, (batch, *head.shape)), body], axis=1)

        values = np.zeros((batch, n + length, n), dtype=np.int8)
        values[:, :n] = np.eye(n, dtype=np.int8)
        return Tokens(
            joined("k"), joined("w"), values, np.ones((batch, n + length), np.int8), self.read(e, np.arange(n - 1))
        )

    def compile(self, program: SwapProgram) -> Tokens:
        """Tokens of one program; a swap of a slot with itself compiles to none."""
        batch = self.compile_batch(program.n, np.array(program.proper, dtype=np.int64).reshape(1, -1, 2))
        return Tokens(batch.k[0], batch.w[0], batch.v[0], batch.beta[0], batch.queries)

    def run(self, program: SwapProgram) -> Permutation:
        """What each slot holds after the program, by the operator over Q."""
        tokens = self.compile(program).cast("Q")
        return tuple(contents(tokens.read_out(tokens.first_stage())).tolist())


def contents(read: Shaped[np.ndarray, "*batch slots n"]) -> Int[np.ndarray, "*batch n"]:
    """The contents `(*batch, n)` from the rows y_j `(*batch, n - 1, n)`: argmax of each, and argmin of the first."""
    return np.concatenate([read.argmax(axis=-1), read[..., :1, :].argmin(axis=-1)], axis=-1)
