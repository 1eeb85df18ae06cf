"""Edge tokens: path counts against networkx for every kind of codes, other orders, torch, doors, certificates."""

from __future__ import annotations

import itertools
import json

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.deltaformer.edge_tokens import (
    CarriedSets,
    EdgeTokens,
    LiftedSignCodes,
    OneHotCodes,
    OneSided,
    SignCodes,
    certificate,
    longest_path,
)
from constructions.deltaformer.reachability import NodeTokens, adjacency
from constructions.layers import deltaformer as operator
from empirics import strategies
from theory import checker
from theory.programs import Dag

CODES = [OneHotCodes(), SignCodes(), LiftedSignCodes()]
ids = lambda codes: type(codes).__name__  # noqa: E731


@pytest.mark.parametrize("codes", CODES, ids=ids)
@given(graph=strategies.dags(most_nodes=7, most_edges=10))
@settings(max_examples=30)
def test_readers_return_what_networkx_counts(codes, graph):
    oracle = networkx.MultiDiGraph()
    oracle.add_nodes_from(range(graph.n))
    oracle.add_edges_from(graph.edges)
    found = EdgeTokens(codes).run(graph)
    for x, y in itertools.product(range(graph.n), repeat=2):
        paths = 1 if x == y else len(list(networkx.all_simple_edge_paths(oracle, x, y)))
        assert found[y][x] == paths


@pytest.mark.parametrize("codes", CODES, ids=ids)
@given(graph=strategies.dags(most_nodes=20, most_edges=30))
@settings(max_examples=15)
def test_edges_and_nodes_agree(codes, graph):
    assert EdgeTokens(codes).run(graph) == NodeTokens().run(graph)


@pytest.mark.parametrize(
    ("n", "plain", "lifted"), [(1, 1, 2), (2, 1, 2), (3, 2, 3), (4, 2, 3), (5, 3, 4), (1025, 11, 12)]
)
def test_head_dimensions(n, plain, lifted):
    assert OneHotCodes().table(n).shape == (n, n)
    for codes, width in ((SignCodes(), plain), (LiftedSignCodes(), lifted)):
        table = codes.table(n)
        assert table.shape == (n, width)
        assert len({tuple(row) for row in table.tolist()}) == n
        assert set(np.unique(table).tolist()) <= {-1, 1}


def test_a_token_an_edge_and_a_reader_a_node():
    graph = Dag(3, [(1, 2), (0, 1)])
    tokens = EdgeTokens().compile(graph)
    assert tokens.k.tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0], [0, 0, 0]]
    assert tokens.w.tolist() == [[-1, 0, 0], [0, -1, 0], [-1, 0, 0], [0, -1, 0], [0, 0, -1]]
    assert tokens.v.tolist() == [[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert len(EdgeTokens().compile(graph, copies=4).k) == 4 * 2 + 3


@given(graph=strategies.dags(least_nodes=2, most_nodes=6, most_edges=9), data=st.data())
@settings(max_examples=40)
def test_any_order_repeated_reaches_what_is_reachable(graph, data):
    order = data.draw(st.permutations(range(len(graph.edges))))
    length = int(longest_path(adjacency(graph)[None])[0])
    found = np.array(EdgeTokens(SignCodes()).run(graph, order, copies=length))
    assert ((found > 0) == (np.array(NodeTokens().run(graph)) > 0)).all()


@given(graph=strategies.dags(most_nodes=7, most_edges=12))
@settings(max_examples=40)
def test_longest_path_is_that_of_networkx(graph):
    oracle = networkx.DiGraph()
    oracle.add_nodes_from(range(graph.n))
    oracle.add_edges_from(graph.edges)
    wanted = networkx.dag_longest_path_length(oracle) if graph.n else 0
    assert longest_path(adjacency(graph)[None])[0] == wanted


def test_readers_that_carry_their_sets_need_no_order():
    path = np.eye(5, k=-1, dtype=np.int64)[None]
    backwards = np.arange(10)[::-1]
    assert (CarriedSets().run_batch(path, backwards, 4)[0] > 0).tolist() == np.tri(5, dtype=bool).tolist()
    assert CarriedSets().run_batch(path, backwards, 3)[0, 4, 0] == 0


@pytest.mark.parametrize("codes", CODES, ids=ids)
def test_torch_agrees(codes):
    import torch

    graph = Dag(5, [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4), (0, 4)])
    made = EdgeTokens(codes)
    tokens = made.compile(graph)
    wanted = made.values(tokens)
    for cast in (torch.float64, torch.int64):
        assert made.values(tokens.cast(cast)).tolist() == wanted.tolist()
    assert made.values(tokens.cast("Q")).tolist() == wanted.tolist()


def test_certificates_are_those_of_the_line_graph():
    made = certificate(Dag(3, [(1, 2), (0, 1), (0, 1)]))
    data = made["data"]
    assert (data["nodes"], data["edges"], data["key_dimension"]) == (3, [[0, 2], [1, 2]], 3)
    assert data["counts"] == [[[0, 1]], [[1, 1]], [[0, 1], [1, 1], [2, 1]]]
    assert checker.check_text(json.dumps(made)).accepted
    assert checker.check_text(json.dumps(certificate(Dag(2)))).accepted


def test_line_graph_counts_by_hand():
    graph = Dag(3, [(0, 1), (0, 1), (1, 2)])
    tokens = EdgeTokens().compile(graph)
    u = operator.solve(tokens.k[:3], tokens.w[:3], np.eye(3, dtype=np.int64))
    assert u.tolist() == [[1, 0, 0], [0, 1, 0], [1, 1, 1]]


def test_bad_input_is_refused():
    graph = Dag(3, [(0, 1), (1, 2)])
    with pytest.raises(ValueError, match=r"order \[0, 0\]: give each of the 2 edges once"):
        EdgeTokens().compile(graph, order=[0, 0])
    with pytest.raises(ValueError, match=r"copies = -1: repeat the list a number of times >= 0"):
        EdgeTokens().compile(graph, copies=-1)
    with pytest.raises(ValueError, match=r"OneSided: length = 0; a sign code has at least one coordinate"):
        OneSided(0)
    with pytest.raises(ValueError, match=r"graph 0: entry \[0, 0\] is 1"):
        EdgeTokens().compile_batch(np.ones((1, 1, 1), dtype=np.int64))
