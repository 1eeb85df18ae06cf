"""Head dimension n - 1 with w = k: Theorem A's swaps, written and read along unit vectors less their mean.

    p_j = e_j - (1, ..., 1) / n
    write content x into slot j    k = w = p_j          v = e_x    beta = 0
    swap slots a and b             k = w = e_a - e_b    v = 0      beta = 1
    read slot j                    q = p_j, the largest entry

Why: e_a - e_b = p_a - p_b, so every vector is orthogonal to (1, ..., 1), and the n - 1 dimensions that are left will do; a reader
gets c_j less the mean content, and swaps, which are reflections, exchange those as they exchange contents. In n coordinates, as
here, the vectors are rational; in n - 1 orthonormal ones they are not, from n = 3 on. Derived here.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
from jaxtyping import Shaped

from constructions.deltaformer.swap_tracking import Token
from constructions.layers import deltaformer as operator
from theory.programs import SwapProgram


@dataclass(frozen=True)
class CentredSwaps:
    """The construction, over any unit vectors `e` and all-ones vector `ones` that belong together."""

    def part(self, n: Any) -> Any:
        """The weight of (1, ..., 1) in p_j, 1 / n; n a number or a symbol."""
        return Fraction(1, n) if isinstance(n, int) else 1 / n

    def write(self, e: Any, ones: Any, part: Any, slot: Any) -> Token:
        """Put the token's value into an empty slot."""
        vector = ones * -part + e(slot)
        return Token(vector, vector, 0)

    def swap(self, e: Any, a: Any, b: Any) -> Token:
        """Exchange slots a and b."""
        return Token(e(a) - e(b), e(a) - e(b))

    def read(self, e: Any, ones: Any, part: Any, slot: Any) -> Any:
        """The query whose answer is the content of `slot` less the mean content."""
        return ones * -part + e(slot)

    def vectors(self, n: int) -> Shaped[np.ndarray, "some n"]:
        """All keys there are: p_j of every slot, e_a - e_b of every pair; Fractions. They span n - 1 dimensions."""
        e, ones = _units(n)
        writes = [self.write(e, ones, self.part(n), slot).k for slot in range(n)]
        return np.stack([*writes, *(self.swap(e, a, b).k for a, b in combinations(range(n), 2))])

    def readings(self, program: SwapProgram) -> Shaped[np.ndarray, "n n"]:
        """What the readers of all slots find after the program, by the operator over Q."""
        n = program.n
        e, ones = _units(n)
        tokens = [self.write(e, ones, self.part(n), slot) for slot in range(n)]
        tokens += [self.swap(e, a, b) for a, b in program.proper]
        k, w = (np.stack([getattr(token, name) for token in tokens]) for name in "kw")
        values = np.eye(len(tokens), n, dtype=np.int64).astype(object)
        betas = np.array([token.beta for token in tokens], dtype=object)
        u = operator.solve(k, w, values, betas)
        queries = np.stack([self.read(e, ones, self.part(n), slot) for slot in range(n)])
        return queries @ (k.T @ u)


def _units(n: int) -> tuple[Any, Shaped[np.ndarray, " n"]]:
    table = np.eye(n, dtype=np.int64).astype(object) * Fraction(1)
    return lambda slot: table[slot], np.array([Fraction(1)] * n, dtype=object)
