"""A training step: inputs that take gradients, the parameters, and the gradients of the outputs."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.autograd import graph
from torch.utils._pytree import tree_leaves, tree_map

__all__ = ["floating", "gradients", "leaves", "parameters", "with_gradients"]


def gradients(outputs: list[Tensor], wanted: list[Tensor], given: list[Tensor], nodes: list[Any]) -> list[Tensor]:
    """The gradients, by torch's engine directly: torch.autograd.grad would switch the modes for functions off.

    Reentrant checkpoints accept only accumulation into .grad, which is put back afterwards.
    """
    if any(node.name() == "CheckpointFunctionBackward" for node in nodes):
        before = [x.grad for x in wanted]
        try:
            for x in wanted:
                x.grad = None
            torch.autograd.backward(outputs, given)
            found = [x.grad for x in wanted]
        finally:
            for x, grad in zip(wanted, before, strict=True):
                x.grad = grad
    else:
        found = graph._engine_run_backward(
            tuple(outputs), tuple(given), False, False, tuple(wanted), True, accumulate_grad=False
        )
    return [x for x in found if x is not None]


def leaves(value: Any) -> list[Tensor]:
    """The tensors of a result: in pytrees, mappings and dataclasses."""
    found: list[Tensor] = []
    for x in tree_leaves(value):
        if isinstance(x, Tensor):
            found.append(x)
        elif isinstance(x, Mapping):
            found.extend(y for v in x.values() for y in leaves(v))
        elif dataclasses.is_dataclass(x) and not isinstance(x, type):
            found.extend(y for f in dataclasses.fields(x) for y in leaves(getattr(x, f.name)))
    return found


def parameters(layer: Any) -> list[Tensor]:
    """The parameters to train, shared ones once; of a bound method those of its module."""
    for owner in (layer, getattr(layer, "__self__", None)):
        if isinstance(owner, torch.nn.Module):
            return [p for p in owner.parameters() if p.requires_grad]
    return []


def with_gradients(inputs: tuple[Any, ...]) -> tuple[tuple[Any, ...], list[Tensor]]:
    """The inputs, floating tensors so that they take gradients (the same tensor the same again), and the leaves behind them.

    The layer is given copies of the leaves, as from a layer before it, so that it may write to its inputs in place.
    """
    given: dict[int, tuple[Tensor, Tensor]] = {}

    def entering(x: Any) -> Any:
        if not isinstance(x, Tensor) or not floating(x):
            return x
        if id(x) not in given:
            leaf = x.detach().requires_grad_()
            given[id(x)] = (leaf.clone() if _dense(x) else leaf), leaf
        return given[id(x)][0]

    return tree_map(entering, inputs), [leaf for _, leaf in given.values()]


def _dense(x: Tensor) -> bool:
    """Whether a copy has the same strides."""
    return x.stride() == torch.empty_like(x).stride()


def floating(x: Tensor) -> bool:
    return x.is_floating_point() or x.is_complex()
