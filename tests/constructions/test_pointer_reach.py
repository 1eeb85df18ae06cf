"""Pointer tables, shifts and composed pointers: doors, words, and values worked out by hand or by plain loops."""

import itertools
from fractions import Fraction

import networkx
import numpy as np
import pytest

from constructions.pointer.jumping import HierarchicalChain, Jumping, compose, hops
from constructions.pointer.shifts import disjoint_slices, shifted, widest, widest_offsets
from constructions.pointer.tables import (
    CHAIN,
    MOST_TABLES,
    RESIDUAL,
    AllTables,
    Gathering,
    path_counts,
    support_sizes,
    table_at,
    visited,
)
from empirics.codec import decode, encode
from theory.pointer.distances import least_hops
from theory.pointer.tables import NOWHERE, PointerTable


def walked_paths(table, residual):
    """Path counts by listing every path, one choice a layer."""
    n, counts = table.n, np.zeros((table.n, table.n), dtype=int)
    stay = [-2] if residual else []
    for i in range(n):
        for choice in itertools.product(*([*stay, *range(len(heads))] for heads in reversed(table.layers))):
            here = i
            for heads, which in zip(reversed(table.layers), choice, strict=True):
                here = here if which == -2 or here == NOWHERE else heads[which][here]
            if here != NOWHERE:
                counts[i, here] += 1
    return counts


@pytest.mark.parametrize("heads", [1, 2, 3])
@pytest.mark.parametrize("layers", [0, 1, 2, 3])
@pytest.mark.parametrize("residual", [True, False])
def test_path_counts_are_those_of_listed_paths(heads, layers, residual):
    draw = np.random.default_rng(heads * 10 + layers)
    for n in (1, 2, 5):
        table = PointerTable(n, draw.integers(-1, n, (layers, heads, n)).tolist())
        found = path_counts(table.targets, RESIDUAL if residual else CHAIN)[0]
        if layers:
            assert found.tolist() == walked_paths(table, residual).tolist()
        else:
            assert found.tolist() == np.eye(n).tolist()


def test_a_layer_follows_its_own_table_before_the_earlier_ones():
    table = PointerTable(3, [[[0, 0, 0]], [[0, 1, 1]]])  # output 2 reads 1 in layer 2, which read 0 in layer 1
    assert path_counts(table.targets, CHAIN)[0, 2].tolist() == [1, 0, 0]
    assert visited(table.targets)[0, 2].tolist() == [2, 1, 0]


def test_a_chain_that_leaves_the_table_carries_nothing():
    table = PointerTable(2, [[[0, NOWHERE]], [[1, 0]]])
    assert visited(table.targets)[0].tolist() == [[0, 1, NOWHERE], [1, 0, 0]]
    assert path_counts(table.targets, CHAIN)[0].tolist() == [[0, 0], [1, 0]]


def test_a_chain_has_one_head():
    with pytest.raises(ValueError, match="a chain follows one head, the table has 2"):
        visited(AllTables(2, 1, 2).targets)


def test_a_layer_without_residual_and_heads_is_refused():
    with pytest.raises(ValueError, match="computes nothing"):
        Gathering(0).combine(1, [])


@pytest.mark.parametrize(
    ("n", "layers", "message"),
    [
        (0, [], "a pointer table of 0 positions"),
        (2, [[[0, 2]]], "layer 1 points from 1 to 2, which is outside 0..1"),
        (2, [[[0, -2]]], "layer 1 points from 1 to -2"),
        (2, [[[0]]], "layer 1 points from 1 positions of 2"),
        (2, [[[0, 0]], []], "layer 2 has 0 heads, layer 1 has 1"),
        (2, [[[0, 0]], [[0, 0], [0, 0]]], "layer 2 has 2 heads, layer 1 has 1"),
    ],
)
def test_tables_are_refused_at_the_door(n, layers, message):
    with pytest.raises(ValueError, match=message):
        PointerTable(n, layers)


def test_tables_in_words_and_in_files():
    table = PointerTable(2, [[[NOWHERE, 0], [0, 1]], [[0, 0], [1, 1]]])
    assert str(table) == "2 positions, 0 -> nowhere, 1 -> 0 and 0 -> 0, 1 -> 1; then 0 -> 0, 1 -> 0 and 0 -> 1, 1 -> 1"
    assert str(PointerTable(1, [])) == "1 positions, no layer"
    for value in (table, PointerTable(1, []), AllTables(3, 1, 2, (0, 1), True)):
        assert decode(encode(value)) == value


def test_all_tables_are_all_and_each_once():
    tables = AllTables(2, 2).targets
    assert len(np.unique(tables.reshape(len(tables), -1), axis=0)) == len(tables) == 16
    assert str(table_at(tables, 1)) == "2 positions, 0 -> 0, 1 -> 0; then 0 -> 0, 1 -> 1"
    assert AllTables(3, 1, 1, (1, 2)).choices == [[NOWHERE], [0], [0, 1]]
    assert AllTables(2, 1, nowhere=True).choices == [[0, 1, NOWHERE]] * 2
    assert AllTables(4, 0).targets.shape == (1, 0, 1, 4)
    with pytest.raises(ValueError, match=f"at most {MOST_TABLES}"):
        _ = AllTables(5, 5).targets


def test_offsets_count_in_base_heads_plus_one():
    assert widest_offsets(3) == [[1], [2], [4]]
    assert widest_offsets(2, 2) == [[1, 2], [3, 6]]
    assert support_sizes(widest(9, 2, 2).targets)[0].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    with pytest.raises(ValueError, match="edge 'open': one of none, clamp, wrap"):
        shifted(2, [[1]], "open")


def test_the_widest_reach_in_a_layered_graph():
    graph = networkx.DiGraph()
    for level, ((offset,),) in enumerate(zip(widest_offsets(5), strict=True), 1):
        graph.add_edges_from(((level, i), (level - 1, j)) for i in range(32) for j in (i, i - offset) if j >= 0)
    for i in (0, 12, 31):
        assert sum(level == 0 for level, _ in networkx.descendants(graph, (5, i))) == i + 1


@pytest.mark.parametrize(("layers", "heads"), [(0, 1), (1, 3), (2, 2), (3, 2), (4, 1)])
def test_slices_meet_only_at_the_own_position(layers, heads):
    table = disjoint_slices(layers, heads)
    assert table.n == 1 + heads * (2**layers - 1)
    if layers:
        alone = [set(np.flatnonzero(path_counts(table.targets[:, :, h : h + 1])[0, -1])) for h in range(heads)]
        assert all(len(inputs) == 2**layers for inputs in alone)
        assert all(a & b == {table.n - 1} for a, b in itertools.combinations(alone, 2))
        assert all(j <= i for rows in table.layers for row in rows for i, j in enumerate(row))


def test_jumping_doubles_hops_and_keeps_nowhere():
    first = np.array([[NOWHERE, 0, 1, 2, 3, 4]])
    assert Jumping().rounds(first, 2).tolist() == [[NOWHERE] * 4 + [0, 1]]
    assert hops(first, 0).tolist() == [[0, 1, 2, 3, 4, 5]]
    assert compose(first, first).tolist() == [[NOWHERE, NOWHERE, 0, 1, 2, 3]]


def test_a_hierarchy_is_counted_while_it_runs():
    first = np.maximum(np.arange(10) - 1, 0)[None]
    assert HierarchicalChain(3, 2).gathers(first) == (40, 20)
    assert HierarchicalChain(2, 4).gathers(first) == (40, 30)
    assert HierarchicalChain(2, 0).row_tables(first).shape == (1, 0, 1, 10)
    with pytest.raises(ValueError, match="base 1, 2 levels"):
        HierarchicalChain(1, 2)


def test_least_hops_by_hand_and_by_shortest_paths():
    assert [least_hops(d, 3) for d in range(13)] == [0, 1, 1, 2, 1, 2, 2, 3, 2, 3, 3, 4, 3]
    graph = networkx.DiGraph((d, d + s) for d in range(60) for s in (1, 2, 4, 8) if d + s < 60)
    lengths = networkx.single_source_shortest_path_length(graph, 0)
    assert all(lengths[d] == least_hops(d, 4) for d in range(60))
    with pytest.raises(ValueError, match="distance -1 by 3 strides"):
        least_hops(-1, 3)
    with pytest.raises(ValueError, match="at least one stride"):
        least_hops(1, 0)


def test_a_residual_of_two_counts_the_own_row_twice():
    assert Gathering(2).combine(Fraction(1), [Fraction(1, 2)]) == Fraction(5, 2)
