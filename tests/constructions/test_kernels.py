"""Kernels: their weights against scalar definitions, their adjoints against autograd, what they refuse."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from constructions.layers.kernels import LINEAR, NAMES, Exponential, Hardmax, Kernel, Rounded, Softmax, named

KERNELS = [LINEAR, Rounded(2), Exponential(0.7), Softmax(0.5), Hardmax()]
TORCH = {
    Exponential: lambda inner, allowed: torch.exp(0.7 * (inner - 1)).masked_fill(~allowed, 0),
    Softmax: lambda inner, allowed: torch.softmax((0.5 * inner).masked_fill(~allowed, -torch.inf), -1).nan_to_num(0),
}


def rows(seed=0, library=torch):
    draw = np.random.default_rng(seed)
    queries, keys = draw.standard_normal((2, 3, 4)), draw.standard_normal((2, 5, 4))
    return (torch.from_numpy(queries), torch.from_numpy(keys)) if library is torch else (queries, keys)


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
def test_numpy_and_torch_and_autograd_agree(kernel):
    """The path in the storage of the inner products, numpy's, and the one autograd follows."""
    queries, keys = rows()
    for allowed in (
        None,
        np.tri(3, dtype=bool),
        np.array([[True, False] * 2 + [True]] * 3) & (np.arange(3) > 0)[:, None],
    ):
        found = kernel.weights(queries, keys, allowed)
        assert np.allclose(found, kernel.weights(queries.numpy(), keys.numpy(), allowed), rtol=1e-14, atol=0)
        followed = kernel.weights(queries.clone().requires_grad_(), keys.clone().requires_grad_(), allowed)
        assert torch.allclose(found, followed.detach(), rtol=1e-14, atol=0)
        whole = np.ones((3, 5), dtype=bool) if allowed is None else allowed
        whole = np.concatenate([np.ones((3, 5 - whole.shape[1]), dtype=bool), whole], axis=1)
        assert (found.numpy()[:, ~whole] == 0).all()
        if type(kernel) in TORCH:
            right = TORCH[type(kernel)](queries @ keys.mT, torch.from_numpy(whole))
            assert torch.allclose(found, right, rtol=1e-12, atol=0)


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
@pytest.mark.parametrize("library", [np, torch], ids=["numpy", "torch"])
def test_the_adjoint_is_the_derivative(kernel, library):
    queries, keys = (x.requires_grad_() for x in rows())
    allowed, gradient = np.tri(3, dtype=bool), torch.from_numpy(np.random.default_rng(1).standard_normal((2, 3, 5)))
    weights = kernel.weights(queries, keys, allowed)
    right = (
        torch.autograd.grad(weights, (queries, keys), gradient, allow_unused=True)
        if weights.requires_grad
        else (None,) * 2
    )
    wrap = (lambda x: x.detach().clone()) if library is torch else (lambda x: x.detach().numpy().copy())
    found = kernel.adjoint(wrap(queries), wrap(keys), allowed, wrap(weights), wrap(gradient))
    for a, b in zip(found or (torch.zeros(1),) * 2, right, strict=True):
        assert np.allclose(a, 0 if b is None else b, rtol=1e-12, atol=1e-13)


def test_hardmax_is_the_limit_of_softmax():
    queries, keys = rows(library=np)
    assert np.allclose(Softmax(1e5).weights(queries, keys), Hardmax().weights(queries, keys))
    ties = Hardmax().weights(np.array([[1]], object), np.array([[2], [1], [2]], object))
    assert ties.tolist() == [[Fraction(1, 2), 0, Fraction(1, 2)]]


def test_large_scores_do_not_overflow():
    queries, keys = (x.float() * 1e4 for x in rows())
    found = Softmax(1.0).weights(queries, keys, np.tri(3, dtype=bool))
    assert found.isfinite().all()
    assert torch.allclose(found.sum(-1), torch.ones(2, 3))


@pytest.mark.parametrize("name", NAMES)
def test_names(name):
    assert isinstance(named(name, 16), Kernel)
    assert named("softmax", 16) == Softmax(0.25)
    assert named(Rounded(3), 16) == Rounded(3)


def test_messages():
    with pytest.raises(
        ValueError, match=r"^unknown kernel 'sofmax'; did you mean 'softmax'\? The names are exponential, "
    ):
        named("sofmax", 4)
    with pytest.raises(ValueError, match=r"^Exponential: temperature = 0; give a positive number$"):
        Exponential(0)
    with pytest.raises(ValueError, match=r"^Rounded: norm = -1; the squared length of a code is positive$"):
        Rounded(-1)
    for kernel, number, words in (
        (Exponential, float("inf"), r"^Exponential: temperature = inf; give a finite number$"),
        (Softmax, float("nan"), r"^Softmax: scale = nan; give a finite number$"),
        (Softmax, 10**400, r"^Softmax: scale = 10+; give a finite number$"),
        (Softmax, "2", r"^Softmax: scale = '2' is no number; give a finite one$"),
    ):
        with pytest.raises(ValueError, match=words):
            kernel(number)
