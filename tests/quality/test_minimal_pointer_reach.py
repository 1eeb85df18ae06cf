"""Reach of pointer layers: every false reading falls by its smallest table, named in the words of the domain."""

import pytest

from constructions.pointer.tables import AllTables
from empirics.checking import Run
from empirics.checks.pointer import (
    closed_gates,
    dependency_paths,
    edges,
    gate,
    gate_content,
    gate_formats,
    global_selection,
    heads,
    hierarchies,
    jumping,
    layer_counts,
    layer_jacobians,
    reach,
    strides,
    windows,
)
from empirics.codec import decode
from empirics.engine import run_check
from theory.pointer.tables import PointerTable


def refuted(check, control=None):
    result = run_check(check, control, Run())
    assert result.counterexample is not None, result
    inputs = {name: decode(value) for name, value in result.counterexample.inputs.items()}
    return result.counterexample.words, inputs


@pytest.mark.parametrize(
    ("check", "words", "inputs"),
    [
        (
            global_selection.at_most_two_inputs,
            "3 positions, 1 layer: output 0 depends on 3 inputs, more than 2",
            {"positions": 3},
        ),
        (
            dependency_paths.no_output_has_fewer,
            "2 positions, 0 -> 0, 1 -> 0: output 0 depends on input 0, fewer than 2",
            {"tables": PointerTable(2, [[[0, 0]]])},
        ),
        (
            dependency_paths.more_positions,
            "3 positions, 1 layer: an output has at most 2 inputs, not more than 2",
            {"stack": (AllTables(3, 1), 1)},
        ),
        (
            dependency_paths.more_paths,
            "1 positions, 1 layer: an output has at most 2 paths, not more than 2",
            {"stack": (AllTables(1, 1), 1)},
        ),
        (
            dependency_paths.width,
            "4 positions, 1 layer, width 2: an output has at most 2 inputs, fewer than 4",
            {"stack": (AllTables(4, 1), 2)},
        ),
        (
            dependency_paths.candidates,
            "4 positions, 1 layer, candidates 2: an output has at most 2 inputs, fewer than 4",
            {"stack": (AllTables(4, 1, 1, (1, 2)), 1)},
        ),
        (
            dependency_paths.heads,
            "4 positions, 1 layer, heads 2: an output has at most 3 inputs, fewer than 4",
            {"stack": (AllTables(4, 1, 2), 1)},
        ),
        (strides.popcount_beyond, "strides 1..1, distance 2: 2 hops are the fewest, not 1", {"k": 1}),
        (closed_gates.some_input_closes_it, "the gate 1/(1 + exp(-x)) is 0 for no real x", {}),
        (closed_gates.zero_times_anything, "0 times inf is nan, not 0", {"finite": False}),
        (
            gate.own_row_is_seen,
            "1 positions, 0 -> 0, gate -1: output 0 is 0 whatever the own row",
            {"n": 1, "value": -1},
        ),
        (
            gate_content.one_gate_for_one_own_row,
            "2 positions, 0 -> 1, own row 0: gathered 1 needs gate 1, gathered -1 needs 0",
            {"most": 1},
        ),
    ],
)
def test_a_false_reading_falls_by_its_smallest_case(check, words, inputs):
    assert refuted(check) == (words, inputs)


@pytest.mark.parametrize(
    ("check", "control", "begins"),
    [
        (reach.every_small_chain, "with-the-residual", "1 positions, 0 -> 0: output 0 depends on input 0"),
        (reach.every_small_chain, "l-positions", "1 positions, no layer: the chain from 0 comes by 1 positions"),
        (reach.every_small_table, "three-a-layer", "3 positions, 1 layers, 1 heads: no table reaches 3 inputs"),
        # 1 + 2 = 3 is the first distance that the hops 1, 2, 3 make twice
        (reach.doubled_hops_attain, "linear-offsets", "7 positions, 3 layers: output 3 has path counts [2, 1, 1, 1,"),
        (
            edges.each_edge_as_claimed,
            "no-path-lost",
            "1 positions, 1 layers, edge none: output 0 has inputs [0] by 1 paths",
        ),
        (
            edges.each_edge_as_claimed,
            "input-0-lost",
            "2 positions, 2 layers, edge none: output 1 has inputs [0, 1] by 2 paths",
        ),
        (
            windows.every_small_window,
            "w-plus-one-allowed",
            "3 positions, 0 -> 0, 1 -> 0, 2 -> 0: a value comes from 2 away",
        ),
        # 7 = 8 - 1 is the first distance that hops ahead shorten
        (strides.searched, "hops-both-ways", "strides 1..8, distance 7: 2 hops are the fewest, not 3"),
        (strides.searched_beyond, "longest-only", "strides 1..4, distance 3: 2 hops are the fewest, not 1"),
        (strides.sums_of_exactly_so_many, "may-stay", "strides 0, 1..1, exactly 1 hops: distance 0 is reached"),
        # a table of order two tells three hops from four
        (
            jumping.every_small_table_jumped,
            "first-hop-added",
            "2 positions, 0 -> 1, 1 -> 0: after 2 rounds 0 points at 1",
        ),
        (jumping.every_small_table_jumped, "in-place", "2 positions, 0 -> 1, 1 -> 0: after 1 rounds 1 points at 0"),
        (heads.every_small_table_of_heads, "two-a-head", "4 positions, 1 layers, 2 heads: no table reaches 4 inputs"),
        # four hops take two gathers of base 2 and are not three gathers of one hop
        (
            hierarchies.every_small_hierarchy,
            "never-composed",
            "4 positions, 0 -> 0, 1 -> 0, 2 -> 1, 3 -> 2, base 2, 2 levels:",
        ),
        # base 3 composed twice reaches 0..6, not 0..8: seven hops need eight positions
        (
            hierarchies.every_small_hierarchy,
            "composed-once",
            "8 positions, 0 -> nowhere, 1 -> 0, 2 -> 1, 3 -> 2, 4 -> 3,",
        ),
        (gate.no_gate_reaches_farther, "reads-the-row-before", "2 positions, 0 -> 0, 1 -> 0: with coefficients "),
        (gate_formats.sigmoid_is_zero_from_there, "a-number-between", "fp64: -745.1332191019412 lies between "),
        (
            layer_counts.layer_counts_paths,
            "no-residual",
            "1 positions, 0 -> 0: the layer makes [1.0] of one-hot inputs at 0",
        ),
        (layer_counts.layer_jumps, "one-round-fewer", "2 positions, 0 -> 1, 1 -> 0: after 1 rounds 0 points at 1"),
        (
            layer_jacobians.jacobian_of_a_chain,
            "with-a-gate",
            "2 positions, 0 -> 0, 1 -> 0: by differentiation output 1 depends on inputs 0, 1, by the table on input 0",
        ),
    ],
)
def test_falsified_neighbours_name_their_smallest_case(check, control, begins):
    assert refuted(check, control)[0].startswith(begins)


def test_random_tables_shrink_to_one_pointer():
    check = reach.against_networkx
    before, check.first = check.first, ()
    try:
        words, inputs = refuted(check, "at-most-one")
    finally:
        check.first = before
    table = inputs["table"]
    assert (table.n, len(table.layers)) == (2, 1)
    assert sum(i != j for i, j in enumerate(table.layers[0][0]) if j >= 0) == 1
    assert words.endswith("more than 1")
