"""The leak detector: what it finds, how seldom it errs, what it refuses, and what it says."""

from __future__ import annotations

import math

import pytest
import torch

from empirics.leaks import Leak, find_leak


class Recurrent(torch.nn.Module):
    """Embedding, GRU and logits; `shift` 1 predicts the next token, 0 the one just read."""

    def __init__(self, vocabulary, shift):
        super().__init__()
        torch.manual_seed(0)
        self.embed = torch.nn.Embedding(vocabulary, 16)
        self.cell = torch.nn.GRU(16, 16, batch_first=True)
        self.out = torch.nn.Linear(16, vocabulary)
        self.shift = shift

    def forward(self, tokens):
        logits = self.out(self.cell(self.embed(tokens))[0])
        seen = logits[:, : tokens.shape[1] - self.shift].flatten(0, 1)
        return torch.nn.functional.cross_entropy(seen, tokens[:, self.shift :].flatten())


def learner(shift, device="cpu"):
    model = Recurrent(8, shift).to(device)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02)

    def step(loss):
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    return model, step


def test_an_unshifted_loss_is_found_while_it_is_learnt():
    model, step = learner(0)
    leak = find_leak(model, 8, update=step)
    assert leak is not None
    assert leak.batches > 1
    assert leak.excess >= leak.threshold == pytest.approx(math.log(1e9))
    assert "log V = 2.079" in str(leak)


def test_a_shifted_loss_is_not():
    model, step = learner(1)
    assert find_leak(model, 8, update=step) is None


@pytest.mark.gpu
@pytest.mark.parametrize("shift", [0, 1])
def test_on_the_accelerator_as_well(shift):
    model, step = learner(shift, "cuda")
    assert (find_leak(model, 8, update=step, device="cuda") is None) == (shift == 1)


def test_an_honest_gambler_crosses_no_more_often_than_alpha():
    """A loss that bets on repetition with the odds that come nearest to 1/alpha; 400 seeds, alpha = 1/10: at most 40 by Ville."""

    def gamble(tokens):
        return -torch.where(tokens[:, 1:] == tokens[:, :-1], math.log(0.6), math.log(0.4)).mean()

    crossed = sum(find_leak(gamble, 2, batch=1, batches=40, alpha=0.1, seed=seed) is not None for seed in range(400))
    error = 5 * math.sqrt(400 * 0.1 * 0.9)
    assert 0 < crossed <= 40 + error


def test_a_loss_without_bound_does_not_break_it():
    assert find_leak(lambda tokens: torch.tensor(math.inf), 4) is None


def test_the_first_crossing_is_reported():
    leak = find_leak(lambda tokens: torch.tensor(0.0), 2, batch=1, length=6)
    assert leak == Leak(6, 30, pytest.approx(30 * math.log(2)), pytest.approx(math.log(1e9)), 0.0, 2)


def test_fewer_predictions_are_more_careful():
    counts = [find_leak(lambda tokens: torch.tensor(0.0), 2, predictions=n) for n in (1, 5)]
    assert [leak.batches for leak in counts if leak] == [30, 6]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"vocabulary": 1}, "vocabulary = 1: give at least 2"),
        ({"length": 1}, "length = 1: give at least 2"),
        ({"batch": 0}, "batch = 0: give at least 1"),
        ({"batches": 0}, "batches = 0: give at least 1"),
        ({"predictions": 0}, "predictions = 0: give at least 1"),
        ({"alpha": 0.0}, "alpha = 0.0: give a probability between 0 and 1"),
    ],
)
def test_impossible_sizes_are_refused(options, says):
    with pytest.raises(ValueError, match=says):
        find_leak(lambda tokens: torch.tensor(0.0), **{"vocabulary": 2, **options})


@pytest.mark.parametrize("loss", [torch.zeros(3), torch.tensor(math.nan)])
def test_a_loss_that_is_no_number_is_refused(loss):
    with pytest.raises(ValueError, match="batch 1: the loss is tensor.*give the mean loss, one number"):
        find_leak(lambda tokens: loss, 2)
