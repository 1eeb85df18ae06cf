"""Node tokens: path counts under any labels, parallel edges, empty graphs; what is refused."""

import json

import networkx
import numpy as np
import pytest
from hypothesis import given

from constructions.deltaformer.reachability import NodeTokens, adjacency, certificate
from empirics import strategies
from theory import checker, exact
from theory.programs import Dag


@given(strategies.dags(most_nodes=7, most_edges=12))
def test_counts_against_networkx(graph):
    oracle = networkx.MultiDiGraph(list(graph.edges))
    oracle.add_nodes_from(range(graph.n))
    found = NodeTokens().run(graph)
    for x in range(graph.n):
        for y in range(graph.n):
            paths = 1 if x == y else len(list(networkx.all_simple_edge_paths(oracle, x, y)))
            assert found[y][x] == paths


@given(strategies.dags(most_nodes=8))
def test_counts_against_flint(graph):
    place = list(graph.order)
    found = np.array(NodeTokens().run(graph), dtype=object).reshape(graph.n, graph.n)
    assert (found[np.ix_(place, place)] == exact.path_counts(adjacency(graph))).all()


def test_small_graphs():
    assert NodeTokens().run(Dag(0)) == []
    assert NodeTokens().run(Dag(1)) == [[1]]
    assert NodeTokens().run(Dag(2, [(1, 0), (1, 0)])) == [[1, 2], [0, 1]]  # two parallel edges, two paths
    assert NodeTokens(sign=1).run(Dag(3, [(0, 1), (1, 2), (0, 2)]))[2][0] == 0  # -1 and +1 cancel


def test_refusals():
    with pytest.raises(ValueError, match=r"graph 0: entry \[0, 1\] is 1; edges go from an earlier to a later"):
        NodeTokens().compile_batch(np.array([[[0, 1], [0, 0]]]))
    with pytest.raises(ValueError, match=r"entry \[1, 0\] is -1"):
        NodeTokens().compile_batch(np.array([[[0, 0], [-1, 0]]]))


@given(strategies.dags(most_nodes=6))
def test_certificates_are_accepted(graph):
    assert checker.check_text(json.dumps(certificate(graph))).accepted
