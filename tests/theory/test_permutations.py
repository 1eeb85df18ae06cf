"""Permutations against sympy.combinatorics and against all sequences of swaps."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy.combinatorics import Permutation

from theory.permutations import (
    all_swaps,
    as_transpositions,
    compose,
    contents_after,
    contents_after_batch,
    identity,
    inverse,
    sign,
    swap_columns,
    swap_sequences,
    transposition,
)

some_permutation = st.integers(1, 9).flatmap(lambda n: st.permutations(range(n)))


@st.composite
def some_swaps(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]]]:
    n = draw(st.integers(1, 8))
    slot = st.integers(0, n - 1)
    return n, draw(st.lists(st.tuples(slot, slot), max_size=12))


def test_the_convention_on_an_asymmetric_example() -> None:
    # swaps act on slots: after (0 1), then (1 2), thing 0 has gone to slot 1 and on to slot 2
    assert contents_after(3, [(0, 1), (1, 2)]) == (1, 2, 0)
    assert contents_after(3, [(1, 2), (0, 1)]) == (2, 0, 1)
    assert transposition(4, 1, 3) == (0, 3, 2, 1)


@given(case=some_swaps())
def test_contents_as_sympy(case: tuple[int, list[tuple[int, int]]]) -> None:
    n, swaps = case
    # sympy multiplies from left to right; slots are swapped, so the later swap is applied first to the slot
    expected = Permutation(range(n))
    for a, b in swaps:
        step = list(range(n))
        step[a], step[b] = step[b], step[a]
        expected = Permutation(step) * expected
    assert Permutation(list(contents_after(n, swaps))) == expected


@given(case=some_swaps(), cut=st.integers(0, 12))
def test_composition_is_concatenation(case: tuple[int, list[tuple[int, int]]], cut: int) -> None:
    n, swaps = case
    whole = compose(contents_after(n, swaps[:cut]), contents_after(n, swaps[cut:]))
    assert whole == contents_after(n, swaps)


@given(permutation=some_permutation)
def test_inverse_and_sign_as_sympy(permutation: list[int]) -> None:
    theirs = Permutation(permutation)
    assert Permutation(list(inverse(permutation))) * theirs == Permutation(range(len(permutation)))
    assert sign(permutation) == theirs.signature()
    assert compose(permutation, inverse(permutation)) == identity(len(permutation))


def test_sign_is_the_determinant() -> None:
    for p in permutations(range(4)):
        assert sign(p) == round(np.linalg.det(np.eye(4)[list(p)]))


@given(case=some_swaps(), copies=st.integers(0, 5))
def test_batch_is_the_loop(case: tuple[int, list[tuple[int, int]]], copies: int) -> None:
    n, swaps = case
    rows = [swaps[i:] + swaps[:i] for i in range(copies)]
    array = np.array(rows, dtype=np.int64).reshape(copies, len(swaps), 2)
    got = contents_after_batch(n, array)
    assert got.shape == (copies, n)
    assert [tuple(row) for row in got.tolist()] == [contents_after(n, row) for row in rows]


def test_swap_columns_in_place_and_row_by_row() -> None:
    contents = np.tile(np.arange(3), (3, 1))
    swap_columns(contents, np.array([0, 1, 2]), np.array([1, 2, 2]))
    assert contents.tolist() == [[1, 0, 2], [0, 2, 1], [0, 1, 2]]


@pytest.mark.parametrize("n", range(1, 7))
def test_fewest_swaps_of_all_permutations(n: int) -> None:
    # breadth-first over all swaps is the oracle for "the fewest": no word is shorter
    distance, frontier = {identity(n): 0}, [identity(n)]
    for p in frontier:
        for swap in all_swaps(n):
            q = compose(p, transposition(n, *swap))
            if q not in distance:
                distance[q] = distance[p] + 1
                frontier.append(q)
    assert len(distance) == len(list(permutations(range(n))))
    for p, length in distance.items():
        swaps = as_transpositions(p)
        assert contents_after(n, swaps) == p
        assert len(swaps) == length <= n - 1


def test_every_element_of_s5_is_at_most_four_swaps() -> None:
    lengths = [len(as_transpositions(p)) for p in permutations(range(5))]
    assert max(lengths) == 4
    assert lengths.count(4) == 24  # the five-cycles


@pytest.mark.parametrize(("n", "length"), [(1, 0), (1, 2), (2, 3), (3, 0), (3, 3), (4, 2)])
@pytest.mark.parametrize("batch", [1, 5, 4096])
def test_swap_sequences_lists_all_once(n: int, length: int, batch: int) -> None:
    parts = list(swap_sequences(n, length, batch))
    assert all(part.shape[1:] == (length, 2) and 1 <= len(part) <= batch for part in parts)
    rows = [tuple(map(tuple, row)) for part in parts for row in part.tolist()]
    assert len(set(rows)) == len(rows) == (n * (n - 1) // 2) ** length
    assert all(0 <= a < b < n for row in rows for a, b in row)


def test_three_swaps_of_three_reach_only_odd_permutations() -> None:
    reached = {tuple(c) for part in swap_sequences(3, 3) for c in contents_after_batch(3, part).tolist()}
    assert reached == {p for p in permutations(range(3)) if sign(p) == -1}


def test_errors_at_the_door() -> None:
    with pytest.raises(ValueError, match=r"slot 5 in the swap at token 1 is out of range: slots are 0\.\.4"):
        contents_after(5, [(0, 1), (2, 5)])
    bad = np.zeros((3, 4, 2), dtype=np.int64)
    bad[2, 3, 0] = -1
    with pytest.raises(ValueError, match=r"slot -1 in the swap at token 3 of sequence 2 .* slots are 0\.\.4"):
        contents_after_batch(5, bad)
    with pytest.raises(ValueError, match=r"shape \(2, 2\)"):
        contents_after_batch(5, np.zeros((2, 2), dtype=np.int64))
    with pytest.raises(ValueError, match=r"\(0, 0, 2\) is no permutation"):
        inverse([0, 0, 2])
    with pytest.raises(ValueError, match="equal lengths"):
        compose((0, 1), (0, 1, 2))
    with pytest.raises(ValueError, match="n = 0 slots"):
        identity(0)
    with pytest.raises(ValueError, match="length = -1"):
        swap_sequences(3, -1)
