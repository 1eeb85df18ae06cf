"""The reference layers as subjects of the cost module, each with its exact formulas, derived by hand from the code.

A subject is a function whose parameters are the size symbols and which returns the layer and its inputs. `formulas(subject)`
gives the exact forward work and span under cost model v1 as text that sympy parses, with

    N   tokens          W   window          K   scores kept        E   experts        L(n) = ceil(log2 n)
    d   width           C   chunk           h   hidden width

for batch 1, and the sizes for which they hold. The formulas are the claims; nothing here counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from constructions.layers.delta_rule import DeltaRule
from constructions.layers.fft_mixing import FourierMixing
from constructions.layers.linear_attention import LinearAttention
from constructions.layers.mixture_of_experts import MixtureOfExperts
from constructions.layers.scan import GatedScan
from constructions.layers.sliding_window import SlidingWindow
from constructions.layers.softmax_attention import SoftmaxAttention
from constructions.layers.sort_mixing import SortMixing
from constructions.layers.topk_attention import TopKAttention

__all__ = ["SUBJECTS", "Formulas", "Subject", "formulas"]

Subject = Callable[..., tuple[nn.Module, tuple[Tensor, ...]]]


@dataclass(frozen=True)
class Formulas:
    """Exact forward work and span; the work of a step after t others and the numbers in the state before it, for layers that
    have a step; parameters; `span` None where only the work is claimed; `where`, a condition on the sizes of work and span."""

    work: str
    span: str | None
    where: str = ""
    step: str = ""
    state: str = ""
    parameters: str = "4*d**2"


SUBJECTS: dict[str, Subject] = {}
_FORMULAS: dict[str, Formulas] = {}


def formulas(subject: Subject) -> Formulas:
    """The claimed formulas of a subject of this module; KeyError for another."""
    return _FORMULAS[subject.__name__]


def _costs(work: str, span: str | None, **others: str) -> Callable[[Any], Any]:
    def told(subject: Subject) -> Subject:
        SUBJECTS[subject.__name__] = subject
        _FORMULAS[subject.__name__] = Formulas(work, span, **others)
        return subject

    return told


def _tokens(N: int, d: int) -> tuple[Tensor]:
    return (torch.empty(1, N, d),)


@_costs(
    "8*N*d**2 + 4*N**2*d + 7*N**2 + N*d + N",
    "3*L(d) + 3*L(N) + 9",
    step="8*d**2 + 6*(t + 1)*d + 5*(t + 1) + d",
    state="2*t*d",
)
def softmax_attention(N: int, d: int) -> Any:
    return SoftmaxAttention(d), _tokens(N, d)


@_costs("8*N*d**2 + 4*N**2*d + 5*N**2 + N*d", "3*L(d) + 3*L(N) + 8")
def softmax_attention_bidirectional(N: int, d: int) -> Any:
    return SoftmaxAttention(d, causal=False), _tokens(N, d)


@_costs(
    "8*N*d**2 + 4*N**2*d + 9*N**2 + 2*N*d + 2",
    "3*L(d) + 3*L(N) + 9",
    step="8*d**2 + 6*(t + 1)*d + 5*(t + 1) + d",
    state="2*t*d",
)
def softmax_attention_fused(N: int, d: int) -> Any:
    return SoftmaxAttention(d, form="fused"), _tokens(N, d)


@_costs("8*N*d**2 + 4*N**2*d + 5*N**2 + 2*N*d", "3*L(d) + 3*L(N) + 8")
def softmax_attention_fused_bidirectional(N: int, d: int) -> Any:
    return SoftmaxAttention(d, form="fused", causal=False), _tokens(N, d)


@_costs(
    "8*N*d**2 + 4*N**2*d + 10*N**2 + N*d + N",
    "3*L(d) + 3*L(N) + 9",
    where="d > 1",
    step="8*d**2 + 6*W*d + 8*W + d + 1",
    state="2*W*d + W",
)
def sliding_window_mask(N: int, d: int, W: int) -> Any:
    return SlidingWindow(d, W, form="mask"), _tokens(N, d)


@_costs(
    "8*N*d**2 + 4*N*W*d + 8*N*W + 3*N*d + 4*W*d + N + W",
    "3*L(d) + 3*L(W) + 9",
    step="8*d**2 + 6*W*d + 8*W + d + 1",
    state="2*W*d + W",
)
def sliding_window_unfold(N: int, d: int, W: int) -> Any:
    return SlidingWindow(d, W, form="unfold"), _tokens(N, d)


@_costs("13*N*d**2 + 11*N*d + 2*N", "3*L(d) + 2*L(N) + 7", step="12*d**2 + 10*d + 2", state="d**2 + d")
def linear_attention_cumsum(N: int, d: int) -> Any:
    return LinearAttention(d, form="cumsum"), _tokens(N, d)


@_costs("12*N*d**2 + 11*N*d + 3*N + d**2 + d", "N + 3*L(d) + 8", step="12*d**2 + 10*d + 2", state="d**2 + d")
def linear_attention_loop(N: int, d: int) -> Any:
    return LinearAttention(d, form="loop"), _tokens(N, d)


@_costs(
    "8*N*d**2 + 3*N*d + N + C*ceiling(N/C)*(4*d**2 + 4*C*d + 3*C + 11*d + 3) + (3*ceiling(N/C) + 1)*(d**2 + d)",
    "3*L(d) + L(C) + 2*L(ceiling(N/C)) + 10",
    step="12*d**2 + 10*d + 2",
    state="d**2 + d",
)
def linear_attention_chunked(N: int, d: int, C: int) -> Any:
    return LinearAttention(d, form="chunked", chunk=C), _tokens(N, d)


@_costs(
    "14*N*d**2 + 8*N*d + 3*N + d**2",
    "N*(L(d) + 5) + 4*L(d) + 8",
    step="14*d**2 + 7*d + 3",
    state="d**2",
    parameters="4*d**2 + d",
)
def delta_rule_loop(N: int, d: int) -> Any:
    return DeltaRule(d, form="loop"), _tokens(N, d)


@_costs(
    "8*N*d**2 + 2*N*d + 2*N + C*ceiling(N/C)*(6*d**2 + 8*C*d + 2*C + 13*d + 2) + (ceiling(N/C) + 1)*d**2",
    "ceiling(N/C)*(L(C) + L(d) + 4) + 2*C + 4*L(d) + 11",
    step="14*d**2 + 7*d + 3",
    state="d**2",
    parameters="4*d**2 + d",
)
def delta_rule_chunked(N: int, d: int, C: int) -> Any:
    return DeltaRule(d, form="chunked", chunk=C), _tokens(N, d)


@_costs(
    "8*N*d**2 + 2*N**2*d + N**2*L(Min(K, N)) + 2*N**2 + Min(K, N)*N*(3*d + 5) + N*d + N",
    "3*L(d) + L(N)*(L(N) + 1)/2 + 3*L(Min(K, N)) + 9",
    step="8*d**2 + 4*(t + 1)*d + (t + 1)*L(Min(K, t + 1)) + (3*d + 5)*Min(K, t + 1) + d",
    state="2*t*d",
)
def topk_attention(N: int, d: int, K: int) -> Any:
    return TopKAttention(d, K), _tokens(N, d)


@_costs(
    "6*N*d**2 + 3*N*d + 3*d*(N*L(N) - 2**L(N) + 1) + 2*N*d*L(N)",
    "2*L(d) + 3*L(N) + 5",
    step="6*d**2 + 5*d",
    state="d",
    parameters="3*d**2",
)
def scan_hillis_steele(N: int, d: int) -> Any:
    return GatedScan(d, form="hillis-steele"), _tokens(N, d)


@_costs(
    "6*N*d**2 + 3*N*d + 3*d*(2*N - 2 - L(N)) + 10*(N - 1)*d",
    None,
    where="N == 2**L(N)",
    step="6*d**2 + 5*d",
    state="d",
    parameters="3*d**2",
)
def scan_blelloch(N: int, d: int) -> Any:
    return GatedScan(d, form="blelloch"), _tokens(N, d)


@_costs(
    "6*N*d**2 + 3*N*d + 3*(N - 1)*d + 2*N*d", "2*L(d) + 2*N + 4", step="6*d**2 + 5*d", state="d", parameters="3*d**2"
)
def scan_sequential(N: int, d: int) -> Any:
    return GatedScan(d, form="sequential"), _tokens(N, d)


@_costs("4*N*d**2 + 2*N*L(N) + 7*N*d + N", "2*L(d) + L(N)*(L(N) + 1) + 3", where="N > 2", parameters="2*d**2 + d")
def sort_mixing(N: int, d: int) -> Any:
    return SortMixing(d), _tokens(N, d)


@_costs("5*N*d*(L(N) + L(d))", "L(N) + L(d)", parameters="0")
def fft_mixing(N: int, d: int) -> Any:
    return FourierMixing(), _tokens(N, d)


@_costs(
    "E*ceiling(N/E)*(4*d*h + h + 2*d + 1) + 2*N*d*E + 9*N*E + 3*N*d + 8*N + E + 4*d + 1",
    "2*L(d) + L(h) + 3*L(E) + 3*L(N) + 17",
    parameters="2*E*d*h + d*E",
)
def mixture_of_experts(N: int, d: int, E: int, h: int) -> Any:
    return MixtureOfExperts(d, E, h), _tokens(N, d)
