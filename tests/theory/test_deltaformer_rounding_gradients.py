"""The gradients' bounds for exponential and softmax kernels: by hand, valid on random floats, coarser arithmetic refuted, near."""

import math

import numpy as np
import pytest

from constructions.layers.deltaformer import gradients, read, read_gradients
from constructions.layers.kernels import LINEAR, Exponential, Softmax
from theory.deltaformer.rounding import near_instance, read_bounds
from theory.deltaformer.rounding_gradients import kernel_gradient_bounds, kernel_read_bounds
from theory.deltaformer.rounding_kernels import near_kernel_instance, rational_bounds
from theory.formats import FP32, FP64

KERNELS = {False: Exponential, True: Softmax}


def instance(seed, tokens=5, d=3, m=2, size=1.0):
    """k, w, v, beta, grad_u, alpha."""
    draw = np.random.default_rng(seed)
    shapes = (tokens, d), (tokens, d), (tokens, m), (tokens,), (tokens, m), (tokens,)
    return [(size * draw.standard_normal(s)).astype(np.float32) for s in shapes]


def written(k, w, v, beta, grad, alpha, kernel, form="chunked"):
    found = gradients(k, w, v, beta, grad, alpha=alpha, kernel=kernel, form=form, chunk=2)
    return {name: x for name, x in found._asdict().items() if x is not None}


def inside(bounds, found):
    return {name: bounds[name].worst(x.astype(float))[0] for name, x in found.items()}


@pytest.mark.parametrize("softmax", KERNELS)
@pytest.mark.parametrize("seed", range(4))
def test_numpy_stays_within_and_fp32_is_not_fp64(softmax, seed):
    *given, alpha = instance(seed, size=(0.3, 1.0, 2.0)[seed % 3])
    alpha = alpha if seed % 2 else None
    how = {"rate": -0.5 if softmax and seed == 3 else 0.5, "softmax": softmax, "alpha": alpha}
    for form in ("recurrence", "solve", "chunked"):
        found = written(*given, alpha, KERNELS[softmax](how["rate"]), form)
        assert all(inside(kernel_gradient_bounds(*given, FP32, **how), found).values())
        assert not all(inside(kernel_gradient_bounds(*given, FP64, **how), found).values())


@pytest.mark.parametrize("softmax", KERNELS)
def test_reads_stay_within_and_fp32_is_not_fp64(softmax):
    k, q, u, _, grad, _ = instance(0)
    for kernel, bounds in (
        (KERNELS[softmax](0.5), lambda f: kernel_read_bounds(q, k, u, grad, f, rate=0.5, softmax=softmax)),
        (LINEAR, lambda f: rational_bounds(read_bounds(q, k, u, grad, f.unit_roundoff))),
    ):
        found = read_gradients(q, k, u, grad, kernel=kernel, chunk=2)._asdict()
        found["o"] = read(q, k, u, kernel=kernel, chunk=2)
        assert all(inside(bounds(FP32), found).values())
        assert not all(inside(bounds(FP64), found).values())


def test_the_exact_gradients_by_hand():
    """T = 2, d = m = 1, k = 1, w = 2, v = 3, beta = 1/2, G = (0, 1): u_1 = -beta P 3, P = e^(rate (2 - 1)), or 1 for a softmax."""
    k, w, v = np.ones((2, 1)), np.full((2, 1), 2.0), np.array([[3.0], [0.0]])
    grad = np.array([[0.0], [1.0]])
    for softmax, weight, slope in ((False, math.e, math.e), (True, 1, 0)):
        made = kernel_gradient_bounds(k, w, v, np.full(2, 0.5), grad, FP64, rate=1.0, softmax=softmax)
        exact = {name: [float(x) for x in bound.exact.ravel()] for name, bound in made.items()}
        assert exact["v"] == pytest.approx([-0.5 * weight, 1])
        assert exact["beta"] == pytest.approx([0, -3 * weight])
        assert exact["alpha"] == pytest.approx([-1.5 * weight, 0])
        assert exact["w"] == pytest.approx([0, -1.5 * slope])
        assert exact["k"] == pytest.approx([-3 * slope, 0])


@pytest.mark.parametrize(("softmax", "least"), [(False, 0.9), (True, 0.5)])
def test_near_instances(softmax, least):
    """Every gradient, and what is read, by the same exponent that rounds badly."""
    rate, inputs = near_kernel_instance(softmax)
    k, w, v, beta = (x.astype(np.float32) for x in inputs.values())
    grad = np.array([[0], [0], [1]], np.float32)
    found = written(k, w, v, beta, grad, np.ones(3, np.float32), KERNELS[softmax](rate))
    bounds = kernel_gradient_bounds(k, w, v, beta, grad, FP32, rate=rate, softmax=softmax, alpha=np.ones(3))
    ratios = [bounds[name].worst(x.astype(float)) for name, x in found.items()]
    o = read(w, k, v, kernel=KERNELS[softmax](rate))
    ratios.append(kernel_read_bounds(w, k, v, grad, FP32, rate=rate, softmax=softmax)["o"].worst(o.astype(float)))
    assert all(within and least < ratio <= 1 for within, ratio in ratios)


def test_a_linear_read_near_its_bound():
    inputs = near_instance(64, FP32.unit_roundoff)
    k, q, u = (inputs[name].astype(np.float32) for name in ("k", "w", "v"))
    bounds = rational_bounds(read_bounds(q, k, u, u, FP32.unit_roundoff))
    within, ratio = bounds["o"].worst(read(q, k, u, form="recurrence").astype(float))
    assert within
    assert 62 / 66 < ratio <= 1


def test_no_tokens():
    none = np.zeros((0, 2))
    made = kernel_gradient_bounds(none, none, none, np.zeros(0), none, FP32, rate=1.0, softmax=True)
    made |= kernel_read_bounds(none, none, none, none, FP32, rate=1.0, softmax=True)
    made |= rational_bounds(read_bounds(none, none, none, none, FP32.unit_roundoff))
    assert all(bound.worst(np.zeros(bound.exact.shape)) == (True, 0.0) for bound in made.values())
