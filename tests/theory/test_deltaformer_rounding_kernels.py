"""The bound for exponential and softmax kernels: by hand, valid on random floats, refuting what is coarser, near on instances."""

import math

import numpy as np
import pytest

from constructions.layers.deltaformer import solve
from constructions.layers.kernels import Exponential, Softmax
from theory.deltaformer.rounding_kernels import kernel_bound, near_kernel_instance
from theory.formats import FP32, FP64

KERNELS = {False: Exponential, True: Softmax}


def instance(seed, tokens=6, d=3, m=2, size=1.0):
    draw = np.random.default_rng(seed)
    return [
        (size * draw.standard_normal(s)).astype(np.float32) for s in ((tokens, d), (tokens, d), (tokens, m), (tokens,))
    ]


@pytest.mark.parametrize("softmax", KERNELS)
@pytest.mark.parametrize("seed", range(6))
def test_numpy_stays_within_and_fp32_is_not_fp64(softmax, seed):
    arguments = instance(seed, size=(0.3, 1.0, 2.0)[seed % 3])
    found = solve(*arguments, kernel=KERNELS[softmax](0.5)).astype(float)
    assert kernel_bound(*arguments, found, FP32, rate=0.5, softmax=softmax).worst(found)[0]
    assert not kernel_bound(*arguments, found, FP64, rate=0.5, softmax=softmax).worst(found)[0]


def test_the_exact_u_by_hand():
    """T = 3, keys 0: each earlier token weighs exp(-rate), or 1 and then 1/2 each under softmax.

    By hand in fp64: each exp is within 2 u of itself, then a difference and a conversion round once, so within 4 u of the terms' size.
    """
    k, v, beta = np.zeros((3, 1)), np.array([[1.0], [0.0], [0.0]]), np.array([1.0, 1.0, 2.0])
    size = np.array([1, 1, 2 * math.exp(-4) + 2 * math.exp(-2)])
    for softmax, wanted in ((False, [1, -math.exp(-2), 2 * math.exp(-4) - 2 * math.exp(-2)]), (True, [1, -1, 0])):
        bound = kernel_bound(k, k, v, beta, v, FP64, rate=2.0, softmax=softmax)
        found = np.array([float(x) for x in bound.exact.ravel()])
        assert np.all(np.abs(found - wanted) <= 2 * np.finfo(float).eps * size)  # eps = 2 u
        assert float(bound.error[0, 0]) == 0


def test_alpha_scales_and_rounds():
    k, v = np.zeros((1, 1)), np.ones((1, 1))
    bound = kernel_bound(k, k, v, np.ones(1), 3 * v, FP32, rate=1.0, softmax=True, alpha=np.full(1, 3.0))
    assert float(bound.exact[0, 0]) == 3
    assert float(bound.error[0, 0]) == pytest.approx(3 * 2.0**-24)


@pytest.mark.parametrize(("softmax", "least"), [(False, 0.9), (True, 0.5)])
def test_near_instances(softmax, least):
    rate, inputs = near_kernel_instance(softmax)
    arguments = [inputs[name].astype(np.float32) for name in ("k", "w", "v", "beta")]
    assert all((x == y).all() for x, y in zip(arguments, inputs.values(), strict=True))
    found = solve(*arguments, kernel=KERNELS[softmax](rate)).astype(float)
    inside, ratio = kernel_bound(*arguments, found, FP32, rate=rate, softmax=softmax).worst(found)
    assert inside
    assert least < ratio <= 1


def test_no_tokens():
    none = np.zeros((0, 2))
    assert kernel_bound(none, none, none, np.zeros(0), none, FP32, rate=1.0, softmax=True).worst(none) == (True, 0.0)
