"""Ranks and determinants as files for the trusted checker."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from constructions.deltaformer.swap_tracking import plain
from theory.exact import determinant, rank_witness, to_fractions


def _rows(matrix: Any) -> list[list[int | str]]:
    return [[plain(Fraction(x)) for x in row] for row in matrix]


def rank_certificate(matrix: np.ndarray, claim: str, stated: int | None = None) -> dict[str, Any]:
    """That `matrix` `(rows, columns)` has the rank stated, by default its own; O(rows columns rank) to make.

    A rank of another value is written down as it is stated, with the best witness there is, for the checker to reject.
    """
    witness = rank_witness(matrix)
    rank = witness.rank if stated is None else stated
    height, width = matrix.shape
    left, right = (to_fractions(x) for x in (witness.left, witness.right))
    spare = max(0, rank - witness.rank)
    left = np.concatenate([left, np.zeros((height, spare), dtype=object)], axis=1)[:, :rank]
    right = np.concatenate([right, np.zeros((spare, width), dtype=object)])[:rank]
    return {
        "weightproof": 1,
        "kind": "rank",
        "claim": claim,
        "data": {
            "matrix": _rows(matrix.tolist()),
            "rank": rank,
            "rows": _indices(witness.rows, rank, height),
            "columns": _indices(witness.columns, rank, width),
            "left": _rows(left.tolist()),
            "right": _rows(right.tolist()),
        },
    }


def _indices(found: tuple[int, ...], count: int, size: int) -> list[int]:
    return [*found, *(i for i in range(size) if i not in found)][:count]


def determinant_certificate(matrix: np.ndarray, claim: str, stated: int | Fraction | None = None) -> dict[str, Any]:
    """That the square `matrix` has the determinant stated, by default its own."""
    value = determinant(matrix) if stated is None else stated
    data = {"matrix": _rows(matrix.tolist()), "determinant": plain(Fraction(value))}
    return {"weightproof": 1, "kind": "determinant", "claim": claim, "data": data}
