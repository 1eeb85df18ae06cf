"""Exact rational matrices: conversions, unit lower triangular systems, determinants, rank with witness, path counts.

Everything is computed by FLINT (python-flint) on integers and rationals; nothing is rounded. Floats are taken for what
they are, dyadic rationals: 0.1 is 3602879701896397 / 2**55. Matrices go in as nested lists, numpy arrays (integers,
floats, or objects holding int, Fraction, fmpz, fmpq, float) or FLINT matrices, and come out as fmpq_mat; `to_fractions`
and `to_integers` turn them into numpy object arrays. Errors are ValueErrors that name the entry.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat, fmpz, fmpz_mat
from jaxtyping import Shaped

Matrix = fmpq_mat | fmpz_mat | np.ndarray | Sequence[Sequence[Any]]


def _entry(value: Any, row: int, column: int) -> fmpz | fmpq:
    if isinstance(value, fmpz | fmpq):
        return value
    if isinstance(value, int | np.integer | np.bool_):
        return fmpz(int(value))
    if isinstance(value, float | np.floating):
        if not math.isfinite(value):
            raise ValueError(f"entry ({row}, {column}) is {value}: exact matrices need finite entries")
        return fmpq(*value.as_integer_ratio())
    if isinstance(value, Fraction):
        return fmpq(value.numerator, value.denominator)
    raise ValueError(
        f"entry ({row}, {column}) is {value!r} of type {type(value).__name__}: give int, Fraction, fmpq or a float"
    )


def to_matrix(values: Matrix) -> fmpq_mat:
    """The same matrix as fmpq_mat, exactly; (rows, columns) entries, a conversion each.

    ValueError for anything but two dimensions, for ragged rows, and for entries that are no finite rational number.
    """
    if isinstance(values, fmpq_mat):
        return values
    if isinstance(values, fmpz_mat):
        return fmpq_mat(values)
    if isinstance(values, np.ndarray):
        if values.ndim != 2:
            raise ValueError(f"array of shape {values.shape}: a matrix has two dimensions; reshape it")
        shape = (int(values.shape[0]), int(values.shape[1]))
        rows = values.tolist() if values.dtype.kind in "iubf" else list(values)
    else:
        rows = [list(row) for row in values]
        shape = (len(rows), len(rows[0]) if rows else 0)
        ragged = [i for i, row in enumerate(rows) if len(row) != shape[1]]
        if ragged:
            raise ValueError(
                f"row {ragged[0]} has {len(rows[ragged[0]])} entries, row 0 has {shape[1]}: give equal rows"
            )
    return fmpq_mat(shape[0], shape[1], [_entry(x, i, j) for i, row in enumerate(rows) for j, x in enumerate(row)])


def to_fractions(matrix: fmpq_mat) -> Shaped[np.ndarray, "rows columns"]:
    """Object array of Fractions with the same entries."""
    out = np.empty((matrix.nrows(), matrix.ncols()), dtype=object)
    for i, row in enumerate(matrix.tolist()):
        for j, x in enumerate(row):
            out[i, j] = Fraction(int(x.p), int(x.q))
    return out


def to_integers(matrix: fmpq_mat) -> Shaped[np.ndarray, "rows columns"]:
    """Object array of Python ints; ValueError names the first entry that is no integer."""
    numerators, denominator = matrix.numer_denom()
    if denominator != 1:
        i, j = next((i, j) for i, row in enumerate(matrix.tolist()) for j, x in enumerate(row) if x.q != 1)
        raise ValueError(f"entry ({i}, {j}) is {matrix[i, j]}, no integer: use to_fractions")
    out = np.empty((matrix.nrows(), matrix.ncols()), dtype=object)
    for i, row in enumerate(numerators.tolist()):
        for j, x in enumerate(row):
            out[i, j] = int(x)
    return out


def identity(n: int) -> fmpq_mat:
    """The n x n identity."""
    return fmpq_mat(n, n, [int(i == j) for i in range(n) for j in range(n)])


def _square(matrix: fmpq_mat, what: str) -> int:
    if matrix.nrows() != matrix.ncols():
        raise ValueError(f"{what} has shape ({matrix.nrows()}, {matrix.ncols()}): give a square matrix")
    return matrix.nrows()


def _strictly_lower(values: Matrix, what: str) -> fmpq_mat:
    matrix = to_matrix(values)
    _square(matrix, what)
    for i, row in enumerate(matrix.tolist()):
        for j in range(i, len(row)):
            if row[j] != 0:
                raise ValueError(
                    f"{what} has the entry {row[j]} at ({i}, {j}), on or above the diagonal: give a strictly lower "
                    "triangular matrix (np.tril(A, -1))"
                )
    return matrix


def unit_lower_inverse(strict: Matrix) -> fmpq_mat:
    """(I + A)^{-1} for strictly lower triangular A of shape (T, T); integers when A has integers.

    FLINT's dense inverse over the integers with denominators cleared: O(T^3) operations on numbers of O(T) digits.
    """
    matrix = _strictly_lower(strict, "A")
    return (identity(matrix.nrows()) + matrix).inv()


def solve_unit_lower(strict: Matrix, right: Matrix) -> fmpq_mat:
    """U with (I + A) U = V, exactly, for strictly lower triangular A of shape (T, T) and V of shape (T, d).

    O(T^3 + T^2 d) operations, as for the inverse.
    """
    matrix, values = _strictly_lower(strict, "A"), to_matrix(right)
    if values.nrows() != matrix.nrows():
        raise ValueError(f"V has {values.nrows()} rows, A has {matrix.nrows()}: give one row a token to both")
    if 0 in (values.nrows(), values.ncols()):
        return values
    return (identity(matrix.nrows()) + matrix).solve(values)


def determinant(values: Matrix) -> Fraction:
    """The determinant of a square matrix, exact; 1 for the empty matrix."""
    matrix = to_matrix(values)
    _square(matrix, "the matrix")
    result = matrix.det()
    return Fraction(int(result.p), int(result.q))


@dataclass(frozen=True)
class RankWitness:
    """Why a matrix of shape (m, n) has this rank.

    rows, columns: `rank` indices each, whose minor is nonsingular: the rank is no less.
    left (m, rank), right (rank, n): their product is the matrix: the rank is no more.
    """

    rank: int
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    left: fmpq_mat
    right: fmpq_mat

    def proves(self, values: Matrix) -> bool:
        """Whether the witness holds for this matrix: one determinant and one product, however it was found."""
        matrix, rank = to_matrix(values), self.rank
        shapes = (self.left.nrows(), self.left.ncols(), self.right.nrows(), self.right.ncols())
        if shapes != (matrix.nrows(), rank, rank, matrix.ncols()):
            return False
        for indices, size in ((self.rows, matrix.nrows()), (self.columns, matrix.ncols())):
            if len(indices) != rank or not all(0 <= i < size for i in indices):
                return False
        return _minor(matrix, self.rows, self.columns).det() != 0 and self.left * self.right == matrix


def _minor(matrix: fmpq_mat, rows: Sequence[int], columns: Sequence[int]) -> fmpq_mat:
    entries = matrix.tolist()
    return fmpq_mat(len(rows), len(columns), [entries[i][j] for i in rows for j in columns])


def _pivots(echelon: fmpq_mat, rank: int) -> tuple[int, ...]:
    return tuple(next(j for j, x in enumerate(row) if x != 0) for row in echelon.tolist()[:rank])


def rank_witness(values: Matrix) -> RankWitness:
    """The rank with a nonsingular minor and a factorisation; two reduced echelon forms, O(m n min(m, n)) operations.

    Pivot columns C and the nonzero rows R of the reduced echelon form give M = M[:, C] R. Rows that are independent in
    number `rank`, crossed with columns that are, give a nonsingular minor: M[rows, :] has rank `rank`, its columns are
    combinations of its columns C, since those of M are.
    """
    matrix = to_matrix(values)
    echelon, rank = matrix.rref()
    across, _ = matrix.transpose().rref()
    columns, rows = _pivots(echelon, rank), _pivots(across, rank)
    left = _minor(matrix, range(matrix.nrows()), columns)
    right = _minor(echelon, range(rank), range(matrix.ncols()))
    return RankWitness(rank, rows, columns, left, right)


def path_counts(adjacency: Matrix) -> Shaped[np.ndarray, "n n"]:
    """counts[t, s] = number of paths s -> t in a DAG with sorted nodes, 1 for t = s (the empty path): (I - N)^{-1}.

    adjacency: N of shape (n, n), N[t, s] = number of edges s -> t: non-negative integers, strictly lower triangular, as
    edges go from smaller to larger nodes. Object array of Python ints: counts reach 2**(n-2) without multiple edges.
    """
    matrix = _strictly_lower(adjacency, "the adjacency matrix")
    for t, row in enumerate(matrix.tolist()):
        for s, x in enumerate(row):
            if x < 0 or x.q != 1:
                raise ValueError(
                    f"edge multiplicity {x} at ({t}, {s}), for edges {s} -> {t}: give non-negative integers"
                )
    return to_integers((identity(matrix.nrows()) - matrix).inv())
