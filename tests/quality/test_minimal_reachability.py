"""Reachability's counterexamples are minimal: as few nodes and edges as can be, in words."""

import pytest

from empirics.checking import Run
from empirics.checks.deltaformer import (
    edge_codes,
    edge_orders,
    inverse_forms,
    node_dimension,
    reachability_formats,
    reachability_frontiers,
    sign_dimension,
    softmax_reachability,
    softmax_temperature,
)
from empirics.engine import run_check


def words(check, control=None):
    result = run_check(check, control, Run())
    assert result.counterexample is not None, result
    return result.counterexample.words


@pytest.mark.parametrize(
    ("check", "control", "begins"),
    [
        (node_dimension.every_graph_in_fewer_dimensions, "two-fewer", "2 nodes, edges 0 -> 1: 0 to 1 gives 0"),
        (sign_dimension.some_graph_needs_all_dimensions, None, "3 nodes: each of the 8 graphs has weights of head"),
        (sign_dimension.adversary_finds_parents, "one-dimension-more", "2 nodes, keys [[1]]"),
        (inverse_forms.every_graph_with_copies, "copies-unread", "2 nodes, edges 0 -> 1: 0 to 1 gives -1"),
        (inverse_forms.factors_and_products_are_least, "rounded-down", "path graph on 3 nodes: 1 factors are too few"),
        (edge_codes.readers_with_opposite_codes, None, "2 nodes, edges 0 -> 1: reader of 0 from 0 gives 0"),
        (edge_codes.edges_with_opposite_codes, None, "2 nodes, edges 0 -> 1, 0 -> 1: edge 0 -> 1 from 0 gives 0"),
        (edge_codes.simple_edges_with_opposite_codes, None, "3 nodes, edges 0 -> 2, 1 -> 2: edge 1 -> 2 from 0"),
        (edge_codes.some_assignment_of_codes, None, "4 nodes: none of the 24 ways to give out the codes does"),
        (edge_orders.last_copy_counts, None, "3 nodes, edges 0 -> 1, 1 -> 2, 2 copies: from 0 through 1 -> 2 gives 2"),
        (edge_orders.every_order_in_layers, None, "3 nodes, edges in the order 1 -> 2, 0 -> 1: 2 is reached from 0"),
        (softmax_reachability.least_value_is_sharp, "path-only", "n = 4: "),
        (
            softmax_temperature.every_small_graph_at_the_scale,
            "temperature-doubled",
            "3 nodes, edges 0 -> 1: 2 is not reached from 0",
        ),
        (
            reachability_formats.three_graphs_speak_for_all,
            "complete-graphs-only",
            "fp8_e4m3fn, gradual underflow, parents, eps",
        ),
        (
            reachability_frontiers.underflow_frontier_is_sharp,
            "one-more",
            "fp8_e4m3fn, gradual underflow, parents, eps = 1/2: the path",
        ),
    ],
)
def test_words_of_the_smallest(check, control, begins):
    assert words(check, control).startswith(begins)
