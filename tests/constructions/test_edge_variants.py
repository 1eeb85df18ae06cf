"""Edge tokens on variants: against Theorem E's own construction, by hand, and a door."""

import numpy as np
import pytest

from constructions.deltaformer.edge_tokens import EdgeTokens
from constructions.deltaformer.edge_variants import EdgesOn
from constructions.layers.kernels import Hardmax
from empirics.checks.deltaformer.graphs import all_adjacencies, as_graph


def test_the_linear_kernel_is_theorem_e():
    for adjacency in all_adjacencies(4):
        assert EdgesOn().read(adjacency).tolist() == EdgeTokens().run(as_graph(adjacency))


def test_means_by_hand():
    """0 -> 2, 1 -> 2: half of each, and no part of either in the other."""
    graph = np.array([[0, 0, 0], [0, 0, 0], [1, 1, 0]])
    read = EdgesOn(Hardmax(), sign=1, beta=-1, sink=True).read(graph)
    assert [[float(x) for x in row] for row in read] == [[1, 0, 0], [0, 1, 0], [0.5, 0.5, 1]]


def test_a_cycle_is_refused():
    with pytest.raises(ValueError, match="edge"):
        EdgesOn().read(np.array([[0, 1], [0, 0]]))
