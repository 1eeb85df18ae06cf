"""A language model of Pointer layers: token embedding, blocks that hand their pointers on, a map to logits."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from constructions.layers.pointer.block import PointerBlock
from constructions.layers.pointer.candidates import Candidates
from constructions.layers.pointer.decoding import PointerState
from constructions.layers.shapes import check_positive

__all__ = ["Followed", "PointerModel", "shifted_loss"]


class Followed(NamedTuple):
    """Logits `(batch, N, vocabulary)` and the pointers of every layer `(layers, batch, heads, N)`."""

    logits: Tensor
    pointers: Tensor


class PointerModel(nn.Module):
    """tokens `(batch, N)`, integers below `vocabulary` -> logits `(batch, N, vocabulary)`.

    The first layer's previous pointers are the positions themselves, so that the sinusoidal encoding tells positions apart; no
    other position is encoded. tied: whether the output map is the embedding. options: of every `PointerBlock`; the rule of
    candidates, heads, training and all the rest. Parameters: vocabulary width, twice unless tied, and those of the blocks.
    ValueError for sizes that are not positive, for options as the block says, and for tokens of another shape, kind or range.
    """

    def __init__(
        self,
        vocabulary: int,
        width: int,
        layers: int,
        candidates: Candidates | Any = None,
        *,
        tied: bool = False,
        device: Any = None,
        dtype: torch.dtype | None = None,
        **options: Any,
    ) -> None:
        super().__init__()
        check_positive("PointerModel", vocabulary=vocabulary, width=width, layers=layers)
        self.embedding = nn.Embedding(vocabulary, width, device=device, dtype=dtype)
        self.blocks = nn.ModuleList(
            PointerBlock(width, candidates, device=device, dtype=dtype, **options) for _ in range(layers)
        )
        self.out = nn.Linear(width, vocabulary, bias=False, device=device, dtype=dtype)
        if tied:
            self.out.weight = self.embedding.weight

    def forward(self, tokens: Tensor) -> Float[Tensor, "batch time vocabulary"]:
        return self.follow(tokens).logits

    def follow(self, tokens: Tensor) -> Followed:
        """The logits, and which position each position of each layer points at."""
        h, pointers, every = self.embedding(self._checked(tokens, 2)), None, []
        for block in self._blocks():
            h, pointers = block.run(h, pointers)
            every.append(pointers)
        return Followed(self.out(h), torch.stack(every))

    def init_state(self, batch: int) -> tuple[PointerState, ...]:
        """No token yet; a state a layer. ValueError unless causal."""
        return tuple(block.init_state(batch) for block in self._blocks())

    def step(
        self, tokens: Int[Tensor, " batch"], state: tuple[PointerState, ...]
    ) -> tuple[Float[Tensor, "batch vocabulary"], tuple[PointerState, ...]]:
        """One token a sequence after those in `state`: its logits, and the new state."""
        h, pointers, after = self.embedding(self._checked(tokens, 1)), None, []
        for block, before in zip(self._blocks(), state, strict=True):
            (h, pointers), new = block.step_point(h, before, pointers)
            after.append(new)
        return self.out(h), tuple(after)

    def _blocks(self) -> list[PointerBlock]:
        return [block for block in self.blocks if isinstance(block, PointerBlock)]

    def _checked(self, tokens: Any, axes: int) -> Tensor:
        wanted = "(batch, time)" if axes == 2 else "(batch,)"
        if not isinstance(tokens, Tensor) or tokens.ndim != axes or tokens.dtype not in (torch.long, torch.int):
            told = f"{tuple(tokens.shape)} {tokens.dtype}" if isinstance(tokens, Tensor) else type(tokens).__name__
            raise ValueError(f"PointerModel: tokens is {told}; give integers {wanted}, torch.int64 or torch.int32")
        if not tokens.is_meta and tokens.numel():
            least, most = (int(x) for x in tokens.aminmax())
            if least < 0 or most >= self.embedding.num_embeddings:
                raise ValueError(
                    f"PointerModel: a token is {least if least < 0 else most}; give 0..{self.embedding.num_embeddings - 1}"
                )
        return tokens


def shifted_loss(logits: Tensor, tokens: Tensor) -> Float[Tensor, ""]:
    """Mean cross entropy, in nats, of each token after the first under the logits of the position before it.

    logits `(batch, N, vocabulary)`, tokens `(batch, N)`. Unshifted, a model that copies its input would have loss 0.
    ValueError for shapes that do not fit or fewer than two tokens.
    """
    if logits.ndim != 3 or tuple(tokens.shape) != tuple(logits.shape[:2]):
        raise ValueError(
            f"shifted_loss: the shapes do not fit together: logits {tuple(logits.shape)}, tokens {tuple(tokens.shape)}; "
            "expected logits (batch, N, vocabulary), tokens (batch, N)"
        )
    if logits.shape[1] < 2:
        raise ValueError(f"shifted_loss: {logits.shape[1]} tokens a sequence have no next one; give at least 2")
    return nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten().long())
