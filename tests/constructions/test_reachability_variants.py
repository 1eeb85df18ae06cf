"""Fewer dimensions, negating copies, logarithmic depth: against networkx and powers, in every number type; doors."""

from __future__ import annotations

import json

import networkx
import numpy as np
import pytest
from hypothesis import given, settings

from constructions.deltaformer import log_depth
from constructions.deltaformer.reachability import LeanNodeTokens, NegatingCopies, NodeTokens, adjacency, certificate
from empirics import strategies
from theory import checker, exact
from theory.programs import Dag

DIAMOND = Dag(4, [(0, 1), (0, 2), (1, 3), (2, 3), (2, 3)])
COUNTS = [[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [3, 1, 2, 1]]


@given(strategies.dags(most_nodes=7, most_edges=12))
@settings(max_examples=40)
def test_one_dimension_fewer_changes_no_value(graph):
    assert LeanNodeTokens().run(graph) == NodeTokens().run(graph)
    assert LeanNodeTokens().compile(graph).k.shape[-1] == max(graph.n - 1, 0)


@given(strategies.dags(most_nodes=6))
@settings(max_examples=30)
def test_lean_certificates_are_accepted_and_say_their_dimension(graph):
    made = certificate(graph, LeanNodeTokens())
    assert made["data"]["key_dimension"] == max(graph.n - 1, 0)
    assert checker.check_text(json.dumps(made)).accepted


@given(strategies.dags(most_nodes=7, most_edges=12))
@settings(max_examples=40)
def test_copies_hold_the_negatives_of_the_counts(graph):
    values = NegatingCopies().compile_batch(adjacency(graph)[None]).first_stage()[0]
    counts = exact.path_counts(adjacency(graph)).reshape(graph.n, graph.n)
    assert (values[::2] == counts).all()
    assert (values[1::2] == -counts).all()


def test_copies_use_no_negative_weight():
    tokens = NegatingCopies().compile_batch(adjacency(DIAMOND)[None])
    assert min(tokens.k.min(), tokens.w.min(), tokens.beta.min()) >= 0
    assert tokens.k.shape == tokens.w.shape == (1, 8, 8)
    assert tokens.read_out(tokens.first_stage())[0].tolist() == COUNTS


@pytest.mark.parametrize("construction", [LeanNodeTokens(), NegatingCopies()])
def test_an_edge_upwards_is_refused(construction):
    with pytest.raises(ValueError, match=r"graph 0: entry \[0, 1\] is 1; edges go from an earlier to a later"):
        construction.compile_batch(np.array([[[0, 1], [0, 0]]]))


@pytest.mark.parametrize("form", ["recurrence", "solve", "chunked"])
def test_torch_agrees(form):
    import torch

    tokens = LeanNodeTokens().compile(DIAMOND)
    assert tokens.cast(torch.float64).first_stage(form, 2).tolist() == COUNTS
    copies = NegatingCopies().compile_batch(adjacency(DIAMOND)[None]).cast(torch.float64)
    assert copies.first_stage(form, 3)[0, ::2].tolist() == COUNTS


@pytest.mark.parametrize(("n", "wanted"), [(0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (8, 3), (9, 4), (1025, 11)])
def test_factors_needed(n, wanted):
    assert log_depth.factors_needed(n) == wanted


@given(strategies.dags(most_nodes=9, most_edges=20))
@settings(max_examples=40)
def test_the_product_reaches_what_networkx_reaches(graph):
    oracle = networkx.MultiDiGraph()
    oracle.add_nodes_from(range(graph.n))
    oracle.add_edges_from(graph.edges)
    values = log_depth.inverse(-adjacency(graph))
    for s, x in enumerate(graph.order):
        below = networkx.descendants(oracle, x) | {x}
        assert [y in below for y in graph.order] == (values[:, s] > 0).tolist()


def test_the_product_inverts_any_layer():
    """Not only graphs: A of a layer, over integers, rationals and torch."""
    import torch

    strict = np.tril(np.random.default_rng(0).integers(-3, 4, (2, 13, 13)), -1)
    inverse = log_depth.inverse(strict)
    assert (inverse @ (strict + np.eye(13, dtype=int)) == np.eye(13)).all()
    assert (log_depth.inverse(strict.astype(object)) == inverse).all()
    assert (log_depth.inverse(torch.as_tensor(strict)).numpy() == inverse).all()


@pytest.mark.parametrize(
    ("strict", "arguments", "message"),
    [
        (np.zeros((2, 3)), {}, r"A has shape \(2, 3\); its last two sizes must be equal"),
        (np.eye(2), {}, r"an entry on or above the diagonal; give strict_lower\(A\)"),
        (np.zeros((5, 5)), {"factors": -1}, r"factors = -1; give a number >= 0, or None for 3"),
    ],
)
def test_log_depth_refuses(strict, arguments, message):
    with pytest.raises(ValueError, match=message):
        log_depth.inverse(strict, **arguments)
