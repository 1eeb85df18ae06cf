"""Softmax reachability: the limit against a backward walk, balls at finite temperature, the least value, doors."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb

from constructions.deltaformer.softmax_reachability import (
    SoftmaxReachability,
    dilution_length,
    leaking_graph,
    least_value,
    least_value_graph,
    scale_for,
    threshold,
)
from constructions.layers.kernels import Softmax

DIAMOND = np.array([[0, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 1, 1, 0]])


def run(graph, made=SoftmaxReachability(), dtype="Q"):
    return made.values(made.compile_batch(np.asarray(graph)[None]).cast(dtype))[0]


def test_a_diamond_by_hand():
    half = Fraction(1, 2)
    assert run(DIAMOND).tolist() == [[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [1, half, half, 1]]


@pytest.mark.parametrize(
    ("n", "length", "value"),
    [
        (1, 0, 1),
        (2, 0, 1),
        (3, 1, "1/2"),
        (4, 2, "1/4"),
        (5, 2, "1/9"),
        (6, 3, "1/27"),
        (7, 4, "1/81"),
        (8, 4, "1/256"),
    ],
)
def test_least_values(n, length, value):
    assert (dilution_length(n), least_value(n), threshold(n)) == (length, Fraction(value), Fraction(value) / 2)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 6, 9])
def test_the_graph_named_attains_the_least_value(n):
    values = run(least_value_graph(n))
    assert values[-1, n - 1 - dilution_length(n)] == least_value(n)
    assert min(x for x in values.ravel() if x > 0) == least_value(n)


@pytest.mark.parametrize("n", [2, 3, 5, 8])
def test_balls_decide_at_the_scale_solved(n):
    """Enclosures of the softmax itself: both extremes lie on their side of the threshold, for certain."""
    made = SoftmaxReachability(Softmax(arb(scale_for(n))))
    cut = arb(threshold(n).numerator) / threshold(n).denominator

    def balls(graph):
        tokens = made.compile_batch(graph[None])
        to_balls = np.vectorize(lambda x: arb(int(x)), otypes=[object])
        return made.values(tokens._each(to_balls))[0]

    assert balls(least_value_graph(n))[-1, n - 1 - dilution_length(n)] > cut
    assert balls(leaking_graph(n))[-1, 0] < cut


def test_torch_agrees_with_numpy():
    import torch

    made = SoftmaxReachability(Softmax(scale_for(4)))
    ours, theirs = run(DIAMOND, made, np.float64), run(DIAMOND, made, torch.float64).numpy()
    assert np.abs(ours - theirs).max() <= 64 * np.finfo(np.float64).eps


def test_head_dimension_is_the_number_of_nodes():
    tokens = SoftmaxReachability().compile_batch(DIAMOND[None])
    assert tokens.k.shape == (1, 5, 4)
    assert tokens.w[0].tolist() == [[0, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1]]


def test_scales_grow_as_n_log_n():
    assert [round(scale_for(n), 3) for n in (1, 2, 3, 4)] == [0.0, 1.386, 2.89, 4.159]
    assert scale_for(64) < 64 * np.log(64) + 2 * np.log(64)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match=r"graph 0: 2 edges 0 -> 1; softmax takes the mean over parents"):
        SoftmaxReachability().compile_batch(np.array([[[0, 0], [2, 0]]]))
    with pytest.raises(ValueError, match=r"n = 0: a graph with a source has at least one node"):
        least_value(0)
    with pytest.raises(ValueError, match=r"entry \[0, 1\] is 1"):
        SoftmaxReachability().compile_batch(np.array([[[0, 1], [0, 0]]]))
