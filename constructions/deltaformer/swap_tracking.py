"""Theorem A: n slots tracked through any number of swaps, one token a swap, head dimension n, linear kernel.

    write content x into slot j    k = w = e_j           v = e_x    beta = 1
    swap slots a and b             k = w = e_a - e_b     v = 0      beta = 1
    read slot j                    q = e_j

Why: with S = sum_i k_i (x) u_i the state of the operator, one token maps S to (I - beta k w^T) S + k (x) v. For a swap
I - (e_a - e_b)(e_a - e_b)^T is the matrix that exchanges rows a and b; for a write row j becomes e_x and the others
stay. So row j of S is always the content of slot j. (DeltaNet with unit keys does the same with beta = 2, since
|e_a - e_b|^2 = 2: a swap is a reflection and needs the eigenvalue -1.)

The three token methods are written over an abstract unit-vector map `e`, so the object in the symbolic identity, in the
exhaustive integer check, in the certificates and in the torch module is one and the same. Source of the operator and
of the goal: Zhong, Xu, Ao, Shi, arXiv 2505.19488; the construction as stated here is derived here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int

from constructions.deltaformer.tokens import Tokens
from theory.permutations import Permutation
from theory.programs import SwapProgram

Units = Callable[[Any], Any]
"""Maps a slot, a symbol or an array of slots to its unit vector(s): numpy rows, torch rows, formal combinations."""


class Token(NamedTuple):
    """Key, write and beta of one token; its value is set by the caller (a content, or nothing)."""

    k: Any
    w: Any
    beta: int | Fraction = 1


@dataclass(frozen=True)
class OneHotSwaps:
    """The construction of Theorem A. `beta` is 1; the theorem is claimed for no other value, so others are refused."""

    beta: int | Fraction = 1

    def __post_init__(self) -> None:
        if self.beta != 1:
            raise ValueError(
                f"beta = {self.beta}: a swap token of this construction is a reflection only at beta = 1; subclass it "
                "and override `swap` to study another value"
            )

    def units(self, n: int) -> Int[np.ndarray, "n d"]:
        """The unit vectors e_0..e_{n-1} as rows."""
        return np.eye(n, dtype=np.int64)

    def write(self, e: Units, slot: Any) -> Token:
        """Put the token's value into `slot`, whatever it held."""
        return Token(k=e(slot), w=e(slot))

    def swap(self, e: Units, a: Any, b: Any) -> Token:
        """Exchange the contents of slots a and b."""
        return Token(k=e(a) - e(b), w=e(a) - e(b), beta=self.beta)

    def read(self, e: Units, slot: Any) -> Any:
        """The query that returns the content of `slot`."""
        return e(slot)

    def compile(self, program: SwapProgram) -> Tokens:
        """T = n + S' tokens for the S' proper swaps; a swap of a slot with itself compiles to no token."""
        swaps = np.array(program.proper, dtype=np.int64).reshape(1, -1, 2)
        batch = self.compile_batch(program.n, swaps)
        return Tokens(batch.k[0], batch.w[0], batch.v[0], batch.beta[0], batch.queries)

    def compile_batch(self, n: int, swaps: Int[np.ndarray, "batch length 2"]) -> Tokens:
        """Tokens of many programs at once, int64 (object when a weight is not an integer); O(batch (n + S) n).

        Here a swap of a slot with itself becomes the zero token, which changes nothing. Raises ValueError naming a
        slot out of range.
        """
        outside = (swaps < 0) | (swaps >= n)
        if outside.any():
            row, token, side = (int(i) for i in np.argwhere(outside)[0])
            raise ValueError(f"program {row}, swap {token}: slot {int(swaps[row, token, side])} is outside 0..{n - 1}")
        batch, length = swaps.shape[0], swaps.shape[1]
        table = self.units(n)

        def e(slots: Any) -> np.ndarray:
            return table[slots]

        slots = np.arange(n)
        writes, exchanges = self.write(e, slots), self.swap(e, swaps[..., 0], swaps[..., 1])
        values = np.zeros((batch, n + length, n), dtype=np.int64)
        values[:, :n] = np.eye(n, dtype=np.int64)
        return Tokens(
            k=_joined(writes.k, exchanges.k),
            w=_joined(writes.w, exchanges.w),
            v=values,
            beta=_joined(_column(writes.beta, (n, 1)), _column(exchanges.beta, (batch, length, 1)))[..., 0],
            queries=self.read(e, slots),
        )

    def run(self, program: SwapProgram) -> Permutation:
        """What each slot holds after the program, computed by the operator over Q. Raises ValueError if undecodable."""
        tokens = self.compile(program).cast("Q")
        return decode(tokens.read_out(tokens.first_stage()))


def _joined(writes: np.ndarray, swaps: np.ndarray) -> np.ndarray:
    return np.concatenate([np.broadcast_to(writes, (*swaps.shape[:1], *writes.shape)), swaps], axis=1)


def _column(beta: int | Fraction, shape: tuple[int, ...]) -> np.ndarray:
    integral = Fraction(beta).denominator == 1
    return np.full(shape, int(beta) if integral else Fraction(beta), dtype=np.int64 if integral else object)


def decode(read: Any) -> Permutation:
    """The contents from the rows of the read-out, which must be one-hot: content x reads as e_x.

    Raises ValueError naming the slot whose reading is no content.
    """
    contents = []
    for slot, row in enumerate(read.tolist()):
        ones = [x for x, value in enumerate(row) if value != 0]
        if len(ones) != 1 or row[ones[0]] != 1:
            raise ValueError(f"slot {slot} reads ({', '.join(map(str, row))}), which is no content")
        contents.append(ones[0])
    return tuple(contents)


def certificate(program: SwapProgram, construction: OneHotSwaps | None = None, claim: str = "") -> dict[str, Any]:
    """The instance for the trusted checker: slots, swaps, and every weight as a sparse row; O(T) for one-hot weights."""
    tokens = (construction or OneHotSwaps()).compile(program)
    return {
        "weightproof": 1,
        "kind": "swap-tracking",
        "claim": claim or "deltaformer/swap-tracking/linear-kernel",
        "data": {
            "slots": program.n,
            "swaps": [list(swap) for swap in program.proper],
            "tokens_per_swap": 1,
            "key_dimension": int(tokens.k.shape[-1]),
            "k": sparse_rows(tokens.k),
            "w": sparse_rows(tokens.w),
            "v": sparse_rows(tokens.v),
            "beta": [plain(b) for b in tokens.beta.tolist()],
            "queries": sparse_rows(tokens.queries),
        },
    }


def plain(value: int | Fraction) -> int | str:
    """A number as certificates write it: an integer, or a fraction as a string in lowest terms."""
    fraction = Fraction(value)
    return fraction.numerator if fraction.denominator == 1 else str(fraction)


def sparse_rows(matrix: np.ndarray) -> list[list[list[Any]]]:
    """Each row as [index, value] pairs in increasing order of index, zeros left out."""
    rows: list[list[list[Any]]] = [[] for _ in range(matrix.shape[0])]
    where = np.nonzero(matrix)
    for i, j, value in zip(where[0].tolist(), where[1].tolist(), matrix[where].tolist(), strict=True):
        rows[i].append([j, plain(value)])
    return rows
