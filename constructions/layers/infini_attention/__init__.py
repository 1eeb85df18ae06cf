"""Infini-attention: softmax attention within a segment, gated with what a memory of fixed size recalls of all segments before.

    memory, means     the memory's reading and writing, and its form without underflow
    features          phi, the paper's elu + 1 and maps for exact numbers
    access            phi, rule and form together: what a memory is to queries and keys
    streaming         segments, the gate and A_dot: `advance`, over arrays of any kind, exact in Q where its parts are
    InfiniAttention   the layer, for a model

Nothing but the layer imports torch. Source: Munkhdalai, Faruqui, Gopal, arXiv 2404.07143.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructions.layers.infini_attention.access import Access
from constructions.layers.infini_attention.features import ELU_PLUS_ONE, IDENTITY, RATIONAL, Features
from constructions.layers.infini_attention.means import Means
from constructions.layers.infini_attention.memory import RULES, Memory, empty, retrieve, update
from constructions.layers.infini_attention.streaming import InfiniState, advance, begin, close

if TYPE_CHECKING:
    from constructions.layers.infini_attention.module import InfiniAttention

__all__ = [
    "ELU_PLUS_ONE",
    "IDENTITY",
    "RATIONAL",
    "RULES",
    "Access",
    "Features",
    "InfiniAttention",
    "InfiniState",
    "Means",
    "Memory",
    "advance",
    "begin",
    "close",
    "empty",
    "retrieve",
    "update",
]


def __getattr__(name: str) -> Any:
    """`InfiniAttention`, which needs torch, on first use."""
    if name == "InfiniAttention":
        from constructions.layers.infini_attention.module import InfiniAttention

        return InfiniAttention
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
