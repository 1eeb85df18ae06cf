"""Layers that differ from a reference layer by one edit, and small layers whose passes differ, as subjects of the cost module."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from constructions.layers.delta_rule import DeltaRule, unit_keys
from constructions.layers.deltaformer.module import Deltaformer
from constructions.layers.infini_attention.module import InfiniAttention
from constructions.layers.linear_attention import LinearAttention
from constructions.layers.mixture_of_experts import MixtureOfExperts
from constructions.layers.pointer import (
    AllPositions,
    Buckets,
    PointerBlock,
    PreviousPointers,
    Strides,
    Window,
    powers_of_two,
)
from constructions.layers.position_kernels import BiasedAttention, Fire, Mep
from constructions.layers.sliding_window import SlidingWindow
from constructions.layers.softmax_attention import SoftmaxAttention
from constructions.layers.sort_mixing import SortMixing
from constructions.layers.topk_attention import TopKAttention


def _tokens(N: int, d: int, batch: int = 1) -> tuple[Tensor]:
    return (torch.empty(batch, N, d),)


def window_one_longer(N: int, d: int, W: int) -> Any:
    return SlidingWindow(d, W + 1, form="unfold"), _tokens(N, d)


def topk_of_all(N: int, d: int, K: int) -> Any:
    del K
    return TopKAttention(d, N), _tokens(N, d)


def linear_attention_in_chunks_of_one(N: int, d: int) -> Any:
    return LinearAttention(d, form="chunked", chunk=1), _tokens(N, d)


class _ReadsTwice(LinearAttention):
    def mix(self, x: Tensor, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        q, k = nn.functional.elu(q) + 1, nn.functional.elu(k) + 1
        v = torch.cat([v, v.new_ones((*v.shape[:-1], 1))], -1)
        state, rows = v.new_zeros((*v.shape[:-2], k.shape[-1], v.shape[-1])), [v[..., :0, :]]
        for t in range(k.shape[-2]):
            state = state + k[..., t, :, None] * v[..., t, None, :]
            rows.append(q[..., t, None, :] @ state)
            rows[-1] = q[..., t, None, :] @ state
        o = torch.cat(rows, -2)
        return o[..., :-1] / o[..., -1:]


def linear_attention_reads_twice(N: int, d: int) -> Any:
    """The product in the loop is made twice."""
    return _ReadsTwice(d, form="loop"), _tokens(N, d)


class _ReadsBefore(DeltaRule):
    def mix(self, x: Tensor, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        k, beta = unit_keys(k), self.gate(x).sigmoid()
        state, rows = v.new_zeros((*v.shape[:-2], k.shape[-1], v.shape[-1])), []
        for t in range(k.shape[-2]):
            key = k[..., t : t + 1, :]
            write = beta[..., t : t + 1, :] * (v[..., t : t + 1, :] - key @ state)
            state = state + key.mT @ write
            rows.append(q[..., t : t + 1, :] @ state)
        return torch.cat(rows, -2)


def delta_rule_by_matrix_products(N: int, d: int) -> Any:
    """The outer product of a token as a matrix product over one index: 2 d^2 in place of d^2."""
    return _ReadsBefore(d, form="loop"), _tokens(N, d)


def delta_rule_in_chunks_of_one(N: int, d: int) -> Any:
    return DeltaRule(d, form="chunked", chunk=1), _tokens(N, d)


class _MappedTwice(SortMixing):
    def forward(self, x: Tensor) -> Tensor:
        return self.out(super().forward(x))


def sort_mixing_mapped_twice(N: int, d: int) -> Any:
    return _MappedTwice(d), _tokens(N, d)


class _OneTransform(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.fft.fft(x, dim=-1).real


def fft_over_width_only(N: int, d: int) -> Any:
    return _OneTransform(), _tokens(N, d)


def experts_of_doubled_capacity(N: int, d: int, E: int, h: int) -> Any:
    return MixtureOfExperts(d, E, h, capacity=2 * -(-N // E)), _tokens(N, d)


def deltaformer_without_gate(N: int, d: int) -> Any:
    return Deltaformer(d, 1, form="solve", beta=None), _tokens(N, d)


def deltaformer_in_blocks_of_one(N: int, d: int) -> Any:
    return Deltaformer(d, 1, form="chunked", chunk=1), _tokens(N, d)


def deltaformer_in_blocks_of_two(N: int, d: int) -> Any:
    return Deltaformer(d, 1, form="chunked", chunk=2), _tokens(N, d)


def deltaformer_linear_in_chunks_of_one(N: int, d: int) -> Any:
    return Deltaformer(d, 1, kernel="linear", write="key", form="chunked", chunk=1), _tokens(N, d)


def pointer_all_bidirectional(N: int, d: int) -> Any:
    return PointerBlock(d, AllPositions(causal=False)), _tokens(N, d)


def pointer_in_tiles_of_one(N: int, d: int, C: int) -> Any:
    del C
    return PointerBlock(d, form="tiled", tile=1), _tokens(N, d)


def pointer_window_one_longer(N: int, d: int, K: int) -> Any:
    return PointerBlock(d, Window(K + 1)), _tokens(N, d)


def pointer_one_stride_more(N: int, d: int, K: int) -> Any:
    return PointerBlock(d, Strides(powers_of_two(K + 1))), _tokens(N, d)


def pointer_buckets_of_two_bits(N: int, d: int, K: int) -> Any:
    return PointerBlock(d, Buckets(K, bits=min(2, d))), _tokens(N, d)


def pointer_one_hop_more(N: int, d: int, K: int) -> Any:
    return PointerBlock(d, PreviousPointers(K + 1)), _tokens(N, d)


def pointer_additive_written_out(N: int, d: int) -> Any:
    return PointerBlock(d, score="additive"), _tokens(N, d)


def infini_attention_in_segments_of_one(N: int, d: int, C: int) -> Any:
    del C
    return InfiniAttention(d, 1, segment=1, rule="delta"), _tokens(N, d)


def softmax_attention_of_two(N: int, d: int) -> Any:
    """Two sequences in a batch."""
    return SoftmaxAttention(d), _tokens(N, d, batch=2)


class _RunningSum(torch.autograd.Function):
    """y_t = x_1 + ... + x_t, whose gradient is a running sum from the end: here a product with the triangle of ones."""

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return x.cumsum(-2)

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        pass

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        (g,) = gradients
        return g.new_ones((g.shape[-2], g.shape[-2])).triu() @ g


class _RunningSumBySums(_RunningSum):
    """The same gradient by a running sum of the rows in reverse."""

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        (g,) = gradients
        return g.flip(-2).cumsum(-2).flip(-2)


def running_sum(N: int, d: int) -> Any:
    return _RunningSum.apply, (torch.empty(N, d),)


def running_sum_by_sums(N: int, d: int) -> Any:
    return _RunningSumBySums.apply, (torch.empty(N, d),)


def mep_of_two(N: int, d: int) -> Any:
    return BiasedAttention(d, Mep(1, 2)), _tokens(N, d)


def fire_of_16(N: int, d: int) -> Any:
    return BiasedAttention(d, Fire(1, hidden=16)), _tokens(N, d)
