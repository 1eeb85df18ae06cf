"""The torch layer with its pointers held fixed: a rule of one candidate a position, and stacks of blocks over pointer tables.

A batch of tables is run as a batch of sequences, one table each, so that all tables of a kind cost one pass. In the plain block (no
gate, norm, encoding or feed-forward) rows are added and nothing else, so one-hot inputs come out as path counts, exact in floats.
"""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from constructions.layers.pointer import PointerBlock
from constructions.layers.pointer.candidates import AllPositions, Candidates, Positions
from theory.pointer.tables import NOWHERE

PLAIN: dict[str, Any] = {"encode": "none", "gate": "none", "norm": "none", "expansion": 0}
"""Switches of a block that only adds rows."""


class FixedPointers(Candidates):
    """One candidate a position, the same whatever the scores: `targets (batch or 1, heads, N)`, each inside the sequence.

    ValueError for a target that is none, NOWHERE too: the layer always reads a row.
    """

    def __init__(self, targets: Int[Tensor, "batch heads N"]) -> None:
        least, most = (int(x) for x in targets.aminmax())
        if least < 0 or most >= targets.shape[-1]:
            told = "nowhere" if least == NOWHERE else f"{least if least < 0 else most}"
            raise ValueError(
                f"FixedPointers: a target is {told}; the layer reads a row in 0..{targets.shape[-1] - 1} each"
            )
        self.targets = targets

    @property
    def causal(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        return bool((self.targets <= torch.arange(self.targets.shape[-1], device=self.targets.device)).all())

    def among(self, times: Tensor, tokens: int, keys: Tensor, previous: Tensor) -> Positions:
        return self.targets.index_select(-1, times)[..., None], None


def fixed_stack(
    targets: Any, width: int, *, dtype: torch.dtype = torch.float64, device: Any = None, **switches: Any
) -> nn.ModuleList:
    """A block a layer for tables `(batch, layers, heads, N)`, an array of integers; `switches` as of PointerBlock."""
    tables = torch.as_tensor(targets, device=device)
    blocks = [
        PointerBlock(width, FixedPointers(table), heads=table.shape[1], device=device, dtype=dtype, **switches)
        for table in tables.unbind(1)
    ]
    return nn.ModuleList(blocks)


def drawn(blocks: nn.Module, seed: int) -> nn.Module:
    """The same module with every parameter drawn anew, normal with variance 1 over its last size, from this seed."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in blocks.parameters():
            fresh = torch.randn(parameter.shape, generator=generator, dtype=torch.float64) / parameter.shape[-1] ** 0.5
            parameter.copy_(fresh)
    return blocks


def run_stack(blocks: nn.Module, x: Tensor) -> tuple[Float[Tensor, "batch N width"], list[Tensor]]:
    """The last output, and the pointers `(batch, heads, N)` of each layer, which the next encodes."""
    pointers, every = None, []
    for block in blocks.children():
        assert isinstance(block, PointerBlock)
        x, pointers = block.point(x, pointers)
        every.append(pointers)
    return x, every


def one_hot_counts(targets: Any, *, combine: str = "sum", **switches: Any) -> Float[Tensor, "batch readers N N"]:
    """Path counts of the plain stack from one-hot inputs, `[b, r, i, j]`; one reader for "sum", one a head for "slices".

    The width is heads * N, as heads divide it: the one-hot rows fill the first N coordinates, or each slice.
    """
    batch, layers, heads, n = targets.shape
    readers = heads if combine == "slices" else 1
    x = torch.zeros(n, heads, n, dtype=switches.get("dtype", torch.float64), device=switches.get("device"))
    x[:, :readers] = torch.eye(n, dtype=x.dtype, device=x.device)[:, None]
    start = x.flatten(1).expand(batch, -1, -1)
    options: dict[str, Any] = PLAIN | switches
    stack = fixed_stack(targets, heads * n, combine=combine, **options)
    out = run_stack(drawn(stack, 0), start)[0] if layers else start
    return out.detach().unflatten(-1, (heads, n)).transpose(1, 2)[:, :readers]


def reached_by(blocks: nn.Module, x: Tensor, seed: int) -> Tensor:
    """`(batch, N, N)` booleans: [b, i, j] whether the derivative of output i by input j is not zero, by N backward passes.

    Each output row is first projected on a direction drawn from the seed, which loses a derivative with probability 0.
    """
    generator = torch.Generator().manual_seed(seed)
    direction = torch.randn(x.shape[-1], generator=generator, dtype=torch.float64).to(x)
    x = x.detach().requires_grad_()
    outputs = run_stack(blocks, x)[0] @ direction
    rows = [torch.autograd.grad(outputs[:, i].sum(), x, retain_graph=True)[0] for i in range(x.shape[1])]
    return torch.stack([(row != 0).any(-1) for row in rows], dim=1)


def maximum_block(
    sign: float = 1.0, *, causal: bool = False, dtype: torch.dtype = torch.float64, device: Any = None, **switches: Any
) -> PointerBlock:
    """A block of width 1 whose scores are s_ij = sign * x_j: query 0 h_i + 1, key sign * x_j. Ties go to the first."""
    candidates = AllPositions(causal=causal)
    options: dict[str, Any] = PLAIN | {"residual": False} | switches
    block = PointerBlock(1, candidates, bias=True, dtype=dtype, device=device, **options)
    with torch.no_grad():
        for layer, weight, bias in ((block.query, 0.0, 1.0), (block.key, sign, 0.0)):
            layer.weight.fill_(weight)
            layer.bias.fill_(bias)
    return block
