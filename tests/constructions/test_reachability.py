"""Node tokens: path counts against networkx, parallel edges, labels, doors, certificates."""

from __future__ import annotations

import json

import networkx
import numpy as np
import pytest
from hypothesis import given, settings

from constructions.deltaformer.reachability import NodeTokens, adjacency, certificate
from empirics import strategies
from theory import checker, exact
from theory.programs import Dag

DIAMOND = Dag(4, [(3, 1), (3, 0), (1, 2), (0, 2), (0, 2)])


def counted(graph):
    """Paths one by one, by networkx."""
    oracle = networkx.MultiDiGraph()
    oracle.add_nodes_from(range(graph.n))
    oracle.add_edges_from(graph.edges)
    return [
        [1 if x == y else len(list(networkx.all_simple_edge_paths(oracle, x, y))) for x in range(graph.n)]
        for y in range(graph.n)
    ]


@given(strategies.dags(most_nodes=7, most_edges=10))
@settings(max_examples=60)
def test_values_are_path_counts(graph):
    assert NodeTokens().run(graph) == counted(graph)


@given(strategies.dags(most_nodes=8))
@settings(max_examples=60)
def test_values_are_those_of_flint(graph):
    place = list(graph.order)
    found = np.array(NodeTokens().run(graph), dtype=object).reshape(graph.n, graph.n)
    assert (found[np.ix_(place, place)] == exact.path_counts(adjacency(graph))).all()


@given(strategies.dags(most_nodes=6))
@settings(max_examples=60)
def test_certificates_are_accepted(graph):
    assert checker.check_text(json.dumps(certificate(graph))).accepted


def test_a_diamond_by_hand():
    assert NodeTokens().run(DIAMOND) == [[1, 0, 0, 1], [0, 1, 0, 1], [2, 1, 1, 3], [0, 0, 0, 1]]


def test_parallel_edges_count_apart():
    assert NodeTokens().run(Dag(3, [(0, 1), (0, 1), (1, 2), (1, 2), (1, 2)]))[2][0] == 6


def test_small_graphs():
    assert NodeTokens().run(Dag(0)) == []
    assert NodeTokens().run(Dag(1)) == [[1]]
    assert NodeTokens().run(Dag(2)) == [[1, 0], [0, 1]]


def test_counts_beyond_64_bits():
    chain = Dag(71, [(i, i + 1) for i in range(70) for _ in range(2)])
    assert NodeTokens().run(chain)[70][0] == 2**70


def test_without_the_sign_a_path_counts_minus_one_to_its_length():
    assert NodeTokens(sign=1).run(Dag(3, [(0, 1), (1, 2)])) == [[1, 0, 0], [-1, 1, 0], [1, -1, 1]]
    assert NodeTokens(sign=1).run(Dag(3, [(0, 1), (1, 2), (0, 2)]))[2][0] == 0


def test_adjacency_is_in_token_order():
    assert DIAMOND.order == (3, 0, 1, 2)
    assert adjacency(DIAMOND).tolist() == [[0, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 2, 1, 0]]


@pytest.mark.parametrize(("t", "i", "value"), [(0, 0, 1), (0, 2, 1), (2, 1, -1), (1, 2, -3)])
def test_a_bad_adjacency_is_refused_at_its_entry(t, i, value):
    batch = np.zeros((2, 3, 3), dtype=np.int64)
    batch[1, t, i] = value
    with pytest.raises(
        ValueError, match=rf"graph 1: entry \[{t}, {i}\] is {value}; edges go from an earlier to a later"
    ):
        NodeTokens().compile_batch(batch)


def test_tokens_are_as_the_page_says():
    tokens = NodeTokens().compile(DIAMOND)
    assert tokens.k.tolist() == tokens.v.tolist() == tokens.queries.tolist() == np.eye(4).tolist()
    assert tokens.w.tolist() == (-adjacency(DIAMOND)).tolist()
    assert tokens.beta.tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("form", ["recurrence", "solve", "chunked"])
def test_every_form_and_torch_give_the_same_counts(form):
    import torch

    tokens = NodeTokens().compile(DIAMOND)
    wanted = tokens.first_stage("recurrence").tolist()
    assert tokens.cast("Q").first_stage(form, 2).tolist() == wanted
    assert tokens.cast(torch.float64).first_stage(form, 2).tolist() == wanted


def test_the_certificate_holds_graph_weights_and_counts():
    made = certificate(DIAMOND)
    data = made["data"]
    assert (made["weightproof"], made["kind"]) == (1, "path-counts")
    assert made["claim"] == "deltaformer/reachability/path-counts"
    assert (data["nodes"], data["order"], data["key_dimension"]) == (4, [3, 0, 1, 2], 4)
    assert data["edges"] == [[3, 1], [3, 0], [1, 2], [0, 2], [0, 2]]
    assert data["k"] == [[[t, 1]] for t in range(4)]
    assert data["w"] == [[], [[0, -1]], [[0, -1]], [[1, -2], [2, -1]]]
    assert data["beta"] == [1, 1, 1, 1]
    assert data["counts"] == [[[0, 1], [3, 1]], [[1, 1], [3, 1]], [[0, 2], [1, 1], [2, 1], [3, 3]], [[3, 1]]]
    assert certificate(Dag(0))["data"]["counts"] == []


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_small_counts_are_exact_on_an_accelerator(dtype):
    """Counts up to 3 are integers that every format holds, and every partial sum is one of them."""
    import torch

    tokens = NodeTokens().compile(DIAMOND)
    found = tokens.cast(getattr(torch, dtype), "cuda").first_stage("recurrence")
    assert found.cpu().double().tolist() == tokens.first_stage().tolist()
