"""The leak detector on models that learn, or are sure of nonsense, with losses honest and not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from empirics.checking import Evidence, Run, assume, check, control, fails, holds
from empirics.leaks import find_leak
from theory.pointer import loss as claims

if TYPE_CHECKING:
    import torch

RATES = {"uniform": 0.0, "random": 0.0, "sure": 0.0, "learning": 20.0, "learns-fast": 400.0}
"""The models and the rates at which they learn."""


def _bigrams(name: str, vocabulary: int, seed: int) -> tuple[Any, Any]:
    """A table of logits by last token, `(V, V)`, and its step of gradient descent, None if it does not learn."""
    import torch

    table = torch.zeros(vocabulary, vocabulary, dtype=torch.float64)
    if name == "sure":
        table += 40 * torch.eye(vocabulary)
    elif name in ("random", "learning"):
        table.normal_(generator=torch.Generator().manual_seed(seed))
    if not RATES[name]:
        return table, None
    table.requires_grad_()

    def step(loss: torch.Tensor) -> None:
        (slope,) = torch.autograd.grad(loss, table)
        with torch.no_grad():
            table.sub_(RATES[name] * slope)

    return table, step


Losses = Callable[[Any, Any], Any]
"""(table, tokens) -> mean loss."""


def _cross_entropy(table: Any, seen: Any, wanted: Any) -> Any:
    import torch

    return torch.nn.functional.cross_entropy(table[seen].flatten(0, 1), wanted.flatten())


BATCHES = 32
_FEWEST = 8 * 14
"""Predictions in a batch of the loss that has fewest, shifted by two."""


def shifted(table: Any, tokens: Any) -> Any:
    """Token t + 1 from token t."""
    return _cross_entropy(table, tokens[:, :-1], tokens[:, 1:])


@check(
    claims.detector,
    "tested",
    given=lambda run: {"name": list(RATES), "vocabulary": run.pick([2, 16], [2, 3, 16, 64])},
    covers=True,
    scope=lambda run: {
        "sizes": f"five models, V = {run.pick('2, 16', '2, 3, 16, 64')}, {BATCHES} batches",
        "alpha": "10^-9",
    },
)
def honest_losses_are_not_called_leaks(
    name: str, vocabulary: int, loss: Losses = shifted, models: Sequence[str] = tuple(RATES), run: Run = Run()
) -> Evidence:
    """The rule over 32 batches of 8 new sequences of 16 tokens, the model learning from each after it counted."""
    assume(name in models)
    table, step = _bigrams(name, vocabulary, run.seed)
    leak = find_leak(partial(loss, table), vocabulary, batches=BATCHES, predictions=_FEWEST, update=step, seed=run.seed)
    if leak is not None:
        return fails(f"V = {vocabulary}, {name}: {leak}", "no leak", f"{leak.excess:.4g} nats")
    return holds()


control(
    honest_losses_are_not_called_leaks,
    "not-shifted",
    "refuted",
    loss=lambda table, tokens: _cross_entropy(table, tokens, tokens),
    reason="a model that favours repetition is right",
)
control(
    honest_losses_are_not_called_leaks,
    "not-shifted-and-learnt",
    "refuted",
    loss=lambda table, tokens: _cross_entropy(table, tokens, tokens),
    models=("learns-fast",),
    reason="a table that knew nothing learns to repeat within a few batches",
)
control(
    honest_losses_are_not_called_leaks,
    "looks-ahead",
    "refuted",
    loss=lambda table, tokens: _cross_entropy(table, tokens[:, 1:], tokens[:, 1:]),
    reason="labels are shifted, and so are the inputs",
)
control(
    honest_losses_are_not_called_leaks,
    "shifted-by-two",
    "confirmed",
    loss=lambda table, tokens: _cross_entropy(table, tokens[:, :-2], tokens[:, 2:]),
    reason="a token tells as little of the one after the next",
)
control(
    honest_losses_are_not_called_leaks,
    "the-token-before",
    "confirmed",
    loss=lambda table, tokens: _cross_entropy(table, tokens[:, 1:], tokens[:, :-1]),
    symmetry="reversed tokens have the same law",
)
