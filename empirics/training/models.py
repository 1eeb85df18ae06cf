"""Small models of one shape, which differ in how they mix tokens: embedding, blocks, norm, a map to the classes.

    block       x + mix(norm(x)), then x + MLP(norm(x)); a Pointer layer has its own norm, residual and MLP
    positions   none, except that "transformer-learned" adds a table to the embedding, and others turn or bias their scores

`MODELS` names the kinds. `Architecture` is one model, `build` makes it; `sizing.sized` solves for widths that spend so many parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from constructions.layers.delta_rule import DeltaRule
from constructions.layers.deltaformer.module import Deltaformer
from constructions.layers.infini_attention import InfiniAttention
from constructions.layers.linear_attention import LinearAttention
from constructions.layers.pointer import PointerBlock
from constructions.layers.position_kernels import (
    Alibi,
    BiasedAttention,
    Kerple,
    Mep,
    NoPosition,
    ParameterisedMep,
    Rotary,
)
from constructions.layers.shapes import check_positive
from theory.position_kernels.mixtures import three_kernels
from theory.position_kernels.slopes import released_slopes

__all__ = ["MODELS", "Architecture", "Kind", "TokenModel", "build"]

SEGMENT = 16
"""Tokens that Infini-attention attends to at once."""
CHUNK = 16
"""Tokens that the recurrent layers compute at once; it decides the time only."""


class Recurrent(nn.Module):
    """torch's LSTM or GRU of one layer as a mixer, `(batch, T, width)` to the same shape."""

    def __init__(self, made: nn.LSTM | nn.GRU) -> None:
        super().__init__()
        self.made = made

    def forward(self, x: Tensor) -> Tensor:
        return self.made(x)[0]


@dataclass(frozen=True)
class Kind:
    """mixer: (width, heads) -> a module on `(batch, T, width)`. stacked: whether `torch.vmap` goes through it, so that many seeds
    train as one. learned: whether a table of positions is added. whole: whether it is a block, with MLP, that hands pointers on;
    then the mixer is called with (width, heads, hidden)."""

    mixer: Callable[..., nn.Module]
    stacked: bool = True
    learned: bool = False
    whole: bool = False


def _deltaformer(**options: Any) -> Kind:
    # in row blocks the operator has a backward pass of its own, which vmap does not go through; the solve is plain operations
    return Kind(lambda width, heads: Deltaformer(width, heads, form="solve", **options))


def _attention(position: Callable[[int], Any], **options: Any) -> Kind:
    return Kind(lambda width, heads: BiasedAttention(width, position(heads)), **options)


def _windows_of_mep(heads: int) -> list[float]:
    """The slopes with which each head of ALiBi has the effective window of MEP's three kernels, so that neither sees more."""
    from theory.position_kernels.window_laws import closed_form, matched

    return [float(matched(closed_form(three_kernels(slope))).mid()) for slope in released_slopes(heads)]


def _pointer(training: str) -> Kind:
    def block(width: int, heads: int, hidden: int) -> nn.Module:
        return PointerBlock(width, heads=heads, score="scaled", training=training, expansion=hidden // width)

    return Kind(block, whole=True)


def _infini(rule: str) -> Kind:
    return Kind(lambda width, heads: InfiniAttention(width, heads, segment=SEGMENT, rule=rule))


def _recurrent(make: Callable[..., Any]) -> Kind:
    return Kind(lambda width, heads: Recurrent(make(width, width, batch_first=True)), stacked=False)


MODELS: dict[str, Kind] = {
    # both kernels softmax, unless said; w is the query, the key or a map of its own; beta in (0, 1), (0, 2) or fixed at 1
    "deltaformer": _deltaformer(),
    "deltaformer-fixed": _deltaformer(beta=None),
    "deltaformer-key": _deltaformer(write="key"),
    "deltaformer-own": _deltaformer(write="own"),
    "deltaformer-linear": _deltaformer(kernel="linear", write="key", beta=2),
    "deltaformer-linear-own": _deltaformer(kernel="linear", write="own"),
    "transformer-learned": _attention(NoPosition, learned=True),
    "transformer-nope": _attention(NoPosition),
    "transformer-rope": _attention(Rotary),
    "transformer-alibi": _attention(Alibi),
    "transformer-alibi-learned": _attention(lambda heads: Alibi(heads, learn_slopes=True)),
    "transformer-kerple": _attention(Kerple),
    "transformer-mep": _attention(Mep),
    "transformer-mep-learned": _attention(ParameterisedMep),
    "linear-attention": Kind(lambda width, heads: LinearAttention(width, chunk=CHUNK)),
    "deltanet": Kind(lambda width, heads: DeltaRule(width, chunk=CHUNK)),
    "deltanet-2": Kind(lambda width, heads: DeltaRule(width, chunk=CHUNK, most=2)),
    "pointer": _pointer("straight-through"),
    "pointer-soft": _pointer("soft"),
    "infini": _infini("linear"),
    "infini-delta": _infini("delta"),
    "lstm": _recurrent(nn.LSTM),
    "gru": _recurrent(nn.GRU),
    "transformer-alibi-matched": _attention(lambda heads: Alibi(heads, _windows_of_mep(heads))),
}
"""Kinds by name. Linear attention and DeltaNet have one head; the recurrent ones none."""


@dataclass(frozen=True)
class Architecture:
    """kind: of `MODELS`. width, heads, layers; hidden: neurons of the MLPs, 0 for none. longest: of a table of positions.

    ValueError for an unknown kind, and sizes that are not positive or do not divide.
    """

    kind: str
    width: int = 32
    heads: int = 2
    layers: int = 1
    hidden: int = 64
    longest: int = 256

    def __post_init__(self) -> None:
        if self.kind not in MODELS:
            from difflib import get_close_matches

            near = get_close_matches(str(self.kind), MODELS, n=1, cutoff=0.0)[0]
            raise ValueError(f"unknown model {self.kind!r}; did you mean {near!r}? The models are {', '.join(MODELS)}")
        sizes = {"width": self.width, "heads": self.heads, "layers": self.layers, "longest": self.longest}
        check_positive("Architecture", **sizes)
        if isinstance(self.hidden, bool) or not isinstance(self.hidden, int) or self.hidden < 0:
            raise ValueError(f"Architecture: hidden = {self.hidden!r}; give a non-negative integer, 0 for no MLP")
        if self.width % (2 * self.heads):
            raise ValueError(
                f"Architecture: width {self.width} is no multiple of {2 * self.heads}; heads of even width are needed"
            )
        if MODELS[self.kind].whole and self.hidden % self.width:
            raise ValueError(
                f"Architecture: hidden {self.hidden} of {self.kind} is no multiple of the width {self.width}"
            )

    def configuration(self) -> dict[str, Any]:
        """What determines the model, for JSON; `longest` only where it does."""
        told = asdict(self)
        return told if MODELS[self.kind].learned else {name: x for name, x in told.items() if name != "longest"}


class Block(nn.Module):
    """A mixer and an MLP, each after a norm and beside a residual; (x, carried) -> the same, what is carried left alone."""

    def __init__(self, width: int, hidden: int, mixer: nn.Module) -> None:
        super().__init__()
        self.before, self.mixer = nn.LayerNorm(width), mixer
        self.inner, self.outer = (nn.Linear(width, hidden), nn.Linear(hidden, width)) if hidden else (None, None)
        self.between = nn.LayerNorm(width) if hidden else None

    def forward(self, x: Tensor, carried: Tensor | None) -> tuple[Tensor, Tensor | None]:
        x = x + self.mixer(self.before(x))
        if self.inner is not None and self.outer is not None and self.between is not None:
            x = x + self.outer(nn.functional.gelu(self.inner(self.between(x))))
        return x, carried


class PointerLayer(nn.Module):
    """A Pointer block, which takes the pointers of the layer before and hands its own on."""

    def __init__(self, block: PointerBlock | Any) -> None:
        super().__init__()
        self.block = block

    def forward(self, x: Tensor, carried: Tensor | None) -> tuple[Tensor, Tensor | None]:
        return self.block.run(x, carried)


class TokenModel(nn.Module):
    """Tokens `(batch, T)`, int64 -> logits `(batch, T, classes)`; causal whatever the kind."""

    def __init__(self, architecture: Architecture, vocabulary: int, classes: int) -> None:
        super().__init__()
        check_positive("TokenModel", vocabulary=vocabulary, classes=classes)
        a, kind = architecture, MODELS[architecture.kind]
        self.architecture = architecture
        self.embedding = nn.Embedding(vocabulary, a.width)
        self.positions = nn.Embedding(a.longest, a.width) if kind.learned else None
        self.blocks = nn.ModuleList(
            PointerLayer(kind.mixer(a.width, a.heads, a.hidden))
            if kind.whole
            else Block(a.width, a.hidden, kind.mixer(a.width, a.heads))
            for _ in range(a.layers)
        )
        self.norm, self.out = nn.LayerNorm(a.width), nn.Linear(a.width, classes)

    def forward(self, tokens: Tensor) -> Float[Tensor, "batch T classes"]:
        x, carried = self.embedding(tokens), None
        if self.positions is not None:
            if tokens.shape[-1] > self.architecture.longest:
                raise ValueError(
                    f"TokenModel: {tokens.shape[-1]} tokens, and a table of {self.architecture.longest} positions; "
                    "give Architecture(longest=...) the greatest length met"
                )
            x = x + self.positions(torch.arange(tokens.shape[-1], device=tokens.device))
        for block in self.blocks:
            x, carried = block(x, carried)
        return self.out(self.norm(x))


def build(architecture: Architecture, vocabulary: int, classes: int, seed: int = 0) -> TokenModel:
    """The model with random weights from the seed, on the CPU whatever it will train on, so that a seed has one beginning."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return TokenModel(architecture, vocabulary, classes)
