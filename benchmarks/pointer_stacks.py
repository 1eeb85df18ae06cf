"""The stacks that are timed beside each other: Pointer layers over different candidates, and Transformer layers.

All have the same width, heads, feed-forward of four times the width and layer norms, are causal, and are in float32.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from constructions.layers.pointer import PointerBlock, Strides, Window, powers_of_two
from constructions.layers.softmax_attention import softmax_attention
from empirics.cost.runs import Runner
from empirics.cost.subject import Subject
from theory.cost.recovery.sums import total

__all__ = ["PEER", "STACKS", "Sizes", "Stack", "work"]

PEER = "softmax, torch's encoder layer"
"""What others are compared with."""


@dataclass(frozen=True)
class Sizes:
    """Of every stack; `window` and `strides` are the candidates of a position, which do not grow with the tokens."""

    width: int = 256
    heads: int = 8
    layers: int = 6
    tile: int = 64
    window: int = 16
    strides: int = 11


class _Pointers(nn.Module):
    """Blocks that hand their pointers on."""

    def __init__(self, sizes: Sizes, *candidates: Any, **options: Any) -> None:
        super().__init__()
        made = (PointerBlock(sizes.width, *candidates, heads=sizes.heads, **options) for _ in range(sizes.layers))
        self.blocks = nn.ModuleList(made)

    def forward(self, x: Tensor) -> Tensor:
        pointers = None
        for block in self.blocks:
            assert isinstance(block, PointerBlock)
            x, pointers = block.run(x, pointers)
        return x


class _WrittenOut(nn.Module):
    """A Transformer layer whose scores and weights are tables of N x N numbers a head."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.maps, self.out = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.inner, self.outer = nn.Linear(width, 4 * width, bias=False), nn.Linear(4 * width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.maps(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        x = self.norms[0](x + self.out(softmax_attention(q, k, v).transpose(1, 2).flatten(2)))
        return self.norms[1](x + self.outer(nn.functional.gelu(self.inner(x))))


class _Encoder(nn.Module):
    """torch's own layers. Without dropout they are left in training mode: in the other they take a path that writes N x N
    numbers; here the mask is an argument that they ask for and do not look at."""

    def __init__(self, sizes: Sizes, tokens: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                sizes.width, sizes.heads, 4 * sizes.width, dropout=0.0, activation="gelu", batch_first=True, bias=False
            )
            for _ in range(sizes.layers)
        )
        self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(tokens))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x, self.mask, is_causal=True)
        return x


@dataclass(frozen=True)
class Stack:
    """build: sizes, tokens and what trains a pointer's scores ("hard" for nothing) -> the stack, on the current device."""

    name: str
    build: Callable[[Sizes, int, str], nn.Module]
    trains: bool = True


STACKS = (
    Stack("all j, written out", lambda s, n, training: _Pointers(s, training=training)),
    Stack("all j, tiled", lambda s, n, training: _Pointers(s, form="tiled", tile=s.tile), trains=False),
    Stack("window", lambda s, n, training: _Pointers(s, Window(s.window), training=training)),
    Stack("strides", lambda s, n, training: _Pointers(s, Strides(powers_of_two(s.strides)), training=training)),
    Stack(
        "softmax, written out",
        lambda s, n, training: nn.Sequential(*(_WrittenOut(s.width, s.heads) for _ in range(s.layers))),
    ),
    Stack(PEER, lambda s, n, training: _Encoder(s, n)),
)
"""The first four are Pointer's. Tiles keep no scores that a gradient could reach, so the tiled form is not trained."""


def work(stack: Stack, sizes: Sizes, tokens: int, training: str) -> int:
    """Scalar operations of a forward pass (hard), or of one with its backward pass, counted on tensors without contents."""

    def subject(N: int) -> Any:
        return stack.build(sizes, N, training), (torch.empty(1, N, sizes.width),)

    run = Runner(Subject(subject), "forward" if training == "hard" else "training").run({"N": tokens})
    return int(total(run.parts["work"]))
