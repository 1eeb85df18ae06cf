"""Theorem B: n slots in head dimension O(log n), one token a swap, rounded kernel.

    Theorem A with a code r_j in place of the unit vector e_j, and kernel = <x, y> / N rounded to the nearest integer

Why: x and y are codes or differences of two codes, so <x, y> / N and the inner product of the unit vectors they stand for
differ by at most four inner products of different codes, each at most the coherence mu. Below mu = 1/8 that is less than
1/2, and rounding removes it: all kernel values, hence U and O, are those of Theorem A. Derived here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from jaxtyping import Int, Shaped

from constructions.deltaformer.codes import ROUNDED_BOUND, Code, random_sign
from constructions.deltaformer.swap_tracking import OneHotSwaps, decode
from constructions.deltaformer.tokens import Tokens
from constructions.layers import deltaformer as operator
from constructions.layers.kernels import Rounded
from theory.permutations import Permutation
from theory.programs import SwapProgram

TERMS = 4
"""The most inner products of different codes in <r_a - r_b, r_c - r_d>."""


@dataclass(frozen=True)
class RoundedSwaps(OneHotSwaps):
    """The construction for a code, whose first n vectors serve n slots.

    Raises ValueError for a coherence of 1/8 or more, and, when a program has more slots than the code vectors.
    """

    beta: int | Fraction = field(default=1, kw_only=True)
    code: Code = field(default_factory=lambda: random_sign(2, seed=0))

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.code.coherence >= ROUNDED_BOUND:
            raise ValueError(
                f"code {self.code.name} with n = {self.code.size}, d = {self.code.dimension} has coherence "
                f"{self.code.coherence}: rounding tells swap tokens apart below 1/8; take more coordinates"
            )

    def units(self, n: int) -> Int[np.ndarray, "n d"]:
        """The codes of the slots, as rows."""
        return self.code.first(n).vectors

    @property
    def kernel(self) -> Rounded:
        """<x, y> / N to the nearest integer."""
        return Rounded(Fraction(self.code.norm))

    def stages(self, tokens: Tokens) -> tuple[Shaped[np.ndarray, "*batch time n"], Shaped[np.ndarray, "*batch n n"]]:
        """U and what the n readers after the last token return, by the operator in float64, where all values are exact."""
        cast = tokens.cast(np.float64)
        u = operator.solve(cast.k, cast.w, cast.v, cast.beta, kernel=self.kernel)
        return u, self.kernel.weights(cast.queries, cast.k) @ u

    def run(self, program: SwapProgram) -> Permutation:
        """What each slot holds after the program. Raises ValueError if a reading is no content."""
        return decode(self.stages(self.compile(program))[1])
