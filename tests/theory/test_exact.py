"""Exact matrices against sympy, Fractions by hand and networkx."""

from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
import sympy
from flint import fmpq, fmpq_mat, fmpz, fmpz_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.exact import (
    RankWitness,
    determinant,
    identity,
    path_counts,
    rank_witness,
    solve_unit_lower,
    to_fractions,
    to_integers,
    to_matrix,
    unit_lower_inverse,
)

rationals = st.fractions(-5, 5, max_denominator=12)


@st.composite
def matrices(draw: st.DrawFn, square: bool = False) -> list[list[Fraction]]:
    rows = draw(st.integers(1, 5))
    columns = rows if square else draw(st.integers(1, 5))
    return [[draw(rationals) for _ in range(columns)] for _ in range(rows)]


@st.composite
def strictly_lower(draw: st.DrawFn) -> list[list[Fraction]]:
    size = draw(st.integers(1, 7))
    return [[draw(rationals) if j < i else Fraction(0) for j in range(size)] for i in range(size)]


def to_sympy(rows: list[list[Fraction]]) -> sympy.Matrix:
    return sympy.Matrix([[sympy.Rational(x.numerator, x.denominator) for x in row] for row in rows])


def from_sympy(matrix: sympy.MatrixBase) -> list[list[Fraction]]:
    return [[Fraction(str(x)) for x in row] for row in matrix.tolist()]


@given(rows=matrices())
def test_conversions_keep_every_entry(rows: list[list[Fraction]]) -> None:
    array = np.array(rows, dtype=object)
    assert to_fractions(to_matrix(rows)).tolist() == rows == to_fractions(to_matrix(array)).tolist()
    flint = np.array([[fmpq(x.numerator, x.denominator) for x in row] for row in rows], dtype=object)
    assert to_matrix(flint) == to_matrix(rows)


@given(x=st.floats(allow_nan=False, allow_infinity=False))
def test_floats_are_the_rationals_they_are(x: float) -> None:
    assert to_fractions(to_matrix(np.array([[x]])))[0, 0] == Fraction(x)
    narrow = np.float32(x) if abs(x) < 2.0**127 else np.float32(0.1)
    assert to_fractions(to_matrix(np.array([[narrow]])))[0, 0] == Fraction(float(narrow)) == Fraction(narrow.item())


def test_integers_of_every_kind() -> None:
    big = 3**80
    values = [[1, -2], [big, 0]]
    assert to_integers(to_matrix(values)).tolist() == values
    assert to_matrix(fmpz_mat(values)) == to_matrix([[fmpz(1), np.int8(-2)], [fmpz(big), np.bool_(False)]])
    assert to_matrix(np.array([[255]], dtype=np.uint8)) == fmpq_mat([[255]])
    assert type(to_integers(to_matrix(values))[1, 0]) is int


@given(rows=strictly_lower())
def test_inverse_as_sympy(rows: list[list[Fraction]]) -> None:
    expected = from_sympy((sympy.eye(len(rows)) + to_sympy(rows)).inv())
    assert to_fractions(unit_lower_inverse(rows)).tolist() == expected


@given(rows=strictly_lower(), columns=st.integers(0, 3), data=st.data())
def test_solution_by_forward_substitution(rows: list[list[Fraction]], columns: int, data: st.DataObject) -> None:
    right = [[data.draw(rationals) for _ in range(columns)] for _ in rows]
    solution: list[list[Fraction]] = []
    for t, row in enumerate(rows):
        solution.append([right[t][c] - sum(row[i] * solution[i][c] for i in range(t)) for c in range(columns)])
    values = np.array(right, dtype=object).reshape(len(rows), columns)
    assert to_fractions(solve_unit_lower(rows, values)).tolist() == solution


def test_two_hundred_tokens() -> None:
    strict = np.tril(np.random.default_rng(2).integers(-1, 2, (200, 200)), -1)
    inverse = unit_lower_inverse(strict)
    assert (to_matrix(strict) + identity(200)) * inverse == identity(200)
    assert to_integers(inverse).shape == (200, 200)


@given(rows=matrices(square=True))
def test_determinant_as_sympy(rows: list[list[Fraction]]) -> None:
    assert Fraction(str(to_sympy(rows).det())) == determinant(rows)


@settings(deadline=None)
@given(left=matrices(), data=st.data())
def test_rank_witness_as_sympy(left: list[list[Fraction]], data: st.DataObject) -> None:
    # a product through a thin middle, so that the rank is often not full
    middle = data.draw(st.integers(1, 3))
    a = to_sympy(left) * sympy.Matrix(len(left[0]), middle, lambda i, j: data.draw(st.integers(-2, 2)))
    rows = from_sympy(a * sympy.Matrix(middle, 4, lambda i, j: data.draw(st.integers(-2, 2))))
    witness = rank_witness(rows)
    assert witness.rank == to_sympy(rows).rank()
    assert witness.proves(rows)
    minor = to_sympy(rows).extract(list(witness.rows), list(witness.columns))
    assert witness.rank == 0 or minor.det() != 0
    assert (witness.left * witness.right) == to_matrix(rows)


def test_a_witness_proves_nothing_else() -> None:
    matrix = np.array([[0, 0, 1, 2], [0, 0, 2, 4], [0, 3, 0, 1]])
    good = rank_witness(matrix)
    assert (good.rank, good.rows, good.columns) == (2, (0, 2), (1, 2))
    assert good.proves(matrix)
    assert not good.proves(matrix + 1)
    assert not good.proves(matrix[:, :3])
    assert not RankWitness(2, (0, 1), (1, 2), good.left, good.right).proves(matrix)  # a singular minor
    assert not RankWitness(2, (0, 9), (1, 2), good.left, good.right).proves(matrix)  # no such row
    assert not RankWitness(2, (0, 0), (1, 2), good.left, good.right).proves(matrix)  # a row twice
    assert not RankWitness(1, (0,), (2,), good.left, good.right).proves(matrix)  # shapes of another rank
    assert not RankWitness(3, (0, 1, 2), (1, 2, 3), identity(3), to_matrix(matrix)).proves(matrix)  # too large a rank


def test_empty_and_zero_matrices() -> None:
    for shape in ((0, 0), (0, 3), (3, 0), (2, 3)):
        zero = np.zeros(shape, dtype=np.int64)
        assert rank_witness(zero).rank == 0
        assert rank_witness(zero).proves(zero)
    assert determinant(np.zeros((0, 0))) == 1
    assert path_counts(np.zeros((0, 0))).shape == (0, 0)
    assert solve_unit_lower(np.zeros((0, 0)), np.zeros((0, 2))).ncols() == 2


@given(data=st.data(), n=st.integers(1, 7))
def test_path_counts_as_networkx(data: st.DataObject, n: int) -> None:
    adjacency = np.array([[data.draw(st.integers(0, 2)) if s < t else 0 for s in range(n)] for t in range(n)])
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from((s, t) for t in range(n) for s in range(t) for _ in range(adjacency[t, s]))
    counts = path_counts(adjacency)
    for s in range(n):
        for t in range(n):
            expected = 1 if s == t else sum(1 for _ in nx.all_simple_paths(graph, s, t))  # one entry a multi-edge path
            assert counts[t, s] == expected
            assert (counts[t, s] > 0) == nx.has_path(graph, s, t)


def test_the_complete_dag_doubles() -> None:
    n = 80
    counts = path_counts(np.tril(np.ones((n, n), dtype=np.int64), -1))
    assert counts[n - 1, 0] == 2 ** (n - 2)  # beyond int64
    assert type(counts[n - 1, 0]) is int


def test_errors_at_the_door() -> None:
    with pytest.raises(ValueError, match=r"entry 2 at \(1, 1\), on or above the diagonal"):
        unit_lower_inverse([[0, 0], [1, 2]])
    with pytest.raises(ValueError, match=r"entry 1/2 at \(0, 1\)"):
        solve_unit_lower([[0, Fraction(1, 2)], [0, 0]], [[1], [1]])
    with pytest.raises(ValueError, match=r"V has 1 rows, A has 2"):
        solve_unit_lower([[0, 0], [1, 0]], [[1]])
    with pytest.raises(ValueError, match=r"shape \(1, 2\): give a square"):
        determinant([[1, 2]])
    with pytest.raises(ValueError, match=r"entry \(0, 1\) is nan"):
        to_matrix(np.array([[1, np.nan]]))
    with pytest.raises(ValueError, match=r"entry \(0, 0\) is 'x' of type str"):
        to_matrix([["x"]])
    with pytest.raises(ValueError, match="row 1 has 1 entries, row 0 has 2"):
        to_matrix([[1, 2], [3]])
    with pytest.raises(ValueError, match=r"shape \(3,\)"):
        to_matrix(np.zeros(3))
    with pytest.raises(ValueError, match=r"entry \(1, 0\) is 1/2, no integer"):
        to_integers(to_matrix([[1], [Fraction(1, 2)]]))
    with pytest.raises(ValueError, match=r"edge multiplicity -1 at \(1, 0\), for edges 0 -> 1"):
        path_counts([[0, 0], [-1, 0]])
