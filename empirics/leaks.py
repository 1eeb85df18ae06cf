"""Does a language-model loss see the answer? A test on tokens that nobody can predict, with an exact false-alarm bound.

On independent uniform tokens of V values every honest model wagers fairly: before token x it has named probabilities p, and V p(x) has
mean 1. The product over all tokens, exp(sum of (log V - loss)), is then a non-negative martingale, and by Ville's inequality the chance
that it *ever* reaches 1/alpha is at most alpha. This holds for losses without bound, for models sure of nonsense, and while the model
learns, as long as each batch is new and counts before it is learnt from, and no sequence of a batch sees another. A loss that
crosses is a leak: labels not shifted, a mask missing, a pointer that looks ahead.

    leak = find_leak(lambda tokens: model(tokens, labels=tokens).loss, vocabulary=256, update=step)
    assert leak is None, leak

The loss must count what it averages over: by default all tokens of a sequence but its first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

ALPHA = 1e-9


@dataclass(frozen=True)
class Leak:
    """What crossed the threshold: after `batches` batches of `predictions` predictions in all.

    excess: nats by which the losses together lie below log V each; threshold: what an honest model exceeds with probability
    <= alpha. loss: the mean of the last batch.
    """

    batches: int
    predictions: int
    excess: float
    threshold: float
    loss: float
    vocabulary: int

    def __str__(self) -> str:
        return (
            f"loss {self.loss:.4g} on uniform tokens of {self.vocabulary} values, log V = {math.log(self.vocabulary):.4g}: after "
            f"{self.predictions} predictions {self.excess:.4g} nats too good, honest models reach {self.threshold:.4g} with "
            f"probability <= {math.exp(-self.threshold):.1g}; are the labels shifted by one and the later tokens hidden?"
        )


def find_leak(
    loss: Callable[[torch.Tensor], torch.Tensor],
    vocabulary: int,
    *,
    batch: int = 8,
    length: int = 16,
    batches: int = 64,
    predictions: int | None = None,
    alpha: float = ALPHA,
    update: Callable[[torch.Tensor], None] | None = None,
    seed: int = 0,
    device: str = "cpu",
) -> Leak | None:
    """The leak that shows within so many batches, or None. O(batches) evaluations of the loss; stops at the first crossing.

    loss: int64 tokens `(batch, length)` -> mean loss of the batch in nats, a scalar tensor. update: called with that loss after it
    counted, so that the model may learn: a leak that only a trained model uses shows then. predictions: how many terms the mean has;
    a number too small only makes the test more careful. Loss values are taken as they are: compute them in float64 where
    their rounding, times the predictions, could come near log(1/alpha).

    ValueError for sizes below 1 (length below 2), a vocabulary below 2, alpha outside (0, 1), or a loss that is no finite-or-infinite
    scalar.
    """
    import torch

    _refuse(vocabulary, batch, length, batches, predictions, alpha)
    count = batch * (length - 1) if predictions is None else predictions
    generator = torch.Generator().manual_seed(seed)
    threshold, excess = math.log(1 / alpha), 0.0
    for number in range(1, batches + 1):
        tokens = torch.randint(vocabulary, (batch, length), generator=generator).to(device)
        found = loss(tokens)
        if found.numel() != 1 or math.isnan(found.item()):
            raise ValueError(f"batch {number}: the loss is {found.detach()!r:.80}; give the mean loss, one number")
        mean = found.item()
        excess += count * (math.log(vocabulary) - mean)
        if excess >= threshold:
            return Leak(number, count * number, excess, threshold, mean, vocabulary)
        if update is not None:
            update(found)
    return None


def _refuse(vocabulary: int, batch: int, length: int, batches: int, predictions: int | None, alpha: float) -> None:
    least = {"vocabulary": (vocabulary, 2), "batch": (batch, 1), "length": (length, 2), "batches": (batches, 1)}
    if predictions is not None:
        least["predictions"] = (predictions, 1)
    for name, (value, bound) in least.items():
        if value < bound:
            raise ValueError(f"{name} = {value}: give at least {bound}")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha = {alpha}: give a probability between 0 and 1")
