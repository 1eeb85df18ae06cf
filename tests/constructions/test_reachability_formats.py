"""Reachability in formats: the layer itself in its dtypes, exact rationals, dense against diagonal, doors."""

from __future__ import annotations

import itertools
from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest

from constructions.deltaformer import reachability_formats as formats_of
from constructions.deltaformer.reachability import NodeTokens
from constructions.deltaformer.reachability_formats import Arithmetic, decides, evaluate, undecided_graph
from constructions.layers import deltaformer as operator
from theory import formats

DTYPES = {
    "fp16": np.float16,
    "bf16": ml_dtypes.bfloat16,
    "fp8_e4m3fn": ml_dtypes.float8_e4m3fn,
    "fp8_e5m2": ml_dtypes.float8_e5m2,
}
HALF = Fraction(1, 2)


def random_graphs(n, count=12, seed=0):
    draw = np.random.default_rng(seed)
    return np.tril(draw.integers(0, 2, (count, n, n)), -1) * (draw.random((count, 1, 1)) < 0.9)


@pytest.mark.parametrize("name", DTYPES)
@pytest.mark.parametrize("eps", [1, 0.75, 0.5, 0.25])
def test_dense_is_the_layers_recurrence(name, eps):
    """The same rounding as the operator token by token in the dtype, finite values and overflow apart from NaN's place."""
    fmt, graphs = formats.named(name), random_graphs(9)
    tokens = NodeTokens().compile_batch(graphs).cast(np.float64)
    k, w, v = (x.astype(DTYPES[name]) for x in (tokens.k, eps * tokens.w, tokens.v))
    found = operator.recurrence(k, w, v).astype(np.float64)
    assert (found == evaluate(graphs, eps, Arithmetic(fmt), "dense")).all()


@pytest.mark.parametrize("name", ["fp16", "bf16"])
@pytest.mark.parametrize("eps", [0.75, 0.5])
def test_wide_is_the_layers_solve(name, eps):
    """On the path graph every sum has one term, so the order of the machine's own product is of no account."""
    n = formats_of.underflow_frontier(formats.named(name), 1, "gradual") + 2
    path = formats_of.extremal_graphs(n)[formats_of.PATH][None]
    tokens = NodeTokens().compile_batch(path).cast(np.float64)
    k, w, v = (x.astype(DTYPES[name]) for x in (tokens.k, eps * tokens.w, tokens.v))
    found = operator.solve(k, w, v).astype(np.float64)
    assert (found == evaluate(path, eps, Arithmetic(formats.named(name)), "wide")).all()


@pytest.mark.parametrize("evaluation", formats_of.EVALUATIONS[:3])
def test_wide_formats_give_the_exact_values_of_small_graphs(evaluation):
    graphs = random_graphs(7)
    exact = np.linalg.inv(np.eye(7) - 0.5 * graphs)
    for name in ("fp32", "fp64"):
        found = evaluate(graphs, HALF, Arithmetic(formats.named(name)), evaluation)
        assert np.abs(found - exact).max() < 2**-40  # dyadic and short: the inverse by float64 is what rounds


@pytest.mark.parametrize("name", ["fp8_e4m3fn", "fp8_e5m2", "fp16"])
@pytest.mark.parametrize("eps", [1, Fraction(3, 4), HALF])
@pytest.mark.parametrize("underflow", ["gradual", "flush"])
@pytest.mark.parametrize("saturate", [False, True])
def test_diagonals_are_those_of_the_dense_product(name, eps, underflow, saturate):
    arithmetic = Arithmetic(formats.named(name), underflow, saturate)
    for n, graph in itertools.product((2, 5, 11, 19), (formats_of.PATH, formats_of.COMPLETE)):
        dense = evaluate(formats_of.extremal_graphs(n)[graph][None], eps, arithmetic, "log-depth")[0]
        diagonal = formats_of._by_distance(graph, n, eps, arithmetic)
        if np.isfinite(dense).all():
            assert (dense[:, 0] == diagonal).all()
        else:
            assert (dense[:, 0] > 0).all() == (diagonal > 0).all() or np.isnan(dense).any()


@pytest.mark.parametrize("evaluation", formats_of.EVALUATIONS)
@pytest.mark.parametrize("eps", [1, Fraction(3, 4), HALF, Fraction(1, 4)])
def test_columns_decide_as_whole_matrices_do(evaluation, eps):
    arithmetic = Arithmetic(formats.FP8_E4M3FN)
    for n in range(1, 15):
        graphs = np.stack(list(formats_of.extremal_graphs(n).values()))
        whole = bool(decides(graphs, eps, arithmetic, evaluation).all())
        assert (undecided_graph(n, eps, arithmetic, evaluation) is None) == whole


@pytest.mark.parametrize("evaluation", formats_of.EVALUATIONS)
@pytest.mark.parametrize("underflow", ["gradual", "flush"])
def test_random_graphs_within_the_frontier_are_decided(evaluation, underflow):
    arithmetic = Arithmetic(formats.FP8_E5M2, underflow)
    n = formats_of.underflow_frontier(formats.FP8_E5M2, 1, underflow)
    assert decides(random_graphs(n), HALF, arithmetic, evaluation).all()


def test_closed_forms():
    frontier = {
        name: [formats_of.underflow_frontier(formats.named(name), 1, how) for how in ("gradual", "flush")]
        for name in formats.FORMATS
        if name != "Q"
    }
    assert frontier == {
        "fp64": [1075, 1023],
        "fp32": [150, 127],
        "tf32": [137, 127],
        "bf16": [134, 127],
        "fp16": [25, 15],
        "fp8_e4m3fn": [10, 7],
        "fp8_e5m2": [17, 15],
    }
    ieee, nan, clip = Arithmetic(formats.FP16), Arithmetic(formats.FP8_E4M3FN), Arithmetic(formats.FP16, saturate=True)
    laws = {way: [formats_of.overflow_frontier(a, way) for a in (ieee, nan, clip)] for way in formats_of.EVALUATIONS}
    assert laws == {
        "parents": [None, (10, 10), None],
        "dense": [(18, 18), (10, 10), None],
        "log-depth": [(17, 18), (10, 10), None],
        "wide": [(130, 130), (10, 10), (130, 130)],
    }


def test_fp64_by_log_depth_overflows_one_node_before_fp64_dense():
    """The rounded sum of all but 1025 of 2^1024 paths is infinite in fp64; in fp32 its like stays finite."""
    fp64, fp32 = Arithmetic(formats.FP64), Arithmetic(formats.FP32)
    assert undecided_graph(1026, 1, fp64, "log-depth") == formats_of.COMPLETE
    assert undecided_graph(130, 1, fp32, "log-depth") is None


def test_bad_input_is_refused():
    graph = np.zeros((1, 2, 2), dtype=int)
    fp8 = Arithmetic(formats.FP8_E4M3FN)
    with pytest.raises(ValueError, match=r"evaluation 'sideways': one of parents, dense, log-depth, wide"):
        evaluate(graph, 1, fp8, "sideways")
    with pytest.raises(
        ValueError, match=r"edge weight 1/1024 is no number >= 1/512 of fp8_e4m3fn \(gradual underflow\)"
    ):
        evaluate(graph, Fraction(1, 1024), fp8, "dense")
    with pytest.raises(ValueError, match=r"edge weight 1/128 is no number >= 1/64"):
        evaluate(graph, Fraction(1, 128), Arithmetic(formats.FP8_E4M3FN, "flush"), "dense")
    with pytest.raises(ValueError, match=r"edge weight 1/3 is no number"):
        evaluate(graph, Fraction(1, 3), fp8, "dense")
    with pytest.raises(ValueError, match=r"wide: fp64 is not narrower than fp32"):
        evaluate(graph, 1, Arithmetic(formats.FP64), "wide")
    with pytest.raises(ValueError, match=r"Arithmetic: Q has neither underflow nor overflow"):
        Arithmetic(formats.Q)
    with pytest.raises(ValueError, match=r"halvings = 0, fp16: give eps = 2\^-halvings < 1"):
        formats_of.underflow_frontier(formats.FP16, 0, "gradual")


@pytest.mark.gpu
@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_the_path_graph_on_an_accelerator_reaches_its_frontier(name):
    """Token by token in the dtype, eps = 1/2: positive up to the frontier, zero one node later (gradual underflow)."""
    import torch

    fmt = formats.FP16 if name == "float16" else formats.BF16
    n = formats_of.underflow_frontier(fmt, 1, "gradual")
    path = formats_of.extremal_graphs(n + 1)[formats_of.PATH][None]
    tokens = NodeTokens().compile_batch(path).cast(getattr(torch, name), "cuda")
    values = operator.recurrence(tokens.k, tokens.w / 2, tokens.v)[0, :, 0].cpu().double()
    assert (values[:n] > 0).all()
    assert values[n] == 0
