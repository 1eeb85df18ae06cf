"""Swap programs, trees of them, and graphs: what is refused, and that orders are orders."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from empirics import strategies
from theory.permutations import all_swaps
from theory.programs import Dag, SwapProgram, SwapTree


@pytest.mark.parametrize("n", [0, -1, True])
def test_a_program_needs_a_slot(n):
    with pytest.raises(ValueError, match=f"a swap program needs n >= 1 slots, got n = {n}"):
        SwapProgram(n)


@pytest.mark.parametrize(
    ("swaps", "words"),
    [
        ([(0, 1), (0, 3)], "swap 1 (0 3): slot 3 is outside 0..2"),
        ([(-1, 0)], "swap 0 (-1 0): slot -1 is outside 0..2"),
        ([(0, 1, 2)], "swap 0 is (0, 1, 2); a swap names two slots"),
        ([()], "swap 0 is (); a swap names two slots"),
    ],
)
def test_a_bad_swap_is_named(swaps, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        SwapProgram(3, swaps)


def test_contents_by_hand():
    program = SwapProgram(3, [(0, 1), (1, 1), (1, 2)])
    assert program.contents() == (1, 2, 0)
    assert program.proper == ((0, 1), (1, 2))
    assert str(program) == "3 slots, swaps (0 1) (1 1) (1 2)"
    assert str(SwapProgram(1)) == "1 slots, no swaps"
    assert SwapProgram(3, ([0, 1], [1, 1], [1, 2])) == program


@given(strategies.swap_programs())
def test_a_program_undone_backwards_is_the_identity(program):
    assert SwapProgram(program.n, program.swaps + program.swaps[::-1]).contents() == tuple(range(program.n))


@given(strategies.swap_programs())
def test_swaps_of_one_slot_change_nothing(program):
    assert SwapProgram(program.n, program.proper).contents() == program.contents()


@pytest.mark.parametrize(("n", "length"), [(1, 0), (2, 4), (3, 3), (4, 2)])
def test_a_trees_programs_are_in_order_of_their_last_swaps(n, length):
    tree = SwapTree.complete(n, length)
    for steps in range(length + 1):
        wanted = [SwapProgram(n, swaps[::-1]) for swaps in itertools.product(all_swaps(n), repeat=steps)]
        assert [tree.program(steps, i) for i in range(len(wanted))] == wanted


def test_a_tree_of_uneven_choices_is_in_order_of_its_last_swaps():
    tree = SwapTree(3, (((0, 1),), ((0, 2), (1, 2)), ((0, 1), (0, 2), (1, 2))))
    wanted = [SwapProgram(3, swaps[::-1]) for swaps in itertools.product(*tree.choices[::-1])]
    assert [tree.program(3, i) for i in range(6)] == wanted


@given(strategies.swap_programs())
def test_a_tree_of_one_program(program):
    tree = SwapTree.complete(program.n, 1).only(program)
    assert tree.program(len(program.swaps), 0) == program
    assert str(tree) == str(program)


def test_a_tree_says_what_it_holds():
    assert str(SwapTree.complete(3, 4)) == "all programs of at most 4 swaps on 3 slots"


@pytest.mark.parametrize(
    ("n", "edges", "words"),
    [
        (-1, [], "a graph needs n >= 0 nodes, got n = -1"),
        (2, [(0, 2)], "edge 0 -> 2: node 2 is outside 0..1"),
        (2, [(-1, 0)], "edge -1 -> 0: node -1 is outside 0..1"),
        (2, [(0,)], "edge (0,): an edge names two nodes"),
        (1, [(0, 0)], "the edges 0 -> 0 form a cycle; remove one of them"),
        (2, [(0, 1), (1, 0)], "form a cycle; remove one of them"),
    ],
)
def test_a_bad_graph_is_told_why(n, edges, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        Dag(n, edges)


@given(
    st.integers(1, 6).flatmap(
        lambda n: st.lists(st.tuples(*[st.integers(0, n - 1)] * 2), max_size=12).map(lambda e: (n, e))
    )
)
def test_a_graph_is_ordered_or_its_cycle_is_printed(drawn):
    n, edges = drawn
    try:
        graph = Dag(n, edges)
    except ValueError as error:
        walk = [int(x) for x in re.search(r"the edges (.*) form a cycle", str(error))[1].split(" -> ")]
        assert len(walk) > 1
        assert walk[0] == walk[-1]
        assert len(set(walk)) == len(walk) - 1
        assert set(itertools.pairwise(walk)) <= set(edges)
    else:
        assert sorted(graph.order) == list(range(n))
        assert all(graph.order.index(x) < graph.order.index(y) for x, y in edges)


@given(strategies.dags(most_nodes=6))
def test_the_order_is_topological_and_the_first_of_all(graph):
    place = {node: i for i, node in enumerate(graph.order)}
    assert all(place[x] < place[y] for x, y in graph.edges)
    first = next(
        p for p in itertools.permutations(range(graph.n)) if all(p.index(x) < p.index(y) for x, y in graph.edges)
    )
    assert graph.order == first


def test_parallel_edges_are_kept():
    graph = Dag(2, [(1, 0), (1, 0)])
    assert graph.edges == ((1, 0), (1, 0))
    assert graph.order == (1, 0)
    assert str(graph) == "2 nodes, edges 1 -> 0, 1 -> 0"
    assert str(Dag(0)) == "0 nodes, no edges"
