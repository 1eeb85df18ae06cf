"""The reference layers as subjects of the cost module; what each costs is claimed in `theory.cost`.

A subject is a function whose parameters are the size symbols and which returns the layer and its inputs, for one sequence:

    N   tokens          W   window          K   scores kept,       E   experts
    d   width           C   chunk, tile         candidates         h   hidden width

`formulas(subject)` gives the claimed formulas. Nothing here counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from constructions.layers.delta_rule import DeltaRule
from constructions.layers.deltaformer.module import Deltaformer
from constructions.layers.fft_mixing import FourierMixing
from constructions.layers.infini_attention.module import InfiniAttention
from constructions.layers.linear_attention import LinearAttention
from constructions.layers.mixture_of_experts import MixtureOfExperts
from constructions.layers.pointer import Buckets, PointerBlock, PreviousPointers, Strides, Window, powers_of_two
from constructions.layers.position_kernels import Alibi, BiasedAttention, Fire, Mep
from constructions.layers.scan import GatedScan
from constructions.layers.sliding_window import SlidingWindow
from constructions.layers.softmax_attention import SoftmaxAttention
from constructions.layers.sort_mixing import SortMixing
from constructions.layers.topk_attention import TopKAttention
from theory.cost import attention, deltaformer, infini_attention, mixing, pointer, position_kernels, recurrences
from theory.cost.reference_layers import Formulas, LayerClaim

__all__ = ["SUBJECTS", "Formulas", "Subject", "formulas"]

Subject = Callable[..., tuple[nn.Module, tuple[Tensor, ...]]]

SUBJECTS: dict[str, Subject] = {}
_FORMULAS: dict[str, Formulas] = {}


def formulas(subject: Subject) -> Formulas:
    """The claimed formulas of a subject of this module; KeyError for another."""
    return _FORMULAS[subject.__name__]


def _costs(claim: LayerClaim) -> Callable[[Any], Any]:
    def told(subject: Subject) -> Subject:
        assert subject.__name__ == claim.layer
        SUBJECTS[claim.layer] = subject
        _FORMULAS[claim.layer] = claim.costs
        return subject

    return told


def _tokens(N: int, d: int) -> tuple[Tensor]:
    return (torch.empty(1, N, d),)


@_costs(attention.softmax_attention)
def softmax_attention(N: int, d: int) -> Any:
    return SoftmaxAttention(d), _tokens(N, d)


@_costs(attention.softmax_attention_bidirectional)
def softmax_attention_bidirectional(N: int, d: int) -> Any:
    return SoftmaxAttention(d, causal=False), _tokens(N, d)


@_costs(attention.softmax_attention_fused)
def softmax_attention_fused(N: int, d: int) -> Any:
    return SoftmaxAttention(d, form="fused"), _tokens(N, d)


@_costs(attention.softmax_attention_fused_bidirectional)
def softmax_attention_fused_bidirectional(N: int, d: int) -> Any:
    return SoftmaxAttention(d, form="fused", causal=False), _tokens(N, d)


@_costs(attention.sliding_window_mask)
def sliding_window_mask(N: int, d: int, W: int) -> Any:
    return SlidingWindow(d, W, form="mask"), _tokens(N, d)


@_costs(attention.sliding_window_unfold)
def sliding_window_unfold(N: int, d: int, W: int) -> Any:
    return SlidingWindow(d, W, form="unfold"), _tokens(N, d)


@_costs(recurrences.linear_attention_cumsum)
def linear_attention_cumsum(N: int, d: int) -> Any:
    return LinearAttention(d, form="cumsum"), _tokens(N, d)


@_costs(recurrences.linear_attention_loop)
def linear_attention_loop(N: int, d: int) -> Any:
    return LinearAttention(d, form="loop"), _tokens(N, d)


@_costs(recurrences.linear_attention_chunked)
def linear_attention_chunked(N: int, d: int, C: int) -> Any:
    return LinearAttention(d, form="chunked", chunk=C), _tokens(N, d)


@_costs(recurrences.delta_rule_loop)
def delta_rule_loop(N: int, d: int) -> Any:
    return DeltaRule(d, form="loop"), _tokens(N, d)


@_costs(recurrences.delta_rule_chunked)
def delta_rule_chunked(N: int, d: int, C: int) -> Any:
    return DeltaRule(d, form="chunked", chunk=C), _tokens(N, d)


@_costs(attention.topk_attention)
def topk_attention(N: int, d: int, K: int) -> Any:
    return TopKAttention(d, K), _tokens(N, d)


@_costs(recurrences.scan_hillis_steele)
def scan_hillis_steele(N: int, d: int) -> Any:
    return GatedScan(d, form="hillis-steele"), _tokens(N, d)


@_costs(recurrences.scan_blelloch)
def scan_blelloch(N: int, d: int) -> Any:
    return GatedScan(d, form="blelloch"), _tokens(N, d)


@_costs(recurrences.scan_sequential)
def scan_sequential(N: int, d: int) -> Any:
    return GatedScan(d, form="sequential"), _tokens(N, d)


@_costs(mixing.sort_mixing)
def sort_mixing(N: int, d: int) -> Any:
    return SortMixing(d), _tokens(N, d)


@_costs(mixing.fft_mixing)
def fft_mixing(N: int, d: int) -> Any:
    return FourierMixing(), _tokens(N, d)


@_costs(mixing.mixture_of_experts)
def mixture_of_experts(N: int, d: int, E: int, h: int) -> Any:
    return MixtureOfExperts(d, E, h), _tokens(N, d)


@_costs(deltaformer.deltaformer_solve)
def deltaformer_solve(N: int, d: int) -> Any:
    return Deltaformer(d, 1, form="solve"), _tokens(N, d)


@_costs(deltaformer.deltaformer_chunked)
def deltaformer_chunked(N: int, d: int, C: int) -> Any:
    return Deltaformer(d, 1, form="chunked", chunk=C), _tokens(N, d)


@_costs(deltaformer.deltaformer_recurrence)
def deltaformer_recurrence(N: int, d: int) -> Any:
    return Deltaformer(d, 1, form="recurrence"), _tokens(N, d)


@_costs(deltaformer.deltaformer_linear)
def deltaformer_linear(N: int, d: int, C: int) -> Any:
    return Deltaformer(d, 1, kernel="linear", write="key", form="chunked", chunk=C), _tokens(N, d)


@_costs(pointer.pointer_all)
def pointer_all(N: int, d: int) -> Any:
    return PointerBlock(d), _tokens(N, d)


@_costs(pointer.pointer_all_tiled)
def pointer_all_tiled(N: int, d: int, C: int) -> Any:
    return PointerBlock(d, form="tiled", tile=C), _tokens(N, d)


@_costs(pointer.pointer_window)
def pointer_window(N: int, d: int, K: int) -> Any:
    return PointerBlock(d, Window(K)), _tokens(N, d)


@_costs(pointer.pointer_strides)
def pointer_strides(N: int, d: int, K: int) -> Any:
    return PointerBlock(d, Strides(powers_of_two(K))), _tokens(N, d)


@_costs(pointer.pointer_buckets)
def pointer_buckets(N: int, d: int, K: int) -> Any:
    return PointerBlock(d, Buckets(K, bits=1)), _tokens(N, d)


@_costs(pointer.pointer_previous)
def pointer_previous(N: int, d: int, K: int) -> Any:
    return PointerBlock(d, PreviousPointers(K)), _tokens(N, d)


@_costs(pointer.pointer_additive)
def pointer_additive(N: int, d: int) -> Any:
    return PointerBlock(d, score="additive", form="running"), _tokens(N, d)


@_costs(infini_attention.infini_attention_linear)
def infini_attention_linear(N: int, d: int, C: int) -> Any:
    return InfiniAttention(d, 1, segment=C), _tokens(N, d)


@_costs(infini_attention.infini_attention_delta)
def infini_attention_delta(N: int, d: int, C: int) -> Any:
    return InfiniAttention(d, 1, segment=C, rule="delta"), _tokens(N, d)


@_costs(position_kernels.alibi_attention)
def alibi_attention(N: int, d: int) -> Any:
    return BiasedAttention(d, Alibi(1)), _tokens(N, d)


@_costs(position_kernels.mep_attention)
def mep_attention(N: int, d: int) -> Any:
    return BiasedAttention(d, Mep(1)), _tokens(N, d)


@_costs(position_kernels.fire_attention)
def fire_attention(N: int, d: int) -> Any:
    return BiasedAttention(d, Fire(1)), _tokens(N, d)
