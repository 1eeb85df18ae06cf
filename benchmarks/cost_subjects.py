"""What the cost benchmark counts: the reference layers, four of torch's own, one with a hidden term, single operations.

Each is a subject of the cost module: sizes in, a layer and its inputs out. Layers of torch are in training mode without
dropout, so none of its inference shortcuts is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from empirics.subjects import SUBJECTS, Subject

__all__ = ["AT", "LAYERS", "LINEAR", "LOOPS", "OPERATIONS", "QUADRATIC"]


def lstm(N: int, d: int) -> Any:
    return nn.LSTM(d, d, batch_first=True), (torch.empty(1, N, d),)


def gru(N: int, d: int) -> Any:
    return nn.GRU(d, d, batch_first=True), (torch.empty(1, N, d),)


def multihead_attention(N: int, d: int) -> Any:
    """Four heads of dimension d."""
    x = torch.empty(1, N, 4 * d)
    return nn.MultiheadAttention(4 * d, 4, batch_first=True), (x, x, x)


def transformer_encoder_layer(N: int, d: int) -> Any:
    """Four heads of dimension d, hidden width 16 d."""
    layer = nn.TransformerEncoderLayer(4 * d, 4, dim_feedforward=16 * d, dropout=0.0, batch_first=True)
    return layer, (torch.empty(1, N, 4 * d),)


class NearbyFirst(nn.Module):
    """Linear attention without a mask, each token's answer times the mean closeness 1 / (1 + |i - j|) of the others to it.

    It looks linear, and all its matrix products are; the N x N table of distances makes it quadratic.
    """

    def __init__(self, d: int) -> None:
        super().__init__()
        self.project = nn.Linear(d, 3 * d, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = self.project(x).chunk(3, dim=-1)
        place = torch.arange(x.shape[-2], device=x.device)
        closeness = (1 / (1 + (place[:, None] - place).abs())).mean(-1)
        return (q @ (k.transpose(-1, -2) @ v)) * closeness[:, None]


def linear_attention_distances(N: int, d: int) -> Any:
    return NearbyFirst(d), (torch.empty(1, N, d),)


LAYERS: dict[str, Subject] = {
    **SUBJECTS,
    **{
        subject.__name__: subject
        for subject in (lstm, gru, multihead_attention, transformer_encoder_layer, linear_attention_distances)
    },
}
AT = {"d": 16, "W": 16, "C": 32, "K": 8, "E": 4, "h": 64}
"""Every size but the number of tokens, small enough that a quadratic term leads at a thousand tokens."""

QUADRATIC = [
    *("softmax_attention", "softmax_attention_bidirectional"),
    *("softmax_attention_fused", "softmax_attention_fused_bidirectional"),
    *("multihead_attention", "linear_attention_distances"),
]
LINEAR = ["linear_attention_cumsum", "linear_attention_loop", "linear_attention_chunked"]
LOOPS = {
    *("linear_attention_loop", "delta_rule_loop", "delta_rule_chunked", "scan_sequential", "lstm", "gru"),
    *("scan_hillis_steele", "scan_blelloch", "deltaformer_recurrence", "deltaformer_chunked", "deltaformer_linear"),
    *("pointer_all_tiled", "pointer_strides", "pointer_previous", "infini_attention_linear", "infini_attention_delta"),
}
"""Layers whose number of operations depends on the sizes: with a loop over tokens, chunks, levels or hops, in Python or in torch's
decomposition."""


class _Alone(nn.Module):
    """One operation. The parameter is there since some tools ask the first one for its device."""

    def __init__(self, run: Callable[..., Any]) -> None:
        super().__init__()
        self.run, self.unused = run, nn.Parameter(torch.empty(1))

    def forward(self, *inputs: torch.Tensor) -> Any:
        return self.run(*inputs)


def _alone(run: Callable[..., Any], *shapes: str) -> Subject:
    """The operation on tensors of these shapes: N and d are the sizes, 1 is 1, "n" N indices below N."""

    def subject(N: int, d: int) -> Any:
        sizes = {"N": N, "d": d, "1": 1}
        inputs = [
            torch.zeros(N, d, dtype=torch.long) if s == "n" else torch.ones([sizes[c] for c in s]) for s in shapes
        ]
        return _Alone(run), tuple(inputs)

    return subject


def _layer(made: Callable[[int], nn.Module], shape: str) -> Subject:
    def subject(N: int, d: int) -> Any:
        sizes = {"N": N, "d": d, "1": 1}
        return made(d), (torch.ones([sizes[c] for c in shape]),)

    return subject


OPERATIONS: dict[str, Subject] = {
    "nn.Linear": _layer(lambda d: nn.Linear(d, d), "Nd"),
    "x @ y": _alone(lambda x, y: x @ y, "Nd", "dN"),
    "torch.matmul": _alone(lambda x, y: torch.matmul(x, y), "Nd", "dN"),
    "matrix @ vector": _alone(lambda x, y: x @ y, "Nd", "d"),
    "torch.dot": _alone(lambda x, y: torch.dot(x, y), "N", "N"),
    "einsum": _alone(lambda x, y: torch.einsum("nd,dm->nm", x, y), "Nd", "dN"),
    "nn.Conv1d": _layer(lambda d: nn.Conv1d(d, d, 3, padding=1), "1dN"),
    "nn.LSTM": _layer(lambda d: nn.LSTM(d, d, batch_first=True), "1Nd"),
    "fused attention": _alone(lambda x: F.scaled_dot_product_attention(x, x, x), "11Nd"),
    "F.softmax": _alone(lambda x: F.softmax(x, -1), "Nd"),
    "nn.LayerNorm": _layer(nn.LayerNorm, "Nd"),
    "x * y": _alone(lambda x, y: x * y, "Nd", "Nd"),
    "exp": _alone(torch.exp, "Nd"),
    "sum": _alone(lambda x: x.sum(0), "Nd"),
    "cumsum": _alone(lambda x: x.cumsum(0), "Nd"),
    "sort": _alone(lambda x: x.sort(0).values, "Nd"),
    "fft": _alone(lambda x: torch.fft.fft(x, dim=0), "Nd"),
    "gather": _alone(lambda x, i: x.gather(0, i), "Nd", "n"),
    "scatter_add": _alone(lambda x, i: x.scatter_add(0, i, x), "Nd", "n"),
    "solve_triangular": _alone(lambda a, b: torch.linalg.solve_triangular(a, b, upper=False), "NN", "Nd"),
}
"""One operation each, none of which is free: a tool that reports 0 for one leaves it out."""
