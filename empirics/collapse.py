"""Signs that a Pointer layer has collapsed: nothing is left to learn or to read in where its positions point.

    one target      in every sequence all positions of a head point at one position
    uniform         in every row with a choice all candidates have the same score, so that the rule for ties chooses
    no gradient     the parameters that make the scores get none, from a loss that looks at every output

Each is counted, not estimated: equality of scores and of positions, and a gradient that is exactly zero or missing.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from constructions.layers.pointer import PointerBlock

__all__ = ["NO_GRADIENT", "ONE_TARGET", "UNIFORM", "Collapse", "collapse", "distinct_targets", "uniform_rows"]

ONE_TARGET, UNIFORM, NO_GRADIENT = "one target", "uniform", "no gradient"


@dataclass(frozen=True)
class Collapse:
    """targets: the most distinct targets of any sequence, head by head, among `positions` positions. uniform: the share of rows with
    at least two candidates in which all have one score. gradient: the norm of the score parameters' gradient."""

    targets: tuple[int, ...]
    positions: int
    uniform: float
    gradient: float

    @property
    def signs(self) -> frozenset[str]:
        """Which signs of a collapse there are; none for a healthy layer."""
        found = {
            ONE_TARGET: self.positions > 1 and min(self.targets) == 1,
            UNIFORM: self.uniform == 1,
            NO_GRADIENT: self.gradient == 0,
        }
        return frozenset(sign for sign, seen in found.items() if seen)


def distinct_targets(pointers: Tensor) -> Tensor:
    """Pointers `(*batch, N)` -> how many positions are pointed at, `(*batch)`. Work O(N log N) a row."""
    ordered = pointers.sort(-1).values
    return (ordered[..., 1:] != ordered[..., :-1]).sum(-1) + (pointers.shape[-1] > 0)


def uniform_rows(scores: Tensor, valid: Tensor | None = None) -> float:
    """The share of rows `(*batch, S, K)` whose valid scores are all equal, among rows with at least two; 0 if there are none."""
    valid = torch.ones_like(scores, dtype=torch.bool) if valid is None else valid.expand(scores.shape)
    least, most = scores.masked_fill(~valid, torch.inf).amin(-1), scores.masked_fill(~valid, -torch.inf).amax(-1)
    choice = valid.sum(-1) > 1
    return float((choice & (least == most)).sum() / choice.sum().clamp(min=1))


def collapse(layer: PointerBlock, x: Tensor, previous: Tensor | None = None, *, seed: int = 0) -> Collapse:
    """What the layer shows on `x (batch, N, width)`; the loss is the inner product of its output with a gaussian of the seed.

    Gradients that the layer's parameters hold are left alone. ValueError for arguments as the layer says, and without a token.
    """
    if not x.numel():
        raise ValueError(f"collapse: x has shape {tuple(x.shape)}; give at least one token")
    draw = torch.Generator().manual_seed(seed)
    with torch.enable_grad():
        output, pointers = layer.point(x, previous)
        loss = (output * torch.randn(output.shape, generator=draw, dtype=torch.float64).to(output)).sum()
        scoring = [p for part in (layer.query, layer.key) for p in part.parameters() if p.requires_grad]
        found = torch.autograd.grad(loss, scoring, allow_unused=True) if loss.requires_grad and scoring else ()
    with torch.no_grad():
        scored = layer.scores(x, previous)
        return Collapse(
            tuple(distinct_targets(pointers).amax(0).tolist()),
            x.shape[1],
            uniform_rows(scored.scores, scored.valid),
            float(sum(g.double().square().sum() for g in found if g is not None)) ** 0.5,
        )
