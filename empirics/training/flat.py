"""A model's weights as one vector, so that many models are the rows of one matrix, and a step of all is a step of one tensor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.attention import SDPBackend, sdpa_kernel

from constructions.layers.shapes import choose

__all__ = ["PRECISIONS", "Shell", "computing"]

PRECISIONS = ("float32", "tf32", "bfloat16", "float16")
"""float32 throughout, on CUDA with or without its short products; or autocast to a half format around float32 weights."""


class Shell:
    """A model without weights of its own: `values` runs it with those of a vector, `every` with those of each row of a matrix.

    stacked: rows are mapped over by vmap, and a step of all rows is one; else there is one row at a time.
    """

    def __init__(self, model: nn.Module, stacked: bool, device: Any = "cpu") -> None:
        self.model, self.stacked = model.to(device).requires_grad_(False), stacked
        named = dict(model.named_parameters())
        self.names, self.shapes = list(named), [p.shape for p in named.values()]
        self.sizes = [p.numel() for p in named.values()]

    def flatten(self, model: nn.Module) -> Float[Tensor, " parameters"]:
        """The weights of a model of this shape. ValueError for another."""
        named = dict(model.named_parameters())
        if list(named) != self.names or [p.shape for p in named.values()] != self.shapes:
            raise ValueError(
                f"Shell: the model's parameters {list(named)} are not those of {self.names}, or of other shapes"
            )
        return torch.cat([p.detach().flatten() for p in named.values()])

    def named(self, vector: Tensor) -> dict[str, Tensor]:
        """The vector as parameters by name."""
        parts = vector.split(self.sizes)
        return {name: x.view(shape) for name, x, shape in zip(self.names, parts, self.shapes, strict=True)}

    def load(self, vector: Tensor) -> nn.Module:
        """The model itself, holding copies of these weights from now on."""
        with torch.no_grad():
            for name, p in self.model.named_parameters():
                p.copy_(self.named(vector)[name])
        return self.model

    def values(self, vector: Tensor, tokens: Tensor) -> Tensor:
        """Logits `(batch, T, classes)`."""
        return functional_call(self.model, self.named(vector), (tokens,))

    def every(self, rows: Float[Tensor, "seeds parameters"], tokens: Tensor) -> Float[Tensor, "seeds batch T classes"]:
        """Logits of every row on the same tokens."""
        if not self.stacked:
            return torch.stack([self.values(row, tokens) for row in rows])
        return torch.vmap(self.values, in_dims=(0, None))(rows, tokens)


@contextmanager
def computing(precision: str, device: Any) -> Iterator[None]:
    """Products in this precision inside; fused attention is written out, since vmap does not go through the fused one."""
    choose("training", "precision", precision, PRECISIONS)
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
    half = {"bfloat16": torch.bfloat16, "float16": torch.float16}.get(precision)
    kind = torch.device(device).type
    try:
        with sdpa_kernel(SDPBackend.MATH), torch.autocast(kind, dtype=half or torch.bfloat16, enabled=half is not None):
            yield
    finally:
        torch.set_float32_matmul_precision(before)
