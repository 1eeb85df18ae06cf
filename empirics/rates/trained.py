"""Small networks trained by Adam on the same data, many seeds at once. Reported apart.

The theorems are about empirical risk minimisers over a class, and about explicit weights. What a gradient method finds in so many
steps is neither: slopes measured here are no evidence for or against them. Risks are means over fresh points without noise, not exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state

from empirics.rates.basis import Basis
from empirics.rates.oracle import noise, samples
from empirics.rates.targets import RateTarget
from theory.takakura_suzuki.smoothness import Rational

DISCLAIMER = "trained by Adam: no evidence for or against a theorem about risk minimisers"
FRESH = 4096
"""Points that a risk is averaged over."""


class MLP(nn.Module):
    """Two hidden layers of `width` ReLU neurons on the coordinates: `(batch, d)` to `(batch,)`."""

    def __init__(self, coordinates: int, width: int = 64) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(coordinates, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1)
        )

    def forward(self, x: Float[Tensor, "batch d"]) -> Float[Tensor, " batch"]:
        return self.layers(x)[:, 0]


class SmallTransformer(nn.Module):
    """One block of softmax attention over the coordinates as tokens, then a ReLU network on the token at offset 0."""

    def __init__(self, coordinates: int, width: int = 32, heads: int = 4) -> None:
        super().__init__()
        self.heads, self.share = heads, width // heads
        self.inputs = nn.Linear(1, width)
        self.places = nn.Parameter(torch.randn(coordinates, width) / width**0.5)
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.layers = nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, 1))

    def forward(self, x: Float[Tensor, "batch d"]) -> Float[Tensor, " batch"]:
        tokens = self.inputs(x[..., None]) + self.places
        batch, d, width = tokens.shape
        q = self.query(tokens[:, 0]).reshape(batch, self.heads, 1, self.share)
        k, v = (f(tokens).reshape(batch, d, self.heads, self.share).transpose(1, 2) for f in (self.key, self.value))
        weights = (q @ k.mT / self.share**0.5).softmax(-1)
        return self.layers(tokens[:, 0] + (weights @ v).reshape(batch, width))[:, 0]


@dataclass(frozen=True, eq=False)
class Trained:
    """Mean squared distances from the target on fresh points, and the training losses at the end, a seed each."""

    n: int
    steps: int
    risks: Float[np.ndarray, " seeds"]
    losses: Float[np.ndarray, " seeds"]
    label: str = DISCLAIMER


def train(
    make: Callable[[int], nn.Module],
    target: RateTarget,
    n: int,
    sigma: Rational,
    seeds: int,
    seed: int,
    steps: int = 500,
    rate: float = 3e-3,
    device: str = "cpu",
) -> Trained:
    """Train `seeds` networks at once, each from its own weights on its own data, full batches, float32, cosine-annealed Adam.

    Weights are stacked and mapped over, so a step is one batched step; each seed's path is what it would be alone, up to rounding.
    ValueError for seeds, steps or n below 1.
    """
    if min(seeds, steps, samples(n)) < 1:
        raise ValueError(f"seeds = {seeds}, steps = {steps}: give at least 1 of each")
    noise(sigma)
    d, basis, c = target.index.shape[1], Basis(target.index), target.floats()
    models, inputs, outputs = [], [], []
    for number in range(seeds):
        rng = np.random.default_rng([seed, n, number])
        x = rng.random((n, d))
        inputs.append(x)
        outputs.append(basis(x) @ c + float(sigma) * rng.standard_normal(n))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(rng.integers(2**31)))
            models.append(make(d))
    x, y = (torch.from_numpy(np.stack(part)).float().to(device) for part in (inputs, outputs))
    stacked = stack_module_state(models)[0]
    weights = {name: w.detach().to(device).requires_grad_() for name, w in stacked.items()}
    shell = models[0].to(device)

    def values(w: dict[str, Tensor], points: Tensor) -> Tensor:
        return functional_call(shell, w, (points,))

    every = torch.vmap(values)
    optimiser = torch.optim.Adam(weights.values(), lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    losses = torch.zeros(seeds)
    for _ in range(steps):
        optimiser.zero_grad()
        losses = ((every(weights, x) - y) ** 2).mean(1)
        losses.sum().backward()
        optimiser.step()
        schedule.step()
    fresh = np.random.default_rng([seed, n, seeds]).random((FRESH, d))
    truth = torch.from_numpy(basis(fresh) @ c).float().to(device)
    with torch.no_grad():
        points = torch.from_numpy(fresh).float().to(device).expand(seeds, -1, -1)
        risks = ((every(weights, points) - truth) ** 2).mean(1)
    return Trained(n, steps, risks.cpu().double().numpy(), losses.detach().cpu().double().numpy())
