"""Rounds of attention by importance as a torch module: the scores and hats of `importance`, batched, in any float format."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from constructions.takakura_suzuki.importance import ImportanceAttention, hats
from constructions.takakura_suzuki.module import ReLUNetwork
from constructions.takakura_suzuki.network import compiled


class ImportanceRounds(nn.Module):
    """The `count` most important tokens of each window, from the most important down; nothing is learned.

    Keys are (mu, phi(mu)), the query of a round is chi (1, -M sum of the codes read so far): a bilinear score. O(batch * W *
    (count * K + width)). ValueError for windows of fewer tokens than rounds.
    """

    def __init__(self, attention: ImportanceAttention, count: int, dtype: torch.dtype | None = None) -> None:
        super().__init__()
        if count < 1:
            raise ValueError(f"{count} rounds: give at least 1")
        self.attention, self.count = attention, count
        bends = compiled(lambda mu: hats(mu[0], attention.width, attention.hats), 1)
        self.hats = ReLUNetwork(bends, dtype)

    def code(self, importances: Float[Tensor, "*batch"]) -> Float[Tensor, "*batch K"]:
        """phi(mu)."""
        return self.hats(importances[..., None]) / float(self.attention.width)

    def forward(
        self, importances: Float[Tensor, "batch W"], values: Float[Tensor, "batch W width"]
    ) -> Float[Tensor, "batch rounds width"]:
        if importances.shape[1] < self.count:
            raise ValueError(f"{self.count} rounds over {importances.shape[1]} tokens: give as many tokens at least")
        chi, strength = float(self.attention.chi), float(self.attention.strength)
        codes = self.code(importances)
        seen, out = torch.zeros_like(codes[:, 0]), []
        for _ in range(self.count):
            overlap = (codes * seen[:, None]).sum(-1)
            weights = (chi * (importances - strength * overlap)).softmax(-1)
            out.append((weights[..., None] * values).sum(1))
            seen = seen + self.code((weights * importances).sum(-1))
        return torch.stack(out, 1)
