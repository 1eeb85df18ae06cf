"""The attention of infini-transformer-pytorch, where its package is installed, with the weights of ours: an optional peer.

It takes a segment a call. Its gate weighs the local part, so beta changes sign; it divides by at least 1e-10 where ours knows whether
anything was stored, and its elu + 1 loses small exponentials. Its rotary frequencies are rounded to float32 whatever its dtype.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from typing import Any

import torch
from torch import Tensor, nn

from constructions.layers.infini_attention import InfiniAttention

__all__ = ["PACKAGE", "WHY_ABSENT", "Peer", "present", "version"]

PACKAGE = "infini-transformer-pytorch"
WHY_ABSENT = f"{PACKAGE} is not installed; pip install -c constraints.txt -e '.[peers]'"


def present() -> bool:
    return importlib.util.find_spec("infini_transformer_pytorch") is not None


def version() -> str | None:
    return importlib.metadata.version(PACKAGE) if present() else None


class Peer(nn.Module):
    """Their attention over a whole sequence, a segment after another, as the same function as `ours`.

    exact_turns: whether rotary frequencies are those of our dtype in place of their rounded ones.
    """

    def __init__(self, ours: InfiniAttention, *, exact_turns: bool = False) -> None:
        super().__init__()
        theirs = importlib.import_module("infini_transformer_pytorch.infini_transformer")
        self.segment = ours.segment
        self.attention: Any = theirs.CausalAttention(
            ours.width, dim_head=ours.head_dim, heads=ours.heads, use_mem_delta_rule=ours.access.rule == "delta"
        )
        self.attention.norm = nn.Identity()  # ours has none
        self.attention.to(ours.beta)
        with torch.no_grad():
            maps = (ours.query.weight, ours.key.weight, ours.value.weight)
            self.attention.to_qkv.weight.copy_(torch.cat(maps))
            self.attention.to_out.weight.copy_(ours.out.weight)
            self.attention.fastweight_mem.head_gates.copy_(-ours.beta)
            if exact_turns:
                d = ours.head_dim
                pairs = torch.arange(0, d, 2, dtype=ours.beta.dtype, device=ours.beta.device)
                self.attention.rotary_emb.freqs.copy_(ours.base ** (pairs / -d))

    def forward(self, x: Tensor) -> Tensor:
        rows, memories = [], None
        for piece in x.split(self.segment, 1):
            y, _, memories = self.attention(piece, past_memories=memories, return_new_memories=True)
            rows.append(y)
        return torch.cat(rows, 1)
